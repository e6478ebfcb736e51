package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// A Trial is one workload on one executor, ready to run. It may be run more
// than once, one run at a time.
type Trial struct {
	Scenario string
	About    string
	File     string
	Source   string // the text of File, for the record
	Position int    // of the trial among the scenario's, from 0
	Kind     string // the executor's kind
	Workers  int    // the executor's concurrency limit, 0 for none
	Clock    record.Clock
	Seed     uint64
	Delivery record.Delivery
	Timeout  time.Duration // the client's, for the record; the workload keeps it
	Queues   bool          // the server makes tasks wait for one another, which no plan knows of: there is no ideal makespan

	Keys  []string
	Pacer Pacer // nil for a closed workload: all of Keys at once

	// Executor and Workload make the two anew for each run. They are called
	// inside the run's clock: all that they start must end with Shutdown and
	// Close.
	Executor func() (executor.Executor, error)
	Workload func() (*Workload, error)

	// Deadline bounds every wait of the run by its own clock. A run is given up
	// as a deadlock when no task has ended for this long, beyond the longest
	// planned task, while some were under way; the executor's Shutdown and the
	// workload's Close may take as long. 0 means a minute and nine times the
	// longest planned task, with ten seconds for a pause before each attempt
	// again, and five minutes where the plan does not say how long any task
	// takes.
	Deadline time.Duration
	// Stall bounds, in real time, how long a run under the virtual clock may go
	// on without any task ending, because a goroutine that is blocked on a
	// mutex or on something outside the bubble stops its clock; 0 means a
	// minute.
	Stall time.Duration

	// Hung, if not nil, is called with a message when a run under the real
	// clock has waited for ten seconds without a sign that it goes on: for any
	// task to end, for the executor to shut down, or for the workload to close.
	// It is called by a goroutine of its own.
	Hung func(message string)

	// Watch, if not nil, is called at every step of every task, one call at a
	// time and in the order of the run, with the sample as it is then. The run
	// waits for it: it must be quick, and under the virtual clock it must not
	// wait for anything outside the run. Of a task that runs in another process
	// the start is told with the finish.
	Watch func(Step, record.Sample)
	// Scheduled, if not nil, is called with the future of each task as soon as
	// there is one, in order of submission, before its end is told to anybody.
	// It is called by the goroutine that submits, which waits for it.
	Scheduled func(key string, future *executor.Future[Ran])
}

// A Step is one of a task's in a run.
type Step string

// The steps, in their order.
const (
	Submitted Step = "submitted"
	Started   Step = "started"
	Finished  Step = "finished"
	Delivered Step = "delivered"
)

// A Workload is what a run's tasks do. All its functions may be called by any
// number of goroutines but Close, which is called once, last.
type Workload struct {
	oracle.Oracle // what each task should meet and report

	// Do runs the task. attempt is the first that it makes. It returns early
	// when ctx is done.
	Do func(ctx context.Context, key string, attempt int) record.Seen
	// Defined, if not nil, is the task as an executor whose tasks run in other
	// processes needs it, and Do is not called. [Define] makes it. It needs the
	// real clock: no other one is the same in two processes.
	Defined *executor.Defined[Call, Ran]
	// Setting is handed to every call of Defined.
	Setting string
	// Close ends what the workload has started, waits for it, and returns the
	// server's journal. Nil for nothing to end.
	Close func() ([]servers.Entry, error)
}

// check rejects a trial that cannot be run.
func (t *Trial) check() error {
	switch {
	case t.Executor == nil || t.Workload == nil:
		return errors.New("harness: a trial needs an executor and a workload")
	case t.Workers < 0:
		return fmt.Errorf("harness: %d workers: want 0 for no limit, or more", t.Workers)
	case t.Clock != record.Real && t.Clock != record.Virtual:
		return fmt.Errorf("harness: clock %q: want %s or %s", t.Clock, record.Real, record.Virtual)
	case t.Delivery != record.InOrder && t.Delivery != record.AsCompleted:
		return fmt.Errorf("harness: delivery %q: want %s or %s", t.Delivery, record.InOrder, record.AsCompleted)
	}
	return nil
}

func (t *Trial) pacer() Pacer {
	if t.Pacer == nil {
		return Closed(len(t.Keys))
	}
	return t.Pacer
}

// A Call is what a defined task is called with.
type Call struct {
	Key     string
	Attempt int
	Setting string // what else the workload wants known where the task runs, "" for nothing
}

// Ran is what a defined task comes back with: what it reports, and when it ran
// by the machine's clock, which its process shares.
type Ran struct {
	record.Seen
	Started, Finished time.Time
}

// Define makes a task that can run in another process, under a name. See
// [executor.Define].
func Define(name string, do func(ctx context.Context, key string, attempt int) record.Seen) *executor.Defined[Call, Ran] {
	return executor.Define(name, func(ctx context.Context, c Call) (Ran, error) {
		ran := Ran{Started: time.Now()}
		ran.Seen = do(ctx, c.Key, c.Attempt)
		ran.Finished = time.Now()
		return ran, nil
	})
}
