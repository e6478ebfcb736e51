// Package worker runs tasks in a child of package process.
package worker

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// A worker reads tasks and runs them. The goroutine that reads a task runs it,
// as waking another goroutine takes longer than several short tasks. Only when
// a task turns out to be long does another goroutine begin to read.
//
//	working  listening  what happens
//	false    true       a goroutine reads; the queue is empty
//	true     false      that goroutine runs tasks; relief is set
//	true     true       the task is long: another goroutine reads
//
//	from             event                              to
//	reads            a task arrives                     runs (engage)
//	runs             the queue is empty                 reads (release)
//	runs             relief fires                       long (relieve)
//	long             the queue is empty                 reads; the goroutine
//	                                                    that ran ends
type worker struct {
	definitions []executor.Definition
	answers     answers
	from        *bufio.Reader // for the goroutine that listens
	over        chan error    // why the last one stopped

	mu        sync.Mutex
	queue     []*batch // the first one is being run
	working   bool     // a goroutine runs the tasks of the queue
	listening bool     // a goroutine reads
	relief    *time.Timer

	// For the goroutine that works.
	pairs []pair // one for each definition
	batch *batch // with what follows, of the input that is being run
	pair  *pair
	def   executor.Definition
	how   byte
	data  []byte
}

// long is how long a task runs until another goroutine reads: so long may a
// cancellation, or the end of the parent, go unseen.
const long = 200 * time.Microsecond

// A pair passes the values of one definition.
type pair struct {
	in  codec.Decoder
	out codec.Encoder
}

// A batch is what came in one tasks message.
type batch struct {
	number int
	def    int
	ctx    context.Context
	cancel context.CancelCauseFunc
	left   int // inputs that have not started; guarded by the worker's mu
	inputs codec.Cursor
}

// Serve runs the tasks that come from one end, which must be among the
// definitions, and answers at the other. It says hello with the name of the
// protocol first, and returns nil at the end of the file.
func Serve(protocol string, definitions []executor.Definition, from io.Reader, to io.Writer) error {
	hi := codec.AppendBytes(make([]byte, wire.Header), protocol)
	for _, d := range definitions {
		hi = codec.AppendBytes(codec.AppendBytes(hi, d.Name()), d.Signature())
	}
	to.Write(wire.Seal(hi, 0, wire.Hello))
	w := &worker{
		definitions: definitions, pairs: make([]pair, len(definitions)),
		from: bufio.NewReaderSize(from, 1<<16), over: make(chan error, 1), listening: true,
	}
	w.answers.to = to
	w.relief = time.AfterFunc(time.Hour, w.relieve)
	w.relief.Stop()
	go w.listen()
	return <-w.over
}

// listen reads messages until the end of the file. It runs the tasks that
// arrive while no other goroutine works.
func (w *worker) listen() {
	for {
		err := w.hear()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			w.over <- err
			return
		}
		if w.engage() && !w.work() {
			return
		}
	}
}

// engage makes the caller work instead of listen, and reports true, if there
// are tasks and no goroutine works.
func (w *worker) engage() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.working || len(w.queue) == 0 {
		return false
	}
	w.working, w.listening = true, false
	w.answers.begin()
	w.relief.Reset(long)
	return true
}

// release makes the caller listen again, and reports true, unless another
// goroutine listens.
func (w *worker) release() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listening {
		return false
	}
	w.listening = true
	return true
}

// relieve listens while another goroutine works.
func (w *worker) relieve() {
	w.mu.Lock()
	if w.listening || !w.working {
		w.mu.Unlock()
		return
	}
	w.listening = true
	w.mu.Unlock()
	w.listen()
}

// hear reads and handles one message.
func (w *worker) hear() error {
	kind, body, err := wire.Read(w.from, nil)
	if err != nil {
		return err
	}
	c := codec.Cursor{Rest: body}
	switch kind {
	case wire.Tasks:
		w.receive(c)
	case wire.Cancel:
		n := int(c.Uvarint())
		w.cancel(n, c.Error(nil))
		runtime.Gosched() // the cancelled task goes first, as a read may block the thread
	case wire.Recall:
		w.giveBack()
	default:
		return fmt.Errorf("%w: kind %d", codec.ErrGarbled, kind)
	}
	return nil
}

func (w *worker) receive(c codec.Cursor) {
	b := &batch{number: int(c.Uvarint()), def: int(c.Uvarint())}
	b.ctx, b.cancel = c.Context()
	if len(c.Rest) >= 4 {
		b.left = int(binary.LittleEndian.Uint32(c.Rest))
		c.Rest = c.Rest[4:]
	}
	b.inputs = c
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, b)
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

// giveBack drops the inputs that have not started, and tells the parent.
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

// work runs the tasks of the queue, and reports whether the caller must listen
// again. If a task ends the goroutine, a new one goes on.
func (w *worker) work() (listen bool) {
	over := false
	defer func() {
		if !over {
			go w.resume()
		}
	}()
	decode, encode, end := w.decode, w.encode, w.end
	for w.next() {
		w.def.Serve(w.batch.ctx, decode, encode, end)
	}
	over = true
	return w.release()
}

func (w *worker) resume() {
	if w.work() {
		w.listen()
	}
}

func (w *worker) decode(in any) error {
	if err := w.pair.in.Decode(w.how, w.data, in); err != nil {
		return fmt.Errorf("process: the input of %q cannot be decoded: %w", w.def.Name(), err)
	}
	return nil
}

func (w *worker) encode(out any) error {
	if err := w.answers.value(&w.pair.out, out); err != nil {
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

// next takes the next input to run. It returns false when the queue is empty
// and all results are sent.
func (w *worker) next() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 {
		b := w.queue[0]
		if b.left > 0 {
			b.left--
			w.answers.soon()
			w.batch, w.def, w.pair = b, w.definitions[b.def], &w.pairs[b.def]
			w.how, w.data = b.inputs.Byte(), b.inputs.Bytes()
			return true
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
	w.working = false // the goroutine that reads the next task runs it
	return false
}
