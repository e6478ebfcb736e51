package servers

import (
	"log"
	"math/rand/v2"
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
	server   *Server
	seen     witness
	act      http.Handler // what is done when the latency is over
	draws    rand.PCG
	rank     uint64    // among those that come at the same instant
	admitted time.Time // the zero time for one that was not let in
	reused   bool      // its connection has brought another before
}

// ServeHTTP lets a request in, carries out the plan for it and enters it in the
// journal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	on := lineOf(r)
	if v := on.takeUp(); v != nil {
		v.seen.ResponseWriter = w
		defer s.end(v, r)
		s.serve(v, r)
		return
	}
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	v := s.receive(w, r, on)
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
		refusal.ServeHTTP(&v.seen, r)
		return
	}
	v.admitted = now
	if parked = s.parked(v, r); !parked {
		s.serve(v, r)
	}
}

// tell logs a panic that nobody has planned, as net/http would, whose log has
// too much besides that was.
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
func (s *Server) receive(w http.ResponseWriter, r *http.Request, on *line) *visit {
	key, now := content.Key(r.URL.Path), time.Now()
	attempt, fate, again := s.turns.attempt(key, r, func(n int) (Fate, bool) { return s.resent.again(key, n, r) })
	v := &visit{server: s, draws: stream(s.plan.Seed, key, attempt), reused: on.use()}
	first := v.draws
	v.rank = first.Uint64()
	if !again {
		fate = s.fate(&v.draws, key, attempt, now)
	}
	if !s.own && fate.Fault == None {
		fate.Status = 0 // the content decides
	}
	hop := 0
	if fate.Fault.Chain() {
		hop = fault.Hop(r)
	}
	v.seen = witness{ResponseWriter: w, head: r.Method == http.MethodHead, arrived: now, entry: Entry{
		Key: kept(key), Attempt: attempt, Hop: hop, Arrived: now.Sub(s.started), Planned: fate, Resent: again,
	}}
	return v
}

// serve carries out the plan for a request that was let in.
func (s *Server) serve(v *visit, r *http.Request) {
	defer tell(r) // before the request ends, for which Close waits
	fate := v.seen.entry.Planned
	if v.seen.entry.Resent {
		fate.Latency = 0
	}
	v.act = s.plan.act(fate, s.prepared(r))
	s.plan.late(fate, v.admitted, s.alarm, v, &v.seen, r)
	if s.base.Err() != nil && v.seen.silent() {
		panic(http.ErrAbortHandler) // Close has ended it, and net/http would make that an empty answer
	}
	v.seen.returned()
}

// ServeHTTP is called when the latency before the head is over and something is
// done.
func (v *visit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := &v.seen.entry
	e.Met = e.Planned.Fault
	if e.Met.NoReply() && v.reused && willResend(r) {
		v.server.resent.note(request{e.Key, e.Attempt, printOf(r)}, e.Planned)
	}
	v.act.ServeHTTP(w, r)
}

// end enters a visit in the journal, and makes place for another. r is nil
// where the request is not there any more.
func (s *Server) end(v *visit, r *http.Request) {
	if r != nil && r.Context().Err() != nil && s.base.Err() == nil && !v.seen.whole { // with the whole answer a client may go
		v.seen.entry.Gone = time.Since(v.seen.arrived)
	}
	s.journal.add(v.seen.end())
	if !v.admitted.IsZero() {
		s.gate.Leave()
	}
	s.underway.Add(-1)
	s.requests.Done()
}

// begin says whether a request may begin, which it may not once Close has begun
// to wait for those that have.
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

// attemptOf is which attempt a request is, and whether it says so.
func attemptOf(r *http.Request) (n int, said bool) {
	header := r.Header.Get(AttemptHeader)
	if header == "" {
		return 1, false // without the error that an empty number is, which would cost more than all else here
	}
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return n, true
	}
	return 1, true
}
