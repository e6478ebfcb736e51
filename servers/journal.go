package servers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/limits"
)

// The limits of a journal. They keep it below 64 MB, without the header fields
// that it records.
const (
	JournalLimit = 1 << 17 // entries; the oldest are dropped first
	KeyLimit     = 256     // bytes of each key; a plan looks at the whole key
)

const journalBlock = 1 << 9 // entries that are allocated at once

// An Entry is what a server did to one request.
type Entry struct {
	Key string // the first [KeyLimit] bytes of it
	// Task is the number of the task that the request belongs to, from 1, and 0
	// if that is not known. Guessed reports whether it may belong to another
	// one of its key: see [Server.BeginTask].
	Task       int
	Guessed    bool
	Occurrence int // which task of the key, from 1
	Attempt    int
	// Method is that of the request. Idempotent reports whether it may be sent
	// again: its method is idempotent (RFC 9110, 9.2.2), or it has an
	// Idempotency-Key, or the server never saw it. Partial reports whether it
	// asks for a range, or on a condition.
	Method              string
	Idempotent, Partial bool
	HTTP2               bool // it came over HTTP/2
	Counted             bool // the server counted the attempt, because the request does not say it
	// Fresh reports whether the client's transport has dialled the connection
	// for the request, and Reused whether it had kept it from before. Both are
	// false if it has not said which.
	Fresh, Reused bool
	// Connection is the number of its connection, from 1, in the order in which
	// the server's were opened. It is 0 for the connection of another server.
	Connection int
	// Headers has the header fields that [Config.RecordHeaders] names, a line
	// each: see [Entry.Header].
	Headers     string
	Credentials bool // a redirect led it to another host, and it has an Authorization or a Cookie
	Unread      bool // the content has not read the request's body to its end
	Broken      bool // the content ended the answer before its end, and no fault was planned
	// Received is how many bytes of the request's body were read, and Digest is
	// their FNV-1a hash. Both are 0 for what the content has not read.
	Received int64
	Digest   uint64
	// IdempotencyKey is the FNV-1a hash of the Idempotency-Key, 0 without one.
	IdempotencyKey uint64
	// Target is the FNV-1a hash of the request's path and query.
	Target  uint64
	Hop     int           // redirects of the plan before this request; in a loop 1 for all but the first
	Arrived time.Duration // since the server started
	Planned Fate          // its Status is 0 if there is no fault and the content is not the flags
	Met     Kind          // the fault that was carried out, or None; "" if the request ended before
	Resent  bool          // the client's transport has sent the request again, after its connection was closed
	Queued  time.Duration // from arrival until the request was let in or turned away
	Waited  time.Duration // from arrival to the first byte of the answer, or to the end without one
	Took    time.Duration // from arrival to the end
	Gone    time.Duration // from arrival until the server noticed that the client had gone away; 0 if it stayed
	Done    bool          // the handler came to its end, and all that it wrote was sent
	Status  int           // the status that was sent, 0 if there was no answer
	// RetryAfter is how long the answer told the client to wait, from its head
	// on; 0 if it did not.
	RetryAfter time.Duration
	Bytes      int64 // body bytes that were sent, without the framing of chunks
	// Entity is what the content serves at the request's path, the zero Sum if
	// the content does not say. Compressed reports whether the body is
	// compressed, so that Bytes are not those of the entity.
	Entity     content.Sum
	Compressed bool
	// Asked is the part of the entity that the request asks for: all of it
	// without a Range, and none if it asks for none, or for several.
	Asked Part

	TurnedAway limits.Reason // why the request was not let in; "" if it was
}

// Header returns the header fields of the request that [Config.RecordHeaders]
// names. Of a long value it has the first [KeyLimit] bytes.
func (e Entry) Header() http.Header {
	h := http.Header{}
	for line := range strings.Lines(e.Headers) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		h[name] = append(h[name], value)
	}
	return h
}

// MaxRecordHeaders is how many header fields a journal may record.
const MaxRecordHeaders = 8

// checkRecorded returns an error if names are not those of header fields that a
// journal can record.
func checkRecorded(names []string) error {
	if len(names) > MaxRecordHeaders {
		return fmt.Errorf("%d header fields to record: want at most %d", len(names), MaxRecordHeaders)
	}
	for i, name := range names {
		switch same := func(other string) bool { return strings.EqualFold(name, other) }; {
		case !httpguts.ValidHeaderFieldName(name):
			return fmt.Errorf("header field %q to record: want a name such as X-Request-Id", name)
		case slices.ContainsFunc(names[:i], same):
			return fmt.Errorf("header field %s to record: want it once", name)
		}
	}
	return nil
}

// recorded returns the header fields of a request that have one of the names, a
// line each. Of several fields of a name it has the first few.
func recorded(r *http.Request, names []string) string {
	var b strings.Builder
	for _, name := range names {
		values := r.Header[name]
		if name == "Host" { // which net/http takes out of the header
			values = []string{r.Host}
		}
		for _, value := range values[:min(len(values), 4)] {
			b.WriteString(name)
			b.WriteString(": ")
			b.WriteString(value[:min(len(value), KeyLimit)])
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// A Part is a part of an entity, from one byte up to another.
type Part struct {
	From, To int64 // To is the first byte that is not in it
}

// longJournal is how many entries a journal keeps that is to have all of a run:
// below a gigabyte.
const longJournal = 1 << 21

// A journal keeps the last entries in a ring. An entry is added when its
// request has ended.
type journal struct {
	mu sync.Mutex
	// blocks, allocated when needed: one growing slice would be copied again
	// and again
	ring      [][]Entry
	long      bool // it keeps longJournal entries, and else JournalLimit
	handed    bool // it keeps shortJournal entries, as all are handed over
	total     int
	observers []*func(Entry)
}

// shortJournal is how many entries a journal keeps that hands them over.
const shortJournal = 1 << 12

// limit returns how many entries the journal keeps.
func (j *journal) limit() int {
	switch {
	case j.handed:
		return shortJournal
	case j.long:
		return longJournal
	}
	return JournalLimit
}

// extend has the journal keep as many entries as it ever can, unless it has
// dropped some.
func (j *journal) extend() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.long = j.long || j.total <= JournalLimit
}

// handOver has the journal keep few entries, as f has all of them. There must
// be none yet.
func (j *journal) handOver(f func(Entry)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.handed = true
	j.observers = append(slices.Clip(j.observers), &f)
}

// forgot reports whether the journal has dropped entries.
func (j *journal) forgot() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.total > j.limit() && !j.handed
}

// at returns the place of an entry that is kept, or that is to be.
func (j *journal) at(n int) *Entry {
	block := n % j.limit() / journalBlock
	for len(j.ring) <= block {
		j.ring = append(j.ring, nil)
	}
	if j.ring[block] == nil {
		j.ring[block] = make([]Entry, journalBlock)
	}
	return &j.ring[block][n%journalBlock]
}

func (j *journal) add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	*j.at(j.total) = e
	j.total++
	for _, f := range j.observers {
		(*f)(e)
	}
}

// dialled notes that a client has dialled the address that an attempt was
// given, at which no request gets through.
func (j *journal) dialled(key string, id identity) {
	const most = shortJournal // the client dials when it has the address
	j.mu.Lock()
	defer j.mu.Unlock()
	for n := j.total - 1; n >= max(0, j.total-most); n-- {
		e := j.at(n)
		if e.Task == id.task && e.Attempt == id.attempt && e.Met.BeforeRequest() && e.Key == kept(key) {
			e.Fresh = true
			return
		}
	}
}

// entries returns the entries, oldest first.
func (j *journal) entries() []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.copy()
}

func (j *journal) copy() []Entry {
	kept := make([]Entry, min(j.total, j.limit()))
	for i := range kept {
		kept[i] = *j.at(j.total - len(kept) + i)
	}
	return kept
}

// observe calls f once for every entry that is kept and that is added later.
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

// kept returns the part of a key that a journal keeps. It copies a path, which
// would keep the whole URL in memory.
func kept(key string) string {
	if !strings.HasPrefix(key, "/") {
		return key[:min(len(key), KeyLimit)]
	}
	return strings.Clone(key[:min(len(key), KeyLimit)])
}
