package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/scenarios/strict"
)

const (
	findPath      = "find"
	defaultWithin = 0.05
)

// A closeness is a share from 0.001 to 1.
type closeness struct{ Share float64 }

var _ strict.Scalar = new(closeness)

// Accepts implements [strict.Scalar].
func (closeness) Accepts() string { return "a share from 0.1% to 100%, such as 5% or 0.05" }

// Parse implements [strict.Scalar].
func (c *closeness) Parse(text string) error {
	x, is := bounds.ParseShare(text)
	c.Share = x
	return acceptIf(is && x >= 0.001 && x <= 1)
}

// findable are the expectations of which a high rate misses one.
var findable = []string{"latency", "service", "errors", "outcomes", "in_flight", "p50", "p90", "p95", "p99", "max"}

// validateFind reports a search without a rate to be found, or without an
// expectation that a rate can miss, and the other way around.
func validateFind(d *strict.Document, s *Scenario) {
	at, wants := s.Workload.Arrivals.Finds(d, arrivalsPath)
	switch {
	case s.Find == nil && wants && !d.Has(findPath):
		d.Errorf(at, "it is not said which rates are tried: want find, such as find: {rate: [10/s, 5000/s]}")
		return
	case s.Find == nil || !d.Valid(findPath):
		return
	case !wants && d.Valid(arrivalsPath):
		d.Errorf(findPath, "no rate is to be found: want workload.arrivals such as {poisson: find, for: 30s}")
	case wants && len(s.Workload.Arrivals.Stages) > 1:
		d.Errorf(at, "the rate of one stage among others cannot be found: want one stage")
	}
	switch r := s.Find.Rate; {
	case !d.Has("find.rate"):
	case len(r) != 2:
		d.Errorf("find.rate", "want two rates such as [10/s, 5000/s], not %d", len(r))
	case r[0].PerSecond >= r[1].PerSecond:
		d.Errorf("find.rate", "want a second rate above the first, which is %s", search.Text(r[0].PerSecond))
	}
	d.Reject("expect.throughput", "a low rate misses it, whatever the highest one is: remove it, or want find.rate "+
		"to begin there")
	d.Reject("expect.speedup", "executors are compared at one rate: remove it, or find")
	if d.Valid("expect") && !slices.ContainsFunc(findable, func(key string) bool { return d.Has("expect." + key) }) {
		d.Errorf(findPath, "nothing is expected that a high rate can miss: want expect.latency, errors, outcomes, "+
			"service or in_flight")
	}
}

// low returns the rate at which the search begins.
func (s *Scenario) low() float64 {
	if s.Find == nil || len(s.Find.Rate) == 0 {
		return 0
	}
	return s.Find.Rate[0].PerSecond
}

// at returns the case at a rate of the search.
func (c Case) at(rate float64) Case {
	s := *c.Scenario
	s.rate, s.drawn = rate, new(drawn)
	c.Scenario = &s
	return c
}

// mostAtRate is how often a rate is tried under the real clock, until two runs
// agree.
const mostAtRate = 3

// find runs a case at one rate after another, and returns the recording of the
// highest that meets the expectations, or else of the lowest. It ends early
// when ctx is done.
func (r *Runner) find(ctx context.Context, c Case) (*record.Recording, error) {
	f := c.Scenario.Find
	var best *record.Recording
	stopped := errors.New("interrupted")
	try := func(rate float64) (search.Tried, error) {
		t, rec, err := r.try(ctx, c.at(rate), best != nil)
		switch {
		case err != nil:
			return t, err
		case best == nil || t.Meets && !rec.Interrupted:
			best = rec
		}
		if rec != nil && rec.Interrupted {
			best.Interrupted = true
			return t, stopped
		}
		return t, nil
	}
	within := cmp.Or(f.Within.Share, defaultWithin)
	found, err := search.Bisect(f.Rate[0].PerSecond, f.Rate[1].PerSecond, within, try)
	if err != nil && !errors.Is(err, stopped) {
		return nil, err
	}
	if best.Search = &found; !best.Interrupted {
		c.doubtFound(best)
	}
	return best, nil
}

// try runs a case at one rate: once under the virtual clock, and under the real
// one until two runs agree. Where a rate is known that meets the expectations,
// a machine that cannot carry out a run is no error, but a limit. The recording
// is of a run with the verdict of most, nil if none was carried out.
func (r *Runner) try(ctx context.Context, c Case, known bool) (t search.Tried, rec *record.Recording, err error) {
	t.Rate = c.Scenario.rate
	expectations, warnings := c.expectations(0)
	once := c.Scenario.Clock == clockVirtual || r.Once
	var met, missed *record.Recording
	for n := 0; ; {
		run, err := r.judge(ctx, c, 0, expectations)
		if err != nil && known && ctx.Err() == nil {
			t.Runs, t.Why, t.Unknown = t.Runs+1, err.Error(), true
			return t, missed, nil
		}
		if err != nil || run.Interrupted {
			return t, run, err
		}
		run.Warnings = slices.Clone(warnings)
		t.Runs++
		note(&t, run)
		if why, unknown := missing(run); why == "" {
			met = run
			t.Met++
		} else {
			missed = run
			t.Why, t.Unknown = why, unknown
			n++
		}
		if once || t.Met == 2 || n == 2 || t.Runs == mostAtRate {
			if t.Meets = t.Met > n; t.Meets {
				t.Why, t.Unknown = "", false
				return t, met, nil
			}
			return t, missed, nil
		}
	}
}

// note notes the figures of a run.
func note(t *search.Tried, r *record.Recording) {
	if p99, none := bounds.Latency("p99", bounds.Window{}).Of(r, bounds.Time); none == "" {
		t.P99 = time.Duration(p99)
	}
	t.Errors = float64(r.Outcomes[record.OutcomeError]) / float64(max(1, len(r.Samples)))
	if x, none := bounds.Throughput().Of(r, bounds.PerSecond); none == "" && !math.IsInf(x, 0) {
		t.Throughput = x
	}
}

// missing returns what a run does not meet, "" if it is ok, and reports whether
// that is unknown.
func missing(r *record.Recording) (why string, unknown bool) {
	switch {
	case r.Deadlock != "":
		return "deadlock: " + r.Deadlock, false
	case len(r.Violations) > 0:
		v := r.Violations[0]
		return fmt.Sprintf("%s: got %s, want %s", v.Check, v.Got, v.Want), false
	case len(r.Inconclusive) > 0:
		v := r.Inconclusive[0]
		return fmt.Sprintf("%s: %s: %s", v.Check, v.Doubt(), v.Got), true
	}
	return "", false
}

// doubtFound makes a recording inconclusive whose search the machine has
// decided, and warns of a range that ends too early.
func (c Case) doubtFound(r *record.Recording) {
	s := r.Search
	line, _ := c.Scenario.document.Position(findPath)
	switch why := s.Doubt(); {
	case s.Found == 0:
	case why != "":
		r.Inconclusive = append(r.Inconclusive, record.Violation{
			Check: findPath, Got: fmt.Sprintf("%s was found, but %s", search.Text(s.Found), why),
			Want:         "a longer workload.arrivals.for, a machine with more idle processors, or clock: virtual",
			Inconclusive: true, Noise: true, File: c.Scenario.file, Line: line, Reproduce: r.Reproduce,
		})
	case s.Missed == 0:
		r.Warnings = append(r.Warnings, fmt.Sprintf("find: %s, the end of the range, meets the expectations: the "+
			"highest rate may be above it", search.Text(s.High)))
	}
}
