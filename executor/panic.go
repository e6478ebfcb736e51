package executor

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// A PanicError is the result of a task that panicked.
type PanicError struct {
	Value any // what panic was called with

	pcs []uintptr // resolved when printed: that costs more than the panic
}

// newPanicError must be called by the deferred function that recovered: its
// stack still holds the failing frames.
func newPanicError(value any) *PanicError {
	var pcs [64]uintptr
	n := runtime.Callers(2, pcs[:])
	return &PanicError{Value: value, pcs: slices.Clone(pcs[:n])}
}

// Error says in one line what the task panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("executor: task panicked: %v", e.Value) }

// Unwrap returns the value that the task panicked with if it is an error, and
// nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Stack returns the calls that led to the panic, the failing place first: a
// line with the function and an indented one with the file and line for each.
func (e *PanicError) Stack() string {
	var b strings.Builder
	frames := runtime.CallersFrames(e.pcs)
	panicking, failing := false, false // past the recovering function, past the runtime's part
	for more := len(e.pcs) > 0; more; {
		var fr runtime.Frame
		fr, more = frames.Next()
		ofRuntime := strings.HasPrefix(fr.Function, "runtime.")
		panicking = panicking || ofRuntime
		failing = failing || panicking && !ofRuntime
		if failing {
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", fr.Function, fr.File, fr.Line)
		}
	}
	return b.String()
}

// Format prints the error, and with %+v its stack too.
func (e *PanicError) Format(s fmt.State, verb rune) {
	switch {
	case verb == 'q':
		fmt.Fprintf(s, "%q", e.Error())
	case verb == 'v' && s.Flag('+'):
		fmt.Fprintf(s, "%s\n%s", e.Error(), e.Stack())
	default:
		io.WriteString(s, e.Error())
	}
}
