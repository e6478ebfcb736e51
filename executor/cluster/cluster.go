// Package cluster runs defined tasks on workers that may be on other machines.
// NATS JetStream carries the tasks and their results.
//
//	// isPrime is a func(context.Context, int64) (bool, error).
//	var IsPrime = executor.Define("is-prime", isPrime)
//
//	ex, err := cluster.New(cluster.Config{})
//	...
//	defer ex.Shutdown(ctx)
//	for prime, err := range IsPrime.Map(ctx, ex, slices.Values(numbers)) {
//
// Without a URL the NATS server is part of this process and listens at no port,
// and the workers are goroutines: nothing needs to be installed, and all of it
// runs under the virtual clock of package testing/synctest. With the URL of a
// NATS server, the tasks run in processes that call [Work]. Those must be of
// the same build of the same program as the one that submits, and know the
// definitions.
//
// A closure cannot get there and is refused with [executor.ErrUndefined]. So is
// an input that is larger than the server takes in one message, with its size.
//
// # What is promised
//
// The future of a task ends exactly once. A task runs at least once: a worker
// that is killed, or cut off for longer than Config.AckWait, loses its tasks to
// other workers, which run them again. The first result counts: the stream
// refuses a second one. With Config.Once a task starts at most once, and the
// loss of its worker ends its future.
//
// A task that was delivered Config.Deliveries times without a result, such as
// one that kills its process, ends with a [*LostError]. That is an
// [executor.ErrBroken], as the error of a lost child of package process is, but
// the executor goes on. The executor itself breaks when it has neither a server
// nor a worker for as long as Config.Patience.
//
// Workers leave a run whose coordinator, the process that submits, is gone.
//
// A task that has been sent counts as running. While tasks are short, some are
// sent ahead of a free slot: up to two milliseconds of work.
package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
	"github.com/teapot-go/teapot/executor/internal/fifo"
)

// ErrNested is the refusal of a task that is submitted with the context of
// another task of the same executor. That one would hold a slot while it waits.
var ErrNested = errors.New("cluster: a task cannot submit to the executor that runs it: want another executor")

// Config configures an [Executor]. The zero value is valid.
type Config struct {
	// URL is that of a NATS server with JetStream, such as nats://host:4222, or
	// of several, with commas. Empty means a server in this process, without a
	// port.
	URL string

	// Workers is how many tasks run in this process at a time. 0 means
	// executor.DefaultWorkers if the server is in this process too, and else
	// none. A negative number is an error.
	Workers int

	// Slots is how many tasks run at a time on all workers together. New waits
	// until the workers have as many. 0 means as many as there are, and then
	// New waits for none. A negative number is an error.
	Slots int

	// Once has each task start at most once. The future of a task whose worker
	// is lost after the start ends with a *LostError.
	Once bool

	// AckWait is how long a worker may be silent until its tasks are given to
	// other workers. A worker that runs a long task is not silent. 0 means 5
	// seconds; less than 100 milliseconds is an error.
	AckWait time.Duration

	// Deliveries is how often a task is given to a worker. 0 means 3. A
	// negative number is an error.
	Deliveries int

	// Patience is how long the executor waits for a server, and for a worker
	// while there is work. Then it breaks. 0 means 30 seconds.
	Patience time.Duration

	// Durable has the server keep tasks and results in files, so that they
	// outlive its restart.
	Durable bool

	// Options are those of the connection, such as credentials, or
	// nats.InProcessServer in place of a URL.
	Options []nats.Option
}

// embedded reports whether the executor has a server of its own.
func (c *Config) embedded() bool { return c.URL == "" && len(c.Options) == 0 }

// An Executor runs defined tasks on the workers of a cluster. [New] makes one.
type Executor struct {
	config  Config
	run     wire.Run
	session string // tells a worker of this process from others
	server  *embedded
	nc      *Conn
	js      jetstream.JetStream
	tasks   jetstream.Stream
	results jetstream.Stream
	claims  jetstream.Stream // nil without Once
	largest int              // of an encoded task
	acks    string           // the subject of the answers to published tasks
	answers chan message     // results that have not been settled
	wake    chan struct{}    // wakes sendLoop
	life    context.Context  // of the loops
	end     context.CancelFunc
	loops   sync.WaitGroup // and what watches contexts
	subs    []*nats.Subscription
	intake  *intake
	look    chan struct{} // wakes careLoop
	inHand  *unsettled    // of settleLoop
	told    int           // slots that the server knows, of careLoop
	over    chan struct{} // closed when it is shut down and nothing is left
	here    *ownWorker    // the worker of this process, or nil
	defined sync.Map      // definitions by name, for the worker of this process

	mu      sync.Mutex
	queue   fifo.Queue[*job]
	queued  int
	flights map[uint64]*flight
	seq     uint64
	members map[string]*member
	rates   map[string]*taskRate
	slots   int // of the members that live
	shut    bool
	broken  error // why it is broken, or nil
	idle    chan struct{}
	isIdle  bool
	refused string    // the last worker that was refused, and why, or ""
	parted  time.Time // since when there is no connection
	alone   time.Time // since when there is work and no worker
	late    int       // results of tasks that had ended
	trail   []step    // results that may be purged once their tasks are gone
}

var _ executor.Executor = (*Executor)(nil)

// A job is a task in the queue, with its encoded inputs.
type job struct {
	r      executor.Remote
	inputs []byte
}

// New returns an executor that is connected to its server.
func New(c Config) (*Executor, error) {
	switch {
	case c.Workers < 0:
		return nil, fmt.Errorf("cluster: %d Workers: want at least 1, or 0 for the default", c.Workers)
	case c.Slots < 0:
		return nil, fmt.Errorf("cluster: %d Slots: want at least 1, or 0 for all that the workers have", c.Slots)
	case c.AckWait < 0 || c.AckWait > 0 && c.AckWait < 100*time.Millisecond:
		return nil, fmt.Errorf("cluster: an AckWait of %v: want at least 100ms, or 0 for the default", c.AckWait)
	case c.Deliveries < 0:
		return nil, fmt.Errorf("cluster: %d Deliveries: want at least 1, or 0 for the default", c.Deliveries)
	}
	if c.Workers == 0 && c.embedded() {
		c.Workers = executor.DefaultWorkers()
	}
	if c.AckWait == 0 {
		c.AckWait = 5 * time.Second
	}
	if c.Deliveries == 0 {
		c.Deliveries = 3
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Second
	}
	e := &Executor{
		config: c, run: wire.Run(rand.Text()[:16]), session: rand.Text(),
		answers: make(chan message, 256), wake: make(chan struct{}, 1), look: make(chan struct{}, 1),
		over: make(chan struct{}), idle: make(chan struct{}),
		flights: map[uint64]*flight{}, members: map[string]*member{}, rates: map[string]*taskRate{},
	}
	e.life, e.end = context.WithCancel(context.Background())
	if err := e.open(); err != nil {
		e.close()
		return nil, fmt.Errorf("cluster: %w", e.nc.Explain(err))
	}
	go e.serve()
	if err := e.awaitSlots(); err != nil {
		_ = e.Shutdown(context.Background()) // no task has been submitted
		return nil, fmt.Errorf("cluster: %w", e.nc.Explain(err))
	}
	return e, nil
}

// awaitSlots waits until the workers have as many slots as Config.Slots asks
// for.
func (e *Executor) awaitSlots() error {
	if e.config.Slots == 0 {
		return nil
	}
	tick, late := time.NewTicker(10*time.Millisecond), time.NewTimer(e.config.Patience)
	defer tick.Stop()
	defer late.Stop()
	for {
		e.mu.Lock()
		slots, refused := e.slots, e.refused
		e.mu.Unlock()
		if slots >= e.config.Slots {
			return nil
		}
		select {
		case <-tick.C:
		case <-late.C:
			if refused != "" {
				refused = " (" + refused + ")"
			}
			return fmt.Errorf("the workers have %d slots after %v: want %d, with more workers%s", slots,
				e.config.Patience, e.config.Slots, refused)
		}
	}
}

// Open returns an executor whose tasks run on so many slots: of this process,
// or of the workers that the server of a URL has. 0 means the default of New.
// once is Config.Once.
// The environment says how to be let in there, as [Access] reads it. It is what
// a vocabulary of scenarios needs for executors of kind cluster.
func Open(slots int, url string, once bool) (executor.Executor, error) {
	c := Config{Workers: slots, Once: once}
	if url != "" {
		access, err := Access(os.Getenv)
		if err != nil {
			return nil, fmt.Errorf("cluster: %w", err)
		}
		c = Config{URL: url, Slots: slots, Once: once, Options: access}
	}
	ex, err := New(c)
	if err != nil {
		return nil, err // not a nil *Executor, which is no nil executor
	}
	return ex, nil
}

// open starts or finds the server, makes the streams of the run, and starts the
// worker of this process.
func (e *Executor) open() (err error) {
	options := e.config.Options
	if e.config.embedded() {
		if e.server, err = startServer(); err != nil {
			return err
		}
		options = []nats.Option{nats.InProcessServer(e.server)}
	}
	e.nc, err = Connect(e.config.URL, "teapot run "+string(e.run), nil, append(slices.Clip(options),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { e.setParted(true) }),
		nats.ReconnectHandler(func(*nats.Conn) { e.setParted(false) }))...)
	if err != nil {
		return err
	}
	if e.js, err = jetstream.New(e.nc.Conn, jetstream.WithDefaultTimeout(e.config.Patience)); err != nil {
		return err
	}
	if err := e.makeStreams(); err != nil {
		return err
	}
	if err := e.listen(); err != nil {
		return err
	}
	if e.config.Workers > 0 {
		return e.startWorker(options)
	}
	return nil
}

// Execute implements [executor.Executor]. A task that cannot travel is refused
// with [executor.ErrUndefined].
func (e *Executor) Execute(t executor.Task) error {
	r, ok := t.(executor.Remote)
	if !ok {
		return executor.ErrUndefined
	}
	if err := e.refusal(); err != nil {
		return err
	}
	if of, ok := t.(interface{ Context() context.Context }); ok && of.Context().Value(nestKey{}) == e.session {
		return ErrNested // it might never get a slot
	}
	def := r.Definition()
	inputs, err := wire.AppendInputs(nil, r)
	if err != nil {
		return err
	}
	if n := len(inputs) + len(def.Name()) + len(def.Signature()); n > e.largest {
		return fmt.Errorf("cluster: the input of %q has %d bytes: want at most %d, which is what the server takes",
			def.Name(), n, e.largest)
	}
	if _, same := e.defined.Load(def.Name()); !same {
		e.defined.Store(def.Name(), def)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.refusalLocked(); err != nil {
		return err
	}
	e.queue.Push(&job{r, inputs})
	e.queued++
	e.wakeSender()
	return nil
}

// refusal returns why no task is accepted, or nil.
func (e *Executor) refusal() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.refusalLocked()
}

func (e *Executor) refusalLocked() error {
	switch {
	case e.shut:
		return executor.ErrShutdown
	case e.broken != nil:
		return e.breakage()
	default:
		return nil
	}
}

func wakeUp(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (e *Executor) wakeSender() { wakeUp(e.wake) }
