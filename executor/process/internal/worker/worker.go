// Package worker is what goes on in a child of package process.
package worker

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// A worker is a child's inside: one goroutine listens, another one works.
type worker struct {
	definitions []executor.Definition
	answers     answers

	mu    sync.Mutex
	more  sync.Cond
	queue []*batch // the first one is being run

	// The working goroutine's own.
	codecs []codec // one for each definition
	codec  *codec  // with what follows, of the input that is being run
	def    executor.Definition
	how    byte
	data   []byte
}

type codec struct {
	in  wire.Decoder
	out wire.Encoder
}

// A batch is what came in one tasks message.
type batch struct {
	number int
	def    int
	ctx    context.Context
	cancel context.CancelCauseFunc
	left   int // inputs that have not started; of whoever holds the worker's mutex
	inputs wire.Cursor
}

// Serve runs the tasks that come from one end, which must be among the definitions, and answers at the other. It says hello with the
// name of the protocol first, and returns nil at the end of the file.
func Serve(protocol string, definitions []executor.Definition, from io.Reader, to io.Writer) error {
	w := &worker{definitions: definitions, codecs: make([]codec, len(definitions))}
	w.answers.to = to
	w.more.L = &w.mu
	go w.work()
	return w.listen(protocol, from)
}

// listen takes messages until the end of file.
func (w *worker) listen(protocol string, from io.Reader) error {
	hi := wire.AppendBytes(make([]byte, wire.Header), protocol)
	for _, d := range w.definitions {
		hi = wire.AppendBytes(wire.AppendBytes(hi, d.Name()), d.Signature())
	}
	w.answers.to.Write(wire.Seal(hi, 0, wire.Hello))

	r := bufio.NewReaderSize(from, 1<<16)
	for {
		kind, body, err := wire.Read(r, nil)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c := wire.Cursor{Rest: body}
		switch kind {
		case wire.Tasks:
			w.receive(c)
		case wire.Cancel:
			n := int(c.Uvarint())
			w.cancel(n, c.Error(nil))
		case wire.Recall:
			w.giveBack()
		default:
			return fmt.Errorf("%w: kind %d", wire.ErrGarbled, kind)
		}
	}
}

func (w *worker) receive(c wire.Cursor) {
	b := &batch{ctx: context.Background(), number: int(c.Uvarint()), def: int(c.Uvarint())}
	at := c.Varint()
	if at != wire.NoEnd {
		b.ctx, b.cancel = context.WithCancelCause(b.ctx)
	}
	if at > wire.NoDeadline {
		ctx, stop := context.WithDeadline(b.ctx, time.Unix(0, at))
		context.AfterFunc(b.ctx, stop)
		b.ctx = ctx
	}
	if len(c.Rest) >= 4 {
		b.left = int(binary.LittleEndian.Uint32(c.Rest))
		c.Rest = c.Rest[4:]
	}
	b.inputs = c
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, b)
	w.more.Signal()
}

func (w *worker) cancel(number int, cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.queue {
		if b.number == number && b.cancel != nil {
			b.cancel(cause)
		}
	}
}

// giveBack forgets the inputs that have not started.
func (w *worker) giveBack() {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, b := range w.queue {
		n += b.left
		b.left = 0
	}
	w.answers.returned(n)
}

// work is the life of the goroutine that runs tasks. One that a task ends is followed by another one.
func (w *worker) work() {
	defer func() { go w.work() }()
	decode, encode, end := w.decode, w.encode, w.end
	for {
		var b *batch
		b, w.codec = w.next()
		w.def = w.definitions[b.def]
		w.how, w.data = b.inputs.Byte(), b.inputs.Bytes()
		w.def.Serve(b.ctx, decode, encode, end)
	}
}

func (w *worker) decode(in any) error {
	if err := w.codec.in.Decode(w.how, w.data, in); err != nil {
		return fmt.Errorf("process: the input of %q cannot be decoded: %w", w.def.Name(), err)
	}
	return nil
}

func (w *worker) encode(out any) error {
	if err := w.answers.value(&w.codec.out, out); err != nil {
		return fmt.Errorf("process: the result of %q cannot be encoded: %w", w.def.Name(), err)
	}
	return nil
}

func (w *worker) end(err error) {
	w.data = nil
	if err != nil {
		w.answers.failure(err, w.def.Kinds())
	}
}

// next waits for an input that is to be run.
func (w *worker) next() (*batch, *codec) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if len(w.queue) == 0 {
			w.more.Wait()
			w.answers.begin()
			continue
		}
		b := w.queue[0]
		if b.left > 0 {
			b.left--
			w.answers.soon()
			return b, &w.codecs[b.def]
		}
		w.queue[0] = nil
		w.queue = w.queue[1:]
		if b.cancel != nil {
			b.cancel(nil)
		}
		w.mu.Unlock()
		w.answers.flush()
		w.mu.Lock()
	}
}
