package oracle

import (
	"cmp"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// classOf returns what a correct client reports of an exchange with a fault
// that ends so, where the answer has the given status. It panics if it does not
// know the end.
func classOf(end fault.End, status int) record.Class {
	answer := record.ClassOf(status)
	switch end {
	case fault.EndAnswer:
		return answer
	case fault.EndWrongType:
		if answer == record.OK {
			return record.Malformed
		}
		return answer // its body does not count
	case fault.EndRedirects:
		return record.Redirect
	case fault.EndRefused:
		return record.Refused
	case fault.EndReset:
		return record.Reset
	case fault.EndTruncated:
		return record.Truncated
	case fault.EndMalformed:
		return record.Malformed
	case fault.EndTimeout:
		return record.Timeout
	default:
		panic("oracle: no class for the end " + end.String())
	}
}

// Truth returns what a correct client reports of a fate when it waits no longer
// than timeout; 0 means no timeout. A latency beyond the timeout hides whatever
// would have come after it. A 404 is not_found, also as a fault. A wrong type
// is malformed only in an answer that would have been ok. Where the content
// decides the status, it is taken to be 200.
func Truth(f servers.Fate, timeout time.Duration) record.Planned { return queued(0, f, timeout) }

// TruthOf returns what a correct client reports of a request that the server's
// journal has, planned as f. The wait to be let in is not planned, and counts
// against the timeout. A request that is turned away is answered at once.
//
// A client may go away while it waits, and then it is not known how much longer
// the wait would have been. The client was right if the rest of the timeout was
// shorter than the latency still to come. It was also right if the rest was at
// most a fifth of the timeout, because real clocks do not agree to the
// nanosecond.
//
// An answer to HEAD, a 204 and a 304 have no body, so that a fault of the body
// does nothing to them.
func TruthOf(e servers.Entry, f servers.Fate, timeout time.Duration) record.Planned {
	kind := f.Fault
	if bodiless(&e) && (kind.Body() == fault.PartialBody || kind.End() == fault.EndWrongType) {
		f.Fault = servers.None
	}
	whole := f.Fault.End() == fault.EndAnswer || f.Fault.End() == fault.EndWrongType
	switch {
	case whole && e.Status >= http.StatusBadRequest:
		f.Status = e.Status // the content does not take its method, or has no such range
	case f.Status == 0 && e.Status >= http.StatusOK && e.Status != http.StatusNotModified:
		f.Status = e.Status
	}
	p := queued(e.Queued, f, timeout)
	p.PlannedFault = string(kind)
	if e.TurnedAway != "" && e.TurnedAway != limits.ByClient && timeout > 0 {
		p.PlannedMargin = (timeout - e.Queued).Abs() // it was answered at once
	}
	switch {
	case e.TurnedAway == "":
		ownFault(&p, e, timeout)
	case e.TurnedAway == limits.ByClient:
		if timeout > 0 && e.Queued > timeout-timeout/5 {
			p.PlannedService, p.PlannedClass = timeout, record.Timeout
		}
	case e.Status == 0:
		p.PlannedService, p.PlannedClass = 0, record.Reset
	default:
		p.PlannedService, p.PlannedClass, p.PlannedStatus = 0, record.ClassOf(e.Status), e.Status
	}
	return p
}

// ownFault plans what a client meets of content that is not the server's own
// and is slow, or ends an answer before its end: that is the content's doing.
func ownFault(p *record.Planned, e servers.Entry, timeout time.Duration) {
	left := e.Gone
	struck := e.Met != "" && e.Met != servers.None && (e.Met.End() != fault.EndAnswer || e.Status > 0)
	over := timeout > 0 && e.Took >= timeout       // content that sees its client leave may be done then
	if left == 0 && (!e.Done || over) && !struck { // a fault may answer, or not, without being done
		left = e.Took // it went as the server closed
	}
	switch {
	case e.Planned.Status != 0: // the plan knows the content
	case e.Broken && (e.Status == 0 || e.HTTP2 && !e.Done):
		p.PlannedClass = record.Reset
	case e.Broken:
		p.PlannedClass = record.Truncated
	case timeout > 0 && left > timeout-timeout/5:
		p.PlannedClass, p.PlannedService = record.Timeout, timeout
	}
}

// bodiless reports whether an answer has been sent that has no body.
func bodiless(e *servers.Entry) bool {
	none := e.Status == http.StatusNotModified || e.Status == http.StatusNoContent
	return none || e.Status > 0 && e.Method == http.MethodHead
}

// queued returns the truth of a fate that begins after a wait to be let in.
func queued(wait time.Duration, f servers.Fate, timeout time.Duration) record.Planned {
	f.Status = cmp.Or(f.Status, http.StatusOK)
	p := record.Planned{
		PlannedLatency: f.Latency,
		PlannedService: f.Latency + f.Transfer,
		PlannedFault:   string(f.Fault),
		PlannedClass:   classOf(f.Fault.End(), f.Status),
		PlannedStatus:  f.Status,
	}
	if timeout == 0 {
		return p
	}
	p.PlannedMargin = (wait + p.PlannedService - timeout).Abs()
	if wait+p.PlannedService > timeout || p.PlannedClass == record.Timeout {
		p.PlannedService, p.PlannedClass = timeout, record.Timeout
	}
	return p
}
