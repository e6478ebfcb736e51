package scenarios

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// A Runner runs cases and judges them. Its methods may be called by any number
// of goroutines; runs follow one another, because two at once would disturb
// each other's times and leaks. The zero Runner knows the built-in vocabulary.
type Runner struct {
	Vocabulary Vocabulary
	// Reproduce returns the command that runs a case again. Nil stands for the
	// command line of teapot itself.
	Reproduce func(Case) string
	// Watch, if not nil, is called at every step of every task of a case, as
	// [harness.Trial] has it.
	Watch func(Case, harness.Step, record.Sample)
	// Scheduled, if not nil, is called with the future of each task of a case,
	// as [harness.Trial] has it.
	Scheduled func(key string, future *executor.Future[harness.Ran])
	// Once has every case run once: what a busy machine can cause is then a
	// warning, and not measured again.
	Once bool

	// Hung, if not nil, is called with a message when a case under the real
	// clock does not go on, as [harness.Trial] has it.
	Hung func(Case, string)

	mu        sync.Mutex
	makespans map[string]time.Duration // of references, by file and case, so that each is run once
}

// A violation that a busy machine can cause is believed under the real clock
// when this many runs in a row show it, or as many as fit into patience.
const (
	tries    = 10
	patience = time.Minute
)

// Run runs a case, and before it the one that its speedup is measured over
// unless a run of it has been measured before, and judges it.
//
// Under the real clock an efficiency or a speedup that is not met, or an answer
// on the other side of a timeout that is near, is measured again, up to ten
// times or for about a minute: it is a violation only if no run meets it,
// because a machine that is busy elsewhere can make a run slower and nothing
// can make it faster than it is. The recording that comes back is the last one,
// with a warning for each before. Everything else is judged at once.
func (r *Runner) Run(ctx context.Context, c Case) (*record.Recording, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	over, err := r.reference(ctx, c)
	if err != nil {
		return nil, err
	}
	expectations, warnings := c.expectations(over)
	began := time.Now()
	for try := 1; ; try++ {
		rec, err := r.measure(ctx, c)
		if err != nil {
			return nil, err
		}
		if rec.Makespan > 0 {
			rec.Speedup = float64(over) / float64(rec.Makespan)
		}
		rec.Reproduce = r.reproduce(c)
		rec.Violations = checks.Judge(rec, expectations, rec.Reproduce)
		rec.Warnings = append(slices.Clip(warnings), doubts(rec)...)
		if r.Once && noise(rec.Violations, rec.Timeout) {
			for _, v := range rec.Violations {
				rec.Warnings = append(rec.Warnings, fmt.Sprintf("%s: got %s, want %s: what is planned near the timeout of %v a busy machine can miss", v.Check, v.Got, v.Want, rec.Timeout))
			}
			rec.Violations = []record.Violation{}
			return rec, nil
		}
		last := try == tries || time.Since(began) > patience || ctx.Err() != nil
		if rec.Clock == record.Virtual || last || !noise(rec.Violations, rec.Timeout/5) {
			return rec, nil
		}
		for _, v := range rec.Violations {
			warnings = append(warnings, fmt.Sprintf("%s: run %d got %s, want %s: run again", v.Check, try, v.Got, v.Want))
		}
	}
}

// reference returns the makespan of the case that c's speedup is measured over,
// 0 for none: the reference's own speedup is measured over nothing, and nothing
// is measured over a run that did not come to its end.
func (r *Runner) reference(ctx context.Context, c Case) (time.Duration, error) {
	if c.Scenario.Expect.Speedup == nil {
		return 0, nil
	}
	reference, err := c.Scenario.reference()
	if err != nil || reference.position == c.position {
		return 0, err
	}
	if known, ok := r.makespans[reference.key()]; ok {
		return known, nil
	}
	if _, err := r.measure(ctx, reference); err != nil {
		return 0, err
	}
	return r.makespans[reference.key()], nil
}

// doubts says which tasks cannot be judged, and why.
func doubts(rec *record.Recording) []string {
	keys := map[string][]string{}
	for _, s := range rec.Samples {
		if s.Doubt != "" {
			keys[s.Doubt] = append(keys[s.Doubt], s.Key)
		}
	}
	var texts []string
	for _, why := range slices.Sorted(maps.Keys(keys)) {
		texts = append(texts, fmt.Sprintf("classification: inconclusive for %d tasks (%s, …): %s", len(keys[why]), keys[why][0], why))
	}
	return texts
}

// noise reports whether there are violations, and a machine that was late by no
// more than near can have caused all of them. A violation of any other kind is
// the client's, however seldom it shows.
func noise(found []record.Violation, near time.Duration) bool {
	return len(found) > 0 && !slices.ContainsFunc(found, func(v record.Violation) bool { return !v.Noise || v.Margin > near })
}

// measure runs a case. It keeps no more of the recording than the makespan that
// other cases are measured over.
func (r *Runner) measure(ctx context.Context, c Case) (*record.Recording, error) {
	t := r.Vocabulary.trial(c)
	if r.Watch != nil {
		t.Watch = func(step harness.Step, s record.Sample) { r.Watch(c, step, s) }
	}
	if r.Hung != nil {
		t.Hung = func(message string) { r.Hung(c, message) }
	}
	t.Scheduled = r.Scheduled
	rec, err := harness.Run(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Scenario.file, err)
	}
	if c.isReference() && !rec.Interrupted && rec.Deadlock == "" {
		if r.makespans == nil {
			r.makespans = map[string]time.Duration{}
		}
		r.makespans[c.key()] = rec.Makespan
	}
	return rec, nil
}

func (c Case) key() string {
	return fmt.Sprintf("%s %s %s %d", c.Scenario.file, c.Name(), c.Scenario.Clock, c.Scenario.Seed)
}

func (r *Runner) reproduce(c Case) string {
	if r.Reproduce == nil {
		return c.CommandLine("go run github.com/teapot-go/teapot/cmd/teapot")
	}
	return r.Reproduce(c)
}

// CommandLine returns the command that runs the case again. teapot is the
// command that runs teapot itself, such as "teapot".
func (c Case) CommandLine(teapot string) string {
	s := c.Scenario
	return fmt.Sprintf("%s run %s --only %s --clock %s --seed %d", teapot, shellWord(s.file), c.Name(), s.Clock, s.Seed)
}

// expectations are the checks that a case is held to, and warnings of those
// that it cannot be held to. Its speedup is measured over a run of this
// makespan, 0 for none.
func (c Case) expectations(over time.Duration) ([]checks.Expectation, []string) {
	s, e := c.Scenario, c.Scenario.Expect
	j := judgement{scenario: s, entry: item("executors", c.entry), warnings: s.warnings}
	j.expect("", checks.Deadlock)
	j.expect("", checks.Concurrency)
	if e.Outcomes != nil {
		j.expect("expect.outcomes", checks.Counts(e.Outcomes))
	} else {
		j.expect("expect.outcomes", checks.Exact)
	}
	if e.Classification != "any" {
		j.expect("expect.classification", checks.Classification)
	}
	if e.Order != "" {
		j.expect("expect.order", checks.Order(checks.Ordering(e.Order)))
	}
	if e.Efficiency.Bound > 0 {
		j.expect("expect.efficiency", checks.Efficiency(e.Efficiency.Bound))
	}
	switch {
	case e.Speedup == nil || c.isReference():
	case over == 0:
		j.warnings = append(j.warnings, fmt.Sprintf("expect.speedup not judged: %s took no time, or did not come to its end", e.Speedup.Over))
	default:
		j.expect("expect.speedup", checks.Speedup(e.Speedup.Over, float64(e.Speedup.AtLeast)))
	}
	if e.Schedule != nil {
		j.virtual("expect.schedule", checks.Schedule(time.Duration(e.Schedule.Within)))
	}
	bounds := map[string]atMost{"p50": e.P50, "p90": e.P90, "p95": e.P95, "p99": e.P99, "max": e.Max}
	for _, name := range record.Percentiles() {
		if bound := bounds[name].Bound; bound > 0 {
			j.virtual("expect."+name, checks.Percentile(name, bound))
		}
	}
	if e.Leaks != "any" {
		j.expect("expect.leaks", checks.Leaks)
	}
	return j.list, j.warnings
}

func (c Case) isReference() bool {
	if c.Scenario.Expect.Speedup == nil {
		return false
	}
	reference, err := c.Scenario.reference()
	return err == nil && reference.position == c.position
}

// A judgement collects expectations.
type judgement struct {
	scenario *Scenario
	entry    string // the path of the executor, where an expectation stands that the file does not spell out
	list     []checks.Expectation
	warnings []string
}

func (j *judgement) expect(path string, check checks.Check) {
	e := checks.Expectation{Check: check, File: j.scenario.file}
	if d := j.scenario.document; d.Has(path) {
		e.Line, _ = d.Place(path)
	} else {
		e.Line, _ = d.Place(j.entry)
	}
	j.list = append(j.list, e)
}

// virtual adds an expectation that means something under the virtual clock
// only.
func (j *judgement) virtual(path string, check checks.Check) {
	if j.scenario.Clock == clockVirtual {
		j.expect(path, check)
		return
	}
	j.warnings = append(j.warnings, path+" not judged: absolute times need the virtual clock")
}

// shellWord makes a path one word of a POSIX shell's.
func shellWord(path string) string {
	if shellSafe.MatchString(path) {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

var shellSafe = regexp.MustCompile(`^[\w./@:+-]+$`)
