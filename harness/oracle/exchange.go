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
//
// A key may have a million of them. What many have in common they share: the
// rules, and all that is planned but the times, which is the kind of it.
type exchange struct {
	*rules
	first, last *servers.Entry
	kind        *record.Planned // without the times below; other exchanges share it, unless it is sole
	latency     time.Duration   // PlannedLatency
	service     time.Duration   // PlannedService
	margin      time.Duration   // PlannedMargin
	whose       *task           // among several tasks of its key, nil if that is not known
	misled      string          // how it followed a redirect wrongly, and after ": " what would be right

	refused servers.Kind    // by which its requests but the last were not processed; "" if none was refused
	waited  time.Duration   // from the first request that was refused to the last
	late    *record.Planned // of a client whose timeout is over before it comes again; nil if the last was processed

	sole       bool // its kind is its own
	outlived   bool // the timeout was over before the client tried again
	timed      bool // what is planned has what is left of the timeout over the whole task
	brief      bool // it had a timeout of its own that was shorter than the whole
	unfollowed bool // it ended with a redirect that the scenario does not take for a success
}

// plans sets what is planned of an exchange.
func (x *exchange) plans(p record.Planned) {
	x.latency, x.service, x.margin = p.PlannedLatency, p.PlannedService, p.PlannedMargin
	p.PlannedLatency, p.PlannedService, p.PlannedMargin = 0, 0, 0
	if x.sole {
		*x.kind = p
		return
	}
	x.kind = x.kindOf(p)
}

// planned returns what is planned of an exchange.
func (x *exchange) planned() record.Planned {
	p := *x.kind
	p.PlannedLatency, p.PlannedService, p.PlannedMargin = x.latency, x.service, x.margin
	return p
}

// exchanges puts together what is one request to its client. The entries are of
// one key. The exchanges are in order of arrival, and take the place of spare
// ones.
func (o Oracle) exchanges(entries []*servers.Entry, spare []*exchange) []*exchange {
	all, r := enough(spare, len(entries)), o.rules
	if r == nil {
		r = o.newRules()
	}
	if len(entries) == 1 { // as of most keys
		x := all[0]
		kind := x.kind
		if !x.sole {
			kind = new(record.Planned)
		}
		*x = exchange{rules: r, kind: kind, sole: true, first: entries[0], last: entries[0]}
		o.plan(x)
		return all[:1]
	}
	// Of what comes at one instant, the journal may have the last first: it has
	// them in the order in which they ended.
	slices.SortStableFunc(entries, func(a, b *servers.Entry) int {
		return cmp.Or(cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Hop, b.Hop),
			cmp.Compare(times(a.Resent), times(b.Resent)))
	})
	n := 0
	follows := func(e *servers.Entry) bool { return e.Hop > 0 || e.Resent }
	some := slices.ContainsFunc(entries, follows)
	latest := map[[2]int]*exchange{} // by occurrence and attempt, if some follow
	for _, e := range entries {
		which := [2]int{e.Occurrence, e.Attempt}
		x, known := latest[which]
		if known && follows(e) && !o.ownRetry(x, e) {
			x.misled = cmp.Or(x.misled, misled(x.last, e))
			if x.last.Met.Unprocessed() {
				x.refused, x.waited = x.last.Met, x.waited+e.Arrived-x.last.Arrived
			}
			x.last = e
			continue
		}
		x = all[n]
		*x = exchange{rules: r, first: e, last: e}
		n++
		if some && e.Met.End() != fault.EndRefused { // of a refused one the server has nothing to see again
			latest[which] = x
		}
	}
	for _, x := range all[:n] {
		o.plan(x)
	}
	return all[:n]
}

// enough returns so many exchanges, in the place of spare ones if there are as
// many.
func enough(spare []*exchange, n int) []*exchange {
	if len(spare) >= n {
		return spare
	}
	all, space := make([]*exchange, n), make([]exchange, n)
	for i := range space {
		all[i] = &space[i]
	}
	return all
}

// plan sets what is planned of an exchange.
func (o Oracle) plan(x *exchange) {
	last := *x.last
	last.Queued += x.waited // counts against the timeout too
	p := o.truth(&last)
	promise(&p, x.last)
	if p.PlannedClass != record.Timeout {
		p.PlannedService += x.waited
	}
	x.unfollowed = x.last.Met == fault.Redirect && x.redirected() && !slices.Contains(o.Success, x.last.Status)
	if x.refused != "" && x.last.Met == servers.None {
		p.PlannedFault = string(x.refused)
	}
	if x.outlived {
		p = *x.late
	} else if x.last.Met.Unprocessed() {
		late := o.late(x)
		x.late = &late
	}
	x.plans(p)
}

// late returns what is planned of an exchange whose last request was not
// processed, for a client whose timeout is over before it sends that again.
func (o Oracle) late(x *exchange) record.Planned {
	last := *x.last
	last.Queued += x.waited // counts against the timeout too
	last.Planned.Fault = fault.Hang
	late := o.truth(&last)
	late.PlannedFault = string(x.last.Met)
	return late
}

// ownRetry reports whether a request that looks like the last of an exchange,
// which was not processed, is certainly a retry by the client itself, and not
// by its transport. That of net/http does so at once the first time, and then
// waits for a second or longer. It does not outlive the client's timeout.
func (o Oracle) ownRetry(x *exchange, e *servers.Entry) bool {
	if !x.last.Met.Unprocessed() {
		return false
	}
	late, since := o.late(x), e.Arrived-x.first.Arrived
	timeout := late.PlannedService
	if !o.Exact {
		timeout -= timeout / 20
	}
	if late.PlannedClass == record.Timeout && late.PlannedService > 0 && since >= timeout && !leftAtOnce(e) {
		x.late, x.outlived = &late, true
		return true
	}
	after := e.Arrived - x.last.Arrived
	return o.Exact && after > time.Millisecond && after < time.Second
}

// leftAtOnce reports whether a client went away as its request came. It does
// that where its transport sends a request again at the end of its timeout.
func leftAtOnce(e *servers.Entry) bool {
	return e.Met == "" && e.TurnedAway == "" && e.Status == 0 && e.Took < 10*time.Millisecond
}

// times is 1 for what is so, and else 0.
func times(is bool) int {
	if is {
		return 1
	}
	return 0
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
		return o.accepts(o.Truth(*e))
	}
	return o.attempt(e.Key, max(e.Occurrence, 1), e.Attempt)
}

// abandoned reports whether the client went away before the end. Where it goes
// as the server closes, the server knows only that the answer was not sent. A
// client may close as soon as it has the whole answer of a server that is slow
// to close.
func (x *exchange) abandoned() bool {
	e := x.last
	switch {
	case e.Met == fault.SlowClose && e.Status > 0, x.unharmed():
		return false
	case e.Gone > 0 || e.TurnedAway == limits.ByClient:
		return true
	case e.TurnedAway != "", e.Broken:
		return false
	}
	return e.Met == "" || e.Met == servers.None && !e.Done
}

// unharmed reports whether an answer without a body was to be struck within
// that. Its client has all of it with the head, whatever the server does then.
func (x *exchange) unharmed() bool {
	return bodiless(x.last) && x.last.Met.Body() == fault.PartialBody
}

// underWay reports whether the exchange was not over at a time, as only a
// timeout can end it for its client.
func (x *exchange) underWay(at time.Duration) bool {
	timeout := x.timeout()
	return x.kind.PlannedClass == record.Timeout && timeout > 0 && at < x.last.Arrived+timeout-timeout/20
}

// ended returns when the exchange was over for its client. A client goes when
// its timeout is over, and the server may send on without a notice of that.
// Real clocks do not agree to the nanosecond, and the timeout began before the
// request arrived: so it may be over a little earlier.
func (x *exchange) ended() time.Duration {
	if x.outlived {
		return x.first.Arrived + x.service
	}
	took, timeout := x.last.Took, x.timeout()
	if x.unharmed() {
		took = min(took, x.last.Waited)
	}
	if x.kind.PlannedClass == record.Timeout && x.last.Gone == 0 && timeout > 0 {
		if !x.exact {
			timeout -= timeout / 20
		}
		took = min(took, timeout)
	}
	return x.last.Arrived + took
}

// timeout is what is left of the client's timeout when the last request
// arrives, if a timeout is planned.
func (x *exchange) timeout() time.Duration { return x.service - x.waited }

// leastLag is how much later than its client the server may note the end of an
// exchange under the real clock, where other work goes on: the client may have
// sent its next request by then.
const leastLag = 100 * time.Millisecond

// lag is leastLag, or what goes by while the server has one turn after another
// on a machine that was later than that.
func (o Oracle) lag() time.Duration { return max(leastLag, record.Real.Guard(1, o.Late)) }

// followable returns from when on another request may come because x is over.
func (x *exchange) followable() time.Duration {
	switch ended := x.ended(); {
	case x.exact:
		return ended
	case x.kind.PlannedClass == record.Timeout:
		timeout := x.timeout()
		return min(ended, max(ended-x.lag, x.last.Arrived+timeout-timeout/20))
	default:
		return min(ended, max(ended-x.lag, x.known()))
	}
}

// supersedes reports whether x came after another had ended, as an attempt does
// that is made because the one before it failed. A client that leaves x, and
// not because it waits for too long, had its answer from another: the two
// crossed. Of two that came at one instant and say one number, it is not known
// which was first.
func (x *exchange) supersedes(other *exchange) bool {
	left := x.abandoned() && x.kind.PlannedClass != record.Timeout
	at := x.first.Arrived
	together := at == other.first.Arrived && x.first.Attempt == other.first.Attempt
	return at >= other.followable() && !left && !together
}

// judgesRight reports whether the sample follows from the exchange.
func (x *exchange) judgesRight(s record.Sample) bool {
	judged := x.judge(s)
	return judged.Agrees()
}

// judge returns the sample as it is if x is the exchange that its report
// follows from.
func (x *exchange) judge(s record.Sample) record.Sample {
	s.Planned, s.Attempt = x.planned(), x.last.Attempt
	if x.outwaited(s) {
		s.Planned = *x.late
	}
	s.Served, s.Did = x.last.Status, x.did()
	switch {
	case x.declined(s.Seen):
		s.PlannedClass, s.PlannedBytes, s.PlannedDigest = s.Class, 0, ""
	case s.Class == record.OK && (x.hadEnough() || x.part && x.inBody()):
		s.PlannedClass = s.Class
	case x.unfollowed && s.Class == record.OK: // which is no more than a redirect
		s.PlannedClass = record.ClassOf(x.last.Status)
	}
	head, is := x.head()
	if is && s.Class == head {
		s.PlannedClass, s.PlannedBytes, s.PlannedDigest = s.Class, 0, ""
	}
	switch {
	case s.PlannedClass != record.OK:
	case failed(s.Class):
		x.refuses(&s)
	case x.multi() && x.ownAnswer():
		s.Doubt = cmp.Or(s.Doubt, mayHaveFailed)
	}
	if x.part && s.Bytes < s.PlannedBytes {
		s.PlannedBytes, s.PlannedDigest = 0, ""
	}
	if x.coarse && x.alike(s.Class) || x.plain && x.asGood(s.Class) {
		s.PlannedClass = s.Class
	}
	if x.means != nil && s.Class != s.PlannedClass {
		classes, doubt := x.means(s.Seen)
		if slices.Contains(classes, s.PlannedClass) || is && slices.Contains(classes, head) {
			s.PlannedClass, s.Doubt = s.Class, cmp.Or(s.Doubt, doubt)
		}
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
	if x.kind.PlannedFault == string(fault.WrongType) && reported == record.OK {
		return true
	}
	return slices.Contains(broken, reported) && slices.Contains(broken, x.kind.PlannedClass)
}

// asGood reports whether a class that is reported is as good as the planned one
// for a client that reports no more than that it has failed.
func (x *exchange) asGood(reported record.Class) bool {
	if x.kind.PlannedFault == string(fault.WrongType) && reported == record.OK {
		return true
	}
	return failed(reported) && x.kind.PlannedClass != record.OK
}

func failed(class record.Class) bool { return class.Outcome() == record.OutcomeError }

// declined reports whether the client took a redirect for its answer, as one
// does that is told not to follow any.
func (x *exchange) declined(seen record.Seen) bool {
	redirect := x.last.Met == fault.Redirect || x.last.Met == fault.RedirectLoop
	return redirect && x.last.Status/100 == http.StatusMultipleChoices/100 &&
		seen.Status == x.last.Status && seen.Class == record.ClassOf(seen.Status)
}

// outwaited reports whether the client's timeout was over before its transport
// sent again what was not processed: it may wait for seconds.
func (x *exchange) outwaited(s record.Sample) bool {
	if x.late == nil || s.Class != record.Timeout || x.late.PlannedClass != record.Timeout {
		return false
	}
	timeout := x.late.PlannedService
	return timeout > 0 && s.Finished-s.Started >= timeout-timeout/20
}

// did is what the server did to the requests of an exchange.
func (x *exchange) did() string {
	if x.refused != "" && x.last.Met == servers.None {
		return string(x.refused)
	}
	return action(x.last)
}

// action is what the server did to a request, as a sample's Did names it.
func action(e *servers.Entry) string {
	if e.TurnedAway != "" && e.TurnedAway != limits.ByClient {
		return record.ActionTurnedAway
	}
	return cmp.Or(string(e.Met), record.ActionClientLeft)
}
