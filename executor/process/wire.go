package process

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
)

// The protocol. A message is a kind, the length of its body as a uvarint, and the body. The child speaks first, with hello. It runs
// the inputs in the order in which they arrive and answers in that order, so none of them needs a number; an end of file on its side
// means that nobody wants anything of it any more, or that the parent is gone.
//
//	hello    ←  protocol, then a name and a signature for each definition
//	tasks    →  number, definition, deadline, count, inputs: all with one context
//	cancel   →  number of a tasks message, cause
//	recall   →  asks for the inputs that have not started
//	results  ←  nanoseconds that they took, count, results
//	returned ←  how many inputs of the last ones received are not going to be run
const (
	hello byte = iota + 1
	tasks
	cancel
	recall
	results
	returned
)

// How an input or a result is given; fresh is a bit beside the others: the stream of gobs begins anew.
const (
	value byte = iota
	failure
	panicked
	exited

	fresh byte = 0x80
)

// What stands for the deadline of a context without one, and of a context that never ends.
const (
	noDeadline = 0
	noEnd      = -1
)

// protocol tells two programs apart. Beside the version it names what moves when a program is built anew.
func protocol() string {
	distance := reflect.ValueOf(Main).Pointer() - reflect.ValueOf(fmt.Sprint).Pointer()
	return fmt.Sprintf("teapot.process/1 %s %s/%s %x", runtime.Version(), runtime.GOOS, runtime.GOARCH, distance)
}

// header is the room for the longest header; a message is built behind it, so that its body need not be copied.
const header = 1 + binary.MaxVarintLen64

// seal writes the header of a message whose body is b[at+header:], and returns b without what was left of the room for it.
func seal(b []byte, at int, kind byte) []byte {
	var h [header]byte
	h[0] = kind
	n := 1 + binary.PutUvarint(h[1:], uint64(len(b)-at-header))
	if at == 0 { // moves nothing, however long the body
		copy(b[header-n:], h[:n])
		return b[header-n:]
	}
	copy(b[at:], h[:n])
	return append(b[:at+n], b[at+header:]...)
}

func message(kind byte, body ...byte) []byte {
	return seal(append(make([]byte, header), body...), 0, kind)
}

func appendBytes[B ~[]byte | ~string](b []byte, s B) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// maxBody is beyond what gob can encode, and keeps a garbled length from being believed.
const maxBody = 1 << 34

var errGarbled = errors.New("garbled message")

// readMessage reads one message into buf, or into more room when it needs it.
func readMessage(r *bufio.Reader, buf []byte) (kind byte, body []byte, err error) {
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	if kind < hello || kind > returned {
		return 0, nil, fmt.Errorf("%w: kind %d", errGarbled, kind)
	}
	size, err := binary.ReadUvarint(r)
	if err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	if size > maxBody {
		return 0, nil, fmt.Errorf("%w: %d bytes", errGarbled, size)
	}
	// A length costs memory only as far as bytes follow.
	const step = 1 << 20
	body = buf[:0]
	for uint64(len(body)) < size {
		n := int(min(size-uint64(len(body)), uint64(max(step, len(body)))))
		body = slices.Grow(body, n)
		if _, err := io.ReadFull(r, body[len(body):len(body)+n]); err != nil {
			return 0, nil, io.ErrUnexpectedEOF
		}
		body = body[:len(body)+n]
	}
	return kind, body, nil
}

// A cursor takes a body apart. Whoever has taken the last part looks at bad.
type cursor struct {
	rest []byte
	bad  bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.rest, c.bad = nil, true
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.rest)
	if n <= 0 {
		c.rest, c.bad = nil, true
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) byte() byte {
	if len(c.rest) == 0 {
		c.bad = true
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

func (c *cursor) bytes() []byte {
	n := c.uvarint()
	if n > uint64(len(c.rest)) {
		c.rest, c.bad = nil, true
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}
