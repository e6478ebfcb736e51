package oracle

import (
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
// Requests belong to the task of their key. Where several tasks have one key,
// they belong to the task that was running when they came. Where several of
// them were, each task gets a request that explains it, if there are enough.
func (o Oracle) Join(samples []record.Sample, journal []servers.Entry, start time.Time) {
	if journal == nil {
		return
	}
	forgotten := len(journal) >= servers.JournalLimit
	entries := make(map[string][]*servers.Entry, len(samples))
	for i := range journal {
		e := &journal[i]
		entries[e.Key] = append(entries[e.Key], e)
	}
	tasks := make(map[string][]*task, len(samples))
	all := make([]*task, len(samples))
	for i := range samples {
		s := &samples[i]
		all[i] = newTask(s, o.Epoch, start)
		tasks[s.Key] = append(tasks[s.Key], all[i])
	}
	for key, those := range tasks {
		asked := o.exchanges(entries[kept(key)])
		o.assign(those, asked)
		for _, t := range those {
			o.explain(t, forgotten)
		}
		if !forgotten {
			o.hold(those, asked, start)
		}
	}
	o.list(all, start)
}

// kept is what a journal keeps of a key.
func kept(key string) string { return key[:min(len(key), servers.KeyLimit)] }

// A task is a sample and the exchanges that are its own.
type task struct {
	sample   *record.Sample
	from, to time.Duration // when it ran, in the journal's time; below and above every time if that is not known
	own      []*exchange   // in order of arrival
	named    bool          // some exchange says that it is the task's, and the client did not abandon it
	decided  *exchange     // the one that explains it, where several tasks of its key were running
}

// never is after every time.
const never = time.Duration(1<<63 - 1)

func newTask(s *record.Sample, epoch, start time.Time) *task {
	t := &task{sample: s, from: -1, to: never}
	if epoch.IsZero() {
		return t
	}
	offset := start.Sub(epoch)
	switch {
	case s.Started < 0:
		t.from, t.to = never, never
	case s.Finished < 0:
		t.from = offset + s.Started
	default:
		t.from, t.to = offset+s.Started, offset+s.Finished
	}
	return t
}

// certain returns the exchanges that are certainly the task's.
func (t *task) certain() (own []*exchange) {
	for _, x := range t.own {
		if x.whose == t {
			own = append(own, x)
		}
	}
	return own
}

// explain chooses the exchange that decides a task.
func (o Oracle) explain(t *task, forgotten bool) {
	s := t.sample
	if len(t.own) == 0 {
		if s.Did = record.ActionNoRequest; forgotten {
			s.Did = ""
		}
		return
	}
	if t.decided != nil {
		*s = t.decided.judge(*s)
		readBy(s, t.own, false)
		o.misstep(s, t.certain())
		return
	}
	notice(s, t.own)
	judged := o.outcome(*s, t.own)
	if parts := partsOf(t.own); len(parts) > 1 {
		judged = o.together(*s, t.own, parts)
	}
	readBy(&judged, t.own, true)
	if *s = judged; forgotten && !judged.Agrees() {
		s.Did = ""
	}
	o.misstep(s, t.own)
}

// outcome returns the sample with what becomes of some of its exchanges, which
// are attempts at one thing. Where the transport may have made some of them of
// its own accord, and the sample follows from the others, it is in doubt.
func (o Oracle) outcome(s record.Sample, own []*exchange) record.Sample {
	judged := o.outcomeOf(s, own)
	if others := withoutResent(own); !judged.Agrees() && len(others) < len(own) {
		if other := o.outcomeOf(s, others); other.Agrees() {
			other.RetryDoubt = maybeResent
			return other
		}
	}
	return judged
}

// withoutResent leaves out what a transport may have sent again at once.
func withoutResent(own []*exchange) (others []*exchange) {
	for i, x := range own {
		if i == len(own)-1 || !own[i+1].maybeResent(x) {
			others = append(others, x)
		}
	}
	return others
}

// outcomeOf is outcome where every exchange is the client's own.
func (o Oracle) outcomeOf(s record.Sample, own []*exchange) record.Sample {
	chain := o.chain(own)
	last := chain[len(chain)-1]
	judged := deciding(s, last)
	judged.Planned = then(o.before(chain), judged.Planned)
	if !o.stops(len(chain), last) && !(o.mayStop(last) && judged.Agrees()) {
		return o.missing(s, judged.Planned, last[0].first.Attempt, len(chain))
	}
	return judged
}

// before returns what all attempts but the last come to.
func (o Oracle) before(chain [][]*exchange) (p record.Planned) {
	for i, attempt := range chain[:len(chain)-1] {
		p = then(p, attempt[0].planned)
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
		attempt, made = attempt+1, made+1
		if before = then(before, o.Plan(s.Key, max(s.Occurrence, 1),
			attempt)); o.final(before) {
			break
		}
	}
	s.Attempt, s.Planned, s.Did = attempt, before, record.ActionGaveUp
	return s
}

// succeeds reports whether some exchange of an attempt ends without an error,
// and the client saw that.
func succeeds(attempt []*exchange) bool {
	return slices.ContainsFunc(attempt, func(x *exchange) bool {
		return x.planned.PlannedClass.Outcome() != record.OutcomeError && !x.abandoned()
	})
}

// chain returns exchanges as attempts, in their order, up to the one at which a
// correct client stops.
func (o Oracle) chain(own []*exchange) [][]*exchange {
	attempts := attemptsOf(own)
	for n, attempt := range attempts {
		if o.Attempts > 1 && o.stops(n+1, attempt) {
			return attempts[:n+1]
		}
	}
	return attempts
}

// attemptsOf returns exchanges as attempts, in their order. Exchanges that were
// under way at once are one attempt, which the client has hedged.
func attemptsOf(own []*exchange) (attempts [][]*exchange) {
	for _, x := range own {
		last := len(attempts) - 1
		if last >= 0 && !supersedesAll(x, attempts[last]) {
			attempts[last] = append(attempts[last], x)
			continue
		}
		attempts = append(attempts, []*exchange{x})
	}
	return attempts
}

func supersedesAll(x *exchange, others []*exchange) bool {
	return !slices.ContainsFunc(others, func(y *exchange) bool { return !x.supersedes(y) })
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
