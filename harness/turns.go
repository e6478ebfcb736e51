package harness

import (
	"context"
	"runtime"
	"strings"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
)

// patience is how long, under the real clock, the last task waits for a
// Shutdown that does not wait for it. Such a Shutdown returns at once.
const patience = 20 * time.Millisecond

// A turn is what the recorder knows of how an executor treats one task. It
// counts calls of Run, and where a task runs in another process, calls of Begin
// and End.
type turn struct {
	runs     int32 // calls of Run
	inside   int32 // calls of Run that have not returned
	ends     int32 // calls of End
	results  int32 // how often a map has yielded the result
	begun    bool  // Begin was called
	accepted bool
	refused  bool
	mapped   bool // a map has read it
	err      error
}

// misrun returns how the executor broke its promise to run a task exactly once
// if it accepts it and never if it refuses it. After ": " it says what would
// have been right.
func (t turn) misrun() string {
	switch {
	case t.refused && t.runs > 0:
		return "refused and run: not run"
	case max(t.runs, t.ends) > 1:
		return times("run", max(t.runs, t.ends)) + ": run once"
	case t.accepted && t.runs+t.ends == 0 && !t.begun:
		return "accepted and never run: run once"
	case t.results > 1:
		return times("delivered", t.results) + ": delivered once"
	case t.mapped && t.accepted && t.results == 0:
		return "never delivered: delivered once"
	}
	return ""
}

func times(verb string, n int32) string { return verb + " " + plural(int(n), "time") }

// A tracker is an executor that is handed one task, and tells the recorder when
// the executor runs it.
type tracker struct {
	executor.Executor
	recorder *recorder
	seq      int
	took     time.Duration // that Execute has taken
}

// Execute hands the task on, in the wrapper that fits it.
func (t *tracker) Execute(task executor.Task) error {
	_, mapped := t.Executor.(inPlace)
	w := tracked{task, t.recorder, t.seq, !mapped}
	began := time.Now()
	defer func() { t.took = time.Since(began) }()
	var err error
	if remote, ok := task.(executor.Remote); ok {
		err = t.Executor.Execute(trackedRemote{remote, w})
	} else {
		err = t.Executor.Execute(w)
	}
	t.recorder.executed(t.seq, err)
	return err
}

// A tracked is a task as the executor under test sees it.
type tracked struct {
	executor.Task
	recorder *recorder
	seq      int
	yields   bool // after the end: a map's result would be late
}

// Run notes the first and the last moment at which the executor's worker is
// certainly busy with the task. It does not begin a task when the run is over:
// what the task did then would look like a later run's.
func (t tracked) Run(ctx context.Context) {
	if t.recorder.over() {
		over, end := context.WithCancel(ctx)
		end()
		t.Task.Run(over)
		return
	}
	t.recorder.enter(t.seq)
	defer t.recorder.leave(t.seq)
	t.Task.Run(ctx)
	if t.yields {
		t.recorder.yield(t.seq)
	}
}

// Context returns the context of a task that has one.
func (t tracked) Context() context.Context {
	if c, ok := t.Task.(interface{ Context() context.Context }); ok {
		return c.Context()
	}
	return context.Background()
}

// A trackedRemote is a task that may run in another process.
type trackedRemote struct {
	executor.Remote
	tracked tracked
}

var _ executor.Remote = trackedRemote{}

func (t trackedRemote) Run(ctx context.Context) { t.tracked.Run(ctx) }

// Begin is called by an executor that will run the task elsewhere.
func (t trackedRemote) Begin() (context.Context, bool) {
	r := t.tracked.recorder
	r.change(t.tracked.seq, func(turn *turn) { turn.begun, r.elsewhere = true, true })
	return t.Remote.Begin()
}

func (t trackedRemote) End(i int, err error) {
	t.tracked.recorder.change(t.tracked.seq, func(turn *turn) { turn.ends++ })
	t.Remote.End(i, err)
}

// change changes a turn, unless the recorder is closed.
func (r *recorder) change(seq int, how func(*turn)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && seq >= r.base {
		how(&r.turns[seq-r.base])
	}
}

// executed notes what Execute has returned.
func (r *recorder) executed(seq int, err error) {
	r.change(seq, func(t *turn) {
		t.accepted, t.refused = err == nil, err != nil
		if t.accepted && t.runs == 0 {
			r.awaited++
		}
	})
}

// allExecuted notes that Execute has returned for every task.
func (r *recorder) allExecuted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handedOver = true
}

// ticket returns the next number. The order of two tickets is that in which
// they were taken, however coarse the clock is. The caller holds mu.
func (r *recorder) ticket() int {
	r.tickets++
	return r.tickets
}

// enter notes that the executor has called Run.
func (r *recorder) enter(seq int) {
	r.noteAgain(seq)
	r.change(seq, func(t *turn) {
		if t.runs++; t.runs == 1 {
			r.at(seq).Began = r.ticket()
			if t.accepted {
				r.awaited--
			}
		}
		t.inside++
		r.inside++
	})
}

// leave notes that Run is about to return. The last task stays for a while,
// because a Shutdown can be seen to wait only while a task runs.
func (r *recorder) leave(seq int) {
	last := false
	r.change(seq, func(t *turn) {
		if s := r.at(seq); s.Ended == 0 {
			s.Ended = r.ticket()
		}
		last = r.handedOver && r.awaited == 0 && r.inside == 1 && !r.stayed
		if r.stayed = r.stayed || last; !last { // at once, so that of two that leave together one is the last
			t.inside--
			r.inside--
		}
	})
	if !last {
		return
	}
	r.shutdown.await()
	r.change(seq, func(t *turn) {
		t.inside--
		r.inside--
	})
}

// shutDown shuts the executor down, and notes which tasks run when it says that
// none does. A run that was not set up has no recorder.
func (r *recorder) shutDown(ctx context.Context, ex executor.Executor) error {
	if r == nil {
		return ex.Shutdown(ctx)
	}
	close(r.shutdown.called)
	defer close(r.shutdown.returned)
	err := ex.Shutdown(ctx)
	if err == nil {
		r.outlives()
	}
	return err
}

// outlives notes which tasks run although none should.
func (r *recorder) outlives() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(r.turns) && r.inside > 0 && !r.closed; i++ {
		if r.turns[i].inside > 0 {
			r.outlived = append(r.outlived, r.samples[i].Key)
		}
	}
}

// A shutdown is the call of the executor's Shutdown, as the last task waits for
// it.
type shutdown struct {
	called, returned chan struct{}
	clock            record.Clock
}

func newShutdown(clock record.Clock) *shutdown {
	return &shutdown{make(chan struct{}), make(chan struct{}), clock}
}

// await waits until Shutdown has been called, and then until it has returned or
// certainly waits. Under the virtual clock it waits when all goroutines do, so
// the shortest sleep is enough.
func (s *shutdown) await() {
	<-s.called
	wait := patience
	if s.clock == record.Virtual {
		if wait = time.Nanosecond; s.waitsForLock() {
			return
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-s.returned:
	case <-timer.C:
	}
}

// waitsForLock reports whether Shutdown waits for a lock, or a goroutine of the
// bubble does that it waits for. The virtual clock would stand still until the
// last task lets go of the lock. A lock that is held by what still runs is
// none.
func (s *shutdown) waitsForLock() bool {
	const own = "github.com/teapot-go/teapot/harness."
	id := bubbleID()
	for range 50 { // until all others have come to where they wait
		runtime.Gosched()
		locked, works := false, false
		dump, _ := dumpStacks(0)
		for g := range goroutines(dump) {
			switch state := g.state(); {
			case !strings.Contains(g.header, id), g.calls(own + "(*shutdown).waitsForLock"):
			case state == "runnable", state == "running", g.calls(own + "dumpStacks"):
				works = true
			default:
				locked = locked || g.waitsForOthers()
			}
		}
		if !works {
			return locked
		}
	}
	return false
}
