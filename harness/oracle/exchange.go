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
	"github.com/teapot-go/teapot/servers/limits"
)

// An exchange is one request as its client sees it. On the wire it may be
// several: the hops of a redirect, and what a transport sends again by itself.
type exchange struct {
	first, last *servers.Entry
	planned     record.Planned
	coarse      bool   // the oracle's Coarse
	exact       bool   // the oracle's Exact
	misled      string // how it followed a redirect wrongly, and after ": " what would be right
	whose       *task  // among several tasks of its key, nil if that is not known
}

// exchanges puts together what is one request to its client. The entries are of
// one key. The exchanges are in order of arrival.
func (o Oracle) exchanges(entries []*servers.Entry) []*exchange {
	slices.SortStableFunc(entries, func(a, b *servers.Entry) int { return cmp.Compare(a.Arrived, b.Arrived) })
	var all []*exchange
	latest := map[[2]int]*exchange{} // by occurrence and attempt
	for _, e := range entries {
		which := [2]int{e.Occurrence, e.Attempt}
		x, known := latest[which]
		if known && (e.Hop > 0 || e.Resent) {
			x.misled = cmp.Or(x.misled, misled(x.last, e))
			x.last = e
			continue
		}
		x = &exchange{first: e, last: e}
		latest[which] = x
		all = append(all, x)
	}
	for _, x := range all {
		x.planned, x.coarse, x.exact = o.truth(x.last), o.Coarse, o.Exact
		promise(&x.planned, x.last)
	}
	return all
}

// misled returns what is wrong with a request that follows a redirect (RFC
// 9110, 15.4), and after ": " what would be right; "" if nothing is.
func misled(from, to *servers.Entry) string {
	read := to.Status/100 == from.Status/100 // a redirect reads the whole body
	switch from.Status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		switch {
		case to.Method != from.Method:
			return fmt.Sprintf("followed a redirect of %d by a %s: another %s", from.Status, to.Method, from.Method)
		case read && (to.Received != from.Received || to.Digest != from.Digest):
			return fmt.Sprintf("followed a redirect of %d by a body of %d bytes: the same body, of %d bytes",
				from.Status, to.Received, from.Received)
		}
	case http.StatusSeeOther:
		if to.Method != http.MethodGet && to.Method != http.MethodHead {
			return fmt.Sprintf("followed a redirect of 303 by a %s: a GET", to.Method)
		}
	}
	if to.Credentials {
		return "followed a redirect to another host with its Authorization or Cookie: a request without them"
	}
	return ""
}

// truth returns what a correct client reports of a request.
func (o Oracle) truth(e *servers.Entry) record.Planned {
	if o.Truth != nil {
		return o.Truth(*e)
	}
	return o.Plan(e.Key, max(e.Occurrence, 1), e.Attempt)
}

// abandoned reports whether the client went away before the end. Where it goes
// as the server closes, the server knows only that the answer was not sent. A
// client may close as soon as it has the whole answer of a server that is slow
// to close.
func (x *exchange) abandoned() bool {
	e := x.last
	switch {
	case e.Met == fault.SlowClose && e.Status > 0:
		return false
	case e.Gone > 0 || e.TurnedAway == limits.ByClient:
		return true
	case e.TurnedAway != "":
		return false
	}
	return e.Met == "" || e.Met == servers.None && !e.Done
}

// ended returns when the exchange was over for its client. A client goes when
// its timeout is over, and the server may send on without a notice of that.
// Real clocks do not agree to the nanosecond, and the timeout began before the
// request arrived: so it may be over a little earlier.
func (x *exchange) ended() time.Duration {
	took, timeout := x.last.Took, x.planned.PlannedService
	if x.planned.PlannedClass == record.Timeout && x.last.Gone == 0 && timeout > 0 {
		if !x.exact {
			timeout -= timeout / 20
		}
		took = min(took, timeout)
	}
	return x.last.Arrived + took
}

// lag is how much later than its client the server may note the end of an
// exchange under the real clock, where other work goes on: the client may have
// sent its next request by then.
const lag = 100 * time.Millisecond

// followable returns from when on another request may come because x is over.
func (x *exchange) followable() time.Duration {
	switch ended := x.ended(); {
	case x.exact:
		return ended
	case x.planned.PlannedClass == record.Timeout:
		timeout := x.planned.PlannedService
		return min(ended, max(ended-lag, x.last.Arrived+timeout-timeout/20))
	default:
		return min(ended, max(ended-lag, x.known()))
	}
}

// supersedes reports whether x came after another had ended, as an attempt does
// that is made because the one before it failed. A client that leaves x, and
// not because it waits for too long, had its answer from another: the two
// crossed.
func (x *exchange) supersedes(other *exchange) bool {
	left := x.abandoned() && x.planned.PlannedClass != record.Timeout
	return x.first.Arrived >= other.followable() && !left
}

// judge returns the sample as it is if x is the exchange that its report
// follows from.
func (x *exchange) judge(s record.Sample) record.Sample {
	s.Planned, s.Attempt = x.planned, x.last.Attempt
	s.Served, s.Did = x.last.Status, action(x.last)
	if x.declined(s.Seen) {
		s.PlannedClass, s.PlannedBytes, s.PlannedDigest = s.Class, 0, ""
	}
	if x.corrupted() && s.PlannedClass == record.OK && (s.Class == record.Malformed ||
		x.coarse && slices.Contains(broken, s.Class)) {
		s.PlannedClass = s.Class
	}
	if x.coarse && x.alike(s.Class) {
		s.PlannedClass = s.Class
	}
	return s
}

// broken are the classes of an exchange that broke. What a plain client is told
// does not tell them apart: an unexpected EOF, say, is a head that breaks off
// as well as a body.
var broken = []record.Class{record.Redirect, record.Reset, record.Truncated, record.Malformed, record.Failed}

// alike reports whether a class that is reported is as good as the planned one
// for a client that goes by plain errors. Such a client does not compare a
// Content-Type with the body either.
func (x *exchange) alike(reported record.Class) bool {
	if x.planned.PlannedFault == string(fault.WrongType) && reported == record.OK {
		return true
	}
	return slices.Contains(broken, reported) && slices.Contains(broken, x.planned.PlannedClass)
}

// declined reports whether the client took a redirect for its answer, as one
// does that is told not to follow any.
func (x *exchange) declined(seen record.Seen) bool {
	redirect := x.last.Met == fault.Redirect || x.last.Met == fault.RedirectLoop
	return redirect && x.last.Status/100 == http.StatusMultipleChoices/100 &&
		seen.Status == x.last.Status && seen.Class == record.ClassOf(seen.Status)
}

// action is what the server did to a request, as a sample's Did names it.
func action(e *servers.Entry) string {
	if e.TurnedAway != "" && e.TurnedAway != limits.ByClient {
		return record.ActionTurnedAway
	}
	return cmp.Or(string(e.Met), record.ActionClientLeft)
}
