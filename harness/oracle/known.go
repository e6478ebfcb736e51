package oracle

import (
	"fmt"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers/fault"
)

// answered reports whether the client had what it asked for.
func (x *exchange) answered() bool { return x.kind.PlannedClass.Outcome() != record.OutcomeError }

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
