package process

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
)

// variable is set in the environment of a child, to newborn until it calls Main.
const (
	variable = "TEAPOT_PROCESS"
	newborn  = "newborn"
)

// inChild reports whether this process is a child, whether it has called Main or not. What a task starts is none.
func inChild() bool {
	v := os.Getenv(variable)
	return v == newborn || v == strconv.Itoa(os.Getpid())
}

// Main turns the process into a child if an [Executor] has started it: it runs the tasks that are sent to it, which must be among
// the definitions given, and never returns. In any other process it returns at once.
//
// Call it first thing in main, or in TestMain: what comes before it is run by each child too. Two definitions with one name panic.
func Main(definitions ...executor.Definition) {
	known := map[string]bool{}
	for _, d := range definitions {
		if known[d.Name()] {
			panic(fmt.Sprintf("process: two definitions are named %q", d.Name()))
		}
		known[d.Name()] = true
	}
	if os.Getenv(variable) != newborn {
		return
	}
	// What a task starts is not to take itself for a child, nor to keep the pipes open when this process is gone.
	os.Setenv(variable, strconv.Itoa(os.Getpid()))
	adopt(3)
	adopt(4)
	// An interrupt from the keyboard goes to the children too, but whether it ends them is the parent's to say.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)

	w := &worker{definitions: definitions, codecs: make([]codec, len(definitions))}
	w.answers.to = os.NewFile(4, "results")
	w.more.L = &w.mu
	go w.work()
	if err := w.listen(os.NewFile(3, "tasks")); err != nil {
		fmt.Fprintln(os.Stderr, "process: child:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

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
	in  decoder
	out encoder
}

// A batch is what came in one tasks message.
type batch struct {
	number int
	def    int
	ctx    context.Context
	cancel context.CancelCauseFunc
	left   int // inputs that have not started; of whoever holds the worker's mutex
	inputs cursor
}

// listen takes messages until the end of file.
func (w *worker) listen(from io.Reader) error {
	hi := appendBytes(make([]byte, header), protocol())
	for _, d := range w.definitions {
		hi = appendBytes(appendBytes(hi, d.Name()), d.Signature())
	}
	w.answers.to.Write(seal(hi, 0, hello))

	r := bufio.NewReaderSize(from, 1<<16)
	for {
		kind, body, err := readMessage(r, nil)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c := cursor{rest: body}
		switch kind {
		case tasks:
			w.receive(c)
		case cancel:
			n := int(c.uvarint())
			w.cancel(n, c.error(nil))
		case recall:
			w.giveBack()
		default:
			return fmt.Errorf("%w: kind %d", errGarbled, kind)
		}
	}
}

func (w *worker) receive(c cursor) {
	b := &batch{ctx: context.Background(), number: int(c.uvarint()), def: int(c.uvarint())}
	at := c.varint()
	if at != noEnd {
		b.ctx, b.cancel = context.WithCancelCause(b.ctx)
	}
	if at > noDeadline {
		ctx, stop := context.WithDeadline(b.ctx, time.Unix(0, at))
		context.AfterFunc(b.ctx, stop)
		b.ctx = ctx
	}
	if len(c.rest) >= 4 {
		b.left = int(binary.LittleEndian.Uint32(c.rest))
		c.rest = c.rest[4:]
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
		w.how, w.data = b.inputs.byte(), b.inputs.bytes()
		w.def.Serve(b.ctx, decode, encode, end)
	}
}

func (w *worker) decode(in any) error {
	if err := w.codec.in.decode(w.how, w.data, in); err != nil {
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
