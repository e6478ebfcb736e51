package oracle

import (
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// truth is the table of what each fault is to a correct client. The kinds that
// are not in it leave an answer to read, whose status says what it is: none,
// status, redirect, surplus and slow_close.
var truth = map[servers.Kind]record.Class{
	fault.RedirectLoop:    record.Redirect,
	fault.Refuse:          record.Refused,
	fault.Close:           record.Reset,
	fault.Empty:           record.Reset,
	fault.Reset:           record.Reset,
	fault.ResetHead:       record.Reset,
	fault.ResetBody:       record.Reset,
	fault.Truncate:        record.Truncated,
	fault.TruncateChunked: record.Truncated,
	fault.Garbage:         record.Malformed,
	fault.BadChunk:        record.Malformed,
	fault.BadLength:       record.Malformed,
	fault.HugeHead:        record.Malformed,
	fault.Hang:            record.Timeout,
	fault.HangBody:        record.Timeout,
	fault.HalfOpen:        record.Timeout,
}

// Truth is what a correct client makes of a fate when it waits no longer than
// timeout, 0 for as long as it takes. A latency beyond the timeout hides
// whatever would have come after it; 404 is not_found whoever sent it; a wrong
// type is one of what was found only.
func Truth(f servers.Fate, timeout time.Duration) record.Planned { return queued(0, f, timeout) }

// TruthOf is what a correct client makes of a request that the server's journal
// has, planned as f. Its wait to be let in counts against the timeout. How long
// it takes to be let in is not planned; who is turned away is so at once.
//
// Of a client that went away while it waited nobody knows how much longer the
// wait would have been. It was right if the rest of the timeout was shorter
// than the latency still to come, or a fifth of the timeout at most, as real
// clocks do not agree to the nanosecond.
func TruthOf(e servers.Entry, f servers.Fate, timeout time.Duration) record.Planned {
	p := queued(e.Queued, f, timeout)
	switch {
	case e.TurnedAway == "":
	case e.TurnedAway == limits.ByClient:
		if timeout > 0 && e.Queued > timeout-timeout/5 {
			p.PlannedService, p.PlannedClass = timeout, record.Timeout
		}
	case e.Status == 0:
		p.PlannedService, p.PlannedClass = 0, record.Reset
	default:
		p.PlannedService, p.PlannedClass = 0, record.ClassOf(e.Status)
	}
	return p
}

// queued is the truth of a fate that begins after so long a wait to be let in.
func queued(wait time.Duration, f servers.Fate, timeout time.Duration) record.Planned {
	p := record.Planned{
		PlannedLatency: f.Latency,
		PlannedService: f.Latency + f.Transfer,
		PlannedFault:   string(f.Fault),
		PlannedClass:   record.ClassOf(f.Status),
	}
	if c, spoilt := truth[f.Fault]; spoilt {
		p.PlannedClass = c
	}
	if f.Fault == fault.WrongType && p.PlannedClass == record.OK {
		p.PlannedClass = record.Malformed
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
