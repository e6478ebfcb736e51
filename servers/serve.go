package servers

import (
	"net/http"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/servers/content"
)

// FlagPath is the path under which a server serves the flag of a country code.
func FlagPath(code string) string { return content.FlagPath(code) }

// ServeHTTP lets a request in, carries out the plan for it and enters it in the journal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.begin() {
		panic(http.ErrAbortHandler)
	}
	defer s.requests.Done()
	defer s.underway.Add(-1)
	key, attempt := content.Key(r.URL.Path), attemptOf(r)
	fate := s.plan.Fate(key, attempt)
	if !s.own && fate.Fault == None {
		fate.Status = 0 // the content decides
	}
	now := time.Now()
	seen := &witness{ResponseWriter: w, head: r.Method == http.MethodHead, arrived: now, entry: Entry{
		Key: kept(key), Attempt: attempt, Arrived: now.Sub(s.started), Planned: fate,
	}}
	defer func() {
		if r.Context().Err() != nil && s.base.Err() == nil {
			seen.entry.Gone = time.Since(now)
		}
		s.journal.add(seen.end())
	}()
	refusal := s.gate.Enter(r.Context(), w.Header(), stream(s.plan.Seed, key, attempt).Uint64())
	if admitted := time.Now(); refusal == nil {
		defer s.gate.Leave()
		seen.entry.Queued = admitted.Sub(now)
		fate.carriedOut(admitted, s.prepared(r)).ServeHTTP(seen, r)
		seen.returned()
		return
	}
	seen.entry.Queued, seen.entry.TurnedAway = time.Since(now), refusal.By
	refusal.ServeHTTP(seen, r)
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
