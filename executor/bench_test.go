package executor_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

// Each operation is one trivial task with a typed result; a round is as many as
// a caller that waits for all would submit.
const round = 100_000

func BenchmarkSubmit(b *testing.B) {
	for _, workers := range []int{2, 100} {
		for name, open := range map[string]func(int) (executor.Executor, error){
			"pool":  executor.NewPool,
			"async": executor.NewAsync,
		} {
			b.Run(fmt.Sprintf("%s/%d", name, workers), func(b *testing.B) {
				ex := mustOpen(b, open, workers)
				futures := make([]*executor.Future[int], 0, round)
				ctx := b.Context()
				b.ReportAllocs()
				for i := 0; i < b.N; i += round {
					futures = futures[:0]
					for k := range min(round, b.N-i) {
						futures = append(futures, executor.Submit(ctx, ex,
							func(context.Context) (int, error) { return k, nil }))
					}
					for k, f := range futures {
						if v, err := f.Result(ctx); v != k || err != nil {
							b.Fatal(v, err)
						}
					}
				}
				ex.Shutdown(ctx)
			})
		}
	}
}

func BenchmarkBareGo(b *testing.B) {
	results := make([]int, round)
	b.ReportAllocs()
	for i := 0; i < b.N; i += round {
		var all sync.WaitGroup
		for k := range min(round, b.N-i) {
			all.Go(func() { results[k] = k })
		}
		all.Wait()
	}
}

func BenchmarkPingPong(b *testing.B) {
	for name, ex := range map[string]executor.Executor{
		"sequential": executor.NewSequential(), "pool": mustOpen(b, executor.NewPool, 2),
		"async": mustOpen(b, executor.NewAsync, 2),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := executor.Submit(b.Context(), ex, answer).Result(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
		ex.Shutdown(b.Context())
	}
}

func BenchmarkPanic(b *testing.B) {
	ex := mustOpen(b, executor.NewPool, 2)
	b.ReportAllocs()
	for b.Loop() {
		executor.Submit(b.Context(), ex, func(context.Context) (int, error) { panic("spilled") }).Result(b.Context())
	}
	ex.Shutdown(b.Context())
}

// BenchmarkBacklog reports the memory of a task that waits.
func BenchmarkBacklog(b *testing.B) {
	ex := mustOpen(b, executor.NewPool, 1)
	hold := make(chan struct{})
	executor.Submit(b.Context(), ex, func(context.Context) (int, error) { <-hold; return 0, nil })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var last *executor.Future[int]
	for k := 0; b.Loop(); k++ {
		last = executor.Submit(b.Context(), ex, func(context.Context) (int, error) { return k, nil })
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(b.N), "B/pending")
	close(hold)
	last.Result(b.Context())
	ex.Shutdown(b.Context())
}

func BenchmarkPingPongPatient(b *testing.B) {
	ex := mustOpen(b, executor.NewPool, 2)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := executor.Submit(ctx, ex, answer).Result(ctx); err != nil {
			b.Fatal(err)
		}
	}
	ex.Shutdown(ctx)
}

func BenchmarkMap(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprintf("chunk/%d", size), func(b *testing.B) {
			ex := mustOpen(b, executor.NewPool, 2)
			ctx := context.Background()
			inputs := make([]int, round)
			b.ReportAllocs()
			for i := 0; i < b.N; i += round {
				sum := 0
				for v, err := range executor.Map(ctx, ex, slices.Values(inputs[:min(round, b.N-i)]), next,
					executor.MapOptions{Chunk: size}) {
					if err != nil {
						b.Fatal(err)
					}
					sum += v
				}
				if sum != min(round, b.N-i) {
					b.Fatal(sum)
				}
			}
			ex.Shutdown(ctx)
		})
	}
}

func next(_ context.Context, k int) (int, error) { return k + 1, nil }
