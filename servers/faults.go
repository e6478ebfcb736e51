package servers

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// act is content as a fate has it, without the latency.
func (p Plan) act(f Fate, content http.Handler) http.Handler {
	if f.Rule > 0 {
		return p.Faults[f.Rule-1].Wrap(content)
	}
	return content
}

// late has an act happen behind the latency of a fate, for a request that
// arrived at a time: what was done for the answer since then is part of the
// latency.
func (p Plan) late(f Fate, arrived time.Time, alarm *latency.Alarm, act http.Handler, w http.ResponseWriter, r *http.Request) {
	wait := latency.Wait{Begin: arrived, For: f.Latency, Place: f.Spend, Pieces: p.Pieces, Alarm: alarm}
	if f.Transfer > 0 || f.Status == 0 {
		wait.Bandwidth = p.Bandwidth
	}
	if f.Fault.Chain() && fault.Hop(r) > 0 {
		wait.For, wait.Place = 0, "" // the chain is one request: its first hop has spent the latency
	}
	if wait.For == 0 && wait.Bandwidth == 0 {
		act.ServeHTTP(w, r)
		return
	}
	wait.Serve(act, w, r)
}

// fate is what a request meets that arrives now. One that should not have found
// the server at all, and was sent to [Server.URL] nevertheless, meets an empty
// answer.
func (s *Server) fate(draws *rand.PCG, key string, attempt int, now time.Time) Fate {
	fate := s.plan.draw(draws, key, attempt, now.Sub(s.started))
	if fate.Fault.BeforeRequest() {
		fate.Fault = fault.Empty
	}
	return fate
}
