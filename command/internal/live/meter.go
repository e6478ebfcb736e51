// Package live shows a run while it is under way: a meter counts what its tasks
// do, and a page of this machine shows what the meter reads.
package live

import (
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/charts"
)

const (
	// recent is how far back the rate and the percentiles look.
	recent = 10 * time.Second
	// kept is how many tasks they look at, at most.
	kept = 2048
	// shortest is the shortest moment.
	shortest = 10 * time.Millisecond
)

// A Meter counts what the tasks of one run do, while it is under way. What it
// keeps hardly grows with the run: the last tasks, counts of moments that
// become longer as the run does, and a bit for each task. Any number of
// goroutines may call its methods.
type Meter struct {
	mu      sync.Mutex
	name    string
	clock   record.Clock
	start   time.Time     // of the run under the real clock, as its steps tell
	at      time.Duration // of the last step
	tasks   int
	under   int // tasks that run
	counts  [3]int
	last    []ended // a ring
	next    int     // in the ring
	flow    charts.Flow
	sent    []uint64  // bits of the tasks that were submitted, by Seq
	started time.Time // of the meter, or of the last time that the run was made again
	workers func() []Worker
}

// An ended is a task that has ended.
type ended struct{ at, latency, lateness time.Duration }

// NewMeter returns the meter of a run of so many tasks that is about to begin.
func NewMeter(name string, clock record.Clock, tasks int) *Meter {
	return &Meter{
		name: name, clock: clock, tasks: tasks, started: time.Now(),
		flow: charts.Flow{Moment: shortest, Tasks: tasks},
	}
}

// Count counts what ended as a class without a step: it has no time of its own.
func (m *Meter) Count(c record.Class) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count(c)
}

func (m *Meter) count(c record.Class) {
	switch c.Outcome() {
	case record.OutcomeOK:
		m.counts[0]++
	case record.OutcomeNotFound:
		m.counts[1]++
	default:
		if c != record.Lost {
			m.counts[2]++
		}
	}
}

// Step notes a step of a task. If a task is submitted once more, the run is
// made again, and the meter begins from the start.
func (m *Meter) Step(step harness.Step, s record.Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if step == harness.Submitted && m.again(s.Seq) {
		m.reset()
		m.again(s.Seq)
	}
	at := s.Submitted
	switch step {
	case harness.Started:
		at = s.Started
	case harness.Finished:
		at = s.Finished
	case harness.Delivered:
		return
	}
	m.at = max(m.at, at)
	if m.start.IsZero() && m.clock == record.Real {
		m.start = time.Now().Add(-at)
	}
	switch step {
	case harness.Started:
		m.under++
	case harness.Finished:
		m.under = max(m.under-1, 0)
		m.count(s.Class)
		m.keep(ended{s.Finished, s.Finished - s.Due, s.Submitted - s.Due - s.Held})
	}
	failed := step == harness.Finished && s.Class.Outcome() != record.OutcomeOK
	m.flow.Add(at, step == harness.Finished, failed, m.under)
}

// again notes that a task was submitted, and reports whether it was before.
func (m *Meter) again(seq int) bool {
	for seq/64 >= len(m.sent) {
		m.sent = append(m.sent, 0)
	}
	bit := uint64(1) << (seq % 64)
	was := m.sent[seq/64]&bit != 0
	m.sent[seq/64] |= bit
	return was
}

// reset forgets what was counted.
func (m *Meter) reset() {
	m.start, m.at, m.under, m.counts, m.last, m.next = time.Time{}, 0, 0, [3]int{}, nil, 0
	m.flow = charts.Flow{Moment: shortest, Tasks: m.tasks}
	m.sent, m.started = nil, time.Now()
}

// keep adds a task to the ring.
func (m *Meter) keep(e ended) {
	if len(m.last) < kept {
		m.last = append(m.last, e)
		return
	}
	m.last[m.next] = e
	m.next = (m.next + 1) % kept
}

// A Reading is what a meter reads at a moment.
type Reading struct {
	Name               string
	Tasks              int
	OK, Missing, Wrong int           // tasks that have ended
	Under              int           // tasks that run
	Elapsed            time.Duration // by the clock of the run
	Real               time.Duration // since the meter was made
	Virtual            bool
	Rate               float64       // tasks a second that ended, of the last ten seconds
	P50, P99           time.Duration // of their latency, from when each was due
	Lateness           time.Duration // p99 of how late they were sent
	Timed              bool          // whether any has ended in that time
	Workers            []Worker      // processes that run the tasks, if others do
}

// Done returns how many tasks have ended.
func (r Reading) Done() int { return r.OK + r.Missing + r.Wrong }

// Read returns what the meter reads now.
func (m *Meter) Read() Reading {
	r, workers := m.read()
	if workers != nil {
		r.Workers = workers() // which may wait for what a step waits for the meter in
	}
	return r
}

func (m *Meter) read() (Reading, func() []Worker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := Reading{
		Name: m.name, Tasks: m.tasks, OK: m.counts[0], Missing: m.counts[1], Wrong: m.counts[2], Under: m.under,
		Elapsed: m.now(), Real: time.Since(m.started), Virtual: m.clock == record.Virtual,
	}
	from := max(r.Elapsed-recent, 0)
	var latencies, lateness []time.Duration
	oldest := r.Elapsed
	for _, e := range m.last {
		if oldest = min(oldest, e.at); e.at >= from {
			latencies, lateness = append(latencies, e.latency), append(lateness, e.lateness)
		}
	}
	if len(m.last) == kept { // all of the ring may be younger
		from = max(from, oldest)
	}
	if n := len(latencies); n > 0 {
		r.Timed = true
		r.P50, r.P99, r.Lateness = percentile(latencies, 50), percentile(latencies, 99), percentile(lateness, 99)
	}
	if over := r.Elapsed - from; over > 0 {
		r.Rate = float64(len(latencies)) / over.Seconds()
	}
	return r, m.workers
}

// Left returns how much longer the rest takes at the rate so far, in real time.
// ok is false before the first task has ended.
func (r Reading) Left() (d time.Duration, ok bool) {
	done := r.Done()
	if done == 0 {
		return 0, false
	}
	return time.Duration(float64(r.Real) / float64(done) * float64(max(r.Tasks-done, 0))), true
}

// now returns how long the run has been going on, by its clock.
func (m *Meter) now() time.Duration {
	if m.start.IsZero() { // under the virtual clock, only its steps tell
		return m.at
	}
	return max(m.at, time.Since(m.start))
}

// percentile returns a percentile by nearest rank, and sorts the times.
func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[max((len(times)*p+99)/100, 1)-1]
}

// Course returns the course of the run so far, nil before it has one.
func (m *Meter) Course() *charts.Course {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.flow.Course()
}
