package process

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
)

// A child is one process as its parent sees it. Three goroutines serve it: run
// starts it and waits for its end, sendLoop writes tasks, and receiveLoop reads
// results. The latter two call methods of tasks. If a callback ends one of them
// with runtime.Goexit, it goes on in a new goroutine.
//
// Four things about a child change independently. Its life:
//
//	state     invariant
//	starting  the process has not said hello; nothing is sent
//	preparing the initializer runs; only its own tasks are sent
//	serving   tasks of the queue are sent
//	retired   nothing is in flight; the pipe to the child is closed, and the
//	          child is killed if it does not end soon
//	gone      the child has closed its pipe or never started; nothing is sent
//
//	from       event                                         to
//	starting   hello                                         preparing/serving
//	starting   the start fails                               gone
//	preparing  the initializer ends                          serving
//	serving    shut down or broken, or TasksPerChild is      retired
//	           reached, and nothing is in flight
//	any        end of file                                   gone
//
// What the scheduler knows of it, its demand:
//
//	busy   it has tasks, or looks for some
//	idle   it is in the executor's list idle, and has nothing in flight
//	woken  it is counted in the executor's woken, and about to look for tasks
//
//	from   event                                  to
//	busy   nothing in flight, nothing in queue    idle
//	idle   a task comes, sent by the submitter    busy
//	idle   a task is queued                       woken
//	idle   the sender takes tasks, or the end     busy
//	woken  the sender looks                       busy
//
// Which goroutine may write, its sender:
//
//	sending  sendLoop has tasks in hand
//	resting  sendLoop waits for wake, and has nothing in hand
//	lent     the goroutine of a submitter writes; sendLoop must not
//	missed   as lent, and sendLoop must look again when it gets the right back
//
//	from     event                          to
//	sending  there is nothing to send       resting
//	resting  there is something to send     sending
//	resting  a submitter has a small task   lent
//	lent     sendLoop is woken              missed
//	lent     the submitter has written      resting
//	missed   the submitter has written      resting, and sendLoop is woken
//
// And whether inputs are recalled, that is, asked back before they have
// started:
//
//	noRecall    nothing is asked back
//	recallDue   sendLoop must write the message
//	recallSent  it is written; nothing else is sent before the answer
//
//	from        event                                               to
//	noRecall    no answer for a while, and another child is idle    recallDue
//	recallDue   sendLoop writes the message                         recallSent
//	recallSent  the child returns the inputs that have not started  noRecall
type child struct {
	e     *Executor
	cmd   *exec.Cmd
	to    *os.File // tasks
	from  *os.File // results
	known map[string]known

	errors errorOutput

	wake        chan struct{} // wakes sendLoop
	sendDone    chan struct{} // closed when sendLoop has ended
	receiveDone chan struct{} // closed when receiveLoop has ended

	// Guarded by the executor's mu.
	life          life
	demand        demand
	sender        sender
	recall        recall
	sent          deque[sentRange] // inputs without an answer, in order
	inFlight      int              // number of inputs sent, or about to be
	left          int              // number of tasks that it may still get
	rate          *taskRate        // of the tasks in flight
	first         deque[job]       // tasks of the initializer
	resetEncoders bool             // the child has dropped inputs, and with them the state of the encoders
	answered      int              // number of answers
	seen          int              // answered, at the last look
	garbled       error
	killer        *time.Timer // since it was retired
	signalled     os.Signal

	// Used by the goroutine that may write.
	taken    []job
	buf      []byte
	staged   []sentRange
	open     *tasksMessage // at the end of buf, or nil
	at       int           // where open begins in buf
	count    int           // inputs in open
	messages int
	encoders []codec.Encoder

	// Used by receiveLoop.
	reader   *bufio.Reader
	body     []byte
	due      []sentRange // inputs whose answers are in answers
	answers  codec.Cursor
	decoders []codec.Decoder

	writing sync.Mutex     // messages do not mix
	cancels sync.WaitGroup // contexts that are watched
}

// The states of a child: see there.
type (
	life   uint8
	demand uint8
	sender uint8
	recall uint8
)

const (
	starting life = iota
	preparing
	serving
	retired
	gone
)

const (
	busy demand = iota
	idle
	woken
)

const (
	sending sender = iota
	resting
	lent
	missed
)

const (
	noRecall recall = iota
	recallDue
	recallSent
)

// known is a definition as the child has it.
type known struct {
	index     int
	signature string
}

func newChild(e *Executor) *child {
	c := &child{
		e: e, left: math.MaxInt,
		wake: make(chan struct{}, 1), sendDone: make(chan struct{}), receiveDone: make(chan struct{}),
	}
	if e.config.TasksPerChild > 0 {
		c.left = e.config.TasksPerChild
	}
	return c
}

func (c *child) wakeSender() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// signal sends a signal, as soon as the child has started. The caller holds the
// executor's mu.
func (c *child) signal(sig os.Signal) {
	c.signalled = sig
	if c.cmd != nil {
		c.cmd.Process.Signal(sig)
	}
}

// run starts a child, and returns when it is gone and all its tasks have ended.
func (e *Executor) run(c *child) {
	err := c.start()
	var initialized chan struct{}
	e.mu.Lock()
	switch {
	case err != nil:
		e.starting--
	case e.config.Initializer == nil:
		e.starting--
		c.life = serving
	default:
		c.life = preparing
		initialized = make(chan struct{})
	}
	e.mu.Unlock()
	if err == nil {
		go c.sendLoop()
		go c.receiveLoop()
		life, end := context.WithCancel(context.Background())
		if initialized != nil {
			go c.initialize(life, initialized)
		}
		<-c.receiveDone
		e.mu.Lock()
		c.life = gone
		e.wakeAll()
		e.mu.Unlock()
		end()
		c.wakeSender()
		err = c.reap()
		<-c.sendDone
	}
	e.mu.Lock()
	c.life = gone
	var lost []sentRange
	for c.sent.len() > 0 {
		s := c.sent.pop()
		s.message.done(s.to - s.from)
		lost = append(lost, s)
	}
	var dropped []job
	for c.first.len() > 0 {
		dropped = append(dropped, c.first.pop())
	}
	if err != nil {
		dropped = append(dropped, e.breakWith(err)...)
	}
	e.mu.Unlock()

	contain.Run(func() {
		contain.Each(lost, func(s sentRange) { fail(s.r, s.from, s.to, &brokenError{err}) })
	})
	contain.Run(func() { e.failAll(dropped) })
	c.close(initialized)
	e.mu.Lock()
	e.remove(c)
	e.mu.Unlock()
}

// close waits for the goroutines that still use the child, and closes its
// pipes.
func (c *child) close(initialized <-chan struct{}) {
	if initialized != nil {
		<-initialized
	}
	c.cancels.Wait()
	for _, f := range []*os.File{c.to, c.from} {
		if f != nil {
			f.Close()
		}
	}
}

// lateEnd is how long a retired child may take to end, and its output to be
// copied once it has ended.
const lateEnd = time.Second

// retire tells the process to end, by closing its pipe. The caller holds the
// executor's mu.
func (c *child) retire() {
	c.life = retired
	c.to.Close()
	c.killer = time.AfterFunc(c.e.lateEnd, func() { c.cmd.Process.Kill() })
}

// reap waits for the end of the process. It returns why it ended, or nil if it
// was retired.
func (c *child) reap() error {
	c.e.mu.Lock()
	killer, garbled := c.killer, c.garbled
	c.e.mu.Unlock()
	if killer != nil {
		defer killer.Stop()
	} else {
		c.cmd.Process.Kill() // it has closed its pipe, so it has probably ended
	}
	err := c.cmd.Wait()
	switch {
	case killer != nil:
		return nil
	case garbled != nil:
		return fmt.Errorf("process: child %d: %w", c.cmd.Process.Pid, garbled)
	}
	return fmt.Errorf("process: child %d was lost: %w", c.cmd.Process.Pid, c.errors.exitError(err))
}
