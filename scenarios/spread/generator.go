package spread

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// WorkConfig configures [Work].
type WorkConfig struct {
	URL string // of the NATS server

	// Generate runs a part of the arrivals of a run: the method of that name of
	// a Vocabulary of package scenarios.
	Generate generate

	// Runs is the number of runs after which Work returns. 0 means no end.
	Runs int

	// Note, if not nil, is told what happens, in one line.
	Note func(line string)

	// Options are those of the connection, such as credentials.
	Options []nats.Option
}

type generate = func(ctx context.Context, job []byte, part share.Part, begin func(context.Context) (time.Time, error),
	watch func(harness.Step, record.Sample)) (*record.Recording, error)

// Work takes part in runs as a load generator, one run at a time, until ctx is
// done. A run that is under way then is interrupted.
func Work(ctx context.Context, c WorkConfig) error {
	build, err := cluster.Build()
	if err != nil {
		return fmt.Errorf("spread: the executable cannot be read, so no leader can know its build: %w", err)
	}
	host, _ := os.Hostname() // "" is a name too
	w := &worker{
		WorkConfig: c, name: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:4]), build: build,
		clock: newClock(),
	}
	return w.work(ctx)
}

// A worker is a load generator of one run after another.
type worker struct {
	WorkConfig
	name, build string
	clock       clock
	nc          *cluster.Conn
	said        map[runID]bool // runs that refused it, each of which is told once
}

func (w *worker) note(format string, args ...any) {
	if w.Note != nil {
		w.Note(fmt.Sprintf(format, args...))
	}
}

// work takes part in runs until ctx is done.
func (w *worker) work(ctx context.Context) (err error) {
	w.said = map[runID]bool{}
	if w.nc, err = cluster.Connect(w.URL, "teapot load generator "+w.name, w.Note, w.Options...); err != nil {
		return fmt.Errorf("spread: %w", err)
	}
	defer w.nc.Close()
	called := make(chan *nats.Msg, 64)
	sub, err := w.nc.ChanSubscribe(calls, called)
	if err != nil {
		return fmt.Errorf("spread: %w", err)
	}
	defer sub.Unsubscribe()
	_ = w.nc.Publish(heres, nil)
	for runs := 0; ctx.Err() == nil; {
		var c call
		select {
		case m := <-called:
			if !unpack(m, &c) {
				continue
			}
		case <-ctx.Done():
			return nil
		}
		if !w.join(ctx, c.Run) {
			continue
		}
		if runs++; runs == w.Runs {
			return nil
		}
		for len(called) > 0 {
			<-called // of runs that may be over
		}
		_ = w.nc.Publish(heres, nil)
	}
	return nil
}

// join takes part in a run, and reports whether there was a part in it.
func (w *worker) join(ctx context.Context, run runID) bool {
	g := &generator{
		worker: w, run: run, changed: make(chan struct{}, 1), starts: make(chan time.Duration, 1), beat: time.Now(),
	}
	g.ctx, g.stop = context.WithCancelCause(ctx)
	defer g.stop(nil)
	m, err := w.nc.Request(run.subject("hello"), pack(hello{w.name, w.build}), answering)
	if err != nil || !unpack(m, &g.welcome) {
		return false
	}
	if g.Refused != "" {
		if !w.said[run] {
			w.note("run %s: %s", run, g.Refused)
		}
		w.said[run] = true
		return false
	}
	w.note("run %s: load generator %d of %d", run, g.Index+1, g.Of)
	err = g.take()
	if err != nil {
		w.note("run %s: left: %v", run, err)
	} else {
		w.note("run %s: over, tasks sent: %d", run, g.row.Sent)
	}
	return true
}

// A generator is a part in a run.
type generator struct {
	*worker
	run runID
	welcome
	ctx  context.Context // of the tasks
	stop context.CancelCauseFunc

	changed chan struct{} // holds one: the phase has changed
	starts  chan time.Duration

	mu    sync.Mutex
	row   row
	steps stepLog
	beat  time.Time // when the leader was heard last
	over  bool
}

var (
	errStopped = errors.New("the leader has ended the run")
	errOver    = errors.New("the run is over")
	errGone    = fmt.Errorf("nothing was heard from the leader for %v", goneAfter)
)

// take takes the part, from the preparation to the end.
func (g *generator) take() error {
	left := make(chan struct{})
	var others sync.WaitGroup
	defer others.Wait()
	defer close(left)
	for subject, handle := range map[string]nats.MsgHandler{
		g.run.to(g.Index, "clock"): g.tellTime, g.run.to(g.Index, "go"): g.begin,
		g.run.subject("beat"): func(*nats.Msg) { g.heard(false) },
		g.run.subject("stop"): func(*nats.Msg) { g.stop(errStopped) },
		g.run.subject("over"): func(*nats.Msg) { g.heard(true) },
	} {
		sub, err := g.nc.Subscribe(subject, handle)
		if err != nil {
			return err
		}
		defer sub.Unsubscribe()
	}
	others.Go(func() { g.tell(left) })
	part := share.Part{Index: g.Index, Of: g.Of}
	rec, err := g.Generate(g.ctx, g.Job, part, g.wait, g.watch)
	if err == nil {
		g.enter(sending, "")
		err = g.send(rec)
	}
	if err != nil {
		g.enter(failed, err.Error())
	} else {
		g.enter(done, "")
	}
	g.leave()
	return err
}

// tellTime answers what time it is.
func (g *generator) tellTime(m *nats.Msg) {
	_ = m.Respond(pack(g.clock.now())) // a leader that hears nothing asks again
}

// begin takes the time of the start, unless that has passed.
func (g *generator) begin(m *nats.Msg) {
	var s start
	if !unpack(m, &s) {
		return
	}
	late := lateness{max(g.clock.now()-s.At, 0)}
	if late.By == 0 {
		select {
		case <-g.starts: // another time
		default:
		}
		g.starts <- s.At
	}
	_ = m.Respond(pack(late))
}

// wait waits for the start of the run. It is what a trial begins with.
func (g *generator) wait(ctx context.Context) (time.Time, error) {
	g.enter(ready, "")
	var at time.Time
	var due <-chan time.Time
	for {
		select {
		case told := <-g.starts:
			at = g.clock.at(told)
			timer := time.NewTimer(time.Until(at))
			defer timer.Stop()
			due = timer.C
		case <-due:
			g.enter(running, "")
			return at, nil
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		}
	}
}

// watch counts the steps of tasks, and notes them for the leader.
func (g *generator) watch(step harness.Step, s record.Sample) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.steps.add(step, s)
	switch step {
	case harness.Submitted:
		g.row.Sent++
	case harness.Finished:
		g.row.Ended++
	}
}

// enter notes another phase, of which the leader hears at once.
func (g *generator) enter(p phase, problem string) {
	g.mu.Lock()
	g.row.Phase, g.row.Error = p, problem
	g.mu.Unlock()
	select {
	case g.changed <- struct{}{}:
	default:
	}
}

// tell tells the leader every second how far the generator is, and ends the
// tasks when the leader is gone.
func (g *generator) tell(left <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		g.mu.Lock()
		r := g.row
		steps := g.steps.take()
		gone := time.Since(g.beat) > goneAfter
		g.mu.Unlock()
		for _, some := range steps {
			_ = g.nc.Publish(g.run.subject("steps"), some)
		}
		if r.Index = g.Index; gone {
			g.stop(errGone)
		}
		_ = g.nc.Publish(g.run.subject("row"), pack(r)) // the next one says more
		select {
		case <-tick.C:
		case <-g.changed:
		case <-left:
			return
		}
	}
}

// heard notes that the leader lives, or that the run is over.
func (g *generator) heard(over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.beat, g.over = time.Now(), g.over || over
	if over {
		g.stop(errOver)
	}
}

// parted reports whether the leader needs nothing more, or is gone.
func (g *generator) parted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over || time.Since(g.beat) > goneAfter
}

// send sends the recording, each piece until the leader says that it has it.
func (g *generator) send(rec *record.Recording) error {
	pieces, sum, err := cut(rec)
	if err != nil {
		return err
	}
	for i := range pieces {
		for {
			if _, err := g.nc.RequestMsg(envelope(g.run, g.Index, pieces, i, sum), answering); err == nil {
				break
			}
			if g.parted() {
				return fmt.Errorf("%d of %d pieces of the recording were not sent: %w", len(pieces)-i, len(pieces),
					errGone)
			}
			pause(100 * time.Millisecond) // a server that is away refuses at once
		}
	}
	return nil
}

// leave waits until the leader needs the generator no more: it still asks for
// the time.
func (g *generator) leave() {
	for !g.parted() {
		pause(50 * time.Millisecond)
	}
}

// pause waits.
func pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}
