package servers

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// streamRoom is how many bytes a stream takes before a Write waits for a Read.
// Without room, two ends that each write before they read would wait for one
// another. TLS does that at the end of a connection: both ends write an alert
// and close. A socket has room for it.
const streamRoom = 16 << 10

// A stream is one direction of a connection in memory: bytes that one end
// writes and the other reads. Like a socket it keeps what has been written for
// a reader that comes later, also when the writer has closed. Its methods are
// safe for concurrent use, and work in a testing/synctest bubble.
type stream struct {
	mu       sync.Mutex
	changed  sync.Cond // of all that follows
	data     []byte    // written
	read     int       // of data
	reading  deadline
	writing  deadline
	ended    bool // the writer has closed
	reset    bool // and the reader is to be told of a reset
	deaf     bool // the reader has closed
	timeless bool // an end has closed, so nothing waits and no timer is needed
	room     int  // how many bytes it takes
}

func newStream() *stream {
	s := &stream{}
	s.init(streamRoom)
	return s
}

func (s *stream) init(room int) { s.changed.L, s.room = &s.mu, room }

// A deadline is the time after which a Read or a Write fails.
type deadline struct {
	timer *time.Timer
	// passed is nil without a deadline. Each deadline has its own, as a timer
	// that is stopped may run nevertheless.
	passed *bool
}

func (d *deadline) over() bool { return d.passed != nil && *d.passed }

// Read reads into p what has been written. It waits until there is something.
func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.deaf:
			return 0, net.ErrClosed
		case s.reading.over():
			return 0, os.ErrDeadlineExceeded
		case s.read < len(s.data):
			n := copy(p, s.data[s.read:])
			if s.read += n; s.read == len(s.data) {
				s.data, s.read = s.data[:0], 0
			}
			s.changed.Broadcast()
			return n, nil
		case s.reset: // and then, like a socket, the end
			s.reset = false
			return 0, syscall.ECONNRESET
		case s.ended:
			return 0, io.EOF
		case len(p) == 0:
			return 0, nil
		}
		s.changed.Wait()
	}
}

// Write writes p. It waits while there is no room.
func (s *stream) Write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.ended:
			return n, net.ErrClosed
		case s.writing.over():
			return n, os.ErrDeadlineExceeded
		case s.deaf:
			return n, syscall.ECONNRESET
		case n == len(p):
			return n, nil
		}
		if took := s.take(p[n:]); took > 0 {
			n += took
			s.changed.Broadcast()
			continue
		}
		s.changed.Wait()
	}
}

// take keeps as much of p as there is room for. It returns how much that is.
func (s *stream) take(p []byte) int {
	n := min(len(p), s.room-(len(s.data)-s.read))
	if len(s.data)+n > s.room {
		s.data, s.read = s.data[:copy(s.data, s.data[s.read:])], 0
	}
	s.data = append(s.data, p[:n]...)
	return n
}

// end closes the writer's end. The reader gets what has been written, and then
// the end or a reset.
func (s *stream) end(reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reset = s.reset || reset && !s.ended
	s.ended = true
	s.close()
}

// deafen closes the reader's end.
func (s *stream) deafen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data, s.read, s.deaf = nil, 0, true
	s.close()
}

// close lets all that wait see that an end has closed. A timer that is left
// would look as if something was left to do.
func (s *stream) close() {
	s.timeless = true
	s.reading.stop()
	s.writing.stop()
	s.changed.Broadcast()
}

// setReading sets the time after which a Read fails. The zero time is none.
func (s *stream) setReading(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		return net.ErrClosed
	}
	s.set(&s.reading, at)
	return nil
}

// setWriting sets the time after which a Write fails. The zero time is none.
func (s *stream) setWriting(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return net.ErrClosed
	}
	s.set(&s.writing, at)
	return nil
}

func (s *stream) set(d *deadline, at time.Time) {
	d.stop()
	d.passed = nil
	if at.IsZero() {
		return
	}
	left := time.Until(at)
	passed := left <= 0
	d.passed = &passed
	if passed {
		s.changed.Broadcast()
	} else if !s.timeless {
		d.timer = time.AfterFunc(left, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			passed = true
			s.changed.Broadcast()
		})
	}
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
