package harness_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

type inputs = iter.Seq[int]

type call = func(ctx context.Context, input int) int

// ordered is an ordered map: a slot for each call, and results that wait for
// their turn.
func ordered(workers int) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		return func(yield func(int) bool) {
			turns, slots := make(chan chan int, 1000), make(chan struct{}, workers)
			go func() {
				defer close(turns)
				for i := range in {
					slots <- struct{}{}
					result := make(chan int, 1)
					turns <- result
					go func() { result <- f(ctx, i); <-slots }()
				}
			}()
			for result := range turns {
				if !yield(<-result) {
					return
				}
			}
		}
	}
}

// completed is an iteration as completed. passOn hands a result over.
func completed(workers int, passOn func(results chan<- int, result int)) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		results, todo := make(chan int), make(chan int)
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for i := range todo {
					passOn(results, f(ctx, i))
				}
			})
		}
		go func() {
			for i := range in {
				todo <- i
			}
			close(todo)
			all.Wait()
			close(results)
		}()
		return func(yield func(int) bool) {
			for result := range results {
				if !yield(result) {
					return
				}
			}
		}
	}
}

func passOn(results chan<- int, result int) { results <- result }

// atEnd runs all calls, each worker a part of them from its end, and then
// yields the results in the order of the inputs.
func atEnd(workers int) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		all := slices.Collect(in)
		results := make([]int, len(all))
		var calls sync.WaitGroup
		for part := range slices.Chunk(slices.Collect(indices(len(all))), len(all)/workers+1) {
			calls.Go(func() {
				for _, at := range slices.Backward(part) {
					results[at] = f(ctx, all[at])
				}
			})
		}
		calls.Wait()
		return slices.Values(results)
	}
}

func indices(n int) inputs {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// ofPool is a map or iteration of package executor.
func ofPool(workers int, results func(ctx context.Context, ex executor.Executor, in inputs, f call,
	yield func(int) bool),
) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		return func(yield func(int) bool) {
			pool, err := executor.NewPool(workers)
			ex := must(pool, err)
			results(ctx, ex, in, f, yield)
			_ = ex.Shutdown(ctx)
		}
	}
}

func poolMap(workers int) harness.Map {
	return ofPool(workers, func(ctx context.Context, ex executor.Executor, in inputs, f call, yield func(int) bool) {
		for result := range executor.Map(ctx, ex, in, func(ctx context.Context, i int) (int, error) {
			return f(ctx, i), nil
		}) {
			if !yield(result) {
				return
			}
		}
	})
}

func poolCompleted(workers int) harness.Map {
	return ofPool(workers, func(ctx context.Context, ex executor.Executor, in inputs, f call, yield func(int) bool) {
		var futures []*executor.Future[int]
		for i := range in {
			futures = append(futures, executor.Submit(ctx, ex, func(ctx context.Context) (int, error) {
				return f(ctx, i), nil
			}))
		}
		for future := range executor.AsCompleted(ctx, futures...) {
			if result, _ := future.Result(ctx); !yield(result) {
				return
			}
		}
	})
}

// edited is a map whose results are changed before they are yielded.
func edited(m harness.Map, edit func(results []int) []int) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		return func(yield func(int) bool) {
			for _, result := range edit(slices.Collect(m(ctx, in, f))) {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// calling is an ordered map that calls f as it likes.
func calling(how func(ctx context.Context, input int, f call) int) func(workers int) harness.Map {
	return func(workers int) harness.Map {
		return func(ctx context.Context, in inputs, f call) inputs {
			return ordered(workers)(ctx, in, func(ctx context.Context, input int) int { return how(ctx, input, f) })
		}
	}
}

// TestMaps has a user's own ordered map, or iteration as completed, as the
// thing under test.
func TestMaps(t *testing.T) {
	inOrder, asCompleted := record.InOrder, record.AsCompleted
	for _, test := range []struct {
		name     string
		delivery record.Delivery
		open     func(workers int) harness.Map
		want     string // checks
		says     string
	}{
		{"an ordered map", inOrder, ordered, "", ""},
		{"an ordered map that yields at the end", inOrder, atEnd, "", ""},
		{"executor.Map", inOrder, poolMap, "", ""},
		{"as completed", asCompleted, func(w int) harness.Map { return completed(w, passOn) }, "", ""},
		{"executor.AsCompleted", asCompleted, poolCompleted, "", ""},

		{
			"as completed for an ordered map", inOrder, func(w int) harness.Map { return completed(w, passOn) },
			"order", "delivery of |ahead of at most 0",
		},
		{
			"two neighbours swapped", inOrder, func(w int) harness.Map {
				return edited(ordered(w), func(r []int) []int { r[7], r[8] = r[8], r[7]; return r })
			}, "order", "delivery of 8 ahead of 1 that come first|ahead of at most 0",
		},
		{
			"an ordered map for as completed", asCompleted, ordered,
			"order", "delivery of 1 ahead of |ahead of at most",
		},
		{
			"a result lost", inOrder, func(w int) harness.Map {
				return edited(ordered(w), func(r []int) []int { return slices.Delete(r, 4, 5) })
			}, "runs", "4 never delivered|4 delivered once",
		},
		{
			"a result twice", inOrder, func(w int) harness.Map {
				return edited(ordered(w), func(r []int) []int { return slices.Insert(r, 4, 3) })
			}, "runs", "3 delivered 2 times|3 delivered once",
		},
		{"a call twice", inOrder, calling(func(ctx context.Context, i int, f call) int {
			if i == 5 {
				f(ctx, i)
			}
			return f(ctx, i)
		}), "runs", "5 run 2 times|5 run once"},
		{"an input never called", inOrder, calling(func(ctx context.Context, i int, f call) int {
			if i == 5 {
				return i
			}
			return f(ctx, i)
		}), "runs classification", "5 accepted and never run|5 run once"},
	} {
		for _, clock := range bothClocks {
			t.Run(test.name+"/"+string(clock), func(t *testing.T) {
				for seed := range seeds(clock) {
					tr := drawn(uint64(seed), clock, nil)
					tr.Executor, tr.Delivery, tr.Keys = nil, test.delivery, numbers(12)
					last := secondIsLast{whileIterating: test.delivery == asCompleted && test.want != ""}
					tr.Map = func() (harness.Map, error) { return last.told(test.open(tr.Workers)), nil }
					tr.Workload = last.workload
					rec, err := harness.Run(t.Context(), tr)
					if err != nil {
						t.Fatal(err)
					}
					found, _ := checks.Judge(rec, judgedMap(test.delivery), "")
					var names []string
					for _, v := range found {
						names = append(names, v.Check)
					}
					if got := strings.Join(names, " "); got != test.want {
						t.Fatalf("seed %d: caught by %q, want %q: %v", seed, got, test.want, found)
					}
					if test.says != "" {
						wantViolation(t, seed, found[:1], names[0], test.says)
					}
				}
			})
		}
	}
}

// secondIsLast makes workloads of twelve tasks, of which the second ends when
// ten others have: all but one, which a map may never call.
type secondIsLast struct {
	// whileIterating keeps all but the first of the others until the map has
	// yielded a result.
	whileIterating bool
	yielded        chan struct{}
}

func (s *secondIsLast) workload() (*harness.Workload, error) {
	s.yielded = make(chan struct{})
	w, err := sleeper(constant(100*time.Microsecond), nil)()
	var ended atomic.Int32
	others, short := make(chan struct{}), w.Do
	w.Do = func(ctx context.Context, key string, attempt int) record.Seen {
		if key == "1" {
			<-others
			return short(ctx, key, attempt)
		}
		if s.whileIterating && key != "0" {
			<-s.yielded
		}
		defer func() {
			if ended.Add(1) == 10 {
				close(others)
			}
		}()
		return short(ctx, key, attempt)
	}
	return w, err
}

// told returns a map that tells the workload when it has yielded a result.
func (s *secondIsLast) told(m harness.Map) harness.Map {
	return func(ctx context.Context, in inputs, f call) inputs {
		return func(yield func(int) bool) {
			var once sync.Once
			for result := range m(ctx, in, f) {
				if !yield(result) {
					return
				}
				once.Do(func() { close(s.yielded) })
			}
		}
	}
}

// TestMapEndsEarly has a map that yields the result of a call that still runs.
func TestMapEndsEarly(t *testing.T) {
	for _, clock := range bothClocks {
		for seed := range seeds(clock) {
			var began chan struct{}
			tr := drawn(uint64(seed), clock, nil)
			tr.Executor, tr.Keys = nil, numbers(12)
			tr.Map = func() (harness.Map, error) {
				began = make(chan struct{})
				return calling(func(ctx context.Context, i int, f call) int {
					if i != 11 {
						return f(ctx, i)
					}
					go f(ctx, i)
					<-began
					return i
				})(tr.Workers), nil
			}
			tr.Workload = sleeper(constant(time.Millisecond), func(ctx context.Context, key string) {
				if key == "11" {
					close(began)
					<-ctx.Done()
				}
			})
			rec, err := harness.Run(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			wantViolation(t, seed, checks.Shutdown(rec), "shutdown",
				"the iteration ended while 1 of 12 tasks ran: 11|the iteration ends")
		}
	}
}

// TestMapThatIsStuck has maps that do not end, that panic, or yield what they
// were not given.
func TestMapThatIsStuck(t *testing.T) {
	for _, test := range []struct {
		name, want string
		open       func(workers int) harness.Map
	}{
		{"stuck", "", calling(func(ctx context.Context, i int, f call) int {
			if i == 5 {
				<-ctx.Done()
			}
			return f(ctx, i)
		})},
		{"panics", "panic in the map", func(w int) harness.Map {
			return edited(ordered(w), func(r []int) []int { return r[:100] })
		}},
		{"invents a result", "it has yielded 99, which the function has not returned", func(w int) harness.Map {
			return edited(ordered(w), func(r []int) []int { return append(r, 99) })
		}},
	} {
		for _, clock := range bothClocks {
			t.Run(test.name+"/"+string(clock), func(t *testing.T) {
				tr := drawn(1, clock, nil)
				tr.Executor, tr.Keys, tr.Deadline = nil, numbers(12), 100*time.Millisecond
				tr.Map = func() (harness.Map, error) { return test.open(tr.Workers), nil }
				rec, err := harness.Run(t.Context(), tr)
				if test.want != "" {
					if err == nil || !strings.Contains(err.Error(), test.want) {
						t.Errorf("got %v, want %s", err, test.want)
					}
				} else if err != nil || rec.Deadlock == "" {
					t.Errorf("got %v and no deadlock, want one", err)
				}
			})
		}
	}
}

func judgedMap(delivery record.Delivery) []checks.Expectation {
	order := checks.BySubmission
	if delivery == record.AsCompleted {
		order = checks.ByCompletion
	}
	return []checks.Expectation{
		{Check: checks.Limits},
		{Check: checks.Deadlock},
		{Check: checks.Concurrency},
		{Check: checks.Runs},
		{Check: checks.Shutdown},
		{Check: checks.Classification},
		{Check: checks.Order(order)},
		{Check: checks.Leaks},
	}
}

// TestMapNeverEnds: an iteration that goes on when all results are there, or
// before the next input is read, is a deadlock. One that waits for an input
// that is not due is none.
func TestMapNeverEnds(t *testing.T) {
	for name, reads := range map[string]int{"after the last result": 1 << 10, "after some results": 3} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			tr := trial(clock)
			tr.Executor, tr.Deadline = nil, 200*time.Millisecond
			tr.Map = func() (harness.Map, error) {
				return func(ctx context.Context, in inputs, f call) inputs {
					return func(yield func(int) bool) {
						read := 0
						for input := range in {
							yield(f(ctx, input))
							if read++; read == reads {
								break
							}
						}
						<-ctx.Done()
					}
				}, nil
			}
			rec, err := harness.Run(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(rec.Deadlock, "the iteration has not ended") {
				t.Errorf("%s, %s: got %q", name, clock, rec.Deadlock)
			}
		}
	}
	tr := trial(record.Virtual)
	tr.Executor, tr.Deadline, tr.Pacer = nil, 200*time.Millisecond, everyHour(5)
	tr.Map = func() (harness.Map, error) { return ordered(2), nil }
	if rec, err := harness.Run(t.Context(), tr); err != nil || rec.Deadlock != "" {
		t.Errorf("inputs that come every hour: got %v, %v", rec, err)
	}
}

// everyHour is a pacer of so many tasks.
type everyHour int

func (n everyHour) Due(seq int) (time.Duration, bool) {
	return time.Duration(seq) * time.Hour, seq < int(n)
}
func (everyHour) String() string { return "every hour" }
