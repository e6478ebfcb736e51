package servers

import (
	"net/http"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// carriedOut is content as the fate of a request has it that arrived at a time. What was done for the answer since then is part of the
// planned latency. met is called when the latency before the head is over and something is done.
func (p Plan) carriedOut(f Fate, arrived time.Time, alarm *latency.Alarm, content http.Handler, met func(Kind)) http.Handler {
	act := content
	if f.Rule > 0 {
		act = p.Faults[f.Rule-1].Wrap(content)
	}
	act = noting(act, func() { met(f.Fault) })
	wait := latency.Wait{Begin: arrived, For: f.Latency, Place: f.Spend, Pieces: p.Pieces, Alarm: alarm}
	if f.Transfer > 0 || f.Status == 0 {
		wait.Bandwidth = p.Bandwidth
	}
	if wait.For == 0 && wait.Bandwidth == 0 {
		return act
	}
	slow := wait.Before(act)
	if f.Fault != fault.Redirect && f.Fault != fault.RedirectLoop {
		return slow
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fault.Hop(r) > 0 { // the chain is one request: its first hop has spent the latency
			latency.Wait{Begin: arrived, Bandwidth: wait.Bandwidth, Alarm: alarm}.Before(act).ServeHTTP(w, r)
			return
		}
		slow.ServeHTTP(w, r)
	})
}

func noting(next http.Handler, note func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		note()
		next.ServeHTTP(w, r)
	})
}

// carriedOut is content as a visit has it planned, from the time on at which it was let in.
func (s *Server) carriedOut(v *visit, r *http.Request, content http.Handler) http.Handler {
	e := &v.seen.entry
	fate := e.Planned
	if e.Resent {
		fate.Latency = 0
	}
	return s.plan.carriedOut(fate, v.admitted, s.alarm, content, func(k Kind) {
		e.Met = k
		if k.Mute() && v.reused && willResend(r) {
			s.resent.note(request{e.Key, e.Attempt, printOf(r)}, e.Planned)
		}
	})
}

// fate is what a request meets that arrives now, and whether it has come before. One that should not have found the server at all, and
// was sent to [Server.URL] nevertheless, meets an empty answer.
func (s *Server) fate(key string, attempt int, now time.Time, r *http.Request) (fate Fate, again bool) {
	if fate, again = s.resent.again(key, attempt, r); again {
		return fate, true
	}
	fate = s.plan.FateAt(key, attempt, now.Sub(s.started))
	if fate.Fault.Unserved() {
		fate.Fault = fault.Empty
	}
	return fate, false
}
