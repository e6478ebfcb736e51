// Package codec encodes what goes to other processes of the same program and
// comes back: values, errors, and how a context ends.
package codec

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"math"
)

// How an input or a result is given; Fresh is a bit beside the others: the
// stream of gobs starts from the beginning.
const (
	Value byte = iota
	Failure
	Panicked
	Exited

	Fresh byte = 0x80
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

// Spacious is the size from which a buffer is not kept for the next message.
const Spacious = 1 << 20

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
