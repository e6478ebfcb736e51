package oracle

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers/fault"
)

// A Retry is the policy by which a client tries again. [Oracle.Attempts] bounds
// it.
type Retry struct {
	// On reports whether the client tries again after an attempt of this class
	// and status, which is 0 if there was no answer.
	On func(class record.Class, status int) bool
	// Unsafe allows another attempt also where the first may have had an
	// effect: its method is not idempotent, and no answer said what became of
	// it. RFC 9110 (9.2.2) forbids that.
	Unsafe bool
	// Wait returns the shortest and the longest pause after an attempt, of a
	// number from 1.
	Wait func(attempt int) (least, most time.Duration)
	// Hasty lets the client ignore the Retry-After of an answer.
	Hasty bool
}

// pause returns the bounds of the pause after an attempt that was told to wait
// by a Retry-After; 0 if it was not. Without a policy any pause is right.
func (r *Retry) pause(attempt int, told time.Duration) (least, most time.Duration) {
	if r == nil {
		return 0, math.MaxInt64
	}
	if r.Wait != nil {
		least, most = r.Wait(attempt)
	}
	if r.Hasty {
		return least, most
	}
	return max(least, told), max(most, told)
}

// again reports whether a correct client tries again after an exchange.
func (o Oracle) again(x *exchange) bool {
	r, class, status := o.Retry, x.planned.PlannedClass, x.last.Status
	if o.givenUp(x) {
		class, status = record.Timeout, 0
	}
	if !r.On(class, status) {
		return false
	}
	told := class == record.Status // a whole answer, not one that broke off
	safe := class == record.Refused || x.last.Met.Unprocessed()
	return r.Unsafe || x.last.Idempotent || told || safe
}

// givenUp reports whether the client of an exchange went away at its timeout,
// whatever was planned: on a machine that stands still, any answer is late.
func (o Oracle) givenUp(x *exchange) bool {
	return !o.Whole && o.Timeout > 0 && x.abandoned() && x.last.Took+x.waited >= o.Timeout-o.Timeout/20
}

// stops reports whether a correct client stops after an attempt, the nth.
func (o Oracle) stops(n int, attempt []*exchange) bool {
	switch {
	case n >= max(o.Attempts, 1), succeeds(attempt), o.Whole && timedOut(attempt):
		return true
	case o.Retry == nil:
		return false
	}
	return !slices.ContainsFunc(attempt, o.again)
}

// timedOut reports whether every exchange of an attempt ends with the timeout.
func timedOut(attempt []*exchange) bool {
	return !slices.ContainsFunc(attempt, func(x *exchange) bool { return x.planned.PlannedClass != record.Timeout })
}

// mayStop reports whether a client is right to stop after an attempt that has
// failed, where no policy says which failures are to be tried again: the
// request was at fault, so that the same request can only fail again.
//
// It may also stop where it is not known whether the request was safe to send
// again, because the server never saw it. And it may stop where the answer
// failed within its body, if its policy does not have truncated: then its
// caller reads the body. A client that does not send again what is not
// idempotent may stop after a request that was not processed. One that goes by
// plain errors does not notice a wrong Content-Type.
func (o Oracle) mayStop(attempt []*exchange) bool {
	reads := o.Retry == nil || o.Retry.On(record.Truncated, 0)
	for _, x := range attempt {
		unnoticed := x.planned.PlannedFault == string(fault.WrongType) && (x.coarse || x.plain)
		if x.last.Method == "" && x.planned.PlannedClass == record.Reset || x.inBody() && !reads || unnoticed {
			return true
		}
		if x.last.Met.Unprocessed() && !x.last.Idempotent {
			return true
		}
	}
	if o.Retry != nil {
		return false
	}
	for _, x := range attempt {
		if s := x.last.Status; s/100 == 4 && s != 408 && s != 425 && s != 429 &&
			x.planned.PlannedClass == record.Status {
			return true
		}
	}
	return false
}

// paused returns the pause between two attempts, as long as it counts: a client
// that waits longer than its policy says gets no more than that.
func (o Oracle) paused(n int, attempt, next []*exchange) time.Duration {
	if o.Retry != nil && succeeds(attempt) {
		return 0 // it goes on with another part
	}
	ended, told := time.Duration(0), time.Duration(0)
	for _, x := range attempt {
		ended, told = max(ended, x.ended()), max(told, x.last.RetryAfter)
	}
	least, most := o.Retry.pause(n, told)
	return min(max(next[0].first.Arrived-ended, least), most)
}

// misstep notes how requests of a task break the policy of retries, or why it
// is not known whether they do. Without a policy a Retry-After is to be heeded,
// and a client that may make several attempts stops at an answer.
func (o Oracle) misstep(s *record.Sample, own []*exchange) {
	number := make([]int, len(own)) // of the attempt that each is
	mixed := mixesHops(own)
	for i, x := range own {
		if x.misled != "" {
			s.Misstep = x.misled
			return
		}
		if o.maybeOwn(x) {
			s.RetryDoubt = maybeResent
		}
		number[i] = 1
		if s.Misstep = o.sentAgain(s, own[:i], x); s.Misstep != "" {
			return
		}
		before := retried(own[:i], x)
		if before < 0 {
			continue
		}
		y, n := own[before], number[before]+1
		said := o.wrongRetry(n, x, y)
		switch resent := x.maybeResent(y); {
		case said != "" && y.answered() && mixed:
			// x may follow the redirect of another
		case said != "" && o.mayCross(x, y):
			s.RetryDoubt = mayCross
		case said != "" && y.answered() && o.Foreign && y.mayChange(),
			said != "" && o.strict() && x.mayRepeat(y) && !x.repeats(y):
			s.RetryDoubt = mayPoll
		case said != "" && !resent:
			s.Misstep = fmt.Sprintf("attempt %d %s", n, said)
			return
		case said != "":
			s.RetryDoubt = maybeResent
		case !resent && y.planned.PlannedClass.Outcome() == record.OutcomeError:
			number[i] = n
		}
	}
}

// answered reports whether the client had what it asked for.
func (x *exchange) answered() bool { return x.planned.PlannedClass.Outcome() != record.OutcomeError }

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

// mixesHops reports whether a client follows redirects and hedges. The server
// takes what follows a redirect for a part of the latest attempt.
func mixesHops(own []*exchange) bool {
	hops, hedges := false, false
	for i, x := range own {
		hops = hops || x.first != x.last || x.redirected()
		hedges = hedges || slices.ContainsFunc(own[:i], func(y *exchange) bool { return x.first.Arrived < y.ended() })
	}
	return hops && hedges
}

// mayCross reports whether x and the answer of y may have crossed: the client
// sent x as a hedge, or because its timeout was over, when the answer was on
// its way. What comes before the server notes the end of y may be a hedge too.
func (o Oracle) mayCross(x, y *exchange) bool {
	switch {
	case !y.answered():
		return x.first.Arrived < y.ended() && y.planned.PlannedClass != record.Timeout
	case !o.Exact && o.Timeout > 0 && y.planned.PlannedMargin < o.guard():
		return true
	}
	return o.justAfter(x, y)
}

// justAfter reports whether x came so soon after the end of y that its client
// may have sent it before it knew of that. One whose times are exact leaves it.
func (o Oracle) justAfter(x, y *exchange) bool {
	after := x.first.Arrived - y.ended()
	if o.Exact {
		return after == 0 && x.abandoned()
	}
	return after < o.lag()
}

// mayRepeat reports whether x may ask again for what the answer of y has
// brought. It does not if it asks for a part or on a condition, for another
// thing, for what came corrupted, or because the answer said when to ask again.
// Of a request that is not idempotent, [Oracle.sentAgain] tells.
func (x *exchange) mayRepeat(y *exchange) bool {
	a, b := x.last, y.last
	partial := x.first.Partial || y.first.Partial || a.Partial || b.Partial
	done := y.answered() && !y.redirected() && !partial && !y.corrupted() && b.RetryAfter == 0
	if !done || a.Method != b.Method || !a.Idempotent || a.IdempotencyKey != b.IdempotencyKey {
		return false
	}
	if a.Entity.Known() && b.Entity.Known() {
		return a.Entity == b.Entity
	}
	return a.Target == b.Target && !otherBody(x, y)
}

// repeats reports whether x certainly asks again for what the answer of y has
// brought: for the same file, or for the same thing to be done. A status of 202
// does not say that it was.
func (x *exchange) repeats(y *exchange) bool {
	if !x.mayRepeat(y) {
		return false
	}
	a, b := x.last, y.last
	reads := a.Method == http.MethodGet || a.Method == http.MethodHead
	changes := a.Method == http.MethodPost || a.Method == http.MethodPatch
	return reads && a.Entity.Known() && b.Entity.Known() ||
		changes && a.IdempotencyKey != 0 && b.Status != http.StatusAccepted
}

// strict reports whether a client that has no policy must stop at an answer.
func (o Oracle) strict() bool { return o.Retry == nil && o.Attempts > 1 }

// maybeResent reports whether x may be y, sent again by the client's transport
// of its own accord. A transport does that at once when a connection closes
// without an answer.
func (x *exchange) maybeResent(y *exchange) bool {
	return y.unanswered() && !y.last.HTTP2 && x.first.Counted && x.first.Idempotent &&
		x.first.IdempotencyKey == y.last.IdempotencyKey && x.first.Arrived-y.ended() < time.Second
}

// resentLate reports whether a request that the server took for one that a
// transport sent again came so late that the client may have made an attempt.
func (o Oracle) resentLate(x *exchange) bool {
	atOnce := 10 * time.Millisecond
	if o.Exact {
		atOnce = time.Millisecond
	}
	pause := x.last.Arrived - (x.first.Arrived + x.first.Took)
	return x.last.Resent && x.first != x.last && x.first.Counted && pause > atOnce
}

// maybeOwn reports whether x breaks the policy if the client itself, and not
// its transport, sent a request again that was not processed. A transport does
// that at once, or waits where the next connection refuses the request too.
func (o Oracle) maybeOwn(x *exchange) bool {
	atOnce := 500 * time.Millisecond
	if o.Exact {
		atOnce = time.Millisecond
	}
	if o.Retry == nil || !x.first.Counted || x.waited <= atOnce {
		return false
	}
	before := &exchange{first: x.first, last: x.first, planned: o.truth(x.first)}
	again := *x
	again.first = x.last
	return o.wrongRetry(2, &again, before) != ""
}

// retried returns the index of the request that x makes again: the latest of
// the same part that was over before; -1 if there is none.
func retried(earlier []*exchange, x *exchange) int {
	for i := len(earlier) - 1; i >= 0; i-- {
		y := earlier[i]
		left := y.abandoned() && y.planned.PlannedClass != record.Timeout
		if x.samePart(y) && !left && x.first.Arrived >= y.followable() && x.first.Hop == 0 {
			return i
		}
	}
	return -1
}

// wrongRetry returns what is wrong with x, which is attempt n and makes y
// again.
func (o Oracle) wrongRetry(n int, x, y *exchange) string {
	came, told := x.first.Arrived-y.known(), y.last.RetryAfter
	if r := o.Retry; r != nil {
		least, _ := r.pause(n-1, 0)
		switch {
		case y.answered() && (x.first.Partial || y.last.Partial || otherBody(x, y)):
			return ""
		case y.answered():
			return fmt.Sprintf("came after an answer of %d: no other attempt", y.last.Status)
		case n > max(o.Attempts, 1):
			return fmt.Sprintf("was made: at most %d", max(o.Attempts, 1))
		case !r.On(y.planned.PlannedClass, y.last.Status):
			return fmt.Sprintf("came after %s: no other attempt after that", y.told())
		case !o.again(y):
			return fmt.Sprintf("sent a %s again that may have had an effect, after %s: no other attempt, or an "+
				"Idempotency-Key", y.last.Method, y.told())
		case x.last.IdempotencyKey != y.last.IdempotencyKey && !r.Unsafe && x.last.Method == http.MethodPost:
			return "sent a POST again with another Idempotency-Key: the same key"
		case otherBody(x, y):
			return fmt.Sprintf("sent another body, of %d bytes: the %d bytes of the first", x.last.Received,
				y.last.Received)
		case (o.Exact || !y.abandoned()) && o.early(came, least):
			return fmt.Sprintf("came %v after the one before: a pause of %v", came, least)
		case r.Hasty:
			return ""
		}
	}
	if o.strict() && x.mayRepeat(y) {
		return fmt.Sprintf("came after an answer of %d: no other attempt", y.last.Status)
	}
	if o.strict() && n > o.Attempts && y.planned.PlannedClass.Outcome() == record.OutcomeError {
		return fmt.Sprintf("was made: at most %d", o.Attempts)
	}
	if told > 0 && o.early(came, told) {
		return fmt.Sprintf("came %v after an answer of %d: %v, by its Retry-After", came, y.last.Status, told)
	}
	return ""
}

// early reports whether a pause is certainly shorter than it should be.
func (o Oracle) early(got, want time.Duration) bool {
	return got < want-o.slack(want)
}

// slack is how much shorter than it is a pause may seem: real clocks do not
// agree to the nanosecond.
func (o Oracle) slack(pause time.Duration) time.Duration {
	if o.Exact {
		return time.Microsecond
	}
	return max(time.Millisecond, pause/100)
}

// otherBody reports whether two requests certainly have different bodies: the
// content may not read all of a body.
func otherBody(x, y *exchange) bool {
	a, b := x.last, y.last
	if !a.Unread && !b.Unread {
		return a.Received != b.Received || a.Digest != b.Digest
	}
	read := a.Done && b.Done || a.Received == b.Received
	return read && a.Received > 0 && b.Received > 0 && a.Digest != b.Digest
}

// known returns the earliest time at which the client can have known what
// became of an exchange.
func (x *exchange) known() time.Duration {
	e := x.last
	switch {
	case x.abandoned(), x.outlived:
		return x.ended()
	case e.Status > 0:
		return e.Arrived + e.Waited
	}
	if e.Resent && x.refused == "" {
		return e.Arrived // its latency was spent before
	}
	return e.Arrived + e.Queued + e.Planned.Latency
}

// unanswered reports whether the connection of an exchange closed without an
// answer.
func (x *exchange) unanswered() bool {
	return x.last.Status == 0 && x.planned.PlannedClass == record.Reset
}

// inBody reports whether an exchange failed when its client had the whole head
// of a success.
func (x *exchange) inBody() bool {
	e := x.last
	if e.Status/100 != 2 || x.planned.PlannedClass.Outcome() != record.OutcomeError {
		return false
	}
	late := x.planned.PlannedClass == record.Timeout && e.Waited < x.planned.PlannedService
	return e.Met.Body() == fault.PartialBody || e.Met == fault.WrongType || late
}

// told says what a client was told by an exchange.
func (x *exchange) told() string {
	if s := x.last.Status; s > 0 && x.planned.PlannedClass == record.Status {
		return fmt.Sprintf("a status of %d", s)
	}
	return string(x.planned.PlannedClass)
}
