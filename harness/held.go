package harness

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// held is what outlives the tasks of a run and is not a goroutine. It can be
// seen only at some stage of the run's end:
//
//	after                      | what is looked for
//	the executor has shut down | bodies, which the end of a context closes
//	Workload.Close             | requests under way and connections, which the
//	                           | server ends
//	the server has closed      | timers, under the virtual clock
//	all of that                | goroutines; under the real clock connections
//	                           | to other hosts, files and processes
type held struct {
	surely  []string
	perhaps []string // as [record.Recording.MaybeHeld]
}

// settle waits until wanted returns true, or for the grace of the trial by the
// clock of the run, or until the run is interrupted. It returns what wanted
// returned last.
func (r *run) settle(wanted func() bool) bool {
	began := time.Now()
	for wait := time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		if wanted() {
			return true
		}
		left := r.trial.grace() - time.Since(began)
		if left <= 0 || r.stopped() {
			return false
		}
		waitUntil(context.Background(), time.Now().Add(min(wait, left)))
	}
}

func (t *Trial) grace() time.Duration { return cmp.Or(t.Grace, grace) }

// owns reports whether a goroutine is of the run: of its bubble, or one that
// has come since the run began.
func (r *run) owns(g goroutine, bubble string) bool {
	if bubble != "" {
		return strings.Contains(g.header, bubble)
	}
	return !isLeftover(g) && !r.before[g.id()]
}

// findConnections counts the connections that the client leaves open. The ones
// of the server's own client do not count, as the server closes them.
func (r *run) findConnections(s *servers.Server) {
	seen := s.Connections()
	r.conns = seen
	if !r.whole() || r.recorder == nil {
		return
	}
	s.Client().CloseIdleConnections()
	u := newUsage(r.recorder, s.Started(), r.trial.slots())
	if r.stream != nil {
		u = r.stream.usage(s.Started())
	}
	peak := max(seen.PeakRequests, u.peak)
	unused, passed, single := 0, 0, 0
	if r.settle(func() bool {
		open := s.Connections().Open
		seen.Open, unused, passed, single = open, 0, 0, 0
		if n := u.passedOver(open); n > peak || len(open) > 2*peak {
			passed = n
		}
		if n := u.single(open); n > peak {
			single = n
		}
		if unused = len(slices.DeleteFunc(slices.Clone(open), used)); unused > 0 {
			unused = min(unused, max(len(open)-r.kept(), 0))
		}
		return passed == 0 && single == 0 && unused == 0
	}) {
		return
	}
	if unused > 0 {
		r.held.add(unused >= several, plural(unused, "connection")+" left open that carried no request",
			"close what is dialed, or leaks: any")
	}
	if passed > 0 || single > 0 {
		what := "each of which served a single task"
		if passed > 0 {
			what = fmt.Sprintf("%d of them never used again while later tasks opened new ones", passed)
		}
		r.held.add(passed > peak || single > 2*peak, fmt.Sprintf("%s left open where at most %s ran at once, %s",
			plural(len(seen.Open), "connection"), plural(peak, "request"), what),
			"share one transport between all tasks, close its idle connections, or run more tasks")
	}
}

func used(c servers.Connection) bool { return c.Requests > 0 }

// several is how many of a kind a program does not keep by design, such as a
// log file and a socket for it.
const several = 3

// add notes what is left. Unless that is sure, remedy is what would let it be
// known.
func (h *held) add(sure bool, what, remedy string) {
	if sure {
		h.surely = append(h.surely, what)
	} else {
		h.perhaps = append(h.perhaps, strings.ReplaceAll(what, ": ", ", ")+": "+remedy)
	}
}

// kept counts the connections that transports of net/http hold: each has a
// goroutine that reads.
func (r *run) kept() (n int) {
	dump, _ := dumpStacks(0)
	id, _ := r.bubble.Load().(string)
	for g := range goroutines(dump) {
		if r.owns(g, id) && g.calls(reads...) {
			n++
		}
	}
	return n
}

// A usage tells which connections a client has passed over.
//
// A transport never opens a connection while another of its own is idle. So a
// connection was of another transport if it was idle when a later task began
// that opened a new one, and was not used again. A program may have several
// transports for all of its life. But then each is used again and again: those
// that are not are of single tasks.
type usage struct {
	offset time.Duration // of the run's time in that of the server
	peak   int           // how many tasks ran at once, at most
	// of the tasks that have started and finished, by start and by finish
	starts, ends []time.Duration
	lastEnd      []time.Duration // of the tasks up to each start
	firstStart   []time.Duration // of the tasks from each finish on

	// of a run that has left out samples, how long any task took at most: then
	// a task ran no longer than that around each time
	longest time.Duration
}

func newUsage(r *recorder, epoch time.Time, workers int) *usage {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := &usage{offset: r.start.Sub(epoch)}
	var ran []*record.Sample
	for i := range r.samples {
		if s := &r.samples[i]; s.Started >= 0 && s.Finished >= 0 {
			ran = append(ran, s)
		}
	}
	slices.SortFunc(ran, func(a, b *record.Sample) int { return cmp.Compare(a.Started, b.Started) })
	last := time.Duration(-1)
	for _, s := range ran {
		last = max(last, s.Finished)
		u.starts, u.lastEnd = append(u.starts, s.Started), append(u.lastEnd, last)
	}
	slices.SortFunc(ran, func(a, b *record.Sample) int { return cmp.Compare(a.Finished, b.Finished) })
	u.firstStart = make([]time.Duration, len(ran))
	first := never
	for i, s := range slices.Backward(ran) {
		first = min(first, s.Started)
		u.firstStart[i] = first
	}
	for _, s := range ran {
		u.ends = append(u.ends, s.Finished)
	}
	u.peak = max(u.most(false), min(u.most(true), cmp.Or(workers, len(ran))))
	return u
}

// most counts the tasks that ran at once, and as such, if wanted, also those of
// which one started at the instant at which the other ended: on the virtual
// clock a task may take no time, and others run beside it.
func (u *usage) most(touching bool) (n int) {
	ended := 0
	for i, at := range u.starts {
		for ended < i && (u.ends[ended] < at || u.ends[ended] == at && !touching) {
			ended++
		}
		n = max(n, i+1-ended)
	}
	return n
}

const never = time.Duration(math.MaxInt64)

// began returns when the first of the tasks began that ran at a time, or the
// time itself.
func (u *usage) began(at time.Duration) time.Duration {
	if u.longest > 0 {
		return at - u.longest
	}
	if i, _ := slices.BinarySearch(u.ends, at); i < len(u.ends) {
		return min(at, u.firstStart[i])
	}
	return at
}

// over returns when the last of the tasks was over that ran at a time: until
// then a client may have read the answer.
func (u *usage) over(at time.Duration) time.Duration {
	if u.longest > 0 {
		return at + u.longest
	}
	if i, _ := slices.BinarySearch(u.starts, at+1); i > 0 {
		return max(at, u.lastEnd[i-1])
	}
	return at
}

// passedOver counts the connections that were passed over.
func (u *usage) passedOver(open []servers.Connection) (n int) {
	newest := time.Duration(-1) // when a task began that opened a connection
	for _, c := range open {
		if used(c) {
			newest = max(newest, u.began(c.First-u.offset))
		}
	}
	for _, c := range open {
		if used(c) && !c.Busy && u.over(c.Last-u.offset) < newest {
			n++
		}
	}
	return n
}

// single returns how many connections there are if each has served a single
// task, and 0 otherwise. A transport that tasks share uses its connections for
// many of them.
func (u *usage) single(open []servers.Connection) (n int) {
	for _, c := range open {
		if !used(c) {
			continue
		}
		if c.Requests == 1 {
			n++
			continue
		}
		if u.longest > 0 { // its requests may be of several tasks
			return 0
		}
		last, _ := slices.BinarySearch(u.ends, c.Last-u.offset)
		if last == len(u.ends) || u.firstStart[last] > c.First-u.offset {
			return 0
		}
		n++
	}
	return n
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	case strings.HasSuffix(noun, "dy"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tally lists names, each with how often it occurs.
func tally(names []string) string {
	counts := map[string]int{}
	for _, name := range names {
		counts[name]++
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d × %s", counts[name], name))
	}
	const most = 5
	if len(parts) > most {
		parts = append(parts[:most:most], "…")
	}
	return strings.Join(parts, ", ")
}
