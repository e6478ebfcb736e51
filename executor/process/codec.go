package process

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

// An encoder and the decoder at the other end pass the values of one definition in one direction. The plain types travel as they
// are, all others as one stream of gobs, which describes a type only once. After an error the stream begins anew.
type encoder struct {
	stream *gob.Encoder
	buf    bytes.Buffer
}

type decoder struct {
	stream *gob.Decoder
	buf    bytes.Buffer
}

// plain reports whether encoding the value that p points to runs no code of the user's.
func plain(p any) bool {
	switch p.(type) {
	case *struct{}, *bool, *int, *int64, *uint64, *float64, *string, *[]byte:
		return true
	}
	return false
}

// append appends the value that p points to: how, its length and its bytes. After an error b is as it was.
func (e *encoder) append(b []byte, how byte, p any) ([]byte, error) {
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
		return appendBytes(b[:at+1], *v), nil
	case *[]byte:
		return appendBytes(b[:at+1], *v), nil
	default:
		return e.gob(b[:at], how, p)
	}
	b[at+1] = byte(len(b) - at - 2)
	return b, nil
}

func (e *encoder) gob(b []byte, how byte, p any) ([]byte, error) {
	if e.stream == nil {
		e.stream = gob.NewEncoder(&e.buf)
		how |= fresh
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
	b = appendBytes(append(b, how), e.buf.Bytes())
	if e.buf.Cap() > spacious {
		e.buf = bytes.Buffer{}
	}
	return b, nil
}

// spacious is the size from which a buffer is not kept for the next message.
const spacious = 1 << 20

// decode stores into what p points to.
func (d *decoder) decode(how byte, data []byte, p any) error {
	c := cursor{rest: data}
	switch v := p.(type) {
	case *struct{}:
	case *bool:
		*v = len(data) > 0
		return nil
	case *int:
		*v = int(c.varint())
	case *int64:
		*v = c.varint()
	case *uint64:
		*v = c.uvarint()
	case *float64:
		if len(data) != 8 {
			return errGarbled
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
		if how&fresh != 0 || d.stream == nil {
			d.buf.Reset()
			d.stream = gob.NewDecoder(&d.buf)
		}
		d.buf.Reset()
		d.buf.Write(data)
		err := d.stream.Decode(p)
		if d.buf.Cap() > spacious {
			d.buf = bytes.Buffer{}
		}
		return err
	}
	if c.bad || len(c.rest) > 0 {
		return errGarbled
	}
	return nil
}

// kinds are the errors that errors.Is finds on both sides of every definition, before those that it lists itself. Their order is
// part of the protocol.
var kinds = []error{
	context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, fs.ErrNotExist, fs.ErrExist, fs.ErrPermission,
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

// appendError appends an error with its kinds. Its methods may panic, hence fmt.
func appendError(b []byte, err error, own []error) []byte {
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
	return appendBytes(b, fmt.Sprint(err))
}

// error takes an error that appendError has made.
func (c *cursor) error(own []error) error {
	e := &remoteError{}
	known := slices.Concat(kinds, own)
	for range min(c.uvarint(), uint64(len(known))) {
		if i := c.uvarint(); i < uint64(len(known)) {
			e.kinds = append(e.kinds, known[i])
		}
	}
	e.text = string(c.bytes())
	return e
}

// appendOutcome appends how a task ended that has no result.
func appendOutcome(b []byte, err error, own []error) []byte {
	p, isPanic := err.(*executor.PanicError)
	switch {
	case err == executor.ErrGoexit:
		return append(b, exited, 0)
	case !isPanic:
		return appendBytes(append(b, failure), appendError(nil, err, own))
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
	body = appendBytes(appendError(body, inner, own), stack)
	return appendBytes(append(b, panicked), body)
}

// outcome is the inverse of appendOutcome.
func outcome(how byte, data []byte, own []error) error {
	c := cursor{rest: data}
	var err error
	switch how {
	case exited:
		return executor.ErrGoexit
	case failure:
		err = c.error(own)
	case panicked:
		isError := c.byte() == 1
		inner := c.error(own)
		p := &executor.PanicError{Value: inner}
		if !isError {
			p.Value = inner.Error()
		}
		c.bad = c.bad || p.UnmarshalBinary(c.bytes()) != nil
		err = p
	default:
		c.bad = true
	}
	if c.bad {
		return errGarbled
	}
	return err
}
