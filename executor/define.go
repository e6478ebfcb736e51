package executor

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/teapot-go/teapot/executor/internal/contain"
)

var (
	// ErrUndefined is the error of an executor whose tasks run in other
	// processes: a closure cannot get there. [Define] the task.
	ErrUndefined = errors.New("executor: only a defined task can run in another process")

	// ErrBroken is the error of an executor that has lost what its tasks ran
	// on, and of the tasks that it had accepted.
	ErrBroken = errors.New("executor: broken")
)

// A Defined is a function with a name, under which other processes of the same
// program know it too. It runs on every executor: in this process on those
// here, in a child process on that of package process.
type Defined[In, Out any] struct {
	name  string
	f     func(context.Context, In) (Out, error)
	kinds []error
}

var _ Definition = (*Defined[int, bool])(nil)

// Define gives a function a name. The name must be unique among the definitions
// that one program hands to its children. Input and output must be types that
// [encoding/gob] can encode, if the task is to run elsewhere.
//
// An error that comes from another process has its text and the kinds of it
// that are known there: [errors.Is] finds [context.Canceled],
// [context.DeadlineExceeded], [io.EOF], this package's own and those listed
// here.
//
// All that f needs must be in its input: variables have the values of the
// process in which it runs. Define panics without a name or a function.
func Define[In, Out any](name string, f func(ctx context.Context, in In) (Out, error),
	kinds ...error,
) *Defined[In, Out] {
	if name == "" || f == nil {
		panic("executor: Define needs a name and a function")
	}
	return &Defined[In, Out]{name, f, kinds}
}

// Submit hands the function with its input to ex, under the rules of the
// function [Submit]. Where the task runs in another process, its context has
// the deadline of ctx and is cancelled with it, but has none of its values; the
// input is encoded when a process is free to take it, and must not be changed
// until then.
func (d *Defined[In, Out]) Submit(ctx context.Context, ex Executor, in In) *Future[Out] {
	if ctx == nil {
		panic("executor: Submit with a nil context")
	}
	c := &call[In, Out]{def: d, in: in, future: &Future[Out]{ctx: ctx}}
	c.future.fn = c.runHere
	future := c.future // not c, which keeps the input alive
	if err := ex.Execute(c); err != nil {
		future.refuse(err)
	}
	return future
}

// A Definition is a [Defined] without its types, as another process sees it.
type Definition interface {
	Name() string
	Signature() string // the types of input and output, to tell two versions of a program apart
	Kinds() []error    // the errors that Define listed

	// Serve runs the function once. It gives decode a pointer to the input and
	// encode one to the output, and then tells end how the task ended: with
	// nil, an error of one of the three, a [*PanicError], or [ErrGoexit] while
	// the goroutine is being ended. When ctx is done after decoding, the
	// function is not called, and the error is [ErrCancelled].
	Serve(ctx context.Context, decode, encode func(any) error, end func(error))
}

// A Remote is a task that can run in another process: one or more inputs of one
// definition. Submit and Map of a [Defined] make them; theirs also have a
// method Context, with the context that they were given. An executor calls
// either Run, as with any other task, or Begin; if that reports true, the
// executor ends every input with End.
type Remote interface {
	Task
	Definition() Definition
	Len() int
	// false when nothing is to be run: the task was cancelled, or its context
	// is done
	Begin() (ctx context.Context, ok bool)
	Input(i int) any                 // a pointer to the i-th input
	Output(i int) any                // a pointer to the i-th output, to be filled in before End
	End(i int, err error)            // makes the i-th result known, once
	Split(n int) (head, rest Remote) // the first n inputs, and the others, of a task that has more
}

// Name implements [Definition].
func (d *Defined[In, Out]) Name() string { return d.name }

// Signature implements [Definition].
func (d *Defined[In, Out]) Signature() string {
	return fmt.Sprintf("func(%v) %v", reflect.TypeFor[In](), reflect.TypeFor[Out]())
}

// Kinds implements [Definition].
func (d *Defined[In, Out]) Kinds() []error { return d.kinds }

// Serve implements [Definition].
func (d *Defined[In, Out]) Serve(ctx context.Context, decode, encode func(any) error, end func(error)) {
	err := ErrGoexit
	defer func() {
		if err == ErrGoexit {
			if v := recover(); v != nil {
				err = &PanicError{v, contain.Callers()}
			}
		}
		end(err)
	}()
	err = d.serve(ctx, decode, encode)
}

func (d *Defined[In, Out]) serve(ctx context.Context, decode, encode func(any) error) error {
	in, out := new(In), new(Out)
	err := decode(in)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx))
	}
	if *out, err = d.f(ctx, *in); err != nil {
		return err
	}
	return encode(out)
}

// A call is a task with one input, whose result is a future's.
type call[In, Out any] struct {
	def    *Defined[In, Out]
	future *Future[Out]
	in     In
	out    Out
}

var _ Remote = (*call[int, bool])(nil)

func (c *call[In, Out]) runHere(ctx context.Context) (Out, error) { return c.def.f(ctx, c.in) }

func (c *call[In, Out]) Run(ctx context.Context)  { (*task[Out])(c.future).Run(ctx) }
func (c *call[In, Out]) Context() context.Context { return c.future.ctx }
func (c *call[In, Out]) Definition() Definition   { return c.def }
func (c *call[In, Out]) Len() int                 { return 1 }
func (c *call[In, Out]) Input(int) any            { return &c.in }
func (c *call[In, Out]) Output(int) any           { return &c.out }
func (c *call[In, Out]) End(_ int, err error)     { c.future.settle(Finished, c.out, err) }
func (c *call[In, Out]) Split(int) (_, _ Remote)  { return c, nil }
func (c *call[In, Out]) Begin() (context.Context, bool) {
	f := c.future
	ctx := f.ctx
	if ctx.Err() != nil {
		f.cancel(context.Cause(ctx))
		return nil, false
	}
	if f.leavePending(Running) != Pending {
		return nil, false
	}
	f.fn = nil
	return ctx, true
}
