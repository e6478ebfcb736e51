package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// DefaultSeeds is how many worlds a hunt tries if nothing says how many.
const DefaultSeeds = 1000

// A Hunt says how to look for worlds in which a case fails. Its fields must not
// be changed while it runs. Any number of goroutines may call its methods.
type Hunt struct {
	// Runner returns a new runner, one for each job.
	Runner func() *scenarios.Runner
	// Seeds is how many worlds of a case are tried: those of the seed of the
	// file, the next one, and so on. 0 means those of hunt.seeds in the file,
	// or else [DefaultSeeds], or with For no limit.
	Seeds int
	// For, if not 0, is how long new worlds begin, which at least one does.
	// Those that have begun come to their end.
	For time.Duration
	// Jobs is how many worlds are tried at once; 0 means one. The result of a
	// hunt with Seeds does not depend on it.
	Jobs int
	// KeepGoing has the hunt go on after a world that fails, and find one of
	// each other kind of failure.
	KeepGoing bool
	// Corpus is the folder of the worlds that failed before, one folder for
	// each scenario. They are tried first, and new ones are added to them. ""
	// means that there is none.
	Corpus string
	// Property, if not nil, returns what is wrong with a run beside what the
	// scenario's expectations find. A property is a pure function of the
	// recording. Calls may come from any goroutine.
	Property func(*record.Recording) []record.Violation
	// Tried, if not nil, is called after each world. Calls come one at a time.
	Tried func(world int, rec *record.Recording)
}

// A Result is what a hunt has found.
type Result struct {
	Case     string        `json:"case"`          // its name
	Tried    int           `json:"tried"`         // worlds, without those of the corpus
	Unknown  int           `json:"unknown"`       // worlds whose run cannot be judged
	Why      string        `json:"why,omitempty"` // why the first of these cannot be
	Took     time.Duration `json:"took_ns"`
	Failures []*Failure    `json:"failures"`
	Fixed    []string      `json:"fixed"` // files of the corpus that fail no more
	Coverage Coverage      `json:"coverage"`
	// Sample is the run of the first world that has not failed.
	Sample      *record.Recording `json:"-"`
	Interrupted bool              `json:"interrupted,omitempty"`
}

// Run hunts for worlds in which a case fails. The error is about the hunt: the
// case cannot run under the virtual clock, or a file cannot be read or written.
// Beside an error, and when ctx is done, the result has what was found so far;
// it is nil if the hunt has not begun.
func (h Hunt) Run(ctx context.Context, c scenarios.Case) (*Result, error) {
	from, err := newSource(h.Runner().Vocabulary, c)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	t := &tracker{hunt: h, result: &Result{
		Case: from.name, Failures: []*Failure{}, Fixed: []string{}, Coverage: newCoverage(c.Scenario),
	}}
	taken, err := h.tryCorpus(ctx, from, t)
	if err != nil {
		return t.result, err
	}
	if h.KeepGoing || len(t.result.Failures) == 0 {
		err = h.tryWorlds(ctx, from, t)
	}
	t.result.Took = time.Since(began)
	for _, f := range t.result.Failures {
		if f.world == nil {
			continue // it is as small as it was
		}
		if ctx.Err() == nil {
			err = errors.Join(err, h.reduce(ctx, from, f, taken))
		}
		if ctx.Err() != nil && f.Text == "" {
			err = errors.Join(err, h.keepAsFound(from, f, taken))
		}
	}
	t.result.Interrupted = ctx.Err() != nil
	return t.result, err
}

// Worlds returns how many worlds of a case are tried at most.
func (h Hunt) Worlds(c scenarios.Case) int {
	unlimited := 0
	if h.For > 0 {
		unlimited = 1 << 40
	}
	inFile := 0
	if hunting := c.Scenario.Hunt; hunting != nil {
		inFile = int(hunting.Seeds)
	}
	return cmp.Or(h.Seeds, unlimited, inFile, DefaultSeeds)
}

// tryWorlds tries the worlds of a case in jobs of their own. Each takes the
// next world; what became of them is told in their order, so that the result
// does not depend on which job is faster.
func (h Hunt) tryWorlds(ctx context.Context, from *source, t *tracker) error {
	q := &queue{limit: h.Worlds(from.c), tell: t.tell, waiting: map[int]outcome{}}
	if h.For > 0 {
		q.over = time.Now().Add(h.For)
	}
	var jobs sync.WaitGroup
	for range max(1, h.Jobs) {
		jobs.Go(func() {
			runner := h.Runner()
			for {
				i, more := q.next(ctx)
				if !more {
					return
				}
				w, err := from.world(i)
				var rec *record.Recording
				if err == nil {
					rec, err = h.try(ctx, runner, w.c)
				}
				q.done(i, outcome{w, rec, err})
			}
		})
	}
	jobs.Wait()
	return q.err
}

// try runs a case once and judges it.
func (h Hunt) try(ctx context.Context, runner *scenarios.Runner, c scenarios.Case) (*record.Recording, error) {
	rec, err := runner.Run(ctx, c)
	if err != nil || h.Property == nil || rec.Interrupted || rec.Limit != "" {
		return rec, err
	}
	for _, v := range h.Property(rec) {
		v.File, v.Reproduce = cmp.Or(v.File, rec.File), cmp.Or(v.Reproduce, rec.Reproduce)
		rec.Violations = append(rec.Violations, v)
	}
	return rec, nil
}

// An outcome is what became of a world.
type outcome struct {
	world *world
	rec   *record.Recording
	err   error
}

// A queue gives worlds to jobs, and tells their outcomes in order.
type queue struct {
	limit int
	over  time.Time // when no other world begins, unless it is zero
	tell  func(outcome) (more bool)

	mu      sync.Mutex
	taken   int
	told    int
	waiting map[int]outcome // for those before them to be told
	ended   bool
	err     error
}

// next returns the number of the next world, from 0.
func (q *queue) next(ctx context.Context) (i int, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	late := q.taken > 0 && !q.over.IsZero() && time.Now().After(q.over)
	if q.ended || q.taken == q.limit || late || ctx.Err() != nil {
		return 0, false
	}
	q.taken++
	return q.taken - 1, true
}

// done tells the outcome of a world, and those that have waited for it.
func (q *queue) done(i int, o outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[i] = o
	for !q.ended {
		o, has := q.waiting[q.told]
		if !has {
			return
		}
		delete(q.waiting, q.told)
		q.told++
		switch {
		case o.err != nil:
			q.err, q.ended = o.err, true
		case o.rec.Interrupted:
			q.ended = true
		default:
			q.ended = !q.tell(o)
		}
	}
}

// A tracker keeps what is found. Its calls come one at a time.
type tracker struct {
	hunt   Hunt
	result *Result
}

// tell notes the outcome of a world. It reports whether to go on.
func (t *tracker) tell(o outcome) (more bool) {
	r := t.result
	r.Tried++
	r.Coverage.add(o.rec)
	if t.hunt.Tried != nil {
		t.hunt.Tried(o.world.index, o.rec)
	}
	kinds := kindsOf(o.rec)
	if len(kinds) == 0 {
		if unknown := o.rec.Inconclusive; len(unknown) > 0 || o.rec.Limit != "" {
			r.Unknown++
			if r.Why == "" && len(unknown) > 0 {
				r.Why = unknown[0].Got + ": " + unknown[0].Want
			}
		}
		if r.Sample == nil {
			r.Sample = o.rec
		}
		return true
	}
	fresh := -1
	for i, k := range kinds {
		known := slices.IndexFunc(r.Failures, func(f *Failure) bool { return f.kind == k })
		if known >= 0 {
			r.Failures[known].Worlds++
		} else if fresh < 0 {
			fresh = i
		}
	}
	if fresh >= 0 {
		r.Failures = append(r.Failures, newFailure(o.world, o.rec, kinds[fresh]))
	}
	return t.hunt.KeepGoing && len(r.Failures) < maxFailures
}

// maxFailures is how many kinds of failures a hunt looks for.
const maxFailures = 20

// errReal is why a case cannot be hunted.
var errReal = errors.New("a hunt needs the virtual clock, which does not measure CPU time, and does not reach " +
	"other processes or servers: want a task, an executor and a server in this process")

// newFailure returns a failure of a world that is not made smaller yet.
func newFailure(w *world, rec *record.Recording, k kind) *Failure {
	return &Failure{
		Kind: k.String(), Check: k.check, Seed: w.seed, Worlds: 1, Recording: rec, kind: k, world: w,
		Story: storyOf(rec, k), Reproduce: fmt.Sprint(rec.Reproduce),
	}
}
