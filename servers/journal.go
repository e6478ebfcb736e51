package servers

import (
	"net/http"
	"sync"
	"time"
)

// JournalLimit is the number of entries that a journal keeps; the oldest are dropped first.
const JournalLimit = 1 << 17

// An Entry is what a server did to one request.
type Entry struct {
	Key     string
	Attempt int
	Arrived time.Duration // since the server started
	Planned Fate
	Met     Kind          // the fault that was carried out, or None; "" if the client went away before
	Resent  bool          // the request had come before: its connection was closed, and the client's transport has sent it again
	Waited  time.Duration // from the request's arrival to the first byte of the answer, or to its end without one
	Status  int           // the status that was sent, 0 if the client went away before
	Bytes   int64         // body bytes sent
}

// A journal keeps the latest entries in a ring. Entries appear when their request ends.
type journal struct {
	mu    sync.Mutex
	ring  []Entry
	total int
}

func (j *journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ring) < JournalLimit {
		j.ring = append(j.ring, e)
	} else {
		j.ring[j.total%JournalLimit] = e
	}
	j.total++
}

// entries returns what is kept, oldest first.
func (j *journal) entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := 0
	if j.total > len(j.ring) {
		oldest = j.total % JournalLimit
	}
	return append(append(make([]Entry, 0, len(j.ring)), j.ring[oldest:]...), j.ring[:oldest]...)
}

// A witness is a ResponseWriter that notes what goes through it.
type witness struct {
	http.ResponseWriter
	head    bool // the request is a HEAD, whose body net/http drops
	arrived time.Time
	entry   Entry
}

func (w *witness) WriteHeader(status int) {
	w.answers(status)
	w.ResponseWriter.WriteHeader(status)
}

// answers notes the first status.
func (w *witness) answers(status int) {
	if w.entry.Status == 0 {
		w.entry.Status, w.entry.Waited = status, time.Since(w.arrived)
	}
}

func (w *witness) Write(p []byte) (int, error) {
	if w.entry.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.sent(int64(n))
	return n, err
}

func (w *witness) sent(n int64) {
	if !w.head {
		w.entry.Bytes += n
	}
}

// Unwrap is for [http.ResponseController].
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// end completes the entry of a request that is over.
func (w *witness) end() Entry {
	if w.entry.Status == 0 {
		w.entry.Waited = time.Since(w.arrived)
	}
	return w.entry
}
