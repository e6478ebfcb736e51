// Package contain calls code that may panic or end its goroutine, such as a
// callback or an encoder, without harm to the caller.
package contain

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// ErrGoexit is the result of code that called [runtime.Goexit].
var ErrGoexit = errors.New("executor: task called runtime.Goexit, as t.FailNow does: return an error instead")

// Each calls do for every item in order, even if one call ends the goroutine
// with [runtime.Goexit]. A panic goes on after the calls that are left.
func Each[E any](items []E, do func(E)) {
	defer func() {
		if len(items) > 0 {
			Each(items, do)
		}
	}()
	for len(items) > 0 {
		item := items[0]
		items = items[1:]
		do(item)
	}
}

// Run calls f in its own goroutine and waits for the end of that goroutine.
func Run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// Call returns the error of f, or an error that says that f panicked, or
// [ErrGoexit].
func Call(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := ErrGoexit
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v", v)
			}
			done <- err
		}()
		err = f()
	}()
	return <-done
}

// A Stack holds the calls that led to a panic. It holds program counters, as
// resolving them costs more than the panic.
type Stack struct{ pcs []uintptr }

// Callers returns the stack of a panic. The caller must be the deferred
// function that recovered, as its stack still holds the failing frames.
func Callers() Stack {
	var pcs [64]uintptr
	n := runtime.Callers(2, pcs[:])
	return Stack{slices.Clone(pcs[:n])}
}

// String returns two lines for each call, the failing one first: the function,
// and indented the file and line.
func (s Stack) String() string {
	var b strings.Builder
	frames := runtime.CallersFrames(s.pcs)
	panicking, failing := false, false // past the recovering function, past the runtime's part
	for more := len(s.pcs) > 0; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		ofRuntime := strings.HasPrefix(frame.Function, "runtime.")
		panicking = panicking || ofRuntime
		failing = failing || panicking && !ofRuntime
		if failing {
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		}
	}
	return b.String()
}

// MarshalBinary encodes the stack for another process of the same program.
// Program counters are relative to one function, as each process may be loaded
// at another address.
func (s Stack) MarshalBinary() ([]byte, error) {
	var b []byte
	for _, pc := range s.pcs {
		b = binary.AppendVarint(b, int64(pc)-origin())
	}
	return b, nil
}

// UnmarshalBinary is the inverse of MarshalBinary.
func (s *Stack) UnmarshalBinary(b []byte) error {
	s.pcs = nil
	for len(b) > 0 {
		pc, n := binary.Varint(b)
		if n <= 0 {
			return errors.New("executor: the stack of a panic is garbled")
		}
		s.pcs = append(s.pcs, uintptr(pc+origin()))
		b = b[n:]
	}
	return nil
}

func origin() int64 { return int64(reflect.ValueOf(origin).Pointer()) }
