//go:build unix

package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// How the program of TestIsolation runs its tasks.
const (
	onPool    = "on pool"
	onProcess = "on process"
)

// One task ends its process. In a pool that is the end of the program, with all
// that it had to do; in a child it is an error of that task, and the program,
// which still has what it was told before, goes on with another executor.
func TestIsolation(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for how, want := range map[string]struct {
		said string
		exit int
	}{
		onPool:    {"2 <nil>\n", 3},
		onProcess: {"2 <nil>\n0 executor: broken: exit status 3\n4 <nil>\n", 0},
	} {
		t.Run(how, func(t *testing.T) {
			program := exec.CommandContext(within(t), self)
			program.Env = append(os.Environ(), forgetful+"="+how)
			said, err := program.Output()
			if string(said) != want.said || program.ProcessState.ExitCode() != want.exit {
				t.Errorf("the program said %q and ended with status %d (%v); want %q and %d", said,
					program.ProcessState.ExitCode(), err, want.said, want.exit)
			}
		})
	}
}

// isolated runs three tasks, of which the second ends its process, and says how
// they ended.
func isolated(how string) {
	ctx := context.Background()
	open := func() (executor.Executor, error) { return executor.NewPool(1) }
	if how == onProcess {
		open = func() (executor.Executor, error) { return process.New(process.Config{Workers: 1}) }
	}
	ex, err := open()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(double.Submit(ctx, ex, 1).Result(ctx))
	v, err := fails.Submit(ctx, ex, "exit").Result(ctx)
	fmt.Println(v, short(err))
	ex.Shutdown(ctx)
	if ex, err = open(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(double.Submit(ctx, ex, 2).Result(ctx))
	ex.Shutdown(ctx)
}

// short leaves out which child it was.
func short(err error) error {
	if lost, ok := errors.AsType[*exec.ExitError](err); ok && errors.Is(err, executor.ErrBroken) {
		return fmt.Errorf("%w: %w", executor.ErrBroken, lost)
	}
	return err
}
