package program

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// A child is a process that has been started, and leads a group.
//
//	running --end--> told to end --gracePeriod--> killed
//	   |                  |                         |
//	   +------------------+-------------------------+--> ended
//
// When it has ended by itself, its group has a moment to do so too. Then its
// group is killed, and the rest of its output is read.
type child struct {
	cmd     *exec.Cmd
	keeper  *Keeper
	outputs []*os.File // the ends that are read
	copying sync.WaitGroup

	mu    sync.Mutex
	ended bool // the leader has been waited for: its number may be another's
	timer *time.Timer
	why   string // it was told to end; "" for a reason of the caller's
	alone bool   // the leader has ended by itself, and its group may go on
}

// start starts a command, and copies what it prints. One that prints more than
// most bytes is ended.
func start(k *Keeper, cmd *exec.Cmd, stdout, stderr io.Writer, most int64) (*child, error) {
	c := &child{cmd: cmd, keeper: k}
	var written []*os.File
	closeAll := func(files []*os.File) {
		for _, f := range files {
			_ = f.Close()
		}
	}
	for _, to := range []struct {
		writer io.Writer
		field  *io.Writer
	}{{stdout, &cmd.Stdout}, {stderr, &cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(append(c.outputs, written...))
			return nil, err
		}
		c.outputs, written = append(c.outputs, r), append(written, w)
		*to.field = w
	}
	err := cmd.Start()
	closeAll(written)
	if err != nil {
		closeAll(c.outputs)
		return nil, err
	}
	k.started(cmd.Process)
	for i, to := range []io.Writer{stdout, stderr} {
		c.copying.Go(func() {
			if n, _ := io.Copy(to, io.LimitReader(c.outputs[i], most)); n == most {
				c.endFor(fmt.Sprintf("teapot ended the command: it printed %d MiB", most>>20))
				_, _ = io.Copy(io.Discard, c.outputs[i]) // so that it is not blocked
			}
		})
	}
	return c, nil
}

// What a process may print to each of its outputs.
const (
	mostText   = 64 << 20
	mostOutput = 4 << 30 // it may be what it downloads
)

// end tells the group to end, and kills it if it does not.
func (c *child) end() { c.endFor("") }

// endFor is end for a reason that the caller of wait may want.
func (c *child) endFor(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || c.timer != nil {
		return
	}
	if !c.alone {
		c.why = why
		c.keeper.interrupted()
	}
	terminate(c.cmd.Process)
	c.timer = time.AfterFunc(gracePeriod, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !c.ended {
			kill(c.cmd.Process)
		}
	})
}

// wait waits for the leader, kills what is left of its group, and reads the
// rest of the output.
func (c *child) wait() error {
	var err error
	if awaitExit(c.cmd.Process) { // its number cannot be given to another yet
		if c.endsAlone() {
			c.keeper.linger(c.cmd.Process)
		}
		c.mu.Lock()
		kill(c.cmd.Process)
		c.keeper.ended(c.cmd.Process)
		err = c.cmd.Wait()
	} else {
		err = c.cmd.Wait()
		c.mu.Lock()
		kill(c.cmd.Process)
		c.keeper.ended(c.cmd.Process)
	}
	if c.ended = true; c.timer != nil {
		c.timer.Stop()
	}
	c.mu.Unlock()
	// A process that has left the group may hold the output for ever.
	cut := time.AfterFunc(drainPeriod, func() {
		for _, f := range c.outputs {
			_ = f.SetReadDeadline(time.Now())
		}
	})
	c.copying.Wait()
	cut.Stop()
	for _, f := range c.outputs {
		_ = f.Close()
	}
	return err
}

// endsAlone notes that the leader has ended, and reports whether it was not
// told to.
func (c *child) endsAlone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alone = c.timer == nil
	return c.alone
}

// reason returns why the process was told to end, if that was not the caller's
// doing.
func (c *child) reason() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// A tail is a writer that keeps what is written last.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const (
	tailKept  = 1 << 13
	tailLines = 5
	tailShown = 600
)

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p[max(0, len(p)-tailKept):]...)
	if over := len(t.kept) - tailKept; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

// String returns the last lines, fit for a finding.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(bytes.ToValidUTF8(t.kept, nil))), "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	text := strings.Join(lines, " | ")
	if over := len(text) - tailShown; over > 0 {
		text = "…" + strings.ToValidUTF8(text[over:], "")
	}
	return text
}
