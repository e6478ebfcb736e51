package oracle

import (
	"fmt"
	"math"
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
func (r *Retry) again(x *exchange) bool {
	if !r.On(x.planned.PlannedClass, x.last.Status) {
		return false
	}
	told := x.planned.PlannedClass == record.Status // a whole answer, not one that broke off
	return r.Unsafe || x.last.Idempotent || told || x.planned.PlannedClass == record.Refused
}

// stops reports whether a correct client stops after an attempt, the nth.
func (o Oracle) stops(n int, attempt []*exchange) bool {
	switch {
	case n >= max(o.Attempts, 1), succeeds(attempt):
		return true
	case o.Retry == nil:
		return false
	}
	return !slices.ContainsFunc(attempt, o.Retry.again)
}

// mayStop reports whether a client is right to stop after an attempt that has
// failed, where no policy says which failures are to be tried again: the
// request was at fault, so that the same request can only fail again.
//
// It may also stop where it is not known whether the request was safe to send
// again, because the server never saw it. And it may stop where the answer
// failed within its body, if its policy does not have truncated: then its
// caller reads the body.
func (o Oracle) mayStop(attempt []*exchange) bool {
	reads := o.Retry == nil || o.Retry.On(record.Truncated, 0)
	for _, x := range attempt {
		if x.last.Method == "" && x.planned.PlannedClass == record.Reset || x.inBody() && !reads {
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

// misstep notes how the requests of a task break the policy of retries, or why
// it is not known whether they do. Without a policy only a Retry-After is to be
// heeded.
func (o Oracle) misstep(s *record.Sample, own []*exchange) {
	number := make([]int, len(own)) // of the attempt that each is
	for i, x := range own {
		if x.misled != "" {
			s.Misstep = x.misled
			return
		}
		number[i] = 1
		before := retried(own[:i], x)
		if before < 0 {
			continue
		}
		y, n := own[before], number[before]+1
		said := o.wrongRetry(n, x, y)
		switch resent := x.maybeResent(y); {
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

// maybeResent reports whether x may be y, sent again by the client's transport
// of its own accord. A transport does that at once when a connection closes
// without an answer.
func (x *exchange) maybeResent(y *exchange) bool {
	return y.unanswered() && !y.last.HTTP2 && x.first.Counted && x.first.Idempotent &&
		x.first.Arrived-y.ended() < time.Second
}

// retried returns the index of the request that x makes again: the latest of
// the same part that was over before; -1 if there is none.
func retried(earlier []*exchange, x *exchange) int {
	for i := len(earlier) - 1; i >= 0; i-- {
		y := earlier[i]
		left := y.abandoned() && y.planned.PlannedClass != record.Timeout
		if x.samePart(y) && !left && x.first.Arrived >= y.ended() && x.first.Hop == 0 {
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
		answered := y.planned.PlannedClass.Outcome() != record.OutcomeError
		least, _ := r.pause(n-1, 0)
		switch {
		case answered && (x.first.Partial || y.last.Partial):
			return ""
		case answered:
			return fmt.Sprintf("came after an answer of %d: no other attempt", y.last.Status)
		case n > max(o.Attempts, 1):
			return fmt.Sprintf("was made: at most %d", max(o.Attempts, 1))
		case !r.On(y.planned.PlannedClass, y.last.Status):
			return fmt.Sprintf("came after %s: no other attempt after that", y.told())
		case !r.again(y):
			return fmt.Sprintf("sent a %s again that may have had an effect, after %s: no other attempt, or an "+
				"Idempotency-Key", y.last.Method, y.told())
		case otherBody(x, y):
			return fmt.Sprintf("sent another body, of %d bytes: the %d bytes of the first", x.last.Received,
				y.last.Received)
		case (o.Exact || !y.abandoned()) && o.early(came, least):
			return fmt.Sprintf("came %v after the one before: a pause of %v", came, least)
		case r.Hasty:
			return ""
		}
	}
	if o.Retry == nil && o.Attempts > 1 && n > o.Attempts && y.planned.PlannedClass.Outcome() == record.OutcomeError {
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
	read := a.Done && b.Done || a.Received == b.Received
	return read && a.Received > 0 && b.Received > 0 && a.Digest != b.Digest
}

// known returns the earliest time at which the client can have known what
// became of an exchange.
func (x *exchange) known() time.Duration {
	e := x.last
	switch {
	case x.abandoned():
		return x.ended()
	case e.Status > 0:
		return e.Arrived + e.Waited
	}
	if e.Resent {
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
