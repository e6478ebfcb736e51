// Package process runs defined tasks in child processes. A task cannot use the
// parent's CPU time or heap, nor crash the parent.
//
//	// isPrime is a func(context.Context, int64) (bool, error).
//	var IsPrime = executor.Define("is-prime", isPrime)
//
//	func main() {
//		process.Main(IsPrime) // a child never returns from here
//		ex, err := process.New(process.Config{})
//		...
//		defer ex.Shutdown(ctx)
//		for prime, err := range IsPrime.Map(ctx, ex, slices.Values(numbers)) {
//
// A child is a second process of the same program: it begins at main, with the
// parent's environment and no arguments, and becomes a child in [Main]. It
// knows the definitions that Main was given, and has its own variables. A
// closure cannot get there and is refused with [executor.ErrUndefined]. Input
// and output travel through separate pipes, so that standard output stays free.
//
// Children start when a task finds none idle. A task that returns an error,
// panics or calls [runtime.Goexit] harms neither its child nor other tasks; its
// error has the text, the stack and the listed kinds of the one in the child.
//
// A child that exits or is killed breaks the executor. Its tasks and those that
// wait end with errors that wrap [executor.ErrBroken] and tell what happened to
// the child, with a crash.Error if it died because the machine had no more
// threads or memory. New tasks are refused, and other children finish what they
// are running. When the parent ends for any reason, the children end.
//
// While tasks are short, a child gets several at a time, up to a few hundred
// microseconds of work; those count as running. Tasks that wait behind a long
// one are recalled when another child is idle.
//
// Only Unix lets a child inherit descriptors: elsewhere every task ends with an
// error.
package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
)

// ErrNested is the error of an [Executor] in a child: the number of children of
// children would have no limit.
var ErrNested = codec.ErrNested

// Config configures an [Executor]. The zero value is valid.
type Config struct {
	// Workers is how many children there may be at a time. 0 means one for each
	// CPU that Go uses; a negative number is an error.
	Workers int

	// TasksPerChild is the number of tasks after which a child ends. Another
	// one starts when it is needed. 0 means no end. A chunk is one task.
	TasksPerChild int

	// Initializer prepares each child before its first task. The tasks that it
	// submits to child run in that child. An error, a panic or the end of the
	// child breaks the Executor. The context is done when the child is gone.
	Initializer func(ctx context.Context, child executor.Executor) error

	// Stdout and Stderr are where the children's output goes; nil means to the
	// parent's own. Writes come one at a time.
	Stdout, Stderr io.Writer

	// StartTimeout is how long a new child may take to reach Main before it is
	// killed. 0 means 10 seconds.
	StartTimeout time.Duration
}

// An Executor runs defined tasks in child processes. [New] makes one.
type Executor struct {
	config  Config
	lateEnd time.Duration // the constant, except in tests
	over    chan struct{} // closed when it is shut down and no child lives

	mu       sync.Mutex
	queue    deque[job]
	pending  int // inputs in the queue
	children map[*child]struct{}
	idle     []*child // the one used last comes last, and is used first
	live     int      // children, also those that are starting
	starting int
	woken    int // number of children that are about to look into the queue
	shut     bool
	broken   error // why it is broken, or nil
	rates    map[string]*taskRate
	balance  *time.Timer
}

var _ executor.Executor = (*Executor)(nil)

// A job is a task in the queue.
type job struct {
	r     executor.Remote
	whole bool            // not to be split
	ctx   context.Context // the task's own, if it was begun and then returned
}

// cost is what TasksPerChild counts.
func (j job) cost() int {
	if j.whole {
		return 1
	}
	return j.r.Len()
}

// New returns an executor without any child yet.
func New(c Config) (*Executor, error) {
	if c.Workers < 0 {
		return nil, fmt.Errorf("process: %d Workers: want at least 1, or 0 for the default", c.Workers)
	}
	if c.TasksPerChild < 0 {
		return nil, fmt.Errorf("process: %d TasksPerChild: want at least 1, or 0 for no limit", c.TasksPerChild)
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = 10 * time.Second
	}
	c.Stdout = shared(c.Stdout, os.Stdout)
	if c.Stderr == nil {
		c.Stderr = os.Stderr
	}
	c.Stderr = &lockedWriter{w: c.Stderr}
	return &Executor{
		config: c, lateEnd: lateEnd, over: make(chan struct{}),
		children: map[*child]struct{}{}, rates: map[string]*taskRate{},
	}, nil
}

// Execute implements [executor.Executor]. A task that cannot travel is refused
// with [executor.ErrUndefined].
func (e *Executor) Execute(t executor.Task) error { return e.accept(t, true) }

// ExecuteSplit is Execute, but the executor may split the task.
// [executor.Defined.Map] calls it.
func (e *Executor) ExecuteSplit(t executor.Remote) error { return e.accept(t, false) }

func (e *Executor) accept(t executor.Task, whole bool) error {
	r, ok := t.(executor.Remote)
	if !ok {
		return executor.ErrUndefined
	}
	j := job{r: r, whole: whole}
	e.mu.Lock()
	c, err := e.enqueue(j)
	e.mu.Unlock()
	if c != nil {
		c.sendDirect(j)
	}
	return err
}

// enqueue puts a task into the queue, or returns the child to which the caller
// must send it. The caller holds mu.
func (e *Executor) enqueue(j job) (*child, error) {
	switch {
	case e.shut:
		return nil, executor.ErrShutdown
	case e.broken != nil:
		return nil, e.breakage()
	case e.live == 0 && inChild():
		return nil, ErrNested
	}
	if c := e.borrowSender(j); c != nil {
		return c, nil
	}
	e.queue.push(j)
	e.pending += j.r.Len()
	e.wakeChildren()
	return nil, nil
}

// Shutdown implements [executor.Executor]: it returns when the last child is
// gone. An idle child that does not exit within a second is killed.
func (e *Executor) Shutdown(ctx context.Context) error {
	e.mu.Lock()
	if !e.shut {
		e.shut = true
		if e.live == 0 {
			close(e.over)
		}
	}
	e.wakeAll()
	e.mu.Unlock()
	select {
	case <-e.over:
		return nil
	default:
	}
	select {
	case <-e.over:
		return nil
	case <-ctx.Done():
	}
	e.mu.Lock()
	dropped := e.drain()
	e.wakeAll()
	e.mu.Unlock()
	contain.Each(dropped, func(j job) {
		if j.ctx == nil {
			j.r.Run(ctx)
		} else {
			fail(j.r, 0, j.r.Len(), fmt.Errorf("%w: %w", executor.ErrCancelled, context.Cause(ctx)))
		}
	})
	return context.Cause(ctx)
}

// Terminate breaks the executor and asks all children to end, with SIGTERM. It
// does not wait for them, as Shutdown does. Like Kill it may be called at any
// time, any number of times.
func (e *Executor) Terminate() { e.stop(syscall.SIGTERM) }

// Kill breaks the executor and kills all children: every task ends at once. It
// does not wait for the children, as Shutdown does.
func (e *Executor) Kill() { e.stop(os.Kill) }

func (e *Executor) stop(sig os.Signal) {
	e.mu.Lock()
	dropped := e.breakWith(fmt.Errorf("the children were ended by the caller (%v)", sig))
	for c := range e.children {
		c.signal(sig)
	}
	e.mu.Unlock()
	e.failAll(dropped)
}

// breakWith keeps the first reason, and returns the tasks that are to be failed
// once mu, which the caller holds, is free.
func (e *Executor) breakWith(why error) []job {
	if e.broken == nil {
		e.broken = why
	}
	e.wakeAll()
	return e.drain()
}

func (e *Executor) drain() []job {
	dropped := make([]job, 0, e.queue.len())
	for e.queue.len() > 0 {
		dropped = append(dropped, e.queue.pop())
	}
	e.pending = 0
	return dropped
}

// failAll ends tasks, each with a separate error.
func (e *Executor) failAll(jobs []job) {
	contain.Each(jobs, func(j job) {
		if j.ctx == nil {
			if _, ok := j.r.Begin(); !ok {
				return
			}
		}
		fail(j.r, 0, j.r.Len(), e.breakage())
	})
}

func fail(r executor.Remote, from, to int, err error) {
	for i := from; i < to; i++ {
		r.End(i, err)
	}
}

// breakage returns a new error that tells why the executor is broken.
func (e *Executor) breakage() error { return &brokenError{e.broken} }

type brokenError struct{ why error }

func (b *brokenError) Error() string   { return executor.ErrBroken.Error() + ": " + b.why.Error() }
func (b *brokenError) Unwrap() []error { return []error{executor.ErrBroken, b.why} }
