package oracle

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// Join adds to each sample what the server's journal says that it did to the
// task's requests, and what a correct client reports of that. start is when the
// run began. A nil journal adds nothing.
//
// The client under test sends what it likes: it tries again, hedges, follows
// redirects, asks whether what it has is still good. So a task may have any
// number of requests, and it is explained if its report follows from some
// request that could have decided it. A request that others came after, because
// it had ended, decides nothing. Where none explains the report, the sample
// gets the last request that the client saw the end of.
//
// Requests belong to the task that they are known to be of, and else to the
// task of their key. Where several tasks have one key, they belong to the task
// that was running when they came. Where several of them were, each task gets a
// request that explains it, if there are enough. A task may have requests for
// several keys: each comes to something of its own.
func (o Oracle) Join(samples []record.Sample, journal []servers.Entry, start time.Time) {
	if journal == nil {
		return
	}
	o.numbered = slices.ContainsFunc(journal, func(e servers.Entry) bool { return e.Attempt > 1 && !e.Counted })
	o.rules = o.newRules()
	away := goneAway(journal)
	all := o.tasks(samples, start)
	numbered := byNumber(all)
	groups := byKey(all)
	var others []*servers.Entry // for keys that their tasks do not have
	strange := map[string][]*servers.Entry{}
	groups.enter(journal, func(e *servers.Entry) bool {
		t := numbered(e.Task)
		other := t != nil && !e.Guessed && kept(t.sample.Key) != e.Key
		if other {
			others = append(others, e)
		}
		return !other
	}, strange)
	left := map[string][]*exchange{} // by key, those that came while no task of it ran
	o.share(all, numbered, others)
	var spare []*exchange // of the last group, if its tasks need no more of them
	for i := range groups.all {
		those, entries := groups.all[i].tasks, groups.all[i].entries
		asked := o.exchanges(entries, spare)
		strays := o.assign(those, asked, numbered)
		if len(strays) > 0 {
			left[those[0].sample.Key] = strays
		}
		for _, t := range those {
			if o.Batch {
				o.timeOf(t, start)
			}
			o.explain(t)
			t.unsent(away, o.lag())
		}
		o.hold(those, asked, start)
		if spare = nil; !o.Batch && len(asked) == len(entries) && drop(those, asked) {
			spare = asked
		}
	}
	strays, whole := o.strays(strange), o.wholeFrom(journal)
	forget(all, whole)
	o.explainUnasked(all, groups, left, strays)
	for _, t := range all {
		if t.sample.Did == record.ActionNoRequest && len(t.own) > 0 {
			t.sample.Did = record.ActionBehind // of requests which explain nothing
		}
	}
	o.doubtStrays(all, strays)
	for _, t := range all {
		if o.Batch && len(groups.of(t.sample.Key)) == 1 && !o.Forgotten && t.sample.Doubt == "" {
			o.tooSoon(t, start)
		}
	}
	o.doubtForgotten(all, whole)
	o.list(all, start)
}

// tasks returns the tasks of samples, in their order.
func (o Oracle) tasks(samples []record.Sample, start time.Time) []*task {
	all, space := make([]*task, len(samples)), make([]task, len(samples))
	for i := range samples {
		s := &samples[i]
		if o.Batch {
			space[i] = o.ofBatch(s, start)
		} else {
			space[i] = newTask(s, o.Epoch, start, o.Skew)
		}
		all[i] = &space[i]
	}
	return all
}

// kept is what a journal keeps of a key.
func kept(key string) string { return key[:min(len(key), servers.KeyLimit)] }

// explain chooses the exchange that decides a task.
func (o Oracle) explain(t *task) {
	s := t.sample
	if len(t.others) > 0 {
		o.explainThings(t)
		return
	}
	if len(t.own) == 0 {
		if s.Did = record.ActionNoRequest; !o.Batch && s.Started < 0 && s.Class == record.Lost {
			s.Did = record.ActionUnrun
		}
		return
	}
	if t.decided != nil {
		judged := t.decided.judgeFor(t)
		if o.leftEarly(judged, t, []*exchange{t.decided}) {
			judged.Doubt = cmp.Or(judged.Doubt, leftEarlyDoubt)
		}
		if readBy(&judged, t.own, false); !o.allBehind(judged, t) {
			*s = judged
		}
		o.misstep(s, t.certain())
		return
	}
	judged := o.judge(*s, t, o.inTime(t), !t.shares)
	if o.allBehind(judged, t) {
		o.misstep(s, t.own)
		return
	}
	*s = judged
	o.misstep(s, t.own)
}

// inTime returns the exchanges of a task without those that came after it was
// over, which decide nothing: its client asks for the key at other times too,
// as one does that refreshes what it has.
func (o Oracle) inTime(t *task) []*exchange {
	lag := o.lag()
	if o.Exact {
		lag = 0
	}
	after := func(x *exchange) bool {
		came := x.first.Arrived
		return came > t.to+lag || o.Exact && came == t.to && x.ended() > t.to
	}
	n := len(t.own)
	for n > 0 && !o.Batch && t.to != never && after(t.own[n-1]) {
		n--
	}
	if n == 0 {
		return t.own
	}
	return t.own[:n]
}

// judge returns the sample of a task with what becomes of its exchanges for one
// key, which are complete unless the task may share those of another.
func (o Oracle) judge(s record.Sample, t *task, own []*exchange, complete bool) record.Sample {
	notice(&s, own)
	judged := o.outcome(s, own, t)
	parts := partsOf(own)
	if len(parts) > 1 {
		judged = o.together(s, t, own, parts)
	}
	if !judged.Agrees() {
		if late, is := o.ranOut(s, t, own); is {
			judged = late
		}
	}
	if !judged.Agrees() && failed(s.Class) {
		judged = o.ofMethods(s, judged, own, t)
	} else if s.Class == record.OK && judged.Agrees() && judged.Doubt == "" {
		switch {
		case undone(own):
			judged.Doubt = needless
		case severalThings(own) && oneFailed(own):
			judged.Doubt = otherQuery
		}
	}
	if o.leftEarly(judged, t, own) {
		judged.Doubt = cmp.Or(judged.Doubt, leftEarlyDoubt)
	}
	if !judged.Agrees() && judged.Doubt == "" {
		switch {
		case slices.ContainsFunc(own, o.leftNear):
			judged.Doubt = nearTimeout
		case o.maybeOthers(s, t, own):
			judged.Doubt = early
		case failed(s.Class) && severalThings(own) && slices.ContainsFunc(own, func(x *exchange) bool {
			return !x.abandoned() && x.judgesRight(s)
		}):
			judged.Doubt = otherQuery
		case failed(s.Class) && o.polls(own):
			judged.Doubt = inVain
		case o.heldBack(s, judged, t, own):
			judged.Doubt = heldBackDoubt
		}
	}
	if judged.Did == record.ActionGaveUp && judged.Doubt == "" && !failed(s.Class) && len(parts) < 2 {
		judged = o.mistaken(s, judged, own)
	}
	if o.over(judged.PlannedService) {
		judged.PlannedService = o.Timeout
	}
	readBy(&judged, own, complete)
	return judged
}

// outcome returns the sample with what becomes of some of its exchanges, which
// are attempts at one thing. Where the transport may have made some of them of
// its own accord, and the sample follows from the others, it is in doubt.
func (o Oracle) outcome(s record.Sample, own []*exchange, t *task) record.Sample {
	judged := o.outcomeOf(s, own, t)
	if judged.Agrees() {
		return judged
	}
	return o.disagreed(s, judged, own, t)
}

// disagreed is outcome where the sample does not follow from all exchanges. It
// is another function so that the samples of most tasks stay on the stack.
func (o Oracle) disagreed(s, judged record.Sample, own []*exchange, t *task) record.Sample {
	for others := range withoutResent(own) {
		if other := o.outcomeOf(s, others, t); other.Agrees() {
			other.RetryDoubt = maybeResent
			return other
		}
	}
	if judged.Did == record.ActionGaveUp && slices.ContainsFunc(own, o.resentLate) {
		judged.Doubt = maybeAttempt
	}
	if judged.Did == record.ActionGaveUp && o.unseen(own[len(own)-1]) {
		judged.Doubt = maybeUnseen
	}
	if o.hedgedTooLate(s, own, t) {
		judged.Doubt = mayCross
	}
	if judged.Doubt == "" && o.hadIt(s, own) {
		judged.Doubt = needless
	}
	return judged
}

// hadIt reports whether the sample follows from an answer after which the
// client asked for the same thing once more, and failed. It may do well with
// what it had, as a cache does that revalidates.
func (o Oracle) hadIt(s record.Sample, own []*exchange) bool {
	last := own[len(own)-1]
	return o.Retry == nil && !failed(s.Class) && slices.ContainsFunc(own, func(y *exchange) bool {
		return last.mayRepeat(y) && !y.abandoned() && y.judgesRight(s)
	})
}

// hedgedTooLate reports whether the sample follows from the first exchanges, as
// the others may be hedges that came when an answer of those was on its way.
func (o Oracle) hedgedTooLate(s record.Sample, own []*exchange, t *task) bool {
	for i := len(own) - 1; i > 0; i-- {
		first, hedges := own[:i], own[i:]
		answers := func(y *exchange) bool {
			late := func(x *exchange) bool { return !o.justAfter(x, y) }
			return y.judgesRight(s) && !slices.ContainsFunc(hedges, late)
		}
		if !slices.ContainsFunc(first, answers) {
			continue
		}
		if judged := o.outcomeOf(s, first, t); judged.Agrees() {
			return true
		}
	}
	return false
}

// withoutResent returns what the client itself may have sent: without one
// exchange that its transport may have sent again at once, or without several,
// in all ways up to a bound.
func withoutResent(own []*exchange) iter.Seq[[]*exchange] {
	var resent []int
	for i := range len(own) - 1 {
		if own[i+1].maybeResent(own[i]) && len(resent) < mostResent {
			resent = append(resent, i)
		}
	}
	return func(yield func([]*exchange) bool) {
		for some := uint(1); some < 1<<len(resent); some++ {
			others := slices.Clone(own)
			for n, i := range slices.Backward(resent) {
				if some>>n&1 == 1 {
					others = slices.Delete(others, i, i+1)
				}
			}
			if !yield(others) {
				return
			}
		}
	}
}

// mostResent is up to how many exchanges withoutResent leaves out.
const mostResent = 8

// outcomeOf is outcome where every exchange is the client's own.
func (o Oracle) outcomeOf(s record.Sample, own []*exchange, t *task) record.Sample {
	one := [1][]*exchange{own} // on the stack, as of most tasks
	chain := one[:]
	if len(own) > 1 {
		chain = o.withoutLeft(s, o.chain(own), t)
	}
	last := chain[len(chain)-1]
	judged := deciding(s, last)
	judged.Planned = then(o.before(chain), judged.Planned)
	if !o.stops(len(chain), last) && !((o.mayStop(last) || begun(judged, last)) && judged.Agrees()) {
		if settled, is := o.settles(s, last); is {
			settled.Planned = then(o.before(chain), settled.Planned)
			return settled
		}
		if late, is := o.timesOut(judged, len(chain), last, t); is {
			return late
		}
		return o.missing(s, judged.Planned, last[0].first.Attempt, len(chain))
	}
	return judged
}

// withoutLeft leaves out what the client of a task that succeeded sent after
// its success, and left before its timeout: that decides nothing.
func (o Oracle) withoutLeft(s record.Sample, chain [][]*exchange, t *task) [][]*exchange {
	for s.Class.Outcome() != record.OutcomeError && len(chain) > 1 {
		last := len(chain) - 1
		stayed := slices.ContainsFunc(chain[last], func(x *exchange) bool {
			return o.givenUp(x) || !x.abandoned() && !x.underWay(t.to)
		})
		if stayed || !succeeds(chain[last-1]) {
			break
		}
		chain = chain[:last]
	}
	return chain
}

// before returns what all attempts but the last come to.
func (o Oracle) before(chain [][]*exchange) (p record.Planned) {
	for i, attempt := range chain[:len(chain)-1] {
		p = then(p, attempt[0].planned())
		p.PlannedService += o.paused(i+1, attempt, chain[i+1])
	}
	return p
}

// missing returns the sample of a client that has stopped too early, after an
// attempt of this number: with what the plan has for the attempts that it could
// still make.
func (o Oracle) missing(s record.Sample, before record.Planned, attempt, made int) record.Sample {
	for made < o.Attempts {
		before.PlannedService += o.planned(made, before)
		if o.over(before.PlannedService) {
			before.PlannedClass = record.Timeout
			break
		}
		attempt, made = attempt+1, made+1
		next := o.left(o.attempt(s.Key, max(s.Occurrence, 1), attempt), before.PlannedService)
		if before = then(before, next); o.final(before) {
			break
		}
	}
	s.Attempt, s.Planned, s.Did = attempt, before, record.ActionGaveUp
	return s
}

// deciding returns the sample with the exchange of its last attempt that
// explains it, or else with the last that the client saw the end of.
func deciding(s record.Sample, last []*exchange) record.Sample {
	best := last[len(last)-1]
	for _, x := range last {
		if !x.abandoned() {
			best = x
		}
	}
	for _, x := range last {
		if judged := x.judge(s); judged.Agrees() && (!x.abandoned() || best.abandoned() || s.Class == record.Timeout) {
			return judged
		}
	}
	return best.judge(s)
}
