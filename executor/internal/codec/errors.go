package codec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/teapot-go/teapot/executor"
)

// ErrGarbled is the error if the other end breaks the protocol.
var ErrGarbled = errors.New("garbled message")

// ErrNested is the refusal of an executor in a child.
var ErrNested = errors.New("process: a child has no children of its own (or its program has not called Main)")

// kinds are the errors that errors.Is finds on both sides of every definition,
// before those that it lists itself. Their order is part of the protocol.
var kinds = []error{
	context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist, fs.ErrExist,
	fs.ErrPermission,
	os.ErrDeadlineExceeded, executor.ErrShutdown, executor.ErrCancelled, executor.ErrUnfinished, executor.ErrGoexit,
	executor.ErrUndefined, executor.ErrBroken, ErrNested,
}

// A remoteError is what is left of an error that comes from another process.
type remoteError struct {
	text  string
	kinds []error
}

func (e *remoteError) Error() string   { return e.text }
func (e *remoteError) Unwrap() []error { return e.kinds }

// AppendError appends an error with its kinds. Its methods may panic, hence
// fmt.
func AppendError(b []byte, err error, own []error) []byte {
	var found []int
	for i, kind := range slices.Concat(kinds, own) {
		if errors.Is(err, kind) {
			found = append(found, i)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(found)))
	for _, i := range found {
		b = binary.AppendUvarint(b, uint64(i))
	}
	return AppendBytes(b, fmt.Sprint(err))
}

// Error takes an error that AppendError has made.
func (c *Cursor) Error(own []error) error {
	e := &remoteError{}
	known := slices.Concat(kinds, own)
	for range min(c.Uvarint(), uint64(len(known))) {
		if i := c.Uvarint(); i < uint64(len(known)) {
			e.kinds = append(e.kinds, known[i])
		}
	}
	e.text = string(c.Bytes())
	return e
}

// AppendOutcome appends how a task ended that has no result.
func AppendOutcome(b []byte, err error, own []error) []byte {
	p, isPanic := err.(*executor.PanicError)
	switch {
	case err == executor.ErrGoexit:
		return append(b, Exited, 0)
	case !isPanic:
		return AppendBytes(append(b, Failure), AppendError(nil, err, own))
	}
	inner, isError := p.Value.(error)
	if !isError {
		inner = errors.New(fmt.Sprint(p.Value))
	}
	var body []byte
	if isError {
		body = append(body, 1)
	} else {
		body = append(body, 0)
	}
	stack, _ := p.MarshalBinary()
	body = AppendBytes(AppendError(body, inner, own), stack)
	return AppendBytes(append(b, Panicked), body)
}

// Outcome is the inverse of AppendOutcome.
func Outcome(how byte, data []byte, own []error) error {
	c := Cursor{Rest: data}
	var err error
	switch how {
	case Exited:
		return executor.ErrGoexit
	case Failure:
		err = c.Error(own)
	case Panicked:
		isError := c.Byte() == 1
		inner := c.Error(own)
		p := &executor.PanicError{Value: inner}
		if !isError {
			p.Value = inner.Error()
		}
		c.Bad = c.Bad || p.UnmarshalBinary(c.Bytes()) != nil
		err = p
	default:
		c.Bad = true
	}
	if c.Bad {
		return ErrGarbled
	}
	return err
}
