package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// A child is one process as its parent sees it. Three goroutines serve it: run
// sees it start and end, feed writes, hear reads. The latter two call into
// tasks and are replaced when a callback ends them.
type child struct {
	e                  *Executor
	cmd                *exec.Cmd
	to                 *os.File // tasks
	from               *os.File // results
	known              map[string]known
	nudged, fed, heard chan struct{}

	// Guarded by the executor's mu.
	flight    deque[shipment] // what it was sent and has not answered, in order
	flying    int             // inputs in flight, or about to be
	left      int             // tasks that it may still be given
	rate      *taskRate       // of the tasks in flight
	first     deque[job]      // the initializer's
	ready     bool            // for the queue's tasks
	idle      bool
	resting   bool // feed has nothing in hand
	lent      bool // what is feed's is a submitter's for now
	missed    bool // feed has looked meanwhile
	woken     bool
	recalling bool // it was asked for what has not started
	recall    bool // it is to be asked
	anew      bool // it has forgotten inputs: encoding begins anew
	retired   bool // it was told to end
	gone      bool
	answered  int
	seen      int // answered as of the last look
	garbled   error
	killer    *time.Timer // since it was told to end
	signalled os.Signal

	// Of feed.
	taken    []job
	buf      []byte
	staged   []shipment
	open     *letter // the message at the end of buf
	at       int     // where it begins
	count    int
	letters  int
	encoders []wire.Encoder

	// Of hear.
	reader   *bufio.Reader
	body     []byte
	due      []shipment
	answers  wire.Cursor
	decoders []wire.Decoder

	writing sync.Mutex     // messages do not mix
	cancels sync.WaitGroup // contexts that are watched
}

// known is a definition as the child has it.
type known struct {
	index     int
	signature string
}

// A shipment is a range of one task's inputs on its way.
type shipment struct {
	r        executor.Remote
	from, to int
	whole    bool
	ctx      context.Context
	letter   *letter
}

// job is what is left of a shipment that comes back.
func (s shipment) job() job {
	r := s.r
	if s.to < r.Len() {
		r, _ = r.Split(s.to)
	}
	if s.from > 0 {
		_, r = r.Split(s.from)
	}
	return job{r, s.whole, s.ctx}
}

// A letter is a tasks message in flight.
type letter struct {
	c      *child
	number int
	def    int
	ctx    context.Context
	left   int
	stop   func() bool // ends the watch on its context
}

// done ends the watch on the context with the last input. The caller holds the
// executor's mu.
func (l *letter) done(n int) {
	if l.left -= n; l.left == 0 && l.stop != nil && l.stop() {
		l.c.cancels.Done()
	}
}

func newChild(e *Executor) *child {
	c := &child{
		e: e, left: math.MaxInt, ready: e.config.Initializer == nil,
		nudged: make(chan struct{}, 1), fed: make(chan struct{}), heard: make(chan struct{}),
	}
	if e.config.TasksPerChild > 0 {
		c.left = e.config.TasksPerChild
	}
	return c
}

func (c *child) nudge() {
	select {
	case c.nudged <- struct{}{}:
	default:
	}
}

// signal is for a child that may not have started yet. The caller holds the
// executor's mu.
func (c *child) signal(sig os.Signal) {
	c.signalled = sig
	if c.cmd != nil {
		c.cmd.Process.Signal(sig)
	}
}

// run is the life of a child.
func (e *Executor) run(c *child) {
	err := c.start()
	var prepared chan struct{}
	e.mu.Lock()
	if c.ready || err != nil {
		e.starting--
	} else {
		prepared = make(chan struct{})
	}
	e.mu.Unlock()
	if err == nil {
		go c.feed()
		go c.hear()
		life, end := context.WithCancel(context.Background())
		if prepared != nil {
			go c.prepare(life, prepared)
		}
		<-c.heard
		e.mu.Lock()
		c.gone = true
		e.wakeAll()
		e.mu.Unlock()
		end()
		c.nudge()
		err = c.reap()
		<-c.fed
	}
	e.mu.Lock()
	c.gone = true
	var lost []shipment
	for c.flight.len() > 0 {
		s := c.flight.pop()
		s.letter.done(s.to - s.from)
		lost = append(lost, s)
	}
	var given []job
	for c.first.len() > 0 {
		given = append(given, c.first.pop())
	}
	if err != nil {
		given = append(given, e.breakDown(err)...)
	}
	e.mu.Unlock()

	contain.Run(func() {
		contain.Each(lost, func(s shipment) { fail(s.r, s.from, s.to, &brokenError{err}) })
	})
	contain.Run(func() { e.failAll(given) })
	c.close(prepared)
	e.mu.Lock()
	e.remove(c)
	e.mu.Unlock()
}

// close waits for what still uses the child, and lets go of it.
func (c *child) close(prepared <-chan struct{}) {
	if prepared != nil {
		<-prepared
	}
	c.cancels.Wait()
	for _, f := range []*os.File{c.to, c.from} {
		if f != nil {
			f.Close()
		}
	}
}

// grace is how long a child may take to end that has nothing to do.
const grace = time.Second

// retire tells the process to end. The caller holds the executor's mu.
func (c *child) retire() {
	c.retired = true
	c.to.Close()
	c.killer = time.AfterFunc(grace, func() { c.cmd.Process.Kill() })
}

// reap waits for the end of the process, and returns why it ended unless it was
// told to.
func (c *child) reap() error {
	c.e.mu.Lock()
	retired, garbled := c.retired, c.garbled
	c.e.mu.Unlock()
	if retired {
		defer c.killer.Stop()
	} else {
		c.cmd.Process.Kill() // it has closed its pipe: most likely there is nobody to kill
	}
	err := c.cmd.Wait()
	switch {
	case retired:
		return nil
	case garbled != nil:
		return fmt.Errorf("process: child %d: %w", c.cmd.Process.Pid, garbled)
	}
	return fmt.Errorf("process: child %d was lost: %w", c.cmd.Process.Pid, exited0(err))
}

// exited0 makes an error of an exit that is none for package exec.
func exited0(err error) error {
	if err == nil {
		return errors.New("exit status 0")
	}
	return err
}
