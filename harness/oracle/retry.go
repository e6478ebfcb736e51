package oracle

import (
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
func (o Oracle) again(x *exchange) bool {
	r, class, status := o.Retry, x.kind.PlannedClass, x.last.Status
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
	succeeded := succeeds(attempt) && !(o.strict() && missed(attempt))
	switch {
	case n >= max(o.Attempts, 1), succeeded, o.Whole && timedOut(attempt):
		return true
	case o.Retry == nil:
		return false
	}
	return !slices.ContainsFunc(attempt, o.again)
}

// settles returns the sample of a client that stopped at a hedged attempt
// because one of its answers is final by the policy, whatever the others were,
// and reports that.
func (o Oracle) settles(s record.Sample, attempt []*exchange) (judged record.Sample, is bool) {
	if o.Retry == nil || len(attempt) == 1 {
		return s, false
	}
	for _, x := range attempt {
		if judged = x.judge(s); judged.Agrees() && !o.again(x) && !x.abandoned() {
			return judged, true
		}
	}
	return s, false
}

// missed reports whether no exchange of an attempt had what was asked for.
func missed(attempt []*exchange) bool {
	return !slices.ContainsFunc(attempt, func(x *exchange) bool {
		return x.answered() && !x.missed() && !x.abandoned()
	})
}

// timedOut reports whether every exchange of an attempt ends with the timeout
// over the whole task.
func timedOut(attempt []*exchange) bool {
	return !slices.ContainsFunc(attempt, func(x *exchange) bool {
		return x.kind.PlannedClass != record.Timeout || x.brief
	})
}

// mistaken returns the sample of a client that made no other attempt because it
// took a failure for a success: what it met is that failure. judged is the
// sample of one that gave up.
func (o Oracle) mistaken(s, judged record.Sample, own []*exchange) record.Sample {
	chain := o.chain(own)
	met := deciding(s, chain[len(chain)-1])
	if !failed(met.PlannedClass) {
		return judged
	}
	met.Planned = then(o.before(chain), met.Planned)
	return met
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
		unnoticed := x.kind.PlannedFault == string(fault.WrongType) && (x.coarse || x.plain)
		if x.last.Method == "" && x.kind.PlannedClass == record.Reset || x.inBody() && !reads || unnoticed {
			return true
		}
		if x.last.Met.Unprocessed() && !x.last.Idempotent || o.mayStopAt(x) {
			return true
		}
	}
	return false
}

// mayStopAt reports whether a client is right to take an exchange for final. By
// a policy it is one with the head of a failure that the policy does not try
// again. Without one it is a status from 400 to 499, and any failure of a
// request that is not idempotent (RFC 9110, 9.2.2).
func (o Oracle) mayStopAt(x *exchange) bool {
	status, class := x.last.Status, x.kind.PlannedClass
	head, is := x.head()
	if o.Retry != nil {
		return is && !o.Retry.On(head, status)
	}
	told := class == record.Status || x.missed() || is
	return told && status/100 == 4 ||
		x.last.Method != "" && !x.last.Idempotent
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
