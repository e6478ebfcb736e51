package contain_test

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor/internal/contain"
)

func TestEach(t *testing.T) {
	var got []int
	over := make(chan struct{})
	go func() {
		defer close(over)
		contain.Each([]int{1, 2, 3, 4}, func(i int) {
			got = append(got, i)
			if i%2 == 0 {
				runtime.Goexit()
			}
		})
	}()
	<-over
	if want := []int{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRun(t *testing.T) {
	ran := false
	contain.Run(func() { ran = true; runtime.Goexit() })
	if !ran {
		t.Error("it did not run")
	}
}

func TestCall(t *testing.T) {
	for want, f := range map[error]func() error{
		nil:               func() error { return nil },
		io.EOF:            func() error { return io.EOF },
		contain.ErrGoexit: func() error { runtime.Goexit(); return nil },
	} {
		if err := contain.Call(f); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if err := contain.Call(func() error { panic("spilled") }); err == nil || !strings.Contains(err.Error(), "spilled") {
		t.Errorf("a panic: got %v", err)
	}
}

func spill() (s contain.Stack) {
	defer func() {
		recover()
		s = contain.Callers()
	}()
	panic("spilled")
}

// The failing function comes first, also after a journey to another process.
func TestStack(t *testing.T) {
	stack := spill()
	encoded, err := stack.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var decoded contain.Stack
	if err := decoded.UnmarshalBinary(encoded); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{stack.String(), decoded.String()} {
		if first, _, _ := strings.Cut(got, "\n"); !strings.HasSuffix(first, ".spill") {
			t.Errorf("the failing function is not the first:\n%s", got)
		}
	}
	if err := decoded.UnmarshalBinary([]byte{0x80}); err == nil {
		t.Error("half a number is accepted")
	}
}
