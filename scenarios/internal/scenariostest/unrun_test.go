package scenarios_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// unruly hands every fourth task to spoil, and the others to its pool.
type unruly struct {
	executor.Executor
	n     int
	spoil func(pool executor.Executor, t executor.Task) error
}

func (u *unruly) Execute(t executor.Task) error {
	if u.n++; u.n%4 == 0 {
		return u.spoil(u.Executor, t)
	}
	return u.Executor.Execute(t)
}

// TestUnrun has executors and maps that do not run every task, of a client that
// is right. Whatever is found is the executor's, and no check blames the
// client for what it was never asked to do.
func TestUnrun(t *testing.T) {
	full := errors.New("the queue is full")
	spoilt := func(spoil func(executor.Executor, executor.Task) error) func(int) (executor.Executor, error) {
		return func(workers int) (executor.Executor, error) {
			pool, err := executor.NewPool(workers)
			return &unruly{Executor: pool, spoil: spoil}, err
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"right": scenarios.RequestWorkload(scenarios.Downloader{}.Download)},
		Executors: map[string]func(int) (executor.Executor, error){
			"refuses": spoilt(func(executor.Executor, executor.Task) error { return full }),
			"refuses_and_runs": spoilt(func(pool executor.Executor, task executor.Task) error {
				return errors.Join(full, pool.Execute(task))
			}),
			"panics": spoilt(func(executor.Executor, executor.Task) error { panic("planted") }),
			"gives_up": spoilt(func(pool executor.Executor, task executor.Task) error {
				task.Run(cancelled)
				return nil
			}),
		},
		Maps: map[string]func(int) (harness.Map, error){
			"skips": mapped(func(seq int) (runs, yields bool) { return seq%4 != 3, seq%4 != 3 }),
			"fakes": mapped(func(seq int) (runs, yields bool) { return seq%4 != 3, true }),
		},
	}
	for _, tt := range []struct{ kind, expect, want string }{
		{"refuses", "outcomes: planned", "classification"},
		{"refuses", "outcomes: {ok: 20}", "outcomes classification"},
		{"refuses_and_runs", "outcomes: planned", "runs classification"},
		{"panics", "outcomes: planned", "classification"},
		{"gives_up", "outcomes: planned", "classification"},
		{"skips", "outcomes: planned", "runs classification"},
		{"fakes", "outcomes: planned", "runs classification"},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			rec := ran(t, v, strings.NewReplacer("CLOCK", string(clock), "KIND", tt.kind, "EXPECT", tt.expect).Replace(
				`name: unrun
clock: CLOCK
server: {latency: 2ms}
workload: {task: right, flags: top20}
executors: [{kind: KIND, workers: 4}]
expect: {EXPECT}
`))
			var checks []string
			for _, found := range rec.Violations {
				if checks = append(checks, found.Check); found.Culprit != record.ByExecutor {
					t.Errorf("%s, %s: the culprit of %s is %q", tt.kind, clock, found, found.Culprit)
				}
			}
			want := strings.Fields(tt.want)
			slices.Sort(checks)
			slices.Sort(want)
			if !slices.Equal(checks, want) || len(rec.Inconclusive) > 0 {
				t.Errorf("%s, %s: got %v, in doubt %v, want %v", tt.kind, clock, checks, rec.Inconclusive, want)
			}
			unrun := func(s record.Sample) bool { return s.Did == record.ActionUnrun }
			if !slices.ContainsFunc(rec.Samples, unrun) {
				t.Errorf("%s, %s: no task is said to have never run", tt.kind, clock)
			}
		}
	}
}

// mapped is a map that asks of each input whether to run it, and whether to
// yield it.
func mapped(does func(int) (runs, yields bool)) func(int) (harness.Map, error) {
	return func(int) (harness.Map, error) {
		return func(ctx context.Context, inputs iter.Seq[int], f func(context.Context, int) int) iter.Seq[int] {
			return func(yield func(int) bool) {
				for input := range inputs {
					runs, yields := does(input)
					if runs {
						f(ctx, input)
					}
					if yields && !yield(input) {
						return
					}
				}
			}
		}, nil
	}
}
