package oracle

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// An allowance counts the requests that the tasks of one key may send, where it
// is not known of some which task they belong to. A task may send one from
// its start on, and another one from the pause after an answer on, if the
// policy has it try again. It does not matter which task sends a request:
// while as many have come as could, there is a way to divide them among the
// tasks in which each is in time. One more, and there is none.
//
// It errs on the side of the client: where it is not known what a task could
// still have sent when it ended, it is what helps the others least to lose.
type allowance struct {
	from    []time.Duration // from when on each request may be sent, in order
	running int             // tasks
}

// add allows one more request.
func (a *allowance) add(from time.Duration) {
	at, _ := slices.BinarySearch(a.from, from)
	a.from = slices.Insert(a.from, at, from)
}

// leave takes away what a task could have sent that has ended: something that
// it could send at once, or else what could be sent last. A task can send one
// request next, so there are no more of them than tasks.
func (a *allowance) leave(at time.Duration, could leaving) {
	switch a.running--; {
	case len(a.from) == 0 || could == nothing:
	case could == atOnce && a.from[0] <= at:
		a.from = a.from[1:]
	default:
		a.from = a.from[:len(a.from)-1]
	}
	a.from = a.from[:min(len(a.from), a.running)]
}

// leaving is what a task could send when it ended.
type leaving int

const (
	nothing leaving = iota // or it is not known
	atOnce
	sometime
)

// leaving returns what a task of which this is the sample could still send.
func (o Oracle) leaving(s *record.Sample) leaving {
	failed := s.Class.Outcome() == record.OutcomeError
	switch r := o.Retry; {
	case r == nil && s.Class == record.NotFound && o.Attempts > 1:
		return sometime
	case r == nil && !failed && o.Attempts > 1:
		return nothing
	case r == nil && !failed:
		return atOnce
	case r == nil, failed && r.On(s.Class, s.Status) && (r.Unsafe || s.Status > 0 || s.Class == record.Refused):
		return sometime
	}
	return nothing
}

// take uses up one request. It returns from when on that could be sent, and
// false if there is none.
func (a *allowance) take() (from time.Duration, ok bool) {
	if len(a.from) == 0 {
		return 0, false
	}
	from, a.from = a.from[0], a.from[1:]
	return from, true
}

// What happens to an allowance, in the order of what happens at one instant.
const (
	taskStarts = iota
	answerComes
	requestComes
	requestGoes // from when on the client may send another beside it
	taskEnds
)

type event struct {
	at   time.Duration
	kind int
	t    *task         // that ends
	x    *exchange     // that comes
	from time.Duration // when another may follow
}

// hold finds the requests that came before any task of their key could send
// one, among those of which it is not known whose they are. Where another
// request was under way, the client may have sent it as a hedge, and that is in
// doubt.
func (o Oracle) hold(tasks []*task, all []*exchange, start time.Time) {
	if len(tasks) < 2 || o.Epoch.IsZero() {
		return
	}
	defer o.number(tasks, all)
	paced, unclear := o.Retry != nil || o.strict(), false
	for _, x := range all {
		if failed := x.kind.PlannedClass.Outcome() == record.OutcomeError; x.last.RetryAfter > 0 && !failed {
			return // a success that asks to be asked again is no matter of retries
		}
		if o.holds(x) {
			paced = paced || x.last.RetryAfter > 0
			unclear = unclear || x.whose == nil
		}
	}
	if !paced || !unclear {
		return // any pause is right, or each task is judged by itself
	}
	methods := map[string][]*exchange{}
	for _, x := range all {
		if !o.holds(x) {
			continue
		}
		one := x.first.Method
		if o.strict() { // a task may ask for several things of one key
			one = fmt.Sprintf("%s %x", one, x.last.Entity.SHA256)
		}
		methods[one] = append(methods[one], x)
	}
	for _, those := range methods {
		o.holdMethod(tasks, those, start.Sub(o.Epoch))
	}
}

// holds reports whether hold looks at an exchange. A request that was refused
// has no method.
func (o Oracle) holds(x *exchange) bool {
	return !x.first.Partial && x.first.Method != "" && (!o.strict() || x.last.Entity.Known())
}

// number notes that it is not known how many attempts each task made, where
// that matters: a request has failed, and it is not known whose it is.
func (o Oracle) number(tasks []*task, all []*exchange) {
	if o.Attempts < 2 {
		return
	}
	for _, x := range all {
		final := o.Retry != nil && !o.again(x)
		if x.whose != nil || final || x.kind.PlannedClass.Outcome() != record.OutcomeError {
			continue
		}
		for _, t := range tasks {
			if s := t.sample; t.from <= x.first.Arrived && x.first.Arrived <= t.to && s.Misstep == "" {
				s.RetryDoubt = cmp.Or(s.RetryDoubt, unnumbered)
				return
			}
		}
	}
}

// holdMethod is hold for the requests of one method.
func (o Oracle) holdMethod(tasks []*task, all []*exchange, start time.Duration) {
	var a allowance
	var busy time.Duration // until when requests are under way
	var under ends
	for _, e := range o.events(tasks, all) {
		switch e.kind {
		case taskStarts:
			a.running++
			a.add(e.at)
		case taskEnds:
			a.leave(e.at, o.leaving(e.t.sample))
		case answerComes, requestGoes:
			a.add(e.from)
		case requestComes:
			from, some := a.take()
			if a.running > 0 && e.x.whose == nil && (!some || from > e.at) {
				right := "no other request"
				if some {
					right = fmt.Sprintf("the next at %s", rounded.Duration(from-start, e.at-start))
				}
				said := fmt.Sprintf("had a request at %s, when none of its %d running tasks could send one: %s",
					rounded.Duration(e.at-start, from-start), a.running, right)
				hedge, crossed := busy > e.at, o.strict() && !o.Exact && busy+o.lag() > e.at
				if !o.strict() || under.at(e.at) < a.running {
					blame(tasks, e.at, said, hedge || crossed)
				}
			}
			busy = max(busy, e.x.ended())
			under.add(e.x.ended())
		}
	}
}

// ends are when requests end, in order. Without a policy a client may hedge as
// it likes. Then more requests are under way than tasks that wait.
type ends []time.Duration

func (e *ends) add(at time.Duration) {
	i, _ := slices.BinarySearch(*e, at)
	*e = slices.Insert(*e, i, at)
}

// at returns how many requests are still under way.
func (e *ends) at(now time.Duration) int {
	i, _ := slices.BinarySearch(*e, now+1)
	*e = (*e)[i:]
	return len(*e)
}

// events returns what happens to the allowance of some requests, in order.
func (o Oracle) events(tasks []*task, all []*exchange) []event {
	var those []event
	for _, t := range tasks {
		if t.from != never {
			those = append(those, event{at: t.from, kind: taskStarts}, event{at: t.to, kind: taskEnds, t: t})
		}
	}
	for _, x := range all {
		those = append(those, event{at: x.first.Arrived, kind: requestComes, x: x})
		if from, kind := o.follows(x); kind != 0 {
			those = append(those, event{at: max(x.first.Arrived, min(from, x.known())), kind: kind, from: from})
		}
	}
	slices.SortStableFunc(those, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind))
	})
	return those
}

// follows returns from when on another request may follow one, and whether that
// is due to its answer or to its having been sent; 0 if none may.
func (o Oracle) follows(x *exchange) (from time.Duration, kind int) {
	r, told := o.Retry, x.last.RetryAfter
	failed := x.kind.PlannedClass.Outcome() == record.OutcomeError
	switch {
	case x.abandoned():
		return x.first.Arrived, requestGoes
	case o.strict() && x.repeats(x) && !x.missed():
		return 0, 0
	case x.emptied():
		return x.known(), answerComes // as of a failure, if its client takes it for one
	case r == nil && told == 0:
		return x.known(), answerComes
	case x.unanswered() && !x.last.HTTP2 && x.first.Counted && x.first.Idempotent:
		return x.ended(), answerComes // its transport may send it again
	case r != nil && !(failed && o.again(x)):
		return 0, 0
	}
	least, _ := r.pause(1, told)
	for n := 2; r != nil && n < o.Attempts; n++ {
		shorter, _ := r.pause(n, told)
		least = min(least, shorter)
	}
	if r == nil {
		least = told
	}
	return x.known() + least - o.slack(least), answerComes
}

// blame notes what is wrong with a request of one of the tasks that are
// running.
func blame(tasks []*task, at time.Duration, misstep string, doubtful bool) {
	for _, t := range tasks {
		if s := t.sample; t.from <= at && at <= t.to && s.Misstep == "" {
			if s.Misstep = misstep; doubtful {
				s.Misstep, s.RetryDoubt = "", mayHedge
			}
			return
		}
	}
}

// Why it is in doubt whether the requests of tasks follow the policy.
const (
	mayHedge = "a request came when no waiting task of its key could send one, but beside another that was under " +
		"way: " + theirTask
	unnumbered = "several tasks of its key were running, so that it is not known how often each has tried again: " +
		theirTask
	mayCross = "a request came right after another was answered, so that the two may have crossed, as when a client " +
		"hedges or its timeout is near: use clock: virtual, which is exact"
	mayPoll = "a request came again after an answer, as when a client waits for the answer to change: say expect: " +
		"{retries: any} if it does"
	severalStatuses = "it reports a failure, and the answer was a 207, which may say so of its part: answer each " +
		"part by a status of its own, or say expect: {classification: any}"
	mayHaveFailed = "it reports a success, and the answer was a 207, which may say that its part failed: answer each " +
		"part by a status of its own, or say expect: {success: [207]} if each part went well"
	leftEarlyDoubt = "its client left the request before the server did anything and before its timeout was over, " +
		"so that it cannot know of the failure that was planned: let it stay for the answer, or report no result of it"
	mayHop = "it hedges, and follows redirects, so that it is not known which of its requests follows which: " +
		"have requests say their attempt in the header " + servers.AttemptHeader

	maybeResent = "a request came again at once, after its connection had closed without an answer, which its " +
		"transport may have done: have requests say their attempt in the header " + servers.AttemptHeader

	maybeAttempt = "a request that came again after its connection had closed without an answer was taken for its " +
		"transport's doing: have requests say their attempt in the header " + servers.AttemptHeader

	maybeUnseen = "it may have tried again at the address that refused it, which no server sees: dial with the " +
		"transport of the server's client, and build requests with the context of their task, or number the attempts"

	theirTask = "build requests with the context of their task, have them name it in the header " + taskid.Header +
		", or give tasks keys of their own"
)
