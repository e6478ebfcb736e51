package servers

import (
	"crypto/sha256"
	"hash/fnv"
	"log"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/latency"
)

// An exchange is a request and its answer, until they are in the journal.
type exchange struct {
	server   *Server
	task     *runningTask // that it is taken for; may be nil
	rec      recorder
	act      http.Handler // answers after the latency
	draws    rand.PCG
	rank     uint64    // orders exchanges that begin at the same instant
	admitted time.Time // zero if it was not let in
	conn     *connInfo // nil for a connection that another server has accepted
	reused   bool      // its connection has carried a request before
	stream   uint32    // of HTTP/2; 0 if that is not known
	refused  bool      // it has come before, and was not processed
	direct   bool      // it came without a connection
}

// ServeHTTP lets a request in, carries out the plan for it and records it in
// the journal.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	info := connInfoOf(r)
	info.secure(r)
	if x := info.unpark(); x != nil {
		x.rec.ResponseWriter = w
		defer s.end(x, r)
		s.serve(x, r)
		return
	}
	stream := info.streamOf(r)
	if info.ignores(stream) || !s.begin() {
		panic(http.ErrAbortHandler)
	}
	x := s.receive(w, r, info, stream)
	parked := false
	defer func() {
		if !parked {
			s.end(x, r)
		}
	}()
	if !s.admit(x, r) {
		return
	}
	if parked = s.park(x, r); !parked {
		s.serve(x, r)
	}
}

// admit lets a request in, or answers that it is turned away.
func (s *Server) admit(x *exchange, r *http.Request) bool {
	refusal := s.gate.Enter(r.Context(), x.rec.Header(), x.rank)
	now := time.Now()
	x.rec.entry.Queued = now.Sub(x.rec.arrived)
	if refusal != nil {
		x.rec.entry.TurnedAway = refusal.By
		if len(r.Header["Range"]) > 0 {
			s.prepared(x, r) // to know which part it asks for
		}
		refusal.ServeHTTP(&x.rec, r)
		return false
	}
	x.admitted = now
	return true
}

// logPanic logs a panic of the content as net/http does. The log of net/http is
// discarded, because it is full of errors that the plan has caused.
func logPanic(r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p != http.ErrAbortHandler {
		log.Printf("http: panic serving %v: %v\n%s", r.RemoteAddr, p, debug.Stack())
	}
	panic(http.ErrAbortHandler)
}

// receive begins the exchange of a request that has arrived.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, info *connInfo, stream uint32) *exchange {
	key, now := s.key(r), time.Now()
	id, task, fate, again := s.identities.of(key, sending{
		r,
		func(id identity) (Fate, bool) { return s.retries.take(key, id, r) },
		func(id identity) bool { return s.retries.pending(key, id, r) },
	})
	q := fault.Request{Key: key, Occurrence: id.occurrence, Attempt: id.attempt, Since: now.Sub(s.started)}
	q.Refused = again && fate.Fault.Unprocessed()
	x := &exchange{
		server: s, task: task, draws: draws(s.plan.Seed, q), conn: info, reused: s.conns.begin(info), stream: stream,
		refused: q.Refused,
	}
	x.rank = s.plan.Rank(q)
	if !again || x.refused {
		fate = s.fateNow(&x.draws, q)
	}
	if fate.Fault.Unprocessed() && stream == 0 {
		fate.Fault = aborted(r)
	}
	if !s.servesFlags && fate.Fault == None {
		fate.Status = 0 // the content decides
	}
	hop := 0
	if fate.Fault.Chain() {
		hop = fault.Hop(r)
	}
	x.rec = recorder{ResponseWriter: w, head: r.Method == http.MethodHead, arrived: now, entry: Entry{
		Key: kept(key), Task: id.task, Guessed: id.guessed, Counted: id.counted, Occurrence: id.occurrence,
		Attempt: id.attempt, Hop: hop, Fresh: id.use == fresh, Reused: id.use == reused,
		Method: r.Method, Idempotent: idempotent(r), IdempotencyKey: idempotencyKey(r), Target: target(r),
		Partial: partial(r), HTTP2: r.ProtoMajor > 1,
		Credentials: hop%2 == 1 && fate.Rule > 0 && s.plan.Faults[fate.Rule-1].OtherHost && credentials(r),
		Arrived:     now.Sub(s.started), Planned: fate, Resent: again,
	}}
	s.comes(r.Context(), x.rec.entry.Arrived)
	if info != nil {
		x.rec.entry.Connection = info.number
	}
	if s.unreachable.Has(r.Host) {
		w.Header().Set("Connection", "close") // another task may be refused at this address
	}
	if len(s.recorded) > 0 {
		x.rec.entry.Headers = recorded(r, s.recorded)
	}
	if r.Body != nil && r.Body != http.NoBody {
		x.rec.entry.Unread = r.ContentLength != 0
		r.Body = &receivedBody{
			ReadCloser: r.Body, entry: &x.rec.entry, hash: fnv.New64a(),
			conn: http.NewResponseController(w), patience: s.patience,
		}
	}
	return x
}

// aborted is what a fault comes to that the request's connection cannot carry
// out.
func aborted(r *http.Request) Kind {
	if r.ProtoMajor < 2 {
		return fault.Empty
	}
	return fault.Reset
}

// serve carries out the plan for a request that was let in.
func (s *Server) serve(x *exchange, r *http.Request) {
	defer logPanic(r) // before the request ends, for which Close waits
	defer s.noteBreak(x, r)
	fate := x.rec.entry.Planned
	if x.rec.entry.Resent && !x.refused {
		fate.Latency = 0
	}
	if x.act == nil {
		x.act = s.prepared(x, r)
	}
	if !x.harmless() {
		x.act = s.plan.act(fate, x.act)
	}
	s.delay(fate, x.admitted, x, &x.rec, r)
	if s.base.Err() != nil && x.rec.silent() {
		panic(http.ErrAbortHandler) // else net/http would send an empty answer after Close
	}
	if x.rec.silent() && r.Context().Err() != nil {
		x.rec.failed = true // the client has gone before there was an answer
	}
	x.rec.returned()
	if !x.rec.taken && !x.rec.flushed && r.ProtoMajor == 1 {
		x.readRest(r) // net/http does so too, before the answer leaves, but tells nothing of it
	}
}

// noteBreak notes that the content has ended an answer before its end.
func (s *Server) noteBreak(x *exchange, r *http.Request) {
	e := &x.rec.entry
	ended := !x.rec.whole || x.rec.short()
	left := x.rec.failed || r.Context().Err() != nil || s.base.Err() != nil
	e.Broken = e.Met == None && ended && !left && !x.rec.taken
}

// ServeHTTP answers, after a latency that is spent before the head.
func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := &x.rec.entry
	if e.Met = e.Planned.Fault; x.harmless() {
		e.Met = None
	}
	closes := e.Met.NoReply() && !e.HTTP2 && !x.direct && x.resends() && resendable(r)
	if closes || e.Met.Unprocessed() {
		x.server.retries.add(request{e.Key, e.Occurrence, e.Attempt, hashOf(r)}, e.Planned)
	}
	switch e.Met {
	case fault.RefusedStream:
		x.conn.framed.refuse(x.stream)
	case fault.GoAwayUnprocessed:
		x.conn.framed.goAway(r.Context(), x.stream)
	}
	own := e.Met.Body() == fault.NoBody || e.Met.Body() == fault.OwnBody
	if own && !e.Met.Unprocessed() && !x.after() && r.ContentLength <= maxRest {
		x.readRest(r) // the content is not asked
	}
	x.act.ServeHTTP(w, r)
}

// after reports whether the planned fault strikes after the work.
func (x *exchange) after() bool {
	rule := x.rec.entry.Planned.Rule
	return rule > 0 && x.server.plan.Faults[rule-1].After
}

// resends reports whether the client's transport sends the request again if its
// connection closes without an answer. A request that comes again and says the
// same attempt was sent by the transport in any case.
func (x *exchange) resends() bool {
	e := &x.rec.entry
	return !e.Counted || e.Reused || x.reused && !e.Fresh
}

// harmless reports whether the planned fault strikes within a body that the
// answer does not have, because the request is a HEAD. To carry it out all the
// same would harm the next request on the connection.
func (x *exchange) harmless() bool {
	return x.rec.head && x.rec.entry.Planned.Fault.Body() == fault.PartialBody
}

// end records an exchange in the journal, and makes room for another. The
// request is nil if its connection was closed while it was parked.
func (s *Server) end(x *exchange, r *http.Request) {
	if r != nil && x.rec.entry.Unread {
		if body, ok := r.Body.(*receivedBody); ok {
			body.wait()
		}
	}
	// after a whole answer a client may close
	if r != nil && r.Context().Err() != nil && s.base.Err() == nil && !x.rec.whole {
		x.rec.entry.Gone = time.Since(x.rec.arrived)
	}
	s.conns.end(x.conn)
	s.journal.add(x.rec.end())
	s.identities.end(x.task)
	if !x.admitted.IsZero() {
		s.gate.Leave()
	}
	s.underway.Add(-1)
	s.requests.Done()
}

// begin reports whether a request may begin: not once Close waits for those
// that have begun.
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

// prepared does the slow work of the content for a request, and returns the
// handler that answers it. It records which entity that is.
func (s *Server) prepared(x *exchange, r *http.Request) http.Handler {
	prepared := s.content
	if p, ok := prepared.(content.Preparer); ok {
		prepared = p.Prepare(r)
	}
	if e, ok := prepared.(content.Summer); ok {
		sum := e.Sum()
		x.rec.entry.Entity, x.rec.entry.Asked = sum, asked(r, sum.Size)
	} else if !x.rec.head {
		x.rec.sum = sha256.New()
	}
	return prepared
}

// act returns the handler that answers as a fate says, without the latency.
func (p Plan) act(f Fate, content http.Handler) http.Handler {
	if f.Rule > 0 {
		return p.Faults[f.Rule-1].Wrap(content)
	}
	return content
}

// delay calls act after the latency of a fate. The latency begins when the
// request arrives: what has been done since then is part of it.
func (s *Server) delay(f Fate, arrived time.Time, act http.Handler, w http.ResponseWriter, r *http.Request) {
	wait := latency.Wait{Begin: arrived, For: f.Latency, Phase: f.Spend, Pieces: s.plan.Pieces, Timer: s.timer}
	if f.Transfer > 0 || f.Status == 0 {
		wait.Bandwidth = s.plan.Bandwidth
	}
	if f.Fault.Chain() && fault.Hop(r) > 0 {
		wait.For, wait.Phase = 0, "" // the first request of the chain has spent the latency
	}
	if wait.For == 0 && wait.Bandwidth == 0 {
		act.ServeHTTP(w, r)
		return
	}
	wait.Serve(act, w, r)
}

// fateNow returns what a request meets that arrives now. A request that should
// have been refused, but was sent to [Server.URL], meets an empty answer.
func (s *Server) fateNow(draws *rand.PCG, q fault.Request) Fate {
	fate := s.plan.draw(draws, q)
	if fate.Fault.BeforeRequest() {
		fate.Fault = fault.Empty
	}
	return fate
}
