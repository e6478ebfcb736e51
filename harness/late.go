package harness

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"
)

// lateLook is how often a lateness looks at the clock.
const lateLook = 10 * time.Millisecond

// A lateness measures how late the machine is at most, under the real clock:
// how long after its time a goroutine goes on that sleeps, and how long after a
// write one that waits for the bytes. Timeouts wait as the one, and answers as
// the other. A process that has much to do wakes the first much sooner.
type lateness struct {
	began time.Time
	stop  chan struct{}
	most  chan time.Duration // of each goroutine
	bytes io.WriteCloser
}

func watchLateness() *lateness {
	l := &lateness{time.Now(), make(chan struct{}), make(chan time.Duration, 2), nil}
	if from, to, err := pipe(); err != nil {
		l.most <- 0 // then the sleeper alone tells
	} else {
		l.bytes = to
		go l.read(from)
	}
	go l.sleep()
	return l
}

// pipe returns the ends of a pipe. A caller in a bubble, where a goroutine that
// waits for bytes stops the clock, gets none.
func pipe() (from, to *os.File, err error) {
	if _, in := callersBubble(); in {
		return nil, nil, errors.New("in a bubble")
	}
	return os.Pipe()
}

// sleep measures the one, and writes for the other.
func (l *lateness) sleep() {
	look := time.NewTicker(lateLook)
	defer look.Stop()
	var most, last time.Duration
	for over := false; !over; {
		select {
		case <-look.C:
		case <-l.stop:
			over = true
		}
		now := time.Since(l.began)
		most, last = max(most, now-last-lateLook), now
		if l.bytes != nil {
			_ = binary.Write(l.bytes, binary.LittleEndian, time.Since(l.began)) // the reader is there until Close
		}
	}
	if l.bytes != nil {
		_ = l.bytes.Close() // nothing is buffered
	}
	l.most <- most
}

// read measures how long after its time each time arrives that is written.
func (l *lateness) read(from io.ReadCloser) {
	defer from.Close()
	var most, written time.Duration
	for binary.Read(from, binary.LittleEndian, &written) == nil {
		most = max(most, time.Since(l.began)-written)
	}
	l.most <- most
}

// end returns how late the machine was at most.
func (l *lateness) end() time.Duration {
	close(l.stop)
	return max(<-l.most, <-l.most)
}
