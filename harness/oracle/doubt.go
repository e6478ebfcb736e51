package oracle

import (
	"net/http"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

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
	case !y.answered(), o.strict() && y.missed():
		return x.first.Arrived < y.ended() && y.kind.PlannedClass != record.Timeout
	case !o.Exact && o.Timeout > 0 && y.margin < o.guard():
		return true
	}
	return o.justAfter(x, y)
}

// justAfter reports whether x came so soon after the end of y that its client
// may have sent it before it knew of that. One whose times are exact leaves it
// at once, and does not wait for its timeout.
func (o Oracle) justAfter(x, y *exchange) bool {
	after := x.first.Arrived - y.ended()
	if o.Exact {
		return after == 0 && x.abandoned() && !o.givenUp(x)
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
	done := y.answered() && !y.redirected() && !partial && !y.corrupted() && !y.emptied() && b.RetryAfter == 0
	if !done || a.Method != b.Method || !a.Idempotent || a.IdempotencyKey != b.IdempotencyKey {
		return false
	}
	if a.Entity.Known() && b.Entity.Known() {
		return a.Entity == b.Entity
	}
	return a.Target == b.Target && !otherBody(x, y)
}

// polls reports whether the client seems to wait for an answer that is another
// one than it has had: it was told that the thing is not done yet, or it has
// asked again for what it had.
func (o Oracle) polls(own []*exchange) bool {
	last := own[len(own)-1]
	return o.Foreign && slices.ContainsFunc(own, func(y *exchange) bool {
		again := y != last && last.mayRepeat(y) && !y.missed() && !y.abandoned()
		return again || y.last.Status == http.StatusAccepted
	})
}

// inVain is why a task is in doubt whose client may have waited for another
// answer than it got.
const inVain = "it reports a failure after an answer, as when a client waits in vain for the answer to change: let " +
	"it wait for longer, or say expect: {classification: any}"

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

// maybeResent reports whether x may be y, sent again by the client's transport
// of its own accord. A transport does that at once when a connection closes
// without an answer that it has kept. It does not on one that it has dialled
// for the request, and where it has said which it was, the server knows.
func (x *exchange) maybeResent(y *exchange) bool {
	known := y.last.Fresh || y.last.Reused
	return y.unanswered() && !y.last.HTTP2 && !known && x.first.Counted && x.first.Idempotent &&
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
	certain := x.first.Reused && x.first.Received == 0 && !x.first.Unread
	return !certain && x.last.Resent && x.first != x.last && x.first.Counted && pause > atOnce
}

// unseen reports whether a client that gives up after a request may have made
// others that no server has seen: it tries again at an address at which none
// gets through.
func (o Oracle) unseen(last *exchange) bool {
	return last.last.Met.BeforeRequest() && !last.last.Fresh && !o.numbered
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
	before := &exchange{rules: x.rules, first: x.first, last: x.first}
	before.plans(o.truth(x.first))
	again := *x
	again.first = x.last
	return o.wrongRetry(2, &again, before) != ""
}

// maybeOthers reports whether the sample follows from one exchange, and another
// came before the task began: so its client asks for the key at other times
// too, as one does that fetches in advance.
func (o Oracle) maybeOthers(s record.Sample, t *task, own []*exchange) bool {
	lag := o.lag()
	if o.Exact {
		lag = 0
	}
	before := func(x *exchange) bool { return x.whose != t && x.first.Arrived+lag < t.from }
	explains := func(x *exchange) bool { return !before(x) && !x.abandoned() && x.judgesRight(s) }
	return slices.ContainsFunc(own, before) && slices.ContainsFunc(own, explains)
}

// leftEarly reports whether a sample has a failure of which its client cannot
// know: it left its requests before the server did anything, and not because it
// had waited for too long. That the plan has a failure there is chance.
func (o Oracle) leftEarly(s record.Sample, t *task, own []*exchange) bool {
	untold := o.Batch && s.Delivered < 0
	if !s.Agrees() || s.Did != record.ActionClientLeft || !failed(s.Class) || untold {
		return false
	}
	return !slices.ContainsFunc(own, func(x *exchange) bool {
		over := o.Timeout > 0 && x.ended()-t.from >= o.Timeout-o.Timeout/20 // it may have waited before
		waits := x.kind.PlannedClass == record.Timeout && s.Class == record.Timeout
		return x.last.Met != "" || x.last.Gone == 0 || waits || over || o.leftNear(x)
	})
}

// early is why a task is in doubt of whose key its client asks before.
const early = "a request for its key came before it began, so that it is not known which of the others are its own: " +
	theirTask

// otherBody reports whether two requests certainly have different bodies: the
// content may not read all of a body, and of a request that was refused it is
// not known.
func otherBody(x, y *exchange) bool {
	a, b := x.last, y.last
	if a.Method == "" || b.Method == "" {
		return false
	}
	if !a.Unread && !b.Unread {
		return a.Received != b.Received || a.Digest != b.Digest
	}
	read := a.Done && b.Done || a.Received == b.Received
	return read && a.Received > 0 && b.Received > 0 && a.Digest != b.Digest
}
