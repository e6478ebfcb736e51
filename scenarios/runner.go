package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// A Runner runs cases and judges them. Any number of goroutines may call its
// methods. It runs one case at a time, because two runs at once would disturb
// each other's times and leak checks. The zero Runner knows the built-in
// vocabulary.
type Runner struct {
	Vocabulary Vocabulary
	// Reproduce returns the command that runs a case again. If nil, the command
	// runs teapot with "go run". In a test, a case that teapot cannot run, for
	// it knows the built-in vocabulary and reads files, has the command that
	// runs the test again. Elsewhere there is none for such a case.
	Reproduce func(Case) string
	// Watch, if not nil, is called at every step of every task of a case; see
	// [harness.Trial].
	Watch func(Case, harness.Step, record.Sample)
	// Scheduled, if not nil, is called with the future of each task of a case;
	// see [harness.Trial].
	Scheduled func(key string, future *executor.Future[harness.Ran])
	// Samples, if it is above 0, is how many samples are kept of a run that has
	// more tasks and needs no more to be judged, beside totals of all tasks: it
	// then takes no more memory the longer it is. Another run keeps all of its
	// samples, and Keep of its recording leaves some out.
	Samples int
	// Once makes Run run each case once. Violations that a busy machine can
	// cause then become warnings.
	Once bool
	// Hung, if not nil, is called with a message when a case under the real
	// clock makes no progress; see [harness.Trial].
	Hung func(Case, string)
	// Isolate makes Run start this program again for each case under the
	// virtual clock whose task, executor or content is not built in. A case
	// that ends its process, as code does that uses goroutines or channels from
	// before the run, then ends that one. The program must call
	// [Vocabulary.Main]. Cases run in this process all the same if Watch or
	// Scheduled is set, or if the program has changed their scenario.
	Isolate bool
	// Rehearse has the process of a case run it once before, so that what ends
	// only the second run of a program, as a pool of the whole program does
	// that the first has started, ends that process too.
	Rehearse bool
	// ChildArgs are the arguments that Isolate starts the program with, and
	// ChildStderr gets what it prints; nil for that of this process. Without
	// Isolate, a Runner that has such arguments starts the program to learn
	// whether a case can run twice in one process, before it runs one again to
	// confirm the timers that it has left.
	ChildArgs   []string
	ChildStderr io.Writer

	mu        sync.Mutex
	makespans map[string]time.Duration // of references, by cacheKey, so that each runs once
}

// Under the real clock Run repeats a case whose violations may be noise until a
// run has none, at most maxRuns times, and for at most about maxRetryTime.
const (
	maxRuns      = 10
	maxRetryTime = time.Minute
)

// Run runs a case and judges it. If the case's speedup is measured over another
// case, Run runs that one first, unless the Runner has its makespan already.
//
// Under the real clock, a busy machine can make a run slower, but nothing can
// make it faster than it is. So Run repeats a case that misses its efficiency
// or its speedup, or gets an answer on the wrong side of a timeout that was
// near, or is invalid. It reports a violation only if no run passes, after ten
// runs or about a minute; of a timeout that was near, or an invalid run, it
// reports that it cannot be judged. It returns the last recording, with a
// warning for each check that earlier runs missed. All other violations are
// reported at once, and of a run that has them it cannot be known whether it
// would have met the rest in another one.
//
// If the scenario's clock is auto, Run runs the case under the virtual clock.
// If that cannot carry out the run, Run runs the case under the real clock, and
// adds a warning to the recording. A run that was given up may hold a lock of
// the whole program, which the second one then waits for, unless Isolate is
// set.
func (r *Runner) Run(ctx context.Context, c Case) (*record.Recording, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.Scenario.Clock != clockAuto {
		return r.runOrFind(ctx, c)
	}
	why := realClock
	if !c.Scenario.needsRealClock() {
		rec, err := r.runOrFind(ctx, c.under(clockVirtual))
		if err != nil || rec.Limit == "" {
			return rec, err
		}
		why, _, _ = strings.Cut(rec.Limit, ": ")
	}
	rec, err := r.runOrFind(ctx, c.under(clockReal))
	if err == nil {
		rec.Warnings = append(rec.Warnings, "clock: auto: the run is under the real clock: "+why)
		withoutVirtual(rec)
	}
	return rec, err
}

// withoutVirtual says what lets a run be judged that an earlier run has spoilt.
// That is the one under the virtual clock.
func withoutVirtual(rec *record.Recording) {
	const alone, remedy = "run it alone", "use clock: real"
	rec.Limit = strings.Replace(rec.Limit, ": "+alone, ": "+remedy, 1)
	for i := range rec.Inconclusive {
		if v := &rec.Inconclusive[i]; v.Want == alone {
			v.Want = remedy
		}
	}
}

// runOrFind runs a case, or has its highest rate found.
func (r *Runner) runOrFind(ctx context.Context, c Case) (*record.Recording, error) {
	if c.Scenario.Find != nil {
		return r.find(ctx, c)
	}
	return r.run(ctx, c)
}

// run runs a case under the clock of its scenario, and judges it.
func (r *Runner) run(ctx context.Context, c Case) (*record.Recording, error) {
	over, err := r.referenceMakespan(ctx, c)
	if err != nil {
		return nil, err
	}
	expectations, warnings := c.expectations(over)
	began := time.Now()
	var earlier repeated
	var before *record.Recording
	for run := 1; ; run++ {
		rec, err := r.judge(ctx, c, over, expectations)
		if err != nil && before != nil {
			return unrepeated(before, err), nil
		}
		if err != nil {
			return nil, err
		}
		rec.Warnings = slices.Concat(warnings, earlier.warnings())
		noise := findings(rec)
		if r.Once && rec.Invalid() {
			return rec, nil
		}
		if r.Once && mayBeNoise(noise, rec.Timeout) {
			turnIntoWarnings(rec)
			return rec, nil
		}
		if rec.Clock == record.Virtual {
			return rec, nil
		}
		if !mayBeNoise(noise, checks.Guard(rec)) {
			doubtNoise(rec)
			return rec, nil
		}
		if run == maxRuns || time.Since(began) > maxRetryTime || ctx.Err() != nil {
			return rec, nil
		}
		earlier.add(noise)
		before = rec
	}
}

// judge runs a case once, and judges it.
func (r *Runner) judge(ctx context.Context, c Case, over time.Duration, expectations []checks.Expectation) (
	*record.Recording, error,
) {
	rec, err := r.measure(ctx, c)
	if err != nil {
		return nil, err
	}
	if rec.Makespan > 0 {
		rec.Speedup = float64(over) / float64(rec.Makespan)
	}
	rec.Reproduce = r.reproduce(c)
	checks.Settle(rec, expectations, rec.Reproduce)
	if rec.LeftOut() != nil {
		rec.Keep(r.Samples)
	}
	return rec, nil
}

// findings returns the violations of a run, and what is inconclusive because
// of the machine.
func findings(rec *record.Recording) []record.Violation {
	found := slices.Clone(rec.Violations)
	for _, v := range rec.Inconclusive {
		if v.Noise {
			found = append(found, v)
		}
	}
	return found
}

// mayBeNoise reports whether there are violations and a busy machine can have
// caused all of them, if it delayed nothing by more than near. A violation of
// any other kind is the client's, even if few runs show it.
func mayBeNoise(found []record.Violation, near time.Duration) bool {
	return len(found) > 0 && !slices.ContainsFunc(found, func(v record.Violation) bool { return !isNoise(v, near) })
}

func isNoise(v record.Violation, near time.Duration) bool { return v.Noise && v.Margin <= near }

// turnIntoWarnings replaces the findings of a recording by warnings.
func turnIntoWarnings(rec *record.Recording) {
	for _, v := range findings(rec) {
		rec.Warnings = append(rec.Warnings,
			fmt.Sprintf("%s: got %s, want %s: a busy machine can miss what is planned near the timeout of %v",
				v.Check, v.Got, v.Want, rec.Timeout))
	}
	rec.Violations = []record.Violation{}
	rec.Inconclusive = slices.DeleteFunc(rec.Inconclusive, func(v record.Violation) bool { return v.Noise })
}

// referenceMakespan returns the makespan of the case that c's speedup is
// measured over. It returns 0 if there is none, if c is that case, or if its
// run did not end.
func (r *Runner) referenceMakespan(ctx context.Context, c Case) (time.Duration, error) {
	if c.Scenario.Expect.Speedup == nil {
		return 0, nil
	}
	reference, err := c.Scenario.reference()
	if err != nil || reference.index == c.index {
		return 0, err
	}
	if known, ok := r.makespans[reference.cacheKey()]; ok {
		return known, nil
	}
	if _, err := r.measure(ctx, reference); err != nil {
		return 0, err
	}
	return r.makespans[reference.cacheKey()], nil
}

// measure runs a case. If the speedup of other cases is measured over it,
// measure keeps its makespan. The Runner keeps nothing else of a recording,
// which belongs to the caller of Run.
func (r *Runner) measure(ctx context.Context, c Case) (*record.Recording, error) {
	if _, _, in := InChild(); in {
		return nil, fmt.Errorf("%s: this process was started to run one case: %s", c.Name(), mustCallMain)
	}
	t := r.Vocabulary.trial(c)
	if r.Watch != nil {
		t.Watch = func(step harness.Step, s record.Sample) { r.Watch(c, step, s) }
	}
	if r.Hung != nil {
		t.Hung = func(message string) { r.Hung(c, message) }
	}
	t.Scheduled = r.Scheduled
	if c.streams() && !r.isolated(c) {
		if t.Keep = r.Samples; c.Scenario.long() {
			t.Keep = cmp.Or(r.Samples, arrivals.Limit)
		}
	}
	run := harness.Run
	switch {
	case r.isolated(c):
		run = func(ctx context.Context, _ harness.Trial) (*record.Recording, error) { return r.runIsolated(ctx, c) }
	case r.ChildArgs != nil && !c.builtIn():
		t.Again = r.Vocabulary.again(c, r.ChildArgs)
	}
	rec, err := run(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Scenario.file, err)
	}
	if c.isReference() && !rec.Interrupted && rec.Deadlock == "" && rec.Limit == "" {
		if r.makespans == nil {
			r.makespans = map[string]time.Duration{}
		}
		r.makespans[c.cacheKey()] = rec.Makespan
	}
	return rec, nil
}

// cacheKey identifies the runs of a case that measure the same.
func (c Case) cacheKey() string {
	return fmt.Sprintf("%s %s %s %d", c.Scenario.file, c.Name(), c.Scenario.Clock, c.Scenario.Seed)
}
