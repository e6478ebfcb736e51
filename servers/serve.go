package servers

import (
	"log"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
)

// FlagPath is the path under which a server serves the flag of a country code.
func FlagPath(code string) string { return content.FlagPath(code) }

// A visit is a request on its way from the door to the journal.
type visit struct {
	seen     *witness
	rank     uint64    // among those that come at the same instant
	admitted time.Time // the zero time for one that was not let in
	reused   bool      // its connection has brought another before
}

// ServeHTTP lets a request in, carries out the plan for it and enters it in the journal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if v := parkedBy(r); v != nil {
		v.seen.ResponseWriter = w
		defer s.end(v, r)
		s.serve(v, r)
		return
	}
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	v := s.receive(w, r)
	parked := false
	defer func() {
		if !parked {
			s.end(v, r)
		}
	}()
	refusal := s.gate.Enter(r.Context(), w.Header(), v.rank)
	now := time.Now()
	v.seen.entry.Queued = now.Sub(v.seen.arrived)
	if refusal != nil {
		v.seen.entry.TurnedAway = refusal.By
		refusal.ServeHTTP(v.seen, r)
		return
	}
	v.admitted = now
	if parked = s.parked(v, r); !parked {
		s.serve(v, r)
	}
}

// tell logs a panic that nobody has planned, as net/http would, whose log has too much besides that was.
func tell(r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p != http.ErrAbortHandler {
		log.Printf("http: panic serving %v: %v\n%s", r.RemoteAddr, p, debug.Stack())
	}
	panic(http.ErrAbortHandler)
}

// receive says what a request will meet that has arrived.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) *visit {
	key, attempt, now := content.Key(r.URL.Path), attemptOf(r), time.Now()
	fate, again := s.fate(key, attempt, now, r)
	if !s.own && fate.Fault == None {
		fate.Status = 0 // the content decides
	}
	hop := 0
	if fate.Fault == fault.Redirect || fate.Fault == fault.RedirectLoop {
		hop = fault.Hop(r)
	}
	reused := lineOf(r).used.Swap(true)
	return &visit{rank: stream(s.plan.Seed, key, attempt).Uint64(), reused: reused, seen: &witness{ResponseWriter: w, head: r.Method == http.MethodHead, arrived: now, entry: Entry{
		Key: kept(key), Attempt: attempt, Hop: hop, Arrived: now.Sub(s.started), Planned: fate, Resent: again,
	}}}
}

// serve carries out the plan for a request that was let in.
func (s *Server) serve(v *visit, r *http.Request) {
	defer tell(r) // before the request ends, for which Close waits
	s.carriedOut(v, r, s.prepared(r)).ServeHTTP(v.seen, r)
	if s.base.Err() != nil && v.seen.silent() {
		panic(http.ErrAbortHandler) // Close has ended it, and net/http would make that an empty answer
	}
	v.seen.returned()
}

// end enters a visit in the journal, and makes place for another. r is nil where the request is not there any more.
func (s *Server) end(v *visit, r *http.Request) {
	if r != nil && r.Context().Err() != nil && s.base.Err() == nil {
		v.seen.entry.Gone = time.Since(v.seen.arrived)
	}
	s.journal.add(v.seen.end())
	if !v.admitted.IsZero() {
		s.gate.Leave()
	}
	s.underway.Add(-1)
	s.requests.Done()
}

// begin says whether a request may begin, which it may not once Close has begun to wait for those that have.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.requests.Add(1)
	s.underway.Add(1)
	return true
}

// prepared is the content's answer to a request, with the slow work done.
func (s *Server) prepared(r *http.Request) http.Handler {
	if p, ok := s.content.(content.Preparer); ok {
		return p.Prepare(r)
	}
	return s.content
}

func attemptOf(r *http.Request) int {
	if n, err := strconv.Atoi(r.Header.Get(AttemptHeader)); err == nil && n > 0 {
		return n
	}
	return 1
}
