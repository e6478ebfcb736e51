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
	"github.com/teapot-go/teapot/executor/crash"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

const mustCallMain = "its program must call process.Main first thing in main or TestMain"

// start starts the process and waits for its hello. After an error there is no
// process.
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
	c.errors.w = c.e.config.Stderr
	cmd := &exec.Cmd{
		Path: path, Args: os.Args[:1], ExtraFiles: []*os.File{theirIn, theirOut},
		// Under the race detector every exit would take a second.
		Env:    append(os.Environ(), stateVariable+"="+beforeMain, "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE")),
		Stdout: c.e.config.Stdout, Stderr: &c.errors, WaitDelay: c.e.lateEnd,
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
	err = c.readHello()
	from.SetReadDeadline(time.Time{})
	if err != nil {
		cmd.Process.Kill()
		exit := c.errors.exitError(cmd.Wait())
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("process: child %d did not say hello within %v and was killed: "+mustCallMain,
				cmd.Process.Pid, c.e.config.StartTimeout)
		}
		if _, spent := errors.AsType[*crash.Error](exit); spent {
			return fmt.Errorf("process: child %d was lost: %w", cmd.Process.Pid, exit)
		}
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("process: child %d ended (%w) before it said hello: "+mustCallMain,
				cmd.Process.Pid, exit)
		}
		return fmt.Errorf("process: child %d: %w", cmd.Process.Pid, err)
	}
	return nil
}

// readHello takes the child's first message.
func (c *child) readHello() error {
	kind, body, err := wire.Read(c.reader, nil)
	if err != nil {
		return err
	}
	hi := codec.Cursor{Rest: body}
	if theirs := string(hi.Bytes()); kind != wire.Hello || hi.Bad {
		return fmt.Errorf("%w instead of hello", codec.ErrGarbled)
	} else if theirs != protocol() {
		return fmt.Errorf("the executable has changed: it is %q, this process %q", theirs, protocol())
	}
	c.known = map[string]known{}
	for len(hi.Rest) > 0 {
		name := string(hi.Bytes())
		c.known[name] = known{len(c.known), string(hi.Bytes())}
	}
	c.encoders = make([]codec.Encoder, len(c.known))
	c.decoders = make([]codec.Decoder, len(c.known))
	if hi.Bad {
		return codec.ErrGarbled
	}
	return nil
}

// initialize runs the initializer.
func (c *child) initialize(ctx context.Context, over chan<- struct{}) {
	err := executor.ErrGoexit
	defer func() {
		defer close(over)
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
		c.e.mu.Lock()
		if c.life == preparing {
			c.life = serving
		}
		c.e.starting--
		var dropped []job
		if err != nil {
			dropped = c.e.breakWith(fmt.Errorf("process: the initializer failed: %w", err))
		}
		c.e.mu.Unlock()
		c.wakeSender()
		contain.Run(func() { c.e.failAll(dropped) })
	}()
	err = c.e.config.Initializer(ctx, (*initExecutor)(c))
}

// An initExecutor is what an initializer gets: an executor on one child.
type initExecutor child

var _ executor.Executor = (*initExecutor)(nil)

// Execute implements [executor.Executor].
func (a *initExecutor) Execute(t executor.Task) error {
	r, ok := t.(executor.Remote)
	if !ok {
		return executor.ErrUndefined
	}
	c := (*child)(a)
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if c.life != preparing {
		return executor.ErrShutdown
	}
	c.first.push(job{r: r, whole: true})
	c.wakeSender()
	return nil
}

// Shutdown implements [executor.Executor]. It does nothing: the child goes on.
func (a *initExecutor) Shutdown(context.Context) error { return nil }
