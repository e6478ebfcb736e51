package oracle

import (
	"cmp"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/limits"
)

// A timeout over a whole task leaves each of its requests the rest of it:
//
//	it ends within             | a correct client reports
//	an attempt                 | timeout
//	a pause, or would end it   | timeout, or the last error
//
// An attempt that ends earlier, because its client left it and tried again or
// reports a timeout, has ended by a timeout of its own.
//
// A client need not wait for the end of a pause that its timeout will not
// outlast. Which pause it would have made is not known, only its bounds.

// over reports whether a timeout over the whole task is over after a time.
func (o Oracle) over(spent time.Duration) bool { return o.Whole && o.Timeout > 0 && spent >= o.Timeout }

// left returns what is planned of a request if its task has spent some of its
// timeout already.
func (o Oracle) left(p record.Planned, spent time.Duration) record.Planned {
	if !o.Whole || o.Timeout == 0 {
		return p
	}
	return rest(p, spent, o.Timeout)
}

// rest returns what was planned of a request with a whole timeout for one that
// has only the rest of it.
func rest(p record.Planned, spent, timeout time.Duration) record.Planned {
	switch {
	case p.PlannedClass == record.Timeout:
		p.PlannedMargin += spent
	case spent <= p.PlannedMargin:
		p.PlannedMargin -= spent
		return p
	default:
		p.PlannedClass, p.PlannedMargin = record.Timeout, spent-p.PlannedMargin
	}
	p.PlannedService = max(timeout-spent, 0)
	return p
}

// slowest is how many bytes a second a busy machine certainly transfers and
// reads. The plan has no time for that.
const slowest = 8 << 20

// hugeHead is how much of a huge head a client reads that is made with
// net/http.
const hugeHead = 10 << 20

// work returns how long a busy machine may take for the bytes of a request.
func work(e *servers.Entry) time.Duration {
	n := max(e.Bytes, e.Received)
	if e.Compressed || e.Met.Body() == fault.PartialBody { // the fault has the whole of it made
		n = max(n, e.Entity.Size)
	}
	if e.Met == fault.HugeHead {
		n += hugeHead
	}
	return time.Duration(float64(n) / slowest * float64(time.Second))
}

// within returns what is planned of an exchange as one of a task, under a
// timeout over the whole of it, or without one if that is 0.
func (x *exchange) within(t *task, whole time.Duration) record.Planned {
	p, e := x.planned(), x.last
	if whole > 0 && t.from >= 0 && t.from != never {
		spent := max(e.Arrived-x.waited-t.from, 0)
		p = rest(p, spent, whole)
		if e.TurnedAway == limits.ByClient && spent+e.Queued > whole-whole/5 {
			p.PlannedClass, p.PlannedService = record.Timeout, max(whole-spent, 0)
		}
	}
	if !x.exact && p.PlannedClass != record.Timeout && p.PlannedMargin > 0 {
		p.PlannedMargin = max(p.PlannedMargin-work(e), 1)
		if x.each > 0 && e.Waited >= x.each-x.each/20 { // the server was later than it had planned
			p.PlannedMargin = 1
		}
	}
	return p
}

// judgeFor returns the sample of a task as it is if x is the exchange that its
// report follows from.
func (x *exchange) judgeFor(t *task) record.Sample {
	if x.timed {
		return x.judge(*t.sample)
	}
	y := *x
	y.sole = false
	y.plans(x.within(t, x.whole))
	return y.judge(*t.sample)
}

// time applies what is left of the timeout to the exchanges that are certainly
// the task's.
func (t *task) time(all bool) {
	since := max(t.from, 0) // when the attempt can have begun
	for i, x := range t.own {
		if !all && x.whose != t {
			continue
		}
		x.time(t)
		follows := slices.ContainsFunc(t.own[i+1:], x.isBefore)
		switch {
		case !x.several || !x.abandoned() || !follows && t.sample.Class != record.Timeout:
		case x.whole > 0:
			x.tried()
		default:
			x.heldBack(since)
		}
		since = max(since, min(x.ended(), since+cmp.Or(x.each, never-since)))
	}
}

// isBefore reports whether another exchange came when x was over.
func (x *exchange) isBefore(y *exchange) bool { return y.first.Arrived >= x.ended() }

// tried plans the timeout of an exchange that its client left before the one
// over the whole task was over, and that others came after. The client has a
// timeout for each try as well, of which the scenario says nothing.
func (x *exchange) tried() {
	lasted, left := x.waited+x.last.Took, x.timeout()+x.waited
	if x.kind.PlannedClass == record.Timeout && lasted >= left-left/20 {
		return
	}
	x.brief = true
	x.timesOut(lasted)
}

// heldBack plans the timeout of an exchange whose client left it when that was
// over since the task began, or the exchange before it ended: a client that
// limits its requests held it back at first.
func (x *exchange) heldBack(since time.Duration) {
	began, left := x.first.Arrived, x.last.Arrived+x.last.Took
	if x.each > 0 && began > since && left-began < x.each-x.each/20 && left-since >= x.each-x.each/20 {
		x.timesOut(left - began)
	}
}

// timesOut plans that an exchange ends with a timeout.
func (x *exchange) timesOut(lasted time.Duration) {
	p := x.planned()
	p.PlannedClass, p.PlannedService = record.Timeout, lasted
	p.PlannedBytes, p.PlannedDigest = 0, ""
	x.plans(p)
}

// heldBack reports whether attempts that a task should have made may have ended
// by their timeouts before its client let their requests go: in so much time
// none of its requests was under way. It then reports a timeout, or what became
// of a request, but no success.
func (o Oracle) heldBack(s, judged record.Sample, t *task, own []*exchange) bool {
	follows := s.Class == record.Timeout || o.Plain || o.Means != nil
	if !failed(s.Class) || !follows && !slices.ContainsFunc(own, func(x *exchange) bool { return x.judgesRight(s) }) {
		return false
	}
	missing := o.Attempts - len(attemptsOf(own))
	if judged.Did != record.ActionGaveUp || o.Timeout == 0 || o.Whole || t.from < 0 || t.from == never || missing < 1 {
		return false
	}
	idle, over := time.Duration(0), t.from
	for _, x := range own {
		idle, over = idle+max(0, x.first.Arrived-over), max(over, x.ended())
	}
	idle += max(0, t.to-over)
	return idle >= time.Duration(missing)*(o.Timeout-o.Timeout/20)
}

// heldBackDoubt is why a task is in doubt that made fewer attempts.
const heldBackDoubt = "it made fewer attempts, and for the timeouts of the others it sent none, as with a client " +
	"that limits its requests: give it a longer timeout, or fewer workers"

// time applies to an exchange what is left of the timeout of its task.
func (x *exchange) time(t *task) {
	if !x.timed {
		x.plans(x.within(t, x.whole))
		x.timed = true
	}
}

// timesOut reports whether a task may be over after an attempt that is to be
// made again, because its timeout does not outlast the pause. Then it returns
// the sample, which is judged by that attempt.
func (o Oracle) timesOut(judged record.Sample, n int, attempt []*exchange, t *task) (record.Sample, bool) {
	if !o.Whole || o.Timeout == 0 || t.from < 0 || t.from == never {
		return judged, false
	}
	ended, told := time.Duration(0), time.Duration(0)
	for _, x := range attempt {
		ended, told = max(ended, x.ended()), max(told, x.last.RetryAfter)
	}
	_, most := o.Retry.pause(n, told)
	left := t.from + o.Timeout - ended
	if guard := o.guard(); most < left-guard {
		return judged, false
	} else if most < left {
		judged.PlannedMargin = min(judged.PlannedMargin, guard-1)
	}
	if judged.Class == record.Timeout {
		judged.PlannedClass, judged.PlannedBytes, judged.PlannedDigest = record.Timeout, 0, ""
	}
	judged.PlannedService = min(max(judged.PlannedService, judged.Latency()), o.Timeout)
	return judged, true
}

// guard returns how close to the timeout the machine may miss what is planned.
func (o Oracle) guard() time.Duration {
	if o.Exact {
		return 0
	}
	return record.Real.Guard(o.Timeout, o.Late)
}

// leftNear reports whether the client left a request whose answer is planned so
// near to its timeout that the machine can have missed it. Which attempts
// follow is then not planned either.
func (o Oracle) leftNear(x *exchange) bool {
	return o.Timeout > 0 && x.abandoned() && x.kind.PlannedClass != record.Timeout &&
		x.margin < o.guard()
}

// nearTimeout is why a task is in doubt that made attempts after such a
// request.
const nearTimeout = "it left a request whose answer is planned nearer to the timeout than this machine keeps to: use " +
	"clock: virtual, or a timeout that is farther from every latency"

// hops reports whether the client has followed a redirect.
func hops(own []*exchange) bool {
	return slices.ContainsFunc(own, func(x *exchange) bool { return x.first != x.last })
}

// outlasted reports whether a task reports a timeout, and lasted for as long.
func (o Oracle) outlasted(s *record.Sample) bool {
	return o.Timeout > 0 && s.Class == record.Timeout && s.Latency() >= o.Timeout-o.guard()
}

// ranOut returns the sample of a task that reports a timeout, where its
// requests had it together, or its only one came late. The context of a task
// with a single attempt has the timeout, though a client may apply it to each
// request. One that limits its requests holds them back while it runs.
func (o Oracle) ranOut(s record.Sample, t *task, own []*exchange) (record.Sample, bool) {
	if o.Attempts > 1 || !o.outlasted(&s) {
		return s, false
	}
	several := len(t.own)+len(t.others) > 1 || hops(t.own)
	near := time.Duration(never)
	i := slices.IndexFunc(own, func(x *exchange) bool {
		p := x.within(t, o.Timeout)
		near = min(near, p.PlannedMargin)
		return several && x.abandoned() || p.PlannedClass == record.Timeout
	})
	if i < 0 && near < o.guard() { // the machine may have made up the rest
		s = own[len(own)-1].judge(s)
		s.PlannedMargin = near
		return s, true
	}
	if i < 0 {
		return s, false
	}
	s = own[i].judge(s)
	s.PlannedClass, s.PlannedBytes, s.PlannedDigest = record.Timeout, 0, ""
	s.PlannedService = o.Timeout
	return s, true
}

// explains reports whether the report of a task follows from x.
func (x *exchange) explains(t *task) bool {
	judged := x.judgeFor(t)
	return judged.Agrees()
}
