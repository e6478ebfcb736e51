package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/teapot-go/teapot/executor"
)

// An Encoder and the [Decoder] at the other end pass the values of one
// definition in one direction. The plain types travel as they are, all others
// as one stream of gobs, which describes a type only once. After an error the
// stream starts from the beginning.
type Encoder struct {
	stream *gob.Encoder
	buf    bytes.Buffer
}

// A Decoder is the other end of an [Encoder].
type Decoder struct {
	stream *gob.Decoder
	buf    bytes.Buffer
}

// Plain reports whether encoding the value that p points to runs no code of the
// user's.
func Plain(p any) bool {
	switch p.(type) {
	case *struct{}, *bool, *int, *int64, *uint64, *float64, *string, *[]byte:
		return true
	}
	return false
}

// Small reports whether the value that p points to is Plain and so short that
// an empty pipe takes it at once.
func Small(p any) bool {
	const most = 1 << 11
	switch v := p.(type) {
	case *string:
		return len(*v) <= most
	case *[]byte:
		return len(*v) <= most
	}
	return Plain(p)
}

// Append appends the value that p points to: how, its length and its bytes.
// After an error b is as it was.
func (e *Encoder) Append(b []byte, how byte, p any) ([]byte, error) {
	at := len(b)
	b = append(b, how, 0) // a plain value is mostly shorter than 128 bytes
	switch v := p.(type) {
	case *struct{}:
	case *bool:
		if *v {
			b = append(b, 1)
		}
	case *int:
		b = binary.AppendVarint(b, int64(*v))
	case *int64:
		b = binary.AppendVarint(b, *v)
	case *uint64:
		b = binary.AppendUvarint(b, *v)
	case *float64:
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(*v))
	case *string:
		return AppendBytes(b[:at+1], *v), nil
	case *[]byte:
		return AppendBytes(b[:at+1], *v), nil
	default:
		return e.gob(b[:at], how, p)
	}
	b[at+1] = byte(len(b) - at - 2)
	return b, nil
}

func (e *Encoder) gob(b []byte, how byte, p any) ([]byte, error) {
	if e.stream == nil {
		e.stream = gob.NewEncoder(&e.buf)
		how |= Fresh
	}
	defer e.buf.Reset()
	whole := false
	defer func() {
		if !whole { // the other end will not see the types that were described now
			e.stream, e.buf = nil, bytes.Buffer{}
		}
	}()
	if err := e.stream.Encode(p); err != nil {
		return b, err
	}
	whole = true
	b = AppendBytes(append(b, how), e.buf.Bytes())
	if e.buf.Cap() > Spacious {
		e.buf = bytes.Buffer{}
	}
	return b, nil
}

// The size from which a buffer is not kept for the next message, and the one
// from which a message does not wait for more.
const (
	Spacious = 1 << 20
	Plenty   = 1 << 16
)

// Decode stores into what p points to.
func (d *Decoder) Decode(how byte, data []byte, p any) error {
	c := Cursor{Rest: data}
	switch v := p.(type) {
	case *struct{}:
	case *bool:
		*v = len(data) > 0
		return nil
	case *int:
		*v = int(c.Varint())
	case *int64:
		*v = c.Varint()
	case *uint64:
		*v = c.Uvarint()
	case *float64:
		if len(data) != 8 {
			return ErrGarbled
		}
		*v = math.Float64frombits(binary.LittleEndian.Uint64(data))
		return nil
	case *string:
		*v = string(data)
		return nil
	case *[]byte:
		*v = append([]byte(nil), data...)
		return nil
	default:
		if how&Fresh != 0 || d.stream == nil {
			d.buf.Reset()
			d.stream = gob.NewDecoder(&d.buf)
		}
		d.buf.Reset()
		d.buf.Write(data)
		err := d.stream.Decode(p)
		if d.buf.Cap() > Spacious {
			d.buf = bytes.Buffer{}
		}
		return err
	}
	if c.Bad || len(c.Rest) > 0 {
		return ErrGarbled
	}
	return nil
}

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
