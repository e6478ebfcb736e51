package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/interleave"
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
	Timeout  time.Duration // the client's, for the record; the workload enforces it
	Queues   bool          // the server makes tasks wait for one another: the ideal is that of the oracle's Queue

	// Keep, if it is above 0 and below the number of tasks, has the recording
	// keep no more samples than that, beside totals: see
	// [record.Recording.Keep], which is to be called when the run was judged.
	// Of tasks of an executor that all fall due by themselves, without load
	// generators and Queues, the run then holds only the samples of those that
	// are under way or did not end as they should have, however many tasks
	// there are. Their requests must name their tasks: see package taskid.
	Keep int

	Keys []string
	// Key, if not nil, takes the place of Keys, of which there may be too many
	// to list: it returns the key of each of Tasks tasks, numbered from 0, and
	// which task of the key it is, from 1. Equal numbers give equal results.
	// Users take Keys.
	Key   func(seq int) (key string, occurrence int)
	Tasks int
	Pacer Pacer // nil for a closed workload: all of Keys at once
	// Users, if not nil, are those of a closed workload, which takes an
	// Executor and no Pacer. Keys are then those of the first tasks of all
	// users, then of the second ones, and so on. If a user comes to the end of
	// Keys, the run cannot be judged.
	Users Users

	// Generators is how many load generators share the arrivals of an open
	// workload, each with an executor of its own, and with a workload of its
	// own if the Workload has those. Task i is that of generator i modulo their
	// number. 0 stands for one.
	Generators int
	// Share, if it is not zero, makes this run that of one load generator among
	// several, each of which is another run.
	Share share.Part
	// Fleet, if not nil, has the generators run elsewhere. Then Generators is
	// at least 1, and Executor is not called.
	Fleet Fleet
	// Begin, if not nil, is called when the run is ready to hand over its first
	// task. It waits for the start, and returns when that was, or is.
	Begin func(ctx context.Context) (at time.Time, err error)

	// Executor, or Map or Batch in its place, and Workload are called once for
	// each run, inside the run's clock. Everything that they start must end
	// with Shutdown, the iteration or the return of the batch, and Close. A
	// batch takes no Pacer, because it has all keys at once, and needs a
	// workload with a Server, whose Do it does not call.
	Executor func() (executor.Executor, error)
	Map      func() (Map, error)
	Batch    func() (Batch, error)
	Workload func() (*Workload, error)

	// Interleave is how it is decided which goroutine goes on first, where the
	// virtual clock leaves that open. The zero Way leaves it to the Go
	// scheduler. The real clock ignores it.
	Interleave interleave.Way

	// Deadline bounds every wait of the run by its own clock. A run is given up
	// as a deadlock when no task has ended for this long, beyond the longest
	// planned task, while some were under way; the executor's Shutdown and the
	// workload's Close may take as long. 0 means a minute and nine times the
	// longest planned task, with ten seconds for a pause before each attempt
	// again, and five minutes where the plan does not say how long any task
	// takes.
	Deadline time.Duration
	// Stall bounds, in real time, how long a run may stand still under the
	// virtual clock. That clock stops while no goroutine works and one is
	// blocked on a lock, or on something outside the run. 0 means a second. A
	// run that works without the end of any task may go on for 600 times as
	// long. Either run cannot be judged: see [record.Recording.Limit].
	Stall time.Duration

	// Again, if not nil, reports whether the trial can run in this process once
	// more. A client that keeps a channel or a timer of a run under the virtual
	// clock for the next one ends the process. It is called before a run that
	// confirms what another has found. nil means that it can.
	Again func(ctx context.Context) bool

	// Ignore lists what may outlive a run: patterns of functions in the stack
	// of a goroutine, of paths of open files, and of the names of processes. In
	// a pattern * stands for any text.
	Ignore []string
	// Grace is how long what is about to end may take to do so after the run,
	// by the run's clock. 0 means a second.
	Grace time.Duration

	// Hung, if not nil, is called with a message when a run under the real
	// clock has waited for ten seconds: for any task to end, for the executor
	// to shut down, or for the workload to close. Calls may come from any
	// goroutine.
	Hung func(message string)

	// Watch, if not nil, is called at every step of every task with the sample
	// as it is then. Calls come one at a time, in the order of the run. The run
	// waits for them, so they must be quick; under the virtual clock they must
	// not wait for anything outside the run. The start of a task in another
	// process is reported together with its finish, and the steps of a Fleet's
	// tasks as they are heard of.
	Watch func(Step, record.Sample)
	// Scheduled, if not nil, is called with the future of each task as soon as
	// it is submitted, in order of submission. The goroutine that submits waits
	// for it. A map makes no futures.
	Scheduled func(key string, future *executor.Future[Ran])
}

// A Step is a step of a task in a run.
type Step string

// steps are all steps, in their order.
var steps = []Step{Submitted, Started, Finished, Delivered}

// The steps, in their order.
const (
	Submitted Step = "submitted"
	Started   Step = "started"
	Finished  Step = "finished"
	Delivered Step = "delivered"
)

// A Workload is what a run's tasks do. Release and Close are called once, in
// this order, after the executor has shut down; any number of goroutines may
// call the other functions.
type Workload struct {
	oracle.Oracle // what each task should meet and report

	// Do runs the task. attempt is the first that it makes. It returns early
	// when ctx is done.
	Do func(ctx context.Context, key string, attempt int) record.Seen
	// Defined, if not nil, is used in place of Do. [Define] makes it, and an
	// executor whose tasks run in other processes needs it. It needs the real
	// clock, which is the only one that two processes share.
	Defined *executor.Defined[Call, Ran]
	// Setting is handed to every call of Defined.
	Setting string
	// Release, if not nil, ends the contexts of tasks. Until then they outlive
	// their tasks, because their end would close response bodies that the
	// client has forgotten.
	Release func()
	// Close, if not nil, ends what the workload has started, waits for it, and
	// returns the journal of a server of its own, if it has one.
	Close func() ([]servers.Entry, error)
	// Strays, if not nil, is called after Close, and ends the processes that
	// the workload's programs have left. It returns the names of those that did
	// not end by themselves and are not ignored, and whether their programs had
	// the time to end them.
	Strays func(ignored func(name string) bool) (names []string, sure bool)
	// Server, if not nil, is the server of the tasks. It is closed after the
	// workload, and its journal is that of the run, together with what Close
	// has returned. Before, its connections show what the
	// client has not closed.
	Server *servers.Server
	// Content, if not nil, is what the server serves. It is closed after the
	// server.
	Content io.Closer
	// Generators, if there are any, are the workloads of the load generators of
	// the trial, one for each. They take the place of Do and Defined, and have
	// no Server and no Content of their own.
	Generators []*Workload
}

// check rejects a trial that cannot be run.
func (t *Trial) check() error {
	switch {
	case t.under() == 0 || t.Workload == nil:
		return errors.New("harness: a trial needs an executor and a workload")
	case t.under() > 1:
		return errors.New("harness: a trial has several of an executor, a map and a batch: want one of them")
	case t.Batch != nil && t.Pacer != nil:
		return errors.New("harness: a batch has all keys at once: want no pacer")
	case t.Users != nil && (t.Executor == nil || t.Pacer != nil):
		return errors.New("harness: users go on as their tasks end: want an executor and no pacer")
	case t.Fleet != nil && (t.Generators < 1 || t.Pacer == nil || t.Executor == nil):
		return errors.New("harness: a fleet takes Generators, an executor and a pacer")
	case t.Generators < 0:
		return fmt.Errorf("harness: generators: %d: want 0 for one, or more", t.Generators)
	case (t.Generators > 1 || t.Share.Of > 1) && (t.Executor == nil || t.Pacer == nil):
		return errors.New("harness: load generators share arrivals: want an executor and a pacer")
	case t.Workers < 0:
		return fmt.Errorf("harness: workers: %d: want 0 for no limit, or more", t.Workers)
	case t.Key != nil && (t.Keys != nil || t.Tasks < 0 || t.Users != nil):
		return errors.New("harness: Key beside Keys or Users, or less than no Tasks: want Key and Tasks alone")
	case t.Clock != record.Real && t.Clock != record.Virtual:
		return fmt.Errorf("harness: clock %q: want %s or %s", t.Clock, record.Real, record.Virtual)
	case t.Delivery != record.InOrder && t.Delivery != record.AsCompleted:
		return fmt.Errorf("harness: delivery %q: want %s or %s", t.Delivery, record.InOrder, record.AsCompleted)
	}
	return t.Share.Check()
}

// under counts what is under test.
func (t *Trial) under() (n int) {
	for _, given := range []bool{t.Executor != nil, t.Map != nil, t.Batch != nil} {
		if given {
			n++
		}
	}
	return n
}

// underTest is an executor, a map, or a batch.
type underTest struct {
	ex         executor.Executor
	m          Map
	batch      Batch
	generators []*run // of this process, in place of the others
	fleet      bool   // those of other processes
}

// open returns what is under test.
func (t *Trial) open() (u underTest, err error) {
	switch {
	case t.Batch != nil:
		u.batch, err = t.Batch()
	case t.Map != nil:
		u.m, err = t.Map()
	default:
		u.ex, err = t.Executor()
	}
	if err == nil && u.ex == nil && u.m == nil && u.batch == nil {
		err = errors.New("the executor is nil")
	}
	return u, err
}

// users returns how many users there are, 0 for none.
func (t *Trial) users() int {
	if t.Users == nil {
		return 0
	}
	return t.Users.Len()
}

func (t *Trial) pacer() Pacer {
	if t.Pacer == nil {
		return Closed(t.tasks())
	}
	return t.Pacer
}

// tasks returns how many tasks there may be.
func (t *Trial) tasks() int {
	if t.Key != nil {
		return t.Tasks
	}
	return len(t.Keys)
}

// keyed returns a function that returns what Key does, of a list too if it is
// called with 0, 1, 2 and so on.
func (t *Trial) keyed() func(seq int) (key string, occurrence int) {
	if t.Key != nil {
		return t.Key
	}
	of := map[string]int{}
	return func(seq int) (string, int) {
		key := t.Keys[seq]
		of[key]++
		return key, of[key]
	}
}

// A Call is what a defined task is called with.
type Call struct {
	Key     string
	Attempt int
	Setting string // the workload's Setting
}

// Ran is what a defined task returns: what it reports, and when it ran. The
// process that it has run in loses the monotonic clock of a [time.Time] on the
// way to another one, and the wall clock may be set in between, by an hour or
// more. So a Ran says how long the task took, too, and when it finished by a
// clock that all processes of the machine share and nothing sets.
type Ran struct {
	record.Seen
	Started, Finished time.Time
	Took              time.Duration // 0 if it is not known
	Steady            time.Duration // when it finished, since the machine started; 0 where there is no such clock
}

// Define makes a task that can run in another process, under a name that is
// unique in the program. See [executor.Define].
func Define(name string, do func(ctx context.Context, key string, attempt int) record.Seen) *executor.Defined[Call,
	Ran] {
	return executor.Define(name, func(ctx context.Context, c Call) (Ran, error) {
		ran := Ran{Started: time.Now()}
		ran.Seen = do(ctx, c.Key, c.Attempt)
		ran.Finished, ran.Steady = time.Now(), uptime()
		ran.Took = ran.Finished.Sub(ran.Started)
		return ran, nil
	})
}
