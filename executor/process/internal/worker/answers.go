package worker

import (
	"encoding/binary"
	"io"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// answers gathers the results of short tasks into one message. No result waits
// for the end of a long task that comes after it.
type answers struct {
	mu    sync.Mutex
	to    io.Writer
	buf   []byte // from front on
	count int
	since time.Time // of the last message, or of the first input after a pause
	late  *time.Timer
	armed bool
}

const (
	front   = wire.Header + 2*binary.MaxVarintLen64 // room for the header, which send writes last
	patient = 500 * time.Microsecond                // how long a result may wait
)

// begin resets the clock after a pause.
func (a *answers) begin() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since = time.Now()
}

// value adds a result, unless it cannot be encoded.
func (a *answers) value(e *codec.Encoder, out any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, err := e.Append(a.room(), codec.Value, out)
	if err == nil {
		a.add(b)
	}
	return err
}

// failure adds the end of a task that has no result.
func (a *answers) failure(err error, own []error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(codec.AppendOutcome(a.room(), err, own))
}

// returned tells the parent that n inputs will not run.
func (a *answers) returned(n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.send()
	a.to.Write(wire.Message(wire.Returned, binary.AppendUvarint(nil, uint64(n))...))
}

// flush sends the results that there are.
func (a *answers) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.send()
}

// soon makes sure that the results are sent within patient, as another task
// starts now.
func (a *answers) soon() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.count == 0 || a.armed {
		return
	}
	a.armed = true
	if a.late == nil {
		a.late = time.AfterFunc(patient, a.flush)
	} else {
		a.late.Reset(patient)
	}
}

func (a *answers) room() []byte {
	if a.buf == nil {
		a.buf = make([]byte, front, 1<<12)
	}
	return a.buf
}

func (a *answers) add(b []byte) {
	a.buf = b
	a.count++
	if len(b) > wire.Plenty {
		a.send()
	}
}

// send writes a message with the results that there are. It ignores errors: if
// a write fails, the parent is gone. The caller holds mu.
func (a *answers) send() {
	if a.armed {
		a.armed = false
		a.late.Stop()
	}
	if a.count == 0 {
		return
	}
	var known [2 * binary.MaxVarintLen64]byte
	now := time.Now()
	n := binary.PutUvarint(known[:], uint64(now.Sub(a.since)))
	n += binary.PutUvarint(known[n:], uint64(a.count))
	copy(a.buf[front-n:], known[:n])
	a.to.Write(wire.Seal(a.buf[front-n-wire.Header:], 0, wire.Results))
	a.since, a.count = now, 0
	if a.buf = a.buf[:front]; cap(a.buf) > codec.Spacious {
		a.buf = nil
	}
}
