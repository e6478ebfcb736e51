//go:build unix

package process_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// What Python takes for the same is measured beside it by `make bench`; only
// figures of one run can be compared.

func ready(b *testing.B, workers int) *process.Executor {
	b.Helper()
	ex, err := process.New(process.Config{Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { ex.Shutdown(context.Background()) })
	for _, err := range double.Map(b.Context(), ex, slices.Values(make([]int, 1000))) {
		if err != nil {
			b.Fatal(err)
		}
	}
	return ex
}

func BenchmarkSubmit(b *testing.B) {
	const round = 20_000
	ctx, ex := b.Context(), ready(b, 2)
	futures := make([]*executor.Future[int], 0, round)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += round {
		futures = futures[:0]
		for k := range min(round, b.N-i) {
			futures = append(futures, double.Submit(ctx, ex, k))
		}
		for k, f := range futures {
			if v, err := f.Result(ctx); v != 2*k || err != nil {
				b.Fatal(v, err)
			}
		}
	}
}

func BenchmarkPingPong(b *testing.B) {
	ctx, ex := b.Context(), ready(b, 2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := double.Submit(ctx, ex, 1).Result(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func BenchmarkMap(b *testing.B) {
	for _, how := range []executor.MapOptions{{}, {Chunk: 1}, {Chunk: 100}, {Chunk: 1000}} {
		b.Run(fmt.Sprint(how.Chunk), func(b *testing.B) {
			const round = 400_000
			ctx, ex := b.Context(), ready(b, 2)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i += round {
				for _, err := range double.Map(ctx, ex, upTo(min(round, b.N-i)), how) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkStart is from nothing to the first result.
func BenchmarkStart(b *testing.B) {
	ctx := b.Context()
	for b.Loop() {
		ex, err := process.New(process.Config{Workers: 1})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := double.Submit(ctx, ex, 1).Result(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		ex.Shutdown(ctx)
		b.StartTimer()
	}
}

// BenchmarkCrash is from the submission of a task that ends its child to the
// error.
func BenchmarkCrash(b *testing.B) {
	ctx := b.Context()
	for b.Loop() {
		b.StopTimer()
		ex := ready(b, 1)
		b.StartTimer()
		if _, err := fails.Submit(ctx, ex, "exit").Result(ctx); err == nil {
			b.Fatal("no error")
		}
	}
}

// primes are those of the book's list that take longest, and some that take no
// time, largest first.
var primes = []int64{
	9999999999999999, 9999999999999917, 7777777777777777, 7777777777777753, 7777777536340681, 6666667141414921,
	6666666666666719,
	6666666666666666, 5555555555555555, 5555555555555503, 5555553133149889, 4444444488888889, 4444444444444444,
	4444444444444423,
	3333335652092209, 3333333333333333, 3333333333333301, 299593572317531, 142702110479723, 2,
}

var took = executor.Define("took", func(_ context.Context, n int64) (time.Duration, error) {
	begin := time.Now()
	if n%2 == 0 {
		return time.Since(begin), nil
	}
	for d := int64(3); d*d <= n && n%d != 0; d += 2 {
	}
	return time.Since(begin), nil
})

// BenchmarkPrimes reports the time of the prime list as a multiple of what it
// should be: max(longest, total / children).
func BenchmarkPrimes(b *testing.B) {
	if os.Getenv("CI") != "" {
		b.Skip("takes many seconds")
	}
	const workers = 2
	ctx, ex := b.Context(), ready(b, workers)
	var ideal, real time.Duration
	for b.Loop() {
		begin := time.Now()
		var total, longest time.Duration
		for d, err := range took.Map(ctx, ex, slices.Values(primes)) {
			if err != nil {
				b.Fatal(err)
			}
			total += d
			longest = max(longest, d)
		}
		real += time.Since(begin)
		ideal += max(longest, total/workers)
	}
	b.ReportMetric(float64(real)/float64(ideal), "of-ideal")
}
