package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A program is a batch of a number of workers.
type program func(ctx context.Context, workers int, s *servers.Server, keys []string,
	emit func(string, record.Seen)) error

// A fetcher gets what is at a key.
type fetcher func(ctx context.Context, s *servers.Server, key string) record.Seen

// download is a fetcher that makes no mistake.
func download(ctx context.Context, s *servers.Server, key string) record.Seen {
	return scenarios.Downloader{}.Download(ctx, s, key, 1)
}

// sequential is a program without a pool.
func sequential(get fetcher) program {
	return func(ctx context.Context, _ int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		for _, key := range keys {
			emit(key, get(ctx, s, key))
		}
		return nil
	}
}

// grouped is a pool as that of an errgroup with a limit: a goroutine for each
// key, started when there is room.
func grouped(get fetcher) program {
	return func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		slots, running := make(chan struct{}, n), sync.WaitGroup{}
		for _, key := range keys {
			slots <- struct{}{}
			running.Go(func() {
				defer func() { <-slots }()
				emit(key, get(ctx, s, key))
			})
		}
		running.Wait()
		return nil
	}
}

// semaphored starts a goroutine for each key, which then wait for room.
func semaphored(get fetcher) program {
	return func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		slots, running := make(chan struct{}, n), sync.WaitGroup{}
		for _, key := range keys {
			running.Go(func() {
				slots <- struct{}{}
				seen := get(ctx, s, key)
				<-slots
				emit(key, seen)
			})
		}
		running.Wait()
		return nil
	}
}

type report struct {
	seq  int
	seen record.Seen
}

// pipeline is a pool of workers between two channels, the results of which come
// in the order in which deliver has them.
func pipeline(get fetcher, deliver func(results <-chan report, n int, emit func(report))) program {
	return func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		seqs, results := make(chan int), make(chan report)
		workers := sync.WaitGroup{}
		for range n {
			workers.Go(func() {
				for seq := range seqs {
					results <- report{seq, get(ctx, s, keys[seq])}
				}
			})
		}
		go func() {
			for seq := range keys {
				seqs <- seq
			}
			close(seqs)
			workers.Wait()
			close(results)
		}()
		deliver(results, len(keys), func(r report) { emit(keys[r.seq], r.seen) })
		return nil
	}
}

// asCompleted delivers results as they come.
func asCompleted(results <-chan report, _ int, emit func(report)) {
	for r := range results {
		emit(r)
	}
}

// inOrder delivers results in the order of the keys, each as soon as it can.
func inOrder(results <-chan report, _ int, emit func(report)) {
	early, next := map[int]report{}, 0
	for r := range results {
		for early[r.seq] = r; ; next++ {
			held, there := early[next]
			if !there {
				break
			}
			emit(held)
		}
	}
}

// atTheEnd delivers all results when the last has come.
func atTheEnd(results <-chan report, n int, emit func(report)) {
	all := make([]report, n)
	for r := range results {
		all[r.seq] = r
	}
	for _, r := range all {
		emit(r)
	}
}

// returning sends a key that has failed back to the pool, which does others
// until it is time to try again.
func returning(attempts int, pause time.Duration) program {
	return func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		slots, running := make(chan struct{}, n), sync.WaitGroup{}
		for _, key := range keys {
			running.Go(func() {
				for attempt := 1; ; attempt++ {
					slots <- struct{}{}
					seen := single(ctx, s, key)
					<-slots
					if attempt == attempts || seen.Class.Outcome() != record.OutcomeError {
						emit(key, seen)
						return
					}
					time.Sleep(pause)
				}
			})
		}
		running.Wait()
		return nil
	}
}

// single makes a single attempt.
func single(ctx context.Context, s *servers.Server, key string) (seen record.Seen) {
	return scenarios.Downloader{}.Download(valueless{ctx}, s, key, 1)
}

// valueless is a context without the values of another, and so without its
// attempts.
type valueless struct{ context.Context }

func (valueless) Value(any) any { return nil }

// A batchRow is a program and what must be found of it.
type batchRow struct {
	name  string
	clock record.Clock // "" for both
	keys  string       // "" for the flags of the table
	more  string       // of the workload
	world string       // of the server, "" for that of the table
	after string       // more of the scenario
	check string       // that is violated, "" for none
	want  string       // that the violation says
	doubt string       // what is inconclusive, "" for nothing
	late  bool         // in doubt under the real clock, on a machine that is late
	run   program
}

// runBatch runs a program and returns the recording.
func runBatch(t *testing.T, clock record.Clock, seed int, row batchRow) *record.Recording {
	t.Helper()
	v := scenarios.Vocabulary{
		Batches: map[string]func(int) (harness.Batch, error){"mine": func(workers int) (harness.Batch, error) {
			return func(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
				return row.run(ctx, workers, s, keys, emit)
			}, nil
		}},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"api": func(*scenarios.Scenario) (http.Handler, error) {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL) }), nil
			},
		},
	}
	keys, world := row.keys, row.world
	if keys == "" {
		keys = "flags: [a, b]"
	}
	if world == "" {
		world = `latency: "uniform(10ms, 60ms)", faults: [{kind: status, status: 503, rate: 0.2}]`
	}
	s, mistakes := v.Parse("x.yaml", fmt.Appendf(nil, "name: x\nclock: %s\nseed: %d\nserver: {%s}\n"+
		"workload: {batch: mine, %s%s}\nexecutors: [{kind: own, workers: 4}]\n%s", clock, seed, world, keys, row.more,
		row.after))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Validate(); err != nil {
		t.Error(err)
	}
	return rec
}

// holdBatch holds what is found of a program to its row.
func holdBatch(t *testing.T, rec *record.Recording, row batchRow) {
	t.Helper()
	checks := map[string]bool{}
	var said strings.Builder
	for _, f := range rec.Violations {
		checks[f.Check] = true
		said.WriteString(f.String() + "\n")
	}
	for _, f := range rec.Inconclusive {
		if row.late && rec.Clock == record.Real {
			checks[row.check] = true
			said.WriteString(f.String() + "\n")
		}
	}
	switch {
	case row.check == "" && len(rec.Violations) > 0:
		t.Errorf("accused: %s", said.String())
	case row.check != "" && (!checks[row.check] || !strings.Contains(said.String(), row.want)):
		t.Errorf("got %q, want %s with %q; inconclusive: %v", said.String(), row.check, row.want, rec.Inconclusive)
	}
	doubts := fmt.Sprint(rec.Inconclusive)
	if row.doubt == "" && row.check == "" && len(rec.Inconclusive) > 0 ||
		!strings.Contains(doubts, row.doubt) {
		t.Errorf("inconclusive: got %s, want %q", doubts, row.doubt)
	}
}

// worldsOfBatch are what correct programs meet. Each has what more its workload
// needs.
var worldsOfBatch = []struct{ server, more string }{
	{`latency: "uniform(10ms, 60ms)"`, ""},
	{`latency: "uniform(1ms, 20ms)", faults: [{kind: status, status: 503, rate: 0.3}, {kind: status, status: 404, ` +
		`rate: 0.2}, {kind: truncate, rate: 0.2}, {kind: reset, rate: 0.2}, {kind: garbage, rate: 0.2}]`, ""},
	{`latency: 10ms, faults: [{kind: slow_close, delay: 50ms, rate: 0.3}, {kind: redirect, rate: 0.3}, ` +
		`{kind: wrong_type, rate: 0.3}, {kind: refuse, rate: 0.2}]`, ""},
	{`latency: 10ms, faults: [{kind: hang, rate: 0.2}, {kind: close, rate: 0.2}]`, ", timeout: 400ms"},
	{
		`latency: 10ms, faults: [{kind: status, status: 503, attempts: 2, rate: 0.5}, {kind: reset, rate: 0.2}]`,
		", retry: {attempts: 3, wait: 30ms}",
	},
	{`latency: 5ms, spend: over_body, protocol: h2c, faults: [{kind: status, status: 500, rate: 0.3}]`, ""},
}

// TestBatchRight: a correct program is not accused, whatever it meets.
func TestBatchRight(t *testing.T) {
	programs := map[string]struct {
		run   program
		after string
	}{
		"sequential":   {sequential(download), "expect: {order: submission}"},
		"grouped":      {grouped(download), ""},
		"semaphored":   {semaphored(download), "expect: {efficiency: \">= 0.2\"}"},
		"as completed": {pipeline(download, asCompleted), "expect: {order: completion}"},
		"in order":     {pipeline(download, inOrder), "expect: {order: submission, efficiency: \">= 0.2\"}"},
		"at the end":   {pipeline(download, atTheEnd), "expect: {order: submission}"},
	}
	for i, world := range worldsOfBatch {
		for _, name := range slices.Sorted(maps.Keys(programs)) {
			p := programs[name]
			more := world.more
			if strings.Contains(p.after, "completion") {
				more += ", deliver: as_completed"
			}
			for seed := range 3 {
				clock := record.Virtual
				if seed == 2 {
					clock = record.Real
				}
				t.Run(fmt.Sprintf("%d/%s/%s/%d", i, name, clock, seed), func(t *testing.T) {
					row := batchRow{keys: "flags: top20", world: world.server, more: more, after: p.after, run: p.run}
					holdBatch(t, runBatch(t, clock, seed, row), row)
				})
			}
		}
	}
}

// TestBatchWrong: each mistake is found, and what cannot be known is said.
func TestBatchWrong(t *testing.T) {
	for _, row := range slices.Concat(lostBatches, wrongBatches, leakyBatches, doubtfulBatches) {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			if row.clock == "" || row.clock == clock {
				t.Run(fmt.Sprintf("%s/%s", row.name, clock), func(t *testing.T) {
					holdBatch(t, runBatch(t, clock, 7, row), row)
				})
			}
		}
	}
}

// spoiled returns a pool whose reports go through a function.
func spoiled(how func(key string, seen record.Seen, emit func(string, record.Seen))) program {
	return func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		return grouped(download)(ctx, n, s, keys, func(key string, seen record.Seen) { how(key, seen, emit) })
	}
}

// lostBatches lose results, or have too many.
var lostBatches = []batchRow{
	{
		name: "a key is not emitted", check: "runs", want: "BE never delivered",
		run: spoiled(func(key string, seen record.Seen, emit func(string, record.Seen)) {
			if key != "BE" {
				emit(key, seen)
			}
		}),
	},
	{
		name: "a key is neither asked for nor emitted", check: "runs", want: "never delivered",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, n, s, keys[1:], emit)
		},
	},
	{
		name: "nothing is done", check: "runs", want: "never delivered",
		run: func(context.Context, int, *servers.Server, []string, func(string, record.Seen)) error { return nil },
	},
	{
		name: "a key is emitted twice", check: "runs", want: "BE delivered 2 times",
		run: spoiled(func(key string, seen record.Seen, emit func(string, record.Seen)) {
			if emit(key, seen); key == "BE" {
				emit(key, seen)
			}
		}),
	},
	{
		name: "a key of its own invention is emitted", check: "runs", want: "1 × ZZ delivered",
		run: spoiled(func(key string, seen record.Seen, emit func(string, record.Seen)) {
			if emit(key, seen); key == "BE" {
				emit("ZZ", seen)
			}
		}),
	},
	{
		name: "one key's result for another's", check: "runs", want: "BE never delivered",
		run: spoiled(func(key string, seen record.Seen, emit func(string, record.Seen)) {
			emit(strings.Replace(key, "BE", "BR", 1), seen)
		}),
	},
	{
		name: "it returns before it is done", check: "runs", want: "delivered",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			for _, key := range keys {
				go func() { emit(key, download(ctx, s, key)) }()
			}
			return nil
		},
	},
	{
		// A machine may be later to return than a real sleep is long.
		name: "it emits the last result after its return", check: "runs", want: "delivered", clock: record.Virtual,
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			last := len(keys) - 1
			err := grouped(download)(ctx, n, s, keys[:last], emit)
			seen := download(ctx, s, keys[last])
			go func() {
				runtime.Gosched()
				time.Sleep(time.Millisecond)
				emit(keys[last], seen)
			}()
			return err
		},
	},
	{
		name: "it gives up though nothing has failed", check: "runs", want: "never delivered",
		keys: "flags: top20", world: "latency: 10ms",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys[1:], emit)
			return errors.New("tired")
		},
	},
	{
		name: "an error for nothing", check: "runs", want: `an error, "tired"`,
		keys: "flags: top20", world: "latency: 10ms",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys, emit)
			return errors.New("tired")
		},
	},
	{
		name: "a panic", check: "runs", want: "batch_test.go:",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys, emit)
			panic("at the end")
		},
	},
	{
		name: "the end of its goroutine", check: "runs", want: "runtime.Goexit",
		run: func(context.Context, int, *servers.Server, []string, func(string, record.Seen)) error {
			runtime.Goexit()
			return nil
		},
	},
}

// claiming is a fetcher that reports one class for another.
func claiming(class, for_ record.Class) fetcher {
	return func(ctx context.Context, s *servers.Server, key string) record.Seen {
		seen := download(ctx, s, key)
		if seen.Class == for_ {
			seen = record.Seen{Class: class}
		}
		return seen
	}
}

// wrongBatches report what is not so, or are out of order, or too many.
var wrongBatches = []batchRow{
	{
		name: "an error is lost", check: "classification", want: "want",
		run: grouped(claiming(record.OK, record.Status)),
	},
	{
		name: "an error is of the wrong class", check: "classification", want: "want",
		run: grouped(claiming(record.Timeout, record.Status)),
	},
	{
		name: "an error from nowhere", check: "classification", want: "want",
		run: grouped(claiming(record.Reset, record.OK)),
	},
	{
		name: "it asks for nothing", check: "classification", want: "no request came",
		run: grouped(func(context.Context, *servers.Server, string) record.Seen {
			return record.Seen{Class: record.OK}
		}),
	},
	{
		name: "it reports before the answer", check: "runs", want: "before its answer",
		world: "latency: 50ms",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, n, s, keys, func(key string, seen record.Seen) {
				if key == keys[0] {
					for _, other := range keys[1:] {
						emit(other, record.Seen{Class: record.OK})
					}
					emit(key, seen)
				}
			})
		},
	},
	{
		name: "it does not try again", check: "classification", want: "gave up",
		world: "latency: 10ms, faults: [{kind: status, status: 503, attempts: 1}]",
		more:  ", retry: {attempts: 3, wait: 10ms}", run: grouped(single),
	},
	{
		name: "it tries again too soon", check: "retries", want: "a pause of 50ms", keys: "flags: [BR, CN]",
		world: "latency: 10ms, faults: [{kind: status, status: 503, attempts: 1}]",
		more:  ", retry: {attempts: 3, wait: 50ms}", run: returning(3, 20*time.Millisecond),
	},
	{
		name:  "it tries again in time",
		world: "latency: 10ms, faults: [{kind: status, status: 503, attempts: 1, rate: 0.5}]",
		more:  ", retry: {attempts: 3, wait: 50ms}", run: returning(3, 55*time.Millisecond),
	},
	{
		name: "as completed for in order", check: "order", want: "ahead of",
		after: "expect: {order: submission}", run: pipeline(download, asCompleted),
	},
	{
		name: "in order for as completed", clock: record.Virtual, check: "order", want: "ahead of",
		more: ", deliver: as_completed", after: "expect: {order: completion}", run: pipeline(download, inOrder),
	},
	{
		name: "at the end for as completed", clock: record.Virtual, check: "order", want: "ahead of",
		more: ", deliver: as_completed", after: "expect: {order: completion}", run: pipeline(download, atTheEnd),
	},
	{
		name: "too many at once", check: "concurrency", want: "requests of 5 tasks at once, want <= 4",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, n+1, s, keys, emit)
		},
	},
	{
		name: "all at once", check: "concurrency", want: "requests of",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, len(keys), s, keys, emit)
		},
	},
	{
		name: "slow", clock: record.Virtual, check: "efficiency", want: "ideal makespan",
		after: `expect: {efficiency: ">= 0.5"}`, run: sequential(download),
	},
}

// leakyBatches leave something behind, or never return.
var leakyBatches = []batchRow{
	{
		name: "a goroutine", check: "leaks", want: "1 goroutine left",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			go func() { select {} }()
			return grouped(download)(ctx, n, s, keys, emit)
		},
		after: "expect: {leaks: {grace: 100ms}}",
	},
	{
		name: "bodies", check: "leaks", want: "not closed", after: "expect: {leaks: {grace: 100ms}}",
		world: "latency: 1ms, body: 256KB",
		run: grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
			_, seen := ask(ctx, own(s), s, key)
			return seen
		}),
	},
	{
		name: "a transport for each key", check: "leaks", want: "connections left open", world: "latency: 10ms",
		after: "expect: {leaks: {grace: 100ms}}",
		run: grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
			return fetchAll(ctx, own(s), s, key)
		}),
	},
	{
		name: "one transport of its own", world: "latency: 10ms", after: "expect: {leaks: {grace: 10s}}",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			client := own(s)
			return grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
				return fetchAll(ctx, client, s, key)
			})(ctx, n, s, keys, emit)
		},
	},
	{
		name: "a request", check: "leaks", want: "still under way", after: "expect: {leaks: {grace: 100ms}}",
		world: "latency: 10ms, faults: [{kind: hang, keys: [BE], attempts: 1}]", more: ", timeout: 1s, attempts: 2",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			go ask(context.WithoutCancel(ctx), s.Client(), s, "BE")
			for s.Load().Requests == 0 { // so that it is the attempt that hangs
				runtime.Gosched()
			}
			return grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
				return fetchAll(ctx, s.Client(), s, key)
			})(ctx, n, s, keys, emit)
		},
	},
	{
		name: "a request that ends soon", check: "runs",
		want:  "1 request under way after the program had returned (1 × US)",
		world: "latency: 300ms",
		late:  true,
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			err := grouped(download)(ctx, n, s, keys, emit)
			go fetchAll(context.Background(), s.Client(), s, "US")
			for s.Load().Requests == 0 {
				runtime.Gosched() // until it has come
			}
			return err
		},
	},
	{
		name: "a request that it ends", world: "latency: 300ms", keys: "flags: [BR, CN, DE]",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			other, cancel := context.WithCancel(context.Background())
			var running sync.WaitGroup
			running.Go(func() { fetchAll(other, s.Client(), s, "US") })
			defer running.Wait()
			defer cancel()
			return grouped(download)(ctx, n, s, keys, emit)
		},
	},
	{
		name: "it never returns", check: "deadlock", want: "has emitted 0 of",
		run: func(ctx context.Context, _ int, _ *servers.Server, _ []string, _ func(string, record.Seen)) error {
			<-ctx.Done()
			return ctx.Err()
		},
		after: "deadline: 300ms",
	},
	{
		name: "it emits all and never returns", check: "deadlock", want: "has not returned",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys, emit)
			<-ctx.Done()
			return nil
		},
		after: "deadline: 300ms",
	},
	{
		name: "it emits all and asks for ever", check: "deadlock", want: "has not returned",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys, emit)
			for ctx.Err() == nil {
				download(ctx, s, keys[0])
			}
			return nil
		},
		after: "deadline: 300ms",
	},
	{
		name: "it asks for one key for ever", check: "deadlock", want: "has emitted 0 of", clock: record.Virtual,
		run: func(ctx context.Context, _ int, s *servers.Server, keys []string, _ func(string, record.Seen)) error {
			for ctx.Err() == nil {
				download(ctx, s, keys[0])
			}
			return nil
		},
		after: "deadline: 300ms",
	},
	{
		name: "it waits for a result that never comes", check: "deadlock", want: "goroutine",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			_ = grouped(download)(ctx, n, s, keys[1:], emit)
			<-make(chan int)
			return nil
		},
		after: "deadline: 300ms",
	},
}

// failFast is a pool that gives up at the first error, as an errgroup does.
func failFast(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	_ = grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
		if ctx.Err() != nil {
			return record.Seen{Class: record.Lost}
		}
		return download(ctx, s, key)
	})(ctx, n, s, keys, func(key string, seen record.Seen) {
		switch {
		case seen.Class == record.OK:
			emit(key, seen)
		case seen.Class != record.Lost:
			cancel(fmt.Errorf("%s: %s", key, seen.Error))
		}
	})
	return context.Cause(ctx)
}

// doubtfulBatches are programs of which something cannot be known.
var doubtfulBatches = []batchRow{
	{name: "it gives up at the first error", run: failFast, doubt: "the program returned an error"},
	{
		name: "it gives up, whatever it may report", run: failFast, doubt: "the program returned an error",
		after: "expect: {classification: any}",
	},
	{
		name: "it does each key once", keys: "flags: [BE, BR, BR]", world: "latency: 10ms",
		doubt: "fewer times than there are tasks of it",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, n, s, slices.Compact(slices.Clone(keys)), emit)
		},
	},
	{
		name: "tasks share a key", keys: "flags: [BE, BE, BE, BR, BR]", world: "latency: 10ms", run: grouped(download),
	},
	{
		name: "tasks that share a key are too many at once", keys: "flags: [BR, BR, BR, BR, BR, BR]",
		world: "latency: 50ms", doubt: "6 requests at once",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, len(keys), s, keys, emit)
		},
	},
	{
		name: "tasks that share a key are too many results", keys: "flags: [BR, BR]", world: "latency: 10ms",
		check: "runs", want: "BR delivered 2 times",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			return grouped(download)(ctx, n, s, append(keys, "BR"), emit)
		},
	},
	{
		name: "another key is asked for", keys: "keys: [/a, /b]", world: "content: api",
		doubt: "for a key that no task has",
		run: grouped(func(ctx context.Context, s *servers.Server, key string) record.Seen {
			return download(ctx, s, "/all?of="+key)
		}),
	},
	{
		name: "a request before the keys", keys: "keys: [/a, /b]", world: "content: api",
		run: func(ctx context.Context, n int, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
			download(ctx, s, "/login")
			return grouped(download)(ctx, n, s, keys, emit)
		},
	},
}

// TestBatchRefused: what a batch does not go with is refused, all at once.
func TestBatchRefused(t *testing.T) {
	for _, test := range []struct{ file, want string }{
		{
			"workload: {batch: mine, flags: [BR]}\nexecutors: [{kind: own, workers: 2}]",
			"workload.batch: the batch mine needs the key server",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine}\nexecutors: [{kind: own, workers: 2}]",
			"workload.batch: the batch mine needs the key workload.keys",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine, task: download, flags: [BR]}\n" +
				"executors: [{kind: own, workers: 2}]",
			"workload.task: both task and batch are present: want one of them",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine, flags: [BR]}\nexecutors: [{kind: pool}, {kind: process}]",
			"executors[0].kind: pool: workload.batch has a pool of its own: want kind: own\n" +
				"executors[1].kind: process: workload.batch has a pool of its own: want kind: own",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine, flags: [BR]}\nexecutors: [{kind: own}]",
			"executors[0].kind: kind own needs the key executors[0].workers",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine, flags: [BR]}\n" +
				"executors: [{kind: own, workers: 1, limit: 2}]",
			"executors[0].limit: the pool of a batch does not take this key: want workers",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: min, flags: [BR]}\nexecutors: [{kind: own, workers: 1}]",
			`workload.batch: "min": want mine (did you mean mine?)`,
		},
		{
			"server: {latency: 1s}\nworkload: {batch: other, flags: [BR]}\nexecutors: [{kind: own, workers: 1}]",
			`workload.batch: "other": want mine; this program registers no other batch: run the file with the ` +
				"command or the test that registers it",
		},
		{
			"server: {latency: 1s}\nworkload: {batch: mine, flags: [BR], timeout: 9s, " +
				"retry: {attempts: 2, timeout: whole}}\nexecutors: [{kind: own, workers: 1}]",
			"workload.retry.timeout: the timeout of a whole task runs from its start, and it is not known when a " +
				"batch starts a task: want each",
		},
	} {
		_, mistakes := registered.Parse("x", []byte("name: x\n"+test.file))
		var got []string
		for _, m := range mistakes {
			got = append(got, m.Message)
		}
		if said := strings.Join(got, "\n"); said != test.want {
			t.Errorf("%s\ngot  %s\nwant %s", test.file, said, test.want)
		}
	}
}
