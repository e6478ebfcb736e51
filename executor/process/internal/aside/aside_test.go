package aside

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor"
)

func TestRun(t *testing.T) {
	ran := false
	Run(func() { ran = true; runtime.Goexit() })
	if !ran {
		t.Error("it did not run")
	}
}

func TestContain(t *testing.T) {
	for want, f := range map[error]func() error{
		nil:                func() error { return nil },
		io.EOF:             func() error { return io.EOF },
		executor.ErrGoexit: func() error { runtime.Goexit(); return nil },
	} {
		if err := Contain(f); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if err := Contain(func() error { panic("spilled") }); err == nil || !strings.Contains(err.Error(), "spilled") {
		t.Errorf("a panic: got %v", err)
	}
}
