package harness

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/interleave"
)

// A stream judges the tasks of a run while it goes on, so that the run needs no
// more memory the longer it is. The recorder has the samples of a window: the
// tasks from the first that is under way to the last that was handed over.
//
//	a task                    | is
//	has just been handed over | in the window
//	ended as it should have   | counted, and its sample left out
//	ended otherwise           | held with its requests, and judged when one of
//	                          | them ends, and in the end
//
// A task ended as it should have if its report follows from the requests that
// name it and had ended soon after the task. What is said of it does not depend
// on other tasks then. A request that ends later cannot be held against a
// sample that was left out, and neither can one that names no task. With either
// of them, nothing is said against any task: that is in doubt.
type stream struct {
	trial    *Trial
	workload *Workload
	recorder *recorder
	rec      *record.Recording // of the samples that are left out
	tasks    int               // of the run
	wait     time.Duration     // from the end of a task until it is judged
	some     chan struct{}     // has one if some tasks may have ended

	judging sync.Mutex // before mu
	keyed   func(seq int) (key string, occurrence int)
	replans bool // a task came to another plan in the end

	mu      sync.Mutex
	taken   int                     // tasks that were counted or are held
	asked   map[int][]servers.Entry // by task, of those in the window
	held    map[int]*heldTask
	renewed []int // those of which a request has ended since they were judged
	over    int   // tasks that should be held, beyond the bound
	late    int   // requests that ended when their task had been left out
	unnamed int   // requests that do not name their task
	more    int   // requests of tasks that have had too many to hold
	struck  striking
}

// A heldTask is a task that did not end as it should have, by what was known of
// it soon after its end.
type heldTask struct {
	recorded record.Sample // without what the journal says
	placed   *record.Sample
	entries  []servers.Entry
}

const (
	// mostHeld is how many tasks a stream holds, mostAsked how many requests of
	// each, and batchOf how many tasks it judges together.
	mostHeld  = 20_000
	mostAsked = 1000
	batchOf   = 64
	// settled is for how long after a task, under the real clock, the server
	// may note the ends of its requests.
	settled = time.Second
)

// streams reports whether the trial may leave samples out while it goes on.
func (t *Trial) streams(w *Workload) bool {
	single := t.Executor != nil && t.Users == nil && t.Fleet == nil && t.Generators < 2 && t.Share.Of < 2
	return t.Keep > 0 && t.tasks() > t.Keep && single && !t.Queues && w.Defined == nil &&
		t.Interleave == interleave.Way{}
}

// newStream returns the stream of a trial, or nil if that is to have all
// samples.
func newStream(t *Trial, w *Workload, r *recorder) *stream {
	if !t.streams(w) {
		return nil
	}
	st := &stream{
		trial: t, workload: w, recorder: r, some: make(chan struct{}, 1), keyed: t.keyed(),
		asked: map[int][]servers.Entry{}, held: map[int]*heldTask{}, wait: 1,
		rec: &record.Recording{Seed: t.Seed, Workers: t.Workers, Delivery: t.Delivery, Clock: t.Clock},
	}
	if t.Clock == record.Real {
		st.wait = settled
	}
	n, last := t.falling(t.pacer())
	st.tasks = n
	st.rec.LeaveOut(t.Keep, last)
	return st
}

// keepJournal has the server's journal keep what the run needs of it.
func (r *run) keepJournal() {
	w := r.workload
	r.stream = newStream(r.trial, w, r.recorder)
	switch {
	case w.Server != nil && r.stream != nil:
		w.Server.HandOver(r.stream.observe)
	case w.Server != nil:
		w.Server.KeepJournal()
	}
}

// next returns the next task of the run, of which so many have come.
func (st *stream) next(seq int) record.Sample {
	key, occurrence := st.keyed(seq)
	s := foretold(st.workload, key, occurrence)
	s.Seq = seq
	s.Due, _ = st.trial.pacer().Due(seq)
	return s
}

// come adds the next task to the window, and reports whether there is one.
func (st *stream) come(seq int) bool {
	if seq >= st.tasks {
		return false
	}
	st.recorder.add(st.next(seq))
	if seq%batchOf == 0 {
		select {
		case st.some <- struct{}{}:
		default:
		}
	}
	return true
}

// observe takes over what the server did to a request.
func (st *stream) observe(e servers.Entry) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.struck.add(&e)
	own, held := st.asked[e.Task], st.held[e.Task]
	switch {
	case e.Task < 1 || e.Task > st.tasks || e.Guessed:
		st.unnamed++
	case e.Task > st.taken && len(own) < mostAsked:
		st.asked[e.Task] = append(own, e)
	case held != nil && len(held.entries) < mostAsked:
		held.entries = append(held.entries, e)
		st.renewed = append(st.renewed, e.Task)
	case e.Task > st.taken || held != nil:
		st.more++
	default:
		st.late++
	}
}

// judge judges tasks as they end, until done is closed.
func (st *stream) judge(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case <-st.some:
		}
		for more := true; more; {
			more = st.judgeEnded()
		}
	}
}

// judgeEnded judges the next tasks that have ended, and reports whether there
// may be more.
func (st *stream) judgeEnded() (more bool) {
	st.judging.Lock()
	defer st.judging.Unlock()
	ended, begun := st.recorder.take(batchOf, time.Since(st.recorder.start)-st.wait)
	st.add(ended)
	st.rec.Advance(begun)
	st.release(begun)
	return len(ended) == batchOf
}

// release leaves out those of the held tasks that began before a time and are
// found to have ended as they should have. The server may note the end of a
// request, as of one on a connection that is slow to close, long after its
// client has gone on.
func (st *stream) release(begun time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	later := st.renewed[:0]
	for _, n := range st.renewed {
		h := st.held[n]
		if h == nil {
			continue
		}
		if h.recorded.Started >= begun {
			later = append(later, n) // it has no lane yet
			continue
		}
		one := []record.Sample{h.recorded}
		st.join(one, h.entries)
		if s := &one[0]; st.rightly(s, len(h.entries)) && s.PlannedService == h.placed.PlannedService {
			s.Worker, s.IdealStarted, s.IdealFinished = h.placed.Worker, h.placed.IdealStarted, h.placed.IdealFinished
			s.Turn, s.Began, s.Ended = h.placed.Turn, 0, 0
			st.rec.Release(s)
			delete(st.held, n)
		}
	}
	st.renewed = later
}

// add judges tasks, the next ones in the order of the workload.
func (st *stream) add(ended []record.Sample) {
	if len(ended) == 0 {
		return
	}
	joined := slices.Clone(ended)
	entries, counts := st.requestsOf(ended)
	st.join(joined, entries)
	st.mu.Lock()
	defer st.mu.Unlock()
	for i := range joined {
		s := &joined[i]
		own := st.asked[s.Task()]
		right := st.rightly(s, len(own)) && len(own) == counts[i] // or one has ended since
		switch {
		case right:
		case len(st.held) < mostHeld:
			st.held[s.Task()] = &heldTask{ended[i], s, own}
		default:
			right = true // its sample is left out all the same
			st.over++
		}
		delete(st.asked, s.Task())
		s.Began, s.Ended = 0, 0
		st.rec.Add(s, right)
	}
	st.taken += len(ended)
}

// requestsOf returns the requests of some tasks so far, and how many each has.
func (st *stream) requestsOf(ended []record.Sample) (entries []servers.Entry, counts []int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	counts = make([]int, len(ended))
	for i := range ended {
		own := st.asked[ended[i].Task()]
		entries, counts[i] = append(entries, own...), len(own)
	}
	return entries, counts
}

// join adds to samples what the server did to their requests.
func (st *stream) join(samples []record.Sample, entries []servers.Entry) {
	if st.workload.Server != nil {
		st.workload.Join(samples, append([]servers.Entry{}, entries...), st.recorder.start)
	}
}

// rightly reports whether a task of so many requests certainly ended as it
// should have. Where requests are missing of which the server will note the end
// later, that is not certain yet.
func (st *stream) rightly(s *record.Sample, requests int) bool {
	said := s.Misstep != "" || s.Misrun != "" || s.RunDoubt != "" || s.Doubt != "" || s.RetryDoubt != ""
	ended := s.Started >= 0 && s.Finished >= 0 && s.Delivered >= 0
	all := st.workload.Server == nil || s.Did != record.ActionNoRequest && requests >= s.Attempt
	return ended && !said && !s.Panicked && all && s.Agrees() && s.Value == s.PlannedValue
}

// usage tells what it can of connections that the client has passed over.
func (st *stream) usage(epoch time.Time) *usage {
	st.judging.Lock()
	defer st.judging.Unlock()
	left := st.rec.LeftOut()
	u := &usage{offset: st.recorder.start.Sub(epoch), peak: left.Lanes, longest: left.Service.Longest()}
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, t := range st.held {
		u.longest = max(u.longest, t.placed.Latency())
	}
	u.longest = max(u.longest, st.recorder.longestInWindow(), 1)
	return u
}

// close judges the tasks that are left, and adds what the run came to to its
// recording, whose samples are then those that are held. late is how late the
// machine was.
func (st *stream) close(rec *record.Recording, late time.Duration) {
	st.judging.Lock()
	defer st.judging.Unlock()
	st.workload.Late = late
	for left := range slices.Chunk(rec.Samples, batchOf) {
		st.add(left)
	}
	for seq := st.taken; seq < st.tasks; seq++ { // the run has ended before they were due
		s := st.next(seq)
		if rec.Interrupted {
			s.Class = record.NotStarted
		}
		st.rec.Add(&s, true)
	}
	st.rec.Advance(never)
	st.mu.Lock()
	defer st.mu.Unlock()
	rec.Samples = st.joinHeld()
	rec.Struck, rec.Unjoined = st.struck.close(), st.unjoined()
	rec.LeaveOutAs(st.rec)
}

// joinHeld judges the tasks that are held by all of their requests.
func (st *stream) joinHeld() []record.Sample {
	numbers := make([]int, 0, len(st.held))
	for n := range st.held {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	samples := make([]record.Sample, len(numbers))
	var entries []servers.Entry
	for i, n := range numbers {
		samples[i], entries = st.held[n].recorded, append(entries, st.held[n].entries...)
	}
	st.join(samples, entries)
	for i, n := range numbers {
		s, placed := &samples[i], st.held[n].placed
		st.replans = st.replans || s.PlannedService != placed.PlannedService
		s.Worker, s.IdealStarted, s.IdealFinished = placed.Worker, placed.IdealStarted, placed.IdealFinished
		st.doubt(s)
	}
	return samples
}

// doubt takes back what is said against a task if that may be due to what is
// not held: a request that does not name its task, or one of another task.
func (st *stream) doubt(s *record.Sample) {
	if missedMemory(*s) {
		return
	}
	unasked := s.Started >= 0 && (s.Did == record.ActionNoRequest || s.Did == record.ActionBehind)
	unsure := st.late > 0 || st.unnamed > 0 || st.more > 0 || unasked
	if unsure && s.Doubt == "" && !s.Agrees() {
		s.Doubt = unheld
	}
	if unsure && s.Misstep != "" {
		s.Misstep, s.RetryDoubt = "", unheld
	}
}

// Why it cannot be known what tasks of a stream met, and what would let it be.
const (
	keepAll = "keep the samples of all tasks, as --samples does with a number that is not below that of the tasks"
	unheld  = "it may have met what a request of another task did, whose sample was left out while the run went on: " +
		keepAll
)

// unjoined says what could not be held against the samples that were left out.
func (st *stream) unjoined() (all []string) {
	for _, x := range []struct {
		n   int
		why string
	}{
		{st.late, "%s ended after the sample of the task had been left out"},
		{st.more, "%s came of tasks that had had a thousand, more than are held"},
		{st.unnamed, "%s did not say of which task, and most samples were left out while the run went on"},
	} {
		if x.n > 0 {
			all = append(all, fmt.Sprintf(x.why, plural(x.n, "request"))+": "+keepAll)
		}
	}
	if st.over > 0 {
		all = append(all, fmt.Sprintf("%s more did not end as it should have, or may not have, beyond the %d of which "+
			"the samples were held: %s", plural(st.over, "task"), mostHeld, keepAll))
	}
	return all
}
