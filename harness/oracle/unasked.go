package oracle

import (
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// Unasked is why a client may end a task without a request for it. The zero
// value, Unsaid, means that it is not known whether it may.
type Unasked string

// What a client may have.
const (
	Unsaid         Unasked = ""
	Never          Unasked = "never"           // each task takes a request
	Always         Unasked = "always"          // the same, and its client is known to send one
	Cache          Unasked = "cache"           // it may report an answer that an earlier task had
	CircuitBreaker Unasked = "circuit_breaker" // it may fail at once when others have failed
	Shared         Unasked = "shared"          // a request of another task may be for several
	Limiter        Unasked = "limiter"         // it may hold a request back, or refuse it
	Any            Unasked = "any"             // of these
)

// unasked are the ways in which a task may end without a request, the most
// certain first.
var unasked = []struct {
	may   Unasked
	did   string
	doubt string
	// explain returns the sample of a task with what it should then report, and
	// whether it may be one of these.
	explain func(c circumstances, t *task) (record.Sample, bool)
}{
	{
		Cache, record.ActionFromCache,
		"no request came for it, and its report is the answer to an earlier request for its key, as a cache has it",
		circumstances.stored,
	},
	{
		Shared, record.ActionShared,
		"no request came for it, and its report fits a request of another task, which may be for several",
		circumstances.shared,
	},
	{
		CircuitBreaker, record.ActionFailedFast,
		"it failed, and no request came for it, as with a circuit breaker that earlier failures have opened",
		circumstances.failedFast,
	},
	{
		Limiter, record.ActionHeldBack,
		"no request came for it until its timeout, while others were under way, as with a client that limits its " +
			"requests",
		circumstances.heldBack,
	},
}

// explainUnasked explains the tasks without a request by what their client may
// have. Where that is not said, they are in doubt.
func (o Oracle) explainUnasked(all []*task, ofKey groups, left map[string][]*exchange, strays []*exchange) {
	switch o.Unasked {
	case Never:
		return
	case Always:
		o.doubtMachine(all)
		return
	}
	var c *circumstances // nil until they are asked for
	for _, t := range all {
		s := t.sample
		if s.Did != record.ActionNoRequest || s.Agrees() || s.Doubt != "" {
			continue
		}
		if c == nil {
			if !o.Batch || o.Unasked == Unsaid { // a request of a batch for several keys has a key of its own
				strays = nil
			}
			c = o.circumstances(all, ofKey, strays)
			c.left = left
		}
		for _, way := range unasked {
			if o.Unasked != Unsaid && o.Unasked != Any && o.Unasked != way.may {
				continue
			}
			explained, is := way.explain(*c, t)
			if !is {
				continue
			}
			if o.Unasked != Unsaid {
				*s = explained
				s.Did, s.PlannedLatency, s.PlannedService = way.did, 0, 0
			} else {
				why := way.doubt
				if len(t.own) > 0 {
					why = strings.Replace(why, "no request came for it", "no request for it was answered in time", 1)
				}
				s.Doubt = why + ": say unasked: " + string(way.may) + " of such a client, or unasked: never"
			}
			break
		}
	}
}

// notSent is the doubt of a task whose client is known to send a request. A
// machine may be too late for it, or drop a connection that it has no room for.
const notSent = "no request came for it until its timeout, although its client sends one at once: use clock: " +
	"virtual, or a timeout that is farther from every latency"

// doubtMachine puts tasks in doubt whose requests the machine has kept from the
// server until their timeout.
func (o Oracle) doubtMachine(all []*task) {
	for _, t := range all {
		s := t.sample
		if !o.Exact && s.Did == record.ActionNoRequest && s.Class == record.Timeout && !s.Agrees() && s.Doubt == "" {
			s.Doubt = notSent
		}
	}
}

// circumstances are what goes on beside a task without a request.
type circumstances struct {
	oracle    Oracle
	ofKey     groups
	left      map[string][]*exchange // by key, those of no task
	failure   time.Duration          // when the client first knew of a failure, never if there is none
	exchanges []*exchange            // in order of arrival
}

func (o Oracle) circumstances(all []*task, ofKey groups, strays []*exchange) *circumstances {
	c := &circumstances{oracle: o, ofKey: ofKey, failure: never, exchanges: slices.Clone(strays)}
	for _, t := range all {
		if failed(t.sample.Class) && t.sample.Did != record.ActionNoRequest {
			c.failure = min(c.failure, t.to)
		}
		for _, x := range slices.Concat(append(t.others, o.own(t))...) {
			if failed(x.kind.PlannedClass) {
				c.failure = min(c.failure, x.ended())
			}
			c.exchanges = append(c.exchanges, x)
		}
	}
	slices.SortStableFunc(c.exchanges, func(x, y *exchange) int { return byArrival(x, y.first.Arrived) })
	return c
}

// stored is of a task that reports what an earlier one of its key was answered,
// or what its client asked for in advance.
func (c circumstances) stored(t *task) (record.Sample, bool) {
	for _, x := range c.left[t.sample.Key] {
		if s, fits := c.fits(x, t); fits {
			return s, true
		}
	}
	for _, other := range c.ofKey.of(t.sample.Key) {
		if other == t {
			continue
		}
		for _, x := range c.oracle.own(other) {
			if s, fits := c.fits(x, t); fits {
				return s, true
			}
		}
	}
	return record.Sample{}, false
}

// shared is of a task that reports what a request of another task was answered
// that was under way while it ran. A request for a file brings no other.
func (c circumstances) shared(t *task) (record.Sample, bool) {
	said := c.oracle.Unasked != Unsaid
	if !said && !c.oracle.Foreign {
		return record.Sample{}, false
	}
	for _, x := range t.during(c.exchanges) {
		if x.ended() < t.from || !said && x.last.Entity.Known() {
			continue
		}
		if s, fits := c.fits(x, t); fits {
			return s, true
		}
	}
	return record.Sample{}, false
}

// fits returns the sample of a task without a request as if an exchange was its
// own that was over when it ended, and whether it follows from that.
func (c circumstances) fits(x *exchange, t *task) (record.Sample, bool) {
	lag := c.oracle.lag()
	if c.oracle.Exact {
		lag = 1
	}
	if left := x.abandoned() && x.kind.PlannedClass != record.Timeout; left || x.ended() >= t.to+lag {
		return record.Sample{}, false
	}
	s := *t.sample
	s.Did = record.ActionFaithful
	s = x.judge(s)
	return s, s.Agrees()
}

// failedFast is of a task that failed at once after an earlier failure.
func (c circumstances) failedFast(t *task) (record.Sample, bool) {
	s := *t.sample
	s.Planned = record.Planned{PlannedFault: s.PlannedFault, PlannedClass: s.Class}
	return s, s.Class == record.Failed && c.failure <= t.to
}

// heldBack is of a task whose timeout ended before its client let a request go.
// Only one that is known to do so may refuse a task too.
func (c circumstances) heldBack(t *task) (record.Sample, bool) {
	s := *t.sample
	s.Planned = record.Planned{PlannedFault: s.PlannedFault, PlannedClass: s.Class}
	held := c.oracle.outlasted(&s) || s.Class == record.Failed && c.oracle.Unasked != Unsaid
	return s, held && slices.ContainsFunc(t.during(c.exchanges), func(x *exchange) bool { return x.ended() >= t.from })
}
