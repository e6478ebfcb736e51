// Package wire encodes the messages between a parent and a child of package
// process.
package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/teapot-go/teapot/executor/internal/codec"
)

// The kinds of messages. A message is a kind, the length of its body as a
// uvarint, and the body. The child speaks first, with hello. It runs the inputs
// in the order in which they arrive and answers in that order, so none of them
// needs a number. An end of file means to the child that it is no longer
// needed, or that the parent is gone.
//
//	hello    ←  protocol, then a name and a signature for each definition
//	tasks    →  number, definition, deadline, count, inputs, of one context
//	cancel   →  number of a tasks message, cause
//	recall   →  asks for the inputs that have not started
//	results  ←  nanoseconds that they took, count, results
//	returned ←  how many of the last inputs received will not run
const (
	Hello byte = iota + 1
	Tasks
	Cancel
	Recall
	Results
	Returned
)

// Plenty is the size from which a message does not wait for more.
const Plenty = 1 << 16

// Header is the room for the longest header; a message is built behind it, so
// that its body need not be copied.
const Header = 1 + binary.MaxVarintLen64

// Seal writes the header of a message whose body is b[at+Header:], and returns
// b without what was left of the room for it.
func Seal(b []byte, at int, kind byte) []byte {
	var h [Header]byte
	h[0] = kind
	n := 1 + binary.PutUvarint(h[1:], uint64(len(b)-at-Header))
	if at == 0 { // moves nothing, however long the body
		copy(b[Header-n:], h[:n])
		return b[Header-n:]
	}
	copy(b[at:], h[:n])
	return append(b[:at+n], b[at+Header:]...)
}

// Message makes a whole message of its body.
func Message(kind byte, body ...byte) []byte {
	return Seal(append(make([]byte, Header), body...), 0, kind)
}

// maxBody is more than gob can encode. A longer body is a garbled length.
const maxBody = 1 << 34

// Read reads one message into buf, or into more room when it needs it.
func Read(r *bufio.Reader, buf []byte) (kind byte, body []byte, err error) {
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	if kind < Hello || kind > Returned {
		return 0, nil, fmt.Errorf("%w: kind %d", codec.ErrGarbled, kind)
	}
	size, err := binary.ReadUvarint(r)
	if err != nil {
		return 0, nil, io.ErrUnexpectedEOF
	}
	if size > maxBody {
		return 0, nil, fmt.Errorf("%w: %d bytes", codec.ErrGarbled, size)
	}
	// Memory grows with the bytes that arrive, not with the length that is
	// claimed.
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
