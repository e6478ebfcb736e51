package executor

import (
	"fmt"
	"io"

	"github.com/teapot-go/teapot/executor/internal/contain"
)

// A PanicError is the result of a task that panicked.
type PanicError struct {
	Value any // the argument of panic

	stack contain.Stack
}

// Error returns the value that the task panicked with, in one line.
func (e *PanicError) Error() string { return fmt.Sprintf("executor: task panicked: %v", e.Value) }

// Unwrap returns the value that the task panicked with if it is an error, and
// nil otherwise.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Stack returns the calls that led to the panic, the failing one first: a line
// with the function and an indented one with the file and line for each.
func (e *PanicError) Stack() string { return e.stack.String() }

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

// MarshalBinary encodes the stack, without the value, for another process of
// the same program.
func (e *PanicError) MarshalBinary() ([]byte, error) { return e.stack.MarshalBinary() }

// UnmarshalBinary is the inverse of MarshalBinary.
func (e *PanicError) UnmarshalBinary(b []byte) error { return e.stack.UnmarshalBinary(b) }
