//go:build unix

package process_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"github.com/teapot-go/teapot/executor/process"
)

// spoiled is a task whose results are tampered with.
type spoiled struct {
	executor.Remote
	end func(t executor.Remote, i int, err error)
}

func (s spoiled) End(i int, err error) { s.end(s.Remote, i, err) }

// spoiler is an executor of child processes that is broken in one respect.
type spoiler struct {
	*process.Executor
	task     func(executor.Remote) executor.Remote
	execute  func(*process.Executor, executor.Task) error
	shutdown func(*process.Executor, context.Context) error
}

func (s *spoiler) Execute(t executor.Task) error {
	if s.task != nil {
		t = s.task(t.(executor.Remote))
	}
	if s.execute != nil {
		return s.execute(s.Executor, t)
	}
	return s.Executor.Execute(t)
}

func (s *spoiler) Shutdown(ctx context.Context) error {
	if s.shutdown != nil {
		return s.shutdown(s.Executor, ctx)
	}
	return s.Executor.Shutdown(ctx)
}

func ends(how func(t executor.Remote, i int, err error)) spoiler {
	return spoiler{task: func(r executor.Remote) executor.Remote { return spoiled{r, how} }}
}

func planted(s spoiler) executortest.OpenProcesses {
	return func(o executortest.Options) (executor.Executor, error) {
		ex, err := process.New(process.Config{
			Workers: o.Workers, TasksPerChild: o.TasksPerChild,
			Initializer: o.Initializer,
		})
		b := s
		b.Executor = ex
		return &b, err
	}
}

// bare has an executor's two methods and no others.
type bare struct{ executor.Executor }

func without(change func(*executortest.Options)) executortest.OpenProcesses {
	return func(o executortest.Options) (executor.Executor, error) {
		change(&o)
		ex, err := open(o)
		return bare{ex}, err
	}
}

var errShared = errors.New("broken by exit status 3, or killed")

var bugs = []struct {
	bug  string
	open executortest.OpenProcesses
	rows []int
}{
	{"runs tasks in its own process", func(o executortest.Options) (executor.Executor,
		error,
	) {
		return executor.NewPool(o.Workers)
	}, []int{70}},
	{"always starts a new child", without(func(o *executortest.Options) { o.TasksPerChild = 1 }), []int{70}},
	{"loses what fails", planted(ends(func(t executor.Remote, i int, err error) {
		if err == nil {
			t.End(i, nil)
		}
	})), []int{71, 72, 73, 74, 75, 76, 79, 80, 81}},
	{"has one error for all", planted(ends(func(t executor.Remote, i int, err error) {
		if err != nil {
			err = errShared
		}
		t.End(i, err)
	})), []int{71, 72, 73, 74, 76, 79, 80, 81}},
	{"breaks over any failure", planted(ends(func(t executor.Remote, i int, err error) {
		if err != nil {
			err = errors.Join(executor.ErrBroken, err)
		}
		t.End(i, err)
	})), []int{74, 75}},
	{"accepts tasks when it is broken", planted(spoiler{execute: func(ex *process.Executor, t executor.Task) error {
		if err := ex.Execute(t); !errors.Is(err, executor.ErrBroken) {
			return err
		}
		return nil
	}}), []int{71, 80}},
	{"blocks until a task has run", planted(spoiler{
		task: nil,
		execute: func(ex *process.Executor, t executor.Task) error {
			over := make(chan struct{})
			err := ex.Execute(spoiled{t.(executor.Remote), func(r executor.Remote, i int, err error) {
				r.End(i, err)
				close(over)
			}})
			if err == nil && t.(executor.Remote).Definition().Name() != "executortest.hold" {
				<-over
			}
			return err
		},
	}), []int{77}},
	{"never replaces a child", without(func(o *executortest.Options) { o.TasksPerChild = 0 }), []int{78, 79}},
	{"has no Kill", without(func(*executortest.Options) {}), []int{80}},
	{"does not prepare its children", without(func(o *executortest.Options) { o.Initializer = nil }), []int{79, 81}},
	{"leaves its children behind", planted(spoiler{shutdown: func(*process.Executor,
		context.Context,
	) error {
		return nil
	}}), []int{82}},
}

func TestPlantedBugs(t *testing.T) {
	for _, b := range bugs {
		for _, c := range executortest.Processes(b.open) {
			for _, row := range b.rows {
				if row != c.Row {
					continue
				}
				t.Run(b.bug+"/"+c.Name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
					defer cancel()
					err := c.Run(ctx, nil)
					if err == nil {
						t.Errorf("row %d: the check does not see an executor that %s", c.Row, b.bug)
					}
					t.Log(err)
				})
			}
		}
	}
}

// hoarding makes a child keep what its tasks are given: nothing that wraps an
// executor can.
const hoarding = "TEAPOT_TEST_HOARDING"

type hoarder struct {
	executor.Definition
	kept []any
}

func (h *hoarder) Serve(ctx context.Context, decode, encode func(any) error, end func(error)) {
	h.Definition.Serve(ctx, func(in any) error {
		h.kept = append(h.kept, in)
		return decode(in)
	}, encode, end)
}

// hoarders are definitions that keep their inputs, if this process is to.
func hoarders(all []executor.Definition) []executor.Definition {
	if os.Getenv(hoarding) != "" {
		for i, d := range all {
			all[i] = &hoarder{Definition: d}
		}
	}
	return all
}

func TestPlantedHoarder(t *testing.T) {
	t.Setenv(hoarding, "yes")
	for _, c := range executortest.Processes(open) {
		if c.Row != 83 {
			continue
		}
		if err := c.Run(within(t), nil); err == nil {
			t.Errorf("row %d: the check does not see a child that keeps what its tasks are given", c.Row)
		} else {
			t.Log(err)
		}
	}
}

// Every row has a bug.
func TestEveryRowHasABug(t *testing.T) {
	seen := map[int]bool{83: true} // its own test
	for _, b := range bugs {
		for _, row := range b.rows {
			seen[row] = true
		}
	}
	for _, c := range executortest.Processes(open) {
		if !seen[c.Row] {
			t.Errorf("row %d, %s: no bug is planted", c.Row, c.Name)
		}
	}
}
