package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// start begins the process and waits until it says hello. After an error there
// is no process.
func (c *child) start() error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("process: start of a child: %w", err)
	}
	theirIn, to, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("process: start of a child: %w", err)
	}
	defer theirIn.Close()
	c.to = to
	from, theirOut, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("process: start of a child: %w", err)
	}
	defer theirOut.Close()
	c.from = from
	cmd := &exec.Cmd{
		Path: path, Args: os.Args[:1], ExtraFiles: []*os.File{theirIn, theirOut},
		// Under the race detector every exit would take a second.
		Env:    append(os.Environ(), variable+"="+newborn, "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE")),
		Stdout: c.e.config.Stdout, Stderr: c.e.config.Stderr, WaitDelay: time.Second,
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("process: start of a child: %w", err)
	}
	c.e.mu.Lock()
	c.cmd = cmd
	if c.signalled != nil {
		c.cmd.Process.Signal(c.signalled)
	}
	c.e.mu.Unlock()
	theirIn.Close()
	theirOut.Close()

	c.reader = bufio.NewReaderSize(from, 1<<16)
	from.SetReadDeadline(time.Now().Add(c.e.config.StartTimeout))
	err = c.greet()
	from.SetReadDeadline(time.Time{})
	if err != nil {
		cmd.Process.Kill()
		exit := cmd.Wait()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("process: child %d did not say hello within %v and was killed: its program must call process.Main first thing in main or TestMain", cmd.Process.Pid, c.e.config.StartTimeout)
		}
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("process: child %d ended (%w) before it said hello: its program must call process.Main first thing in main or TestMain", cmd.Process.Pid, exited0(exit))
		}
		return fmt.Errorf("process: child %d: %w", cmd.Process.Pid, err)
	}
	return nil
}

// greet takes the child's first message.
func (c *child) greet() error {
	kind, body, err := wire.Read(c.reader, nil)
	if err != nil {
		return err
	}
	hi := wire.Cursor{Rest: body}
	if theirs := string(hi.Bytes()); kind != wire.Hello || hi.Bad {
		return fmt.Errorf("%w instead of hello", wire.ErrGarbled)
	} else if theirs != protocol() {
		return fmt.Errorf("the executable has changed: it is %q, this process %q", theirs, protocol())
	}
	c.known = map[string]known{}
	for len(hi.Rest) > 0 {
		name := string(hi.Bytes())
		c.known[name] = known{len(c.known), string(hi.Bytes())}
	}
	c.encoders = make([]wire.Encoder, len(c.known))
	c.decoders = make([]wire.Decoder, len(c.known))
	if hi.Bad {
		return wire.ErrGarbled
	}
	return nil
}

// prepare runs the initializer.
func (c *child) prepare(ctx context.Context, over chan<- struct{}) {
	err := executor.ErrGoexit
	defer func() {
		defer close(over)
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
		c.e.mu.Lock()
		c.ready = true
		c.e.starting--
		var given []job
		if err != nil {
			given = c.e.breakDown(fmt.Errorf("process: the initializer failed: %w", err))
		}
		c.e.mu.Unlock()
		c.nudge()
		contain.Run(func() { c.e.failAll(given) })
	}()
	err = c.e.config.Initializer(ctx, (*apart)(c))
}

// apart is an executor on one child that is not ready yet.
type apart child

var _ executor.Executor = (*apart)(nil)

// Execute implements [executor.Executor].
func (a *apart) Execute(t executor.Task) error {
	r, ok := t.(executor.Remote)
	if !ok {
		return executor.ErrUndefined
	}
	c := (*child)(a)
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if c.ready || c.gone {
		return executor.ErrShutdown
	}
	c.first.push(job{r: r, whole: true})
	c.nudge()
	return nil
}

// Shutdown implements [executor.Executor]; the child is not the initializer's
// to end.
func (a *apart) Shutdown(context.Context) error { return nil }
