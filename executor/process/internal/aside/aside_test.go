package aside

import (
	"errors"
	"io"
	"runtime"
	"slices"
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

func TestEach(t *testing.T) {
	var got []int
	Run(func() {
		Each([]int{1, 2, 3, 4}, func(i int) {
			got = append(got, i)
			if i%2 == 0 {
				runtime.Goexit()
			}
		})
	})
	if want := []int{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
