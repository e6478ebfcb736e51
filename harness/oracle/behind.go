package oracle

import (
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// allBehind reports whether a report that its requests do not explain, or that
// says what their answers were, cannot follow from any of them, and notes that.
func (o Oracle) allBehind(judged record.Sample, t *task) bool {
	informs := func(x *exchange) bool { return !x.behind(t) }
	if o.Batch || slices.ContainsFunc(t.own, informs) || judged.Agrees() && !answeredLate(judged, t) {
		return false
	}
	t.sample.Did = record.ActionNoRequest
	return true
}

// behind reports whether an exchange was certainly without an answer when the
// task was over, and the client stayed for it beyond that: it refreshes, in a
// goroutine, what the task has reported.
func (x *exchange) behind(t *task) bool {
	e := x.last
	if t.to == never || e.Status > 0 && e.Arrived+e.Waited <= t.to { // as of most
		return false
	}
	answers := x.known()
	switch {
	case x.abandoned() && x.exact:
		return answers > t.to
	case x.abandoned():
		return answers > t.to+x.lag
	case !x.exact && e.Status > 0 && !e.Resent: // the server notes late when it has answered
		answers = e.Arrived + min(e.Queued+e.Planned.Latency, e.Waited)
	}
	return answers > t.to
}

// answeredLate reports whether a task whose requests all were without an answer
// when it was over reports one: the requests are certainly its own.
func answeredLate(judged record.Sample, t *task) bool {
	says := judged.Class == record.OK || judged.Class == record.NotFound || judged.Class == record.Status
	return says && !t.shares && t.decided == nil
}
