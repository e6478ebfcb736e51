package wire

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/teapot-go/teapot/executor/internal/codec"
)

// Lost stands in an answer for a task whose worker was lost, beside the ways
// that package codec has.
const Lost byte = 0x10

// A Task is what a worker gets: one or more inputs of one definition.
type Task struct {
	Name, Signature string
	Once            bool
	Ctx             context.Context
	Cancel          context.CancelCauseFunc // frees what Ctx holds
	Count           int
	Inputs          codec.Cursor // how, and bytes, for each
}

// AppendTask appends all of a task but its inputs, which AppendInputs encodes.
func AppendTask(b []byte, ctx context.Context, name, signature string, once bool) []byte {
	b = codec.AppendBytes(codec.AppendBytes(b, name), signature)
	if once {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return codec.AppendEnd(b, ctx)
}

// ReadTask is the inverse of AppendTask, followed by the inputs. It starts the
// time of a deadline.
func ReadTask(b []byte) (t Task, err error) {
	c := codec.Cursor{Rest: b}
	t.Name, t.Signature = string(c.Bytes()), string(c.Bytes())
	t.Once = c.Byte() == 1
	if t.Ctx, t.Cancel = c.Context(); t.Cancel == nil {
		t.Cancel = func(error) {} // it never ends
	}
	n := c.Uvarint()
	if c.Bad || n == 0 || n > uint64(len(c.Rest)) {
		t.Cancel(nil)
		return t, codec.ErrGarbled
	}
	t.Count, t.Inputs = int(n), c
	return t, nil
}

// A Result is what the coordinator gets: one answer for each input.
type Result struct {
	Worker  string
	Took    time.Duration
	Count   int
	Answers codec.Cursor // how, and bytes, for each
}

// AppendResult appends all of a result but its answers.
func AppendResult(b []byte, worker string, took time.Duration, count int) []byte {
	b = codec.AppendBytes(b, worker)
	b = binary.AppendUvarint(b, uint64(max(took, 0)))
	return binary.AppendUvarint(b, uint64(count))
}

// ReadResult is the inverse of AppendResult, followed by the answers.
func ReadResult(b []byte) (r Result, err error) {
	c := codec.Cursor{Rest: b}
	r.Worker, r.Took = string(c.Bytes()), time.Duration(c.Uvarint())
	n := c.Uvarint()
	if c.Bad || n > uint64(len(c.Rest)) {
		return r, codec.ErrGarbled
	}
	r.Count, r.Answers = int(n), c
	return r, nil
}

// AppendLost appends the answer for a task whose worker was lost: how often the
// task was delivered, and to which worker the last time.
func AppendLost(b []byte, deliveries uint64, worker string, once bool) []byte {
	body := binary.AppendUvarint(nil, deliveries)
	if once {
		body = append(body, 1)
	} else {
		body = append(body, 0)
	}
	return codec.AppendBytes(append(b, Lost), codec.AppendBytes(body, worker))
}

// ReadLost reads the bytes of such an answer.
func ReadLost(b []byte) (deliveries uint64, worker string, once bool) {
	c := codec.Cursor{Rest: b}
	deliveries = c.Uvarint()
	once = c.Byte() == 1
	return deliveries, string(c.Bytes()), once
}

// AppendCancel appends that the context of a task is done, and why.
func AppendCancel(b []byte, seq uint64, cause error) []byte {
	return codec.AppendError(binary.AppendUvarint(b, seq), cause, nil)
}

// ReadCancel is the inverse of AppendCancel.
func ReadCancel(b []byte) (seq uint64, cause error) {
	c := codec.Cursor{Rest: b}
	seq = c.Uvarint()
	return seq, c.Error(nil)
}

// Hello is what a worker says first. Build tells two builds of a program apart.
type Hello struct {
	Worker string `json:"worker"`
	Slots  int    `json:"slots"`
	Build  string `json:"build"`
}

// Welcome is the answer. Refused says why the worker cannot join, or is empty.
type Welcome struct {
	Refused  string        `json:"refused,omitempty"`
	AckWait  time.Duration `json:"ack_wait"`
	Patience time.Duration `json:"patience"` // of the coordinator, when it has no server
}

// Alive is what a worker says all the time. Refused counts the results that the
// stream has refused, because the task had one; Spared counts the tasks that
// were delivered again and not run again, because they had one.
type Alive struct {
	Worker  string `json:"worker"`
	Slots   int    `json:"slots"`
	Running int    `json:"running"`
	Done    int    `json:"done"`
	Refused int    `json:"refused"`
	Spared  int    `json:"spared"`
	Leaving bool   `json:"leaving,omitempty"`
}

// Took says that a worker has a task which was delivered before.
type Took struct {
	Worker     string `json:"worker"`
	Seq        uint64 `json:"seq"`
	Deliveries uint64 `json:"deliveries"`
}
