package servers

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/servers/limits"
)

// The bounds of a journal, which together keep it below 64 MB.
const (
	JournalLimit = 1 << 17 // entries that are kept; the oldest are dropped first
	KeyLimit     = 256     // bytes of a key that are kept; what a plan makes of a longer key depends on all of it
)

const journalBlock = 1 << 9 // entries for which memory is taken at once

// An Entry is what a server did to one request.
type Entry struct {
	Key     string // the first [KeyLimit] bytes of it
	Attempt int
	Hop     int           // how many of the plan's redirects have led to the request; in a loop every one but the first is 1
	Arrived time.Duration // since the server started
	Planned Fate          // its Status is 0 where there is no fault and the content is not the flags
	Met     Kind          // the fault that was carried out, or None; "" if it did not come so far
	Resent  bool          // the request had come before: its connection was closed, and the client's transport has sent it again
	Queued  time.Duration // from the request's arrival until it was let in or turned away
	Waited  time.Duration // from the request's arrival to the first byte of the answer, or to its end without one
	Took    time.Duration // from the request's arrival to its end
	Gone    time.Duration // from the request's arrival until the server noticed, waiting or writing, that the client had gone away; 0 if it stayed
	Done    bool          // the handler came to its end, and all that it wrote was sent
	Status  int           // the status that was sent, 0 if there was no answer
	Bytes   int64         // body bytes sent, as they are on the wire but for chunks

	TurnedAway limits.Reason // why the request was not let in and did not meet its fate; "" if it was
}

// A journal keeps the latest entries in a ring. Entries appear when their
// request ends.
type journal struct {
	mu        sync.Mutex
	ring      [JournalLimit / journalBlock][]Entry // made as they are needed: one slice that grows is copied again and again
	total     int
	observers []*func(Entry)
}

func (j *journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	block := &j.ring[j.total%JournalLimit/journalBlock]
	if *block == nil {
		*block = make([]Entry, journalBlock)
	}
	(*block)[j.total%journalBlock] = e
	j.total++
	for _, f := range j.observers {
		(*f)(e)
	}
}

// entries returns what is kept, oldest first.
func (j *journal) entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.copy()
}

func (j *journal) copy() []Entry {
	kept := make([]Entry, 0, min(j.total, JournalLimit))
	for n := j.total - cap(kept); n < j.total; n++ {
		kept = append(kept, j.ring[n%JournalLimit/journalBlock][n%journalBlock])
	}
	return kept
}

// observe calls f for what is kept and for what comes, with nothing left out or
// told twice between them.
func (j *journal) observe(f func(Entry)) (stop func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.copy() {
		f(e)
	}
	j.observers = append(slices.Clip(j.observers), &f)
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.observers = slices.DeleteFunc(slices.Clone(j.observers), func(g *func(Entry)) bool { return g == &f })
	}
}

// kept is what a journal keeps of a key: of a path a copy, because it is a part
// of a longer text that would be kept with it.
func kept(key string) string {
	if !strings.HasPrefix(key, "/") {
		return key[:min(len(key), KeyLimit)]
	}
	return strings.Clone(key[:min(len(key), KeyLimit)])
}
