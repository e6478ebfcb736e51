package oracle

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/teapot-go/teapot/harness/record"
)

// A client must not automatically send a request again whose method is not
// idempotent, unless it knows that the request is, or that the first was not
// applied (RFC 9110, 9.2.2). A server sees two equal requests of one task, and
// does not see what the client knows, nor whether the program wants two. So:
//
//	the first                        | with a policy   | without one
//	was not processed, or refused    | right           | right
//	was answered by an error before  | by the policy   | right
//	was answered by a success before | wrong           | in doubt
//	may have had an effect           | wrong           | in doubt
//
// One with another Idempotency-Key is another thing to be done. But a client
// does not know that it is, if it does not know what became of the first.
//
// A policy that allows any method, an Idempotency-Key, and another body make it
// right: see [wrongRetry] for what comes after an answer.

// sentAgain returns what is wrong with a request that may be one of the earlier
// ones, sent again, and after ": " what would be right; "" if nothing is
// certain. What is in doubt it notes in the sample.
func (o Oracle) sentAgain(s *record.Sample, earlier []*exchange, x *exchange) (misstep string) {
	if x.first.Hop > 0 || o.Retry != nil && o.Retry.Unsafe {
		return ""
	}
	for _, y := range earlier {
		known := x.first.Arrived >= y.known() && !y.leftEarly()
		over := known && x.first.Arrived >= y.followable()
		switch {
		case !x.mayEqual(y), y.unapplied(), y.redirected(), x.otherKey(y) && y.toldAll():
		case known && y.last.Status >= http.StatusBadRequest && y.toldAll(), known && y.emptied():
		case over && (o.Retry != nil || o.strict() && x.repeats(y)): // for wrongRetry
		case o.Retry == nil, !x.equals(y):
			s.RetryDoubt = cmp.Or(s.RetryDoubt, mayResend)
		case y.known() <= x.first.Arrived && y.leftEarly():
			return fmt.Sprintf("sent a %s again that may have had an effect, after it had left the first: no other "+
				"attempt, or an Idempotency-Key", x.last.Method)
		default:
			return fmt.Sprintf("sent a %s again while the first was under way: no other attempt, or an "+
				"Idempotency-Key", x.last.Method)
		}
	}
	return ""
}

// mayEqual reports whether two requests are not idempotent, and may be equal.
// The server need not have read their bodies.
func (x *exchange) mayEqual(y *exchange) bool {
	a, b := x.last, y.last
	same := a.Method == b.Method && a.Method != "" && !a.Partial && !b.Partial
	safe := a.Idempotent && b.Idempotent && !x.otherKey(y)
	return same && !safe && !otherBody(x, y)
}

// otherKey reports whether two requests of a method that is not idempotent have
// different Idempotency-Keys.
func (x *exchange) otherKey(y *exchange) bool {
	a, b := x.last, y.last
	unsafe := a.Method == http.MethodPost || a.Method == http.MethodPatch
	return unsafe && a.IdempotencyKey != b.IdempotencyKey && a.IdempotencyKey != 0 && b.IdempotencyKey != 0
}

// equals reports whether two requests that may be equal certainly are.
func (x *exchange) equals(y *exchange) bool {
	return !x.last.Unread && !y.last.Unread
}

// unapplied reports whether the client can know that a request had no effect.
func (x *exchange) unapplied() bool {
	return x.kind.PlannedClass == record.Refused || x.last.Met.Unprocessed() || x.last.TurnedAway != ""
}

// leftEarly reports whether the client went before the end, and not because its
// timeout was over.
func (x *exchange) leftEarly() bool { return x.abandoned() && x.kind.PlannedClass != record.Timeout }

// toldAll reports whether the client had the whole of an answer.
func (x *exchange) toldAll() bool { return x.kind.PlannedClass == record.Status || x.answered() }

// mayResend is why it is in doubt whether a request was to be sent twice.
const mayResend = "it sent a request again that is not idempotent, such as a POST, which may have had an effect " +
	"twice: send the same Idempotency-Key, or say retry: {methods: any} if it is idempotent, or expect: {retries: " +
	"any} if two are meant"
