package harness

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// A Batch is a whole program that has a pool of its own, such as a downloader.
// It does what there is to do for every key, each of which is a task, and calls
// emit with what it reports of the task. It may call emit from any goroutine,
// one call for each key. It returns when every key has been reported and all
// that it has started has ended. An error says that it gave up before that.
//
// The harness sees no task start. A task starts with the first request for its
// key that the server's journal has, and ends with the last one.
type Batch func(ctx context.Context, server *servers.Server, keys []string,
	emit func(key string, seen record.Seen)) error

// An ending is how a batch came to its end.
type ending struct {
	returned bool
	failure  string // the text of its error
	panicked bool   // which is its error
	broken   string // how it broke the protocol, as a Misrun; "" if it did not
	cutOff   bool   // teapot ended it for that
	at       time.Duration
	late     []string // keys that were emitted after it had returned
	unknown  []string // keys that were emitted and that no task has
}

// runBatch has a batch do the tasks, all of which it is given at once.
func (r *run) runBatch(ctx context.Context, cancel context.CancelCauseFunc, b Batch) {
	server := r.workload.Server
	if server == nil {
		r.err = fmt.Errorf("a batch needs a server, whose journal tells when its tasks start")
		return
	}
	patient, stop := outlast(ctx, grace)
	defer stop()
	tasks := newEmitter(r.recorder)
	defer tasks.share(ctx, server)()
	defer server.Observe(tasks.observe(server.Started()))()
	r.recorder.beginBatch()
	keys := make([]string, len(r.recorder.samples))
	for seq := range keys {
		keys[seq] = r.recorder.samples[seq].Key
		r.recorder.submitted(seq, nil)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.recorder.endBatch(call(func() error {
			return b(ctx, server, keys, func(key string, seen record.Seen) {
				tasks.emit(key, seen)
				if r.stopped() {
					cancel(context.Canceled)
				}
			})
		}))
	}()
	select {
	case <-over:
	case <-patient.Done(): // what does not end is stuck in the program, which the leak guard will say
	}
}

// A breach is the error of a batch that runs a program which does not keep to
// the protocol.
type breach interface {
	error
	// Breach returns how, whether the program was ended for that, and what
	// else went wrong.
	Breach() (got, want string, ended bool, also error)
}

// call calls a function and returns how it ended: with the text of its error,
// or of its panic. A call of runtime.Goexit, as that of t.FailNow, is an error
// too.
func call(f func() error) ending {
	done := make(chan ending, 1)
	go func() {
		const failure = "it ended its goroutine by runtime.Goexit, as t.FailNow does; return an error instead"
		a := ending{failure: failure, panicked: true}
		defer func() { done <- a }()
		defer func() {
			if v := recover(); v != nil {
				a.failure = fmt.Sprintf("panic%s: %v", at(panicking()), v)
			}
		}()
		err := f()
		a = ending{}
		if broken, ok := errors.AsType[breach](err); ok {
			var got, want string
			got, want, a.cutOff, err = broken.Breach()
			a.broken = got + ": " + want
		}
		if err != nil {
			a.failure = err.Error()
		}
	}()
	return <-done
}

// An emitter notes what a batch reports, and when its requests come.
type emitter struct {
	recorder *recorder
	seqs     map[string][]int // of the tasks of each key

	mu   sync.Mutex
	next map[string]int // how many reports each key has had
	asks map[int]int    // how many requests each task has had
}

// maxAsks is how many requests of a task show that a batch goes on. A program
// that asks for ever for the same goes nowhere.
const maxAsks = 10_000

func newEmitter(r *recorder) *emitter {
	e := &emitter{recorder: r, seqs: map[string][]int{}, next: map[string]int{}, asks: map[int]int{}}
	for seq, s := range r.samples {
		e.seqs[s.Key] = append(e.seqs[s.Key], seq)
	}
	return e
}

// share tells the server of the tasks that share a key, so that each meets
// latencies and faults of its own. It cannot know which of them a request is
// for, and guesses.
func (e *emitter) share(ctx context.Context, server *servers.Server) (end func()) {
	var ends []func()
	for seq, s := range e.recorder.samples {
		if len(e.seqs[s.Key]) > 1 {
			_, end := server.BeginTask(taskid.NewContext(ctx, seq+1), s.Key)
			ends = append(ends, end)
		}
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

// emit notes a report. The reports of a key belong to its tasks in their order.
func (e *emitter) emit(key string, seen record.Seen) {
	seqs := e.seqs[key]
	if len(seqs) == 0 {
		e.recorder.strayed(key)
		return
	}
	e.mu.Lock()
	n := e.next[key]
	e.next[key]++
	e.mu.Unlock()
	e.recorder.emitted(seqs[min(n, len(seqs)-1)], seen)
}

// observe returns a function that notes when a request of a task came and when
// it ended. That of tasks that share a key tells of none of them.
func (e *emitter) observe(epoch time.Time) func(servers.Entry) {
	offset := e.recorder.start.Sub(epoch)
	seqs := make(map[string]int, len(e.seqs))
	for key, those := range e.seqs {
		if kept := key[:min(len(key), servers.KeyLimit)]; len(those) == 1 {
			seqs[kept] = those[0]
		}
	}
	return func(entry servers.Entry) {
		if seq, ok := seqs[entry.Key]; ok {
			e.recorder.asked(seq, entry.Arrived-offset, entry.Arrived+entry.Took-offset, e.asked(seq) <= maxAsks)
		}
	}
}

// asked counts a request of a task.
func (e *emitter) asked(seq int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asks[seq]++
	return e.asks[seq]
}

// beginBatch notes that a batch runs, which is under way until it returns.
func (r *recorder) beginBatch() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch = new(ending)
	r.outstanding++
}

// endBatch notes how a batch has ended.
func (r *recorder) endBatch(how ending) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.outstanding--
		how.returned, how.late, how.unknown = true, r.batch.late, r.batch.unknown
		how.at = time.Since(r.start)
		*r.batch = how
	}
}

// asked notes a request of a task of a batch, whose time is known when it has
// ended. What the client reported was over by then. The program goes on if the
// request counts and is for a task that it has not reported.
func (r *recorder) asked(seq int, from, to time.Duration, counts bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	s := &r.samples[seq]
	counts = counts && s.Delivered < 0
	if s.Delivered >= 0 {
		to = min(to, s.Delivered)
	}
	if first := s.Started < 0; first || from < s.Started {
		if s.Started = max(from, 0); first {
			r.watch(Started, *s)
		}
	}
	s.Finished = max(s.Finished, to, s.Started)
	if counts {
		r.ended++
		r.moved = time.Since(r.start)
	}
}

// emitted notes that a batch reports a task.
func (r *recorder) emitted(seq int, seen record.Seen) {
	first := false
	r.change(seq, func(t *turn) {
		if r.batch.returned {
			r.batch.late = append(r.batch.late, r.samples[seq].Key)
			return
		}
		t.results++
		first = t.results == 1
	})
	if !first {
		return
	}
	r.note(seq, Finished, func(s *record.Sample, at time.Duration) {
		s.Seen, s.Finished = seen, min(s.Finished, at)
	})
	r.delivered(seq, nil)
}

// strayed notes that a batch reports a key that no task has.
func (r *recorder) strayed(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.batch.unknown = append(r.batch.unknown, key)
	}
}

// undelivered lists the keys that a batch has not reported.
func (r *recorder) undelivered() (keys []string) {
	for _, s := range r.samples {
		if s.Delivered < 0 {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// said describes a batch that has not returned.
func (r *recorder) said() string {
	n := len(r.undelivered())
	return fmt.Sprintf("the program has emitted %d of %d keys, and has not returned", len(r.samples)-n, len(r.samples))
}

// doubtSwapped doubts the tasks of one key whose reports are right if they are
// those of one another: a program reports a key, and not which of its tasks.
func doubtSwapped(samples []record.Sample) {
	differing := map[string][]*record.Sample{}
	for i := range samples {
		if s := &samples[i]; s.Delivered >= 0 && s.Class != s.PlannedClass {
			differing[s.Key] = append(differing[s.Key], s)
		}
	}
	for _, tasks := range differing {
		told, planned := map[record.Class]int{}, map[record.Class]int{}
		for _, s := range tasks {
			told[s.Class]++
			planned[s.PlannedClass]++
		}
		if maps.Equal(told, planned) {
			for _, s := range tasks {
				s.Doubt = whichTask
			}
		}
	}
}

// judge notes in a recording, whose samples have been joined with the journal,
// how a batch broke its promise to report every key once, before it returns. A
// program that returns an error may have given up because a request failed, be
// it for a key or not. Where the content is foreign, it may not know of a key,
// if what would have told of it has failed. And of keys that several tasks have
// it may do each once. In each case it is not known whether it should have
// reported more.
func (b *ending) judge(rec *record.Recording, failed, foreign bool) {
	if b == nil {
		return
	}
	failed = failed || slices.ContainsFunc(rec.Samples, func(s record.Sample) bool {
		return s.Did != record.ActionNoRequest && s.PlannedClass != record.OK
	})
	mayGiveUp := b.failure != "" && !b.panicked && failed
	doubtSwapped(rec.Samples)
	delivered := map[string]bool{}
	allOK := true
	for _, s := range rec.Samples {
		delivered[s.Key] = delivered[s.Key] || s.Delivered >= 0
		allOK = allOK && s.Delivered >= 0 && s.Class == record.OK
	}
	unreported := 0
	for i := range rec.Samples {
		s := &rec.Samples[i]
		switch {
		case s.Delivered >= 0:
		case slices.Contains(b.late, s.Key):
			s.Misrun = "delivered after the program had returned: delivered before"
		case b.cutOff:
			s.RunDoubt = cutOff
		case mayGiveUp:
			s.RunDoubt = fmt.Sprintf("the program returned an error, %q, and did not report them: %s", b.failure,
				reportAll)
		case delivered[s.Key]:
			s.RunDoubt = onePerKey
		case b.returned && failed && foreign && s.Did == record.ActionNoRequest:
			s.RunDoubt = mayNotKnow
		case b.returned:
			unreported++
			s.Misrun = "never delivered: delivered once"
		}
	}
	rec.Misrun = b.misrun(unreported, allOK)
}

// misrun returns how a program broke its promise as a whole; "" if it did not.
func (b *ending) misrun(unreported int, allOK bool) string {
	switch {
	case b.panicked:
		return b.failure + ": the program returns"
	case b.broken != "":
		return b.broken
	case len(b.unknown) > 0:
		return fmt.Sprintf("%s delivered, which no task has: only the keys of the workload", tally(b.unknown))
	case b.failure != "" && allOK:
		return fmt.Sprintf("the program returned an error, %q, and reported every key as ok: nil", b.failure)
	case b.failure != "" && unreported > 0:
		return fmt.Sprintf("the program returned an error, %q, although no request had failed: every key reported",
			b.failure)
	}
	return ""
}

// Why it is in doubt whether a task was to be reported.
const (
	cutOff = "teapot ended the program because of its output: print nothing but reports to the standard output"

	mayNotKnow = "the program asked for none of these, of which it may have heard in an answer that failed: have " +
		"another scenario without faults, which shows what it does not ask for"
	reportAll = "have it go on after the error of a key, report every key, and return nil"
	whichTask = "the reports of several tasks of one key may be those of one another: give each task a key of its own"
	onePerKey = "the program reported the key fewer times than there are tasks of it, which it may have taken for " +
		"one: give tasks keys of their own"
)
