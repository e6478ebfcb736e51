package oracle

import (
	"fmt"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
)

// misstep notes how requests of a task break the policy of retries, or why it
// is not known whether they do. Without a policy a Retry-After is to be heeded,
// and a client that may make several attempts stops at a success.
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
		case said != "" && mixed && (x.last.Met.Chain() || y.last.Met.Chain()):
			s.RetryDoubt = mayHop
		case said != "" && o.mayCross(x, y):
			s.RetryDoubt = mayCross
		case said != "" && !o.once() && y.answered() && !y.emptied() && o.Foreign && y.mayChange(),
			said != "" && o.strict() && x.mayRepeat(y) && !x.repeats(y) && !y.missed():
			s.RetryDoubt = mayPoll
		case said != "" && severalThings(own):
			s.RetryDoubt = otherQuery
		case said != "" && !resent:
			s.Misstep = fmt.Sprintf("attempt %d %s", n, said)
			return
		case said != "":
			s.RetryDoubt = maybeResent
		case !resent && (!y.answered() || y.missed() || y.emptied()):
			number[i] = n
		}
	}
}

// retried returns the index of the request that x makes again: the latest of
// the same part that was over before; -1 if there is none.
func retried(earlier []*exchange, x *exchange) int {
	for i := len(earlier) - 1; i >= 0; i-- {
		y := earlier[i]
		left := y.abandoned() && y.kind.PlannedClass != record.Timeout
		if x.samePart(y) && !left && x.first.Arrived >= y.followable() && x.first.Hop == 0 {
			return i
		}
	}
	return -1
}

// once reports whether the policy is to ask for nothing twice.
func (o Oracle) once() bool { return o.Retry != nil && o.Attempts == 1 }

// strict reports whether a client that has no policy must stop at a success.
func (o Oracle) strict() bool { return o.Retry == nil && o.Attempts > 1 }

// wrongRetry returns what is wrong with x, which is attempt n and makes y
// again.
func (o Oracle) wrongRetry(n int, x, y *exchange) string {
	came, told := x.first.Arrived-y.known(), y.last.RetryAfter
	if r := o.Retry; r != nil {
		least, _ := r.pause(n-1, 0)
		switch {
		case y.emptied() && n <= max(o.Attempts, 1):
			return "" // the client may take it for a failure
		case y.answered() && (x.first.Partial || y.last.Partial || otherBody(x, y)):
			return ""
		case y.answered():
			return fmt.Sprintf("came after an answer of %d: no other attempt", y.last.Status)
		case n > max(o.Attempts, 1):
			return fmt.Sprintf("was made: at most %d", max(o.Attempts, 1))
		case !r.On(y.kind.PlannedClass, y.last.Status) && !o.retriesHead(y):
			return fmt.Sprintf("came after %s: no other attempt after that", y.told())
		case !o.again(y):
			return fmt.Sprintf("sent a %s again that may have had an effect, after %s: no other attempt, or an "+
				"Idempotency-Key", y.last.Method, y.told())
		case x.last.IdempotencyKey != y.last.IdempotencyKey && !r.Unsafe && x.last.Method == http.MethodPost &&
			y.last.Method != "": // of a request that was refused it is not known
			return "sent a POST again with another Idempotency-Key: the same key"
		case otherBody(x, y):
			return fmt.Sprintf("sent another body, of %d bytes: the %d bytes of the first", x.last.Received,
				y.last.Received)
		case (o.Exact || !y.abandoned()) && o.early(came, least):
			return fmt.Sprintf("came %s after the one before: a pause of %v", rounded.Duration(came, least), least)
		case r.Hasty:
			return ""
		}
	}
	if o.strict() && x.mayRepeat(y) && !y.missed() {
		return fmt.Sprintf("came after an answer of %d: no other attempt", y.last.Status)
	}
	if o.strict() && n > o.Attempts && (!y.answered() || y.missed() || y.emptied()) {
		return fmt.Sprintf("was made: at most %d", o.Attempts)
	}
	if told > 0 && o.early(came, told) {
		return fmt.Sprintf("came %s after an answer of %d: %v, by its Retry-After", rounded.Duration(came, told),
			y.last.Status, told)
	}
	return ""
}

// retriesHead reports whether the policy tries again after the head that a
// broken answer had.
func (o Oracle) retriesHead(y *exchange) bool {
	class, is := y.head()
	return is && o.Retry.On(class, y.last.Status)
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
