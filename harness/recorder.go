package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/servers/interleave"
	"github.com/teapot-go/teapot/servers/taskid"
)

// A recorder records what happens to the tasks of one run. Once it is closed it
// ignores everything, so that a task which outlives its run cannot change what
// has been reported.
type recorder struct {
	start  time.Time
	real   bool                      // the clock
	steady time.Duration             // the start, as of uptime; 0 under the virtual clock
	watch  func(Step, record.Sample) // called with the lock held
	told   []uint8                   // steps of each task elsewhere that watch was called with; nil if none is
	lost   func(error)               // called with the error of a task that did not run to its end
	order  *interleave.Turns         // nil if the Go scheduler decides

	mu sync.Mutex
	// what is planned never changes, nor their number, unless there are users
	// or a stream
	samples  []record.Sample
	streamed bool          // samples are taken out of a window as their tasks end
	base     int           // how many were taken
	begun    []int         // tasks in the order of their starts, if samples are taken
	again    int           // how often tasks ran again when their samples had been taken
	longest  time.Duration // planned task, of users of those that there are at first too
	ended    int           // tasks that have finished
	closed   bool

	outstanding int           // tasks that are submitted and not delivered
	moved       time.Duration // when a task last ended, or the first became outstanding

	share     share.Part
	positions bool // the order of delivery is known beyond the time
	received  int  // results

	turns      []turn // by seq
	tickets    int    // that have been taken
	awaited    int    // tasks that the executor has accepted and not run yet
	inside     int    // calls of Run that have not returned
	handedOver bool   // Execute has returned for every task
	stayed     bool   // the last task waits for Shutdown, or has waited
	elsewhere  bool   // a task ran in another process
	outlived   []string
	shutdown   *shutdown
	batch      *ending // nil of an executor or a map
}

// newRecorderOf returns a recorder without tasks.
func newRecorderOf(t *Trial) *recorder {
	r := &recorder{
		real: t.Clock == record.Real, watch: t.Watch, share: t.Share,
		positions: t.Delivery == record.InOrder || t.Executor == nil, shutdown: newShutdown(t.Clock),
	}
	if r.watch == nil {
		r.watch = func(Step, record.Sample) {}
	}
	r.lost = func(error) {}
	return r
}

func newRecorder(t *Trial, w *Workload) *recorder {
	r := newRecorderOf(t)
	if t.Users != nil {
		r.longest = longestAtFirst(t, w)
		return r
	}
	if r.streamed = t.streams(w); r.streamed {
		return r
	}
	pacer, keyed := t.pacer(), t.keyed()
	n, _ := t.falling(pacer)
	r.samples = make([]record.Sample, 0, n/max(t.Share.Of, 1)+1)
	for seq := range n {
		due, _ := pacer.Due(seq)
		key, occurrence := keyed(seq)
		if !t.Share.Has(seq) {
			continue
		}
		s := foretold(w, key, occurrence)
		s.Seq, s.Due = seq, due
		r.longest = max(r.longest, atMost(&s))
		r.samples = append(r.samples, s)
	}
	r.turns = make([]turn, len(r.samples))
	return r
}

// foretold returns the sample of a task before anything happens to it: which of
// its key it is, from 1, and what is planned for it.
func foretold(w *Workload, key string, occurrence int) record.Sample {
	attempt, planned := w.Foretell(key, occurrence)
	if occurrence == 1 {
		occurrence = 0
	}
	return record.Sample{
		Key: key, Occurrence: occurrence, Attempt: attempt,
		Submitted: -1, Started: -1, Finished: -1, Delivered: -1, Worker: -1,
		Seen: record.Seen{Class: record.Lost}, Planned: planned,
	}
}

// add adds a task of a user, which falls due, and returns its number.
func (r *recorder) add(s record.Sample) (seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Seq = r.base + len(r.samples)
	r.longest = max(r.longest, atMost(&s))
	r.samples, r.turns = append(r.samples, s), append(r.turns, turn{})
	return s.Seq
}

// sample returns what is recorded of a task so far.
func (r *recorder) sample(seq int) record.Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.at(seq); s != nil {
		return *s
	}
	return record.Sample{}
}

// due returns when a task that was not taken falls due.
func (r *recorder) due(seq int) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at(seq).Due
}

// at returns the sample of a task, nil if it was taken. The caller holds mu.
func (r *recorder) at(seq int) *record.Sample {
	if seq < r.base {
		return nil
	}
	return &r.samples[seq-r.base]
}

// begin starts the run's time. It must be called before any task starts.
func (r *recorder) begin() { r.beginAt(time.Now()) }

// beginAt is begin at another time than this.
func (r *recorder) beginAt(at time.Time) {
	if r.start = at; r.real {
		r.steady = uptime() - time.Since(at)
	}
}

// note calls change with the sample and the time since the start, and then
// watch.
func (r *recorder) note(seq int, step Step, change func(s *record.Sample, at time.Duration)) {
	at := time.Since(r.start)
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.at(seq); s != nil && !r.closed {
		change(s, at)
		r.watch(step, *s)
	}
}

// submitted notes that a task is handed over. held, if not nil, returns how
// long the executor has held that up.
func (r *recorder) submitted(seq int, held func(due, at time.Duration) time.Duration) {
	r.note(seq, Submitted, func(s *record.Sample, at time.Duration) {
		if s.Submitted = at; held != nil {
			s.Held = held(s.Due, at)
		}
		if r.outstanding++; r.outstanding == 1 {
			r.moved = at
		}
	})
}

func (r *recorder) started(seq int) {
	r.note(seq, Started, func(s *record.Sample, at time.Duration) {
		if s.Finished < 0 { // a task that an executor runs again started once
			s.Started = at
			r.noteStart(seq)
		}
	})
}

func (r *recorder) finished(seq int, seen record.Seen) {
	r.note(seq, Finished, func(s *record.Sample, at time.Duration) {
		r.end(s, at)
		s.Finished, s.Seen = max(at, s.Started), reported(seen)
	})
}

// reported is what a task has reported. Only teapot says that an interrupt kept
// a task from its end. Of long texts it keeps the start.
func reported(seen record.Seen) record.Seen {
	if seen.Class.Outcome() == record.OutcomeNone {
		seen.Class = record.Failed
	}
	seen.Error, seen.Value = start(seen.Error), start(seen.Value)
	return seen
}

// mostOfText is how much of a text that a task reports a sample keeps.
const mostOfText = 64 << 10

// start is a text, or the start of a long one and its length.
func start(text string) string {
	if len(text) <= mostOfText {
		return text
	}
	return strings.ToValidUTF8(text[:mostOfText], "") + fmt.Sprintf("… (%d bytes)", len(text))
}

// ran notes the end of a task that noted its own times, perhaps in another
// process.
func (r *recorder) ran(seq int, ran Ran, err error) {
	doubt := ""
	if err != nil {
		if r.lost(err); r.gaveBack(seq) {
			return
		}
		doubt = unexplained(err)
		ran = Ran{
			Seen: record.Seen{Class: record.Failed, Error: failure(err)}, Started: time.Now(),
			Finished: time.Now(),
		}
		if errors.Is(err, executor.ErrCancelled) || errors.Is(err, executor.ErrShutdown) {
			ran.Class = record.Lost
		}
	}
	r.note(seq, Started, func(s *record.Sample, at time.Duration) {
		s.Started = max(r.finishOf(ran, s.Submitted, at)-ran.took(), s.Submitted)
	})
	r.note(seq, Finished, func(s *record.Sample, at time.Duration) {
		r.end(s, at)
		s.Finished, s.Seen, s.Doubt = min(s.Started+ran.took(), at), reported(ran.Seen), doubt
	})
}

// took returns how long the task took.
func (r Ran) took() time.Duration {
	if r.Took > 0 {
		return r.Took
	}
	return max(r.Finished.Sub(r.Started), 0)
}

// finishOf returns when a task has finished that was submitted and whose result
// has come at the given times. A time that is not between them is of a wall
// clock that was set: then it is when the result has come, which is a little
// late.
func (r *recorder) finishOf(ran Ran, submitted, at time.Duration) time.Duration {
	finish := ran.Finished.Sub(r.start)
	if ran.Steady > 0 && r.steady > 0 {
		finish = ran.Steady - r.steady
	}
	if finish > at || finish-ran.took() < submitted-tolerated {
		return at
	}
	return finish
}

// tolerated is by how much two readings of the same clock may seem to differ.
const tolerated = time.Millisecond

// end counts the end of a task. One that an executor runs again and again ends
// once.
func (r *recorder) end(s *record.Sample, at time.Duration) {
	if s.Finished < 0 {
		r.ended++
		r.moved = at
	}
}

// delivered notes that the caller has the result. An error means that the task
// did not come to its own end: it panicked, or it was never run, or the run was
// stopped first.
func (r *recorder) delivered(seq int, err error) {
	if errors.Is(err, executor.ErrUnfinished) {
		return
	}
	r.note(seq, Delivered, func(s *record.Sample, at time.Duration) {
		if s.Delivered < 0 {
			r.outstanding--
			r.moved = at
			if r.received++; r.positions {
				s.Received = r.share.Among(r.received)
			}
		}
		s.Delivered = at
		if err != nil && s.Error == "" {
			s.Error = failure(err)
		}
		if _, panicked := errors.AsType[*executor.PanicError](err); panicked {
			s.Panicked = true
		}
	})
}

// failure returns the text of a task's error, and of a panic also the place.
// The place comes first, as a panic's value may be long.
func failure(err error) string {
	p, ok := errors.AsType[*executor.PanicError](err)
	if !ok {
		return start(err.Error())
	}
	return start(fmt.Sprintf("executor: task panicked%s: %v", at(goroutine{frames: readCallers(p.Stack())}), p.Value))
}

// tasks returns the number of tasks, of a stream of those so far.
func (r *recorder) tasks() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.base + len(r.samples)
}

// progress returns the number of tasks that have finished.
func (r *recorder) progress() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// unfinished lists the keys of the tasks that have not finished.
func (r *recorder) unfinished() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.batch != nil {
		return r.undelivered()
	}
	var keys []string
	for _, s := range r.samples {
		if s.Finished < 0 {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// submittedByStart returns the samples of the tasks that were submitted and not
// delivered, in order of their start. Those that have not started come first.
func (r *recorder) submittedByStart() (all []*record.Sample) {
	for i := range r.samples {
		if s := &r.samples[i]; s.Submitted >= 0 && s.Delivered < 0 {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b *record.Sample) int { return cmp.Compare(a.Started, b.Started) })
	return all
}

// close ends the recording and returns the samples.
func (r *recorder) close() []record.Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for seq, t := range r.turns {
		r.samples[seq].Misrun = t.misrun()
	}
	return r.samples
}

// over reports whether the recording has ended.
func (r *recorder) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// task returns what runs on the executor for one seq.
func (r *recorder) task(seq int, do func(context.Context, string, int) record.Seen) func(context.Context) (Ran, error) {
	s := r.sample(seq)
	number, key := s.Task(), s.Key // the closure must not hold all of the sample
	return func(ctx context.Context) (Ran, error) {
		seen := record.Seen{Class: record.Failed} // what remains when do panics
		r.started(seq)
		defer func() { r.finished(seq, seen) }()
		r.yield(seq)
		seen = do(taskid.NewContext(ctx, number), key, 1)
		r.yield(seq)
		return Ran{}, nil
	}
}

func (r *recorder) call(seq int, setting string) Call {
	return Call{Key: r.sample(seq).Key, Attempt: 1, Setting: setting}
}
