package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// WorkerConfig configures [Work].
type WorkerConfig struct {
	// URL is that of the NATS server, as in [Config].
	URL string

	// Slots is how many tasks of a run are run at a time. 0 means one for each
	// CPU that Go uses. A negative number is an error.
	Slots int

	// Definitions are the tasks that can be run.
	Definitions []executor.Definition

	// Runs is the number of runs after which Work returns. 0 means no end.
	Runs int

	// Note is told what happens, in one line. Nil means that nothing is told.
	Note func(line string)

	// Options are those of the connection, such as credentials.
	Options []nats.Option
}

// Work runs the tasks of the runs on a server until ctx is done. Then it takes
// no more tasks, and returns nil when those that it has have ended.
//
// Work finds the runs that there are, and joins each as it begins. It leaves a
// run that is over, and one whose coordinator is gone: the contexts of its
// tasks are then cancelled.
func Work(ctx context.Context, c WorkerConfig) error {
	if c.Slots < 0 {
		return fmt.Errorf("cluster: %d Slots: want at least 1, or 0 for the default", c.Slots)
	}
	known := map[string]executor.Definition{}
	for _, d := range c.Definitions {
		if known[d.Name()] != nil {
			return fmt.Errorf("cluster: two definitions are named %q: want a name for each", d.Name())
		}
		known[d.Name()] = d
	}
	hash, err := build()
	if err != nil {
		return fmt.Errorf("cluster: the executable cannot be read, so no coordinator can know its build: %w", err)
	}
	host, _ := os.Hostname() // "" is a name too
	w := &worker{
		name: fmt.Sprintf("%s/%d/%s", host, os.Getpid(), rand.Text()[:4]), build: hash, slots: c.Slots, note: c.Note,
		lookup: func(name string) executor.Definition { return known[name] },
	}
	if w.slots == 0 {
		w.slots = runtime.GOMAXPROCS(0)
	}
	if err := w.connect(c.URL, c.Options); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	defer w.nc.Close()
	return w.serveRuns(ctx, c.Runs)
}

// A worker runs tasks for coordinators. Its shares are its parts in runs.
type worker struct {
	name   string
	build  string
	slots  int
	lookup func(name string) executor.Definition
	note   func(string)
	nested any // what tasks find in their contexts under nestKey
	nc     *Conn
	js     jetstream.JetStream

	mu      sync.Mutex
	shares  map[wire.Run]*share // also those that are over, so that none is joined again
	begun   int                 // runs that are joined, or were
	over    int                 // runs that are over
	leaving bool                // no other run is joined
	all     sync.WaitGroup      // shares
}

// nestKey is the key under which a task finds the executor that runs it.
type nestKey struct{}

func (w *worker) connect(url string, options []nats.Option) (err error) {
	w.shares = map[wire.Run]*share{}
	if w.note == nil {
		w.note = func(string) {}
	}
	w.nc, err = Connect(url, "teapot worker "+w.name, w.note, append(slices.Clip(options),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // not closed here
				w.note("lost the connection to the server")
			}
		}),
		nats.ReconnectHandler(func(*nats.Conn) {
			w.note("connected to the server again")
			w.reconnected()
		}))...)
	if err != nil {
		return err
	}
	w.js, err = jetstream.New(w.nc.Conn)
	return err
}

// reconnected has every share pull again: the server has forgotten its pulls.
func (w *worker) reconnected() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.shares {
		s.pullAgain()
	}
}

// serveRuns joins runs until ctx is done or n of them are over. It hears beats
// until the last share has ended.
func (w *worker) serveRuns(ctx context.Context, n int) error {
	over := make(chan struct{})
	sub, err := w.nc.Subscribe(wire.Beats, func(m *nats.Msg) {
		run := wire.RunOf(m.Subject)
		if !w.isNew(run, n) {
			return
		}
		go func() {
			defer w.all.Done()
			if ended := w.ended(w.join(ctx, run)); n > 0 && ended == n {
				close(over)
			}
		}()
	})
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	defer sub.Unsubscribe()
	_ = w.nc.Publish(wire.Here, nil)
	w.note("waits for runs on " + Redacted(w.nc.ConnectedUrl()))
	select {
	case <-over:
	case <-ctx.Done():
	}
	w.mu.Lock()
	w.leaving = true
	w.mu.Unlock()
	w.all.Wait()
	return nil
}

// isNew notes a beat of a run, and reports whether the run is to be joined. If
// so, the caller joins it, and calls all.Done.
func (w *worker) isNew(run wire.Run, most int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, known := w.shares[run]
	if s != nil {
		s.heardBeat()
	}
	if known || w.leaving || most > 0 && w.begun == most {
		return false
	}
	w.shares[run] = nil
	w.begun++
	w.all.Add(1)
	return true
}

// ended notes that a run is over, or was not joined, and returns how many are
// over.
func (w *worker) ended(joined bool) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if joined {
		w.over++
	} else {
		w.begun--
	}
	return w.over
}

// errRefused is the error of a worker that a coordinator does not take.
var errRefused = errors.New("cluster: the coordinator refuses the worker")

// join takes part in a run until ctx is done or the run is over. It reports
// false if the worker could not join.
func (w *worker) join(ctx context.Context, run wire.Run) bool {
	for joined := false; ; joined = true {
		s, err := w.open(run)
		if err != nil {
			w.note(fmt.Sprintf("run %s: %v", run, err))
			if !errors.Is(err, errRefused) {
				w.forget(run) // its next beat
			}
			return joined
		}
		w.note(fmt.Sprintf("run %s: joined with %d slots", run, w.slots))
		why := s.work(ctx)
		w.note(fmt.Sprintf("run %s: left, tasks done: %d: %s", run, s.doneTasks(), why))
		if !s.isGone() || s.bury(ctx) {
			return true
		}
	}
}

// forget lets a run be joined at its next beat.
func (w *worker) forget(run wire.Run) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.shares, run)
}

// startWorker starts the worker of this process.
func (e *Executor) startWorker(options []nats.Option) error {
	w := &worker{
		name: "here", build: e.session, slots: e.config.Workers, nested: e.session,
		lookup: func(name string) executor.Definition {
			d, _ := e.defined.Load(name)
			def, _ := d.(executor.Definition)
			return def
		},
	}
	if err := w.connect(e.config.URL, options); err != nil {
		return err
	}
	s, err := w.open(e.run)
	if err != nil {
		w.nc.Close()
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.here = &ownWorker{w, cancel}
	w.all.Go(func() { s.work(ctx) })
	w.all.Go(func() { // as serveRuns does
		tick := time.NewTicker(e.beatEvery())
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.heardBeat()
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
}

// An ownWorker is the worker in the process of the coordinator.
type ownWorker struct {
	*worker
	cancel context.CancelFunc
}

// leave ends the worker, and waits for its tasks.
func (o *ownWorker) leave() {
	o.cancel()
	o.all.Wait()
	o.nc.Close()
}
