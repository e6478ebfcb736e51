package oracle

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// answered reports whether the client had what it asked for.
func (x *exchange) answered() bool { return x.kind.PlannedClass.Outcome() != record.OutcomeError }

// refuses plans the failure that a sample reports of what the server has for a
// success, if its client may take it for that.
func (x *exchange) refuses(s *record.Sample) {
	some := x.corrupted() || x.emptied() || x.refusable(record.Failed) // of them, of any class
	switch {
	case some && (x.refusable(s.Class) || x.coarse && slices.Contains(broken, s.Class) || x.plain):
		s.PlannedClass = s.Class
	case x.multi():
		s.PlannedClass, s.Doubt = s.Class, cmp.Or(s.Doubt, severalStatuses)
	}
}

// refusable reports whether the client may take for a failure what the server
// has for a success, and as which class.
func (x *exchange) refusable(class record.Class) bool {
	switch {
	case x.emptied():
		return class == record.Malformed || class == record.Status
	case x.corrupted():
		return class == record.Malformed
	case x.changed():
		return slices.Contains(broken, class) || class == record.Status
	case x.last.Status == http.StatusSwitchingProtocols && x.last.Met == fault.Surplus:
		return slices.Contains(broken, class) // the bytes are those of another protocol
	}
	return false
}

// changed reports whether a redirect of the plan has led to another method, as
// 301 to 303 lead from a POST to a GET: its answer is not that to the first.
func (x *exchange) changed() bool {
	was := x.first.Method
	return x.first != x.last && x.last.Method != was && was != http.MethodGet && was != http.MethodHead
}

// hadEnough reports whether the client left a success of content that answers
// bit by bit, after its head and not because its timeout was over: it may have
// read what it wanted.
func (x *exchange) hadEnough() bool {
	e := x.last
	if !x.exact || x.kind.PlannedClass != record.Timeout {
		return false
	}
	success := e.Status/100 == 2 || e.Status == http.StatusSwitchingProtocols
	return x.ownAnswer() && success && e.Queued+e.Took < x.timeout()-time.Millisecond
}

// multi reports whether an answer has a status of each of its parts, in a
// body that only its client understands (RFC 4918, 13).
func (x *exchange) multi() bool { return x.last.Status == http.StatusMultiStatus && !x.parts }

// ownAnswer reports whether an answer is of content that is not the server's
// own, without a fault.
func (x *exchange) ownAnswer() bool {
	e := x.last
	return e.Planned.Status == 0 && (e.Met == "" || e.Met == servers.None)
}

// begun reports whether the client stops at an attempt because the beginning of
// a body was all that it wanted.
func begun(s record.Sample, attempt []*exchange) bool {
	return s.Class == record.OK && slices.ContainsFunc(attempt, func(x *exchange) bool {
		return x.part && x.last.Status/100 == 2
	})
}

// missed reports whether the client was told that there is no such thing. That
// is an answer, but without a policy a client may also look again.
func (x *exchange) missed() bool { return x.kind.PlannedClass == record.NotFound }

// mayChange reports whether the answer to the same request may be another the
// next time: the content is not a file, and the request changes nothing.
func (x *exchange) mayChange() bool {
	e := x.last
	return !e.Entity.Known() && (e.Method == http.MethodGet || e.Method == http.MethodHead)
}

// redirected reports whether the answer leads the client on.
func (x *exchange) redirected() bool {
	return x.last.Status/100 == http.StatusMultipleChoices/100 && x.last.Status != http.StatusNotModified
}

// known returns the earliest time at which the client can have known what
// became of an exchange.
func (x *exchange) known() time.Duration {
	e := x.last
	switch {
	case x.abandoned(), x.outlived:
		return x.ended()
	case e.Status > 0: // it need not have waited for it beyond its timeout
		return min(e.Arrived+e.Waited, x.ended())
	}
	if e.Resent && x.refused == "" {
		return e.Arrived // its latency was spent before
	}
	return e.Arrived + e.Queued + e.Planned.Latency
}

// unanswered reports whether the connection of an exchange closed without an
// answer.
func (x *exchange) unanswered() bool {
	return x.last.Status == 0 && x.kind.PlannedClass == record.Reset
}

// inBody reports whether an exchange failed when its client had the whole head
// of a success.
func (x *exchange) inBody() bool { return x.last.Status/100 == 2 && x.afterHead() }

// afterHead reports whether an exchange failed when its client had the whole
// head of an answer.
func (x *exchange) afterHead() bool {
	e := x.last
	if e.Status == 0 || x.kind.PlannedClass.Outcome() != record.OutcomeError {
		return false
	}
	late := x.kind.PlannedClass == record.Timeout && e.Waited < x.service
	return e.Met.Body() == fault.PartialBody || e.Met == fault.WrongType || late
}

// head returns the class of an answer that broke off after the head of a
// failure: its client need not read on.
func (x *exchange) head() (class record.Class, is bool) {
	status := x.last.Status
	return record.ClassOf(status), status >= http.StatusBadRequest && x.afterHead()
}

// told says what a client was told by an exchange.
func (x *exchange) told() string {
	if s := x.last.Status; s > 0 && x.kind.PlannedClass == record.Status {
		return fmt.Sprintf("a status of %d", s)
	}
	return string(x.kind.PlannedClass)
}
