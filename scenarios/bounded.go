package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// The bounds of the language. The zero value is none.
type (
	rateBound  struct{ bounds.Bound } // such as ">= 480/s"
	shareBound struct{ bounds.Bound } // such as ">= 70", "<= 5%" or 73
	countBound struct{ bounds.Bound } // such as "<= 100"
	timeBound  struct{ bounds.Bound } // such as "<= 250ms"
)

var _ = []strict.Scalar{new(rateBound), new(shareBound), new(countBound), new(timeBound)}

// Accepts implements [strict.Scalar].
func (rateBound) Accepts() string {
	return `a bound in quotes such as ">= 480/s" or ">= 480/s, <= 520/s"`
}

func (countBound) Accepts() string { return `a bound in quotes such as "<= 100", or a whole number` }

func (timeBound) Accepts() string {
	return `a bound in quotes such as "<= 250ms" or ">= 10ms, <= 250ms"`
}

// Accepts implements [strict.Scalar].
func (shareBound) Accepts() string {
	return fmt.Sprintf(`a whole number from 0 to %d, or a bound in quotes such as ">= 70" or "<= 5%%"`, maxCount)
}

// Parse implements [strict.Scalar].
func (b *rateBound) Parse(text string) error  { return parseBound(&b.Bound, text, bounds.PerSecond) }
func (b *countBound) Parse(text string) error { return parseBound(&b.Bound, text, bounds.Tasks) }
func (b *timeBound) Parse(text string) error  { return parseBound(&b.Bound, text, bounds.Time) }
func (b *shareBound) Parse(text string) error {
	return parseBound(&b.Bound, text, bounds.Tasks, bounds.Percent)
}

// parseBound reads a bound of one of the units.
func parseBound(b *bounds.Bound, text string, units ...bounds.Unit) (err error) {
	*b, err = bounds.Parse(text, units...)
	if errors.Is(err, bounds.ErrForm) {
		return strict.ErrUnacceptable
	}
	return err
}

// A boundedFigure is an expectation that a figure of every run is within a
// bound.
type boundedFigure struct {
	path   string // of the bound in the file
	check  string
	figure bounds.Figure
	bound  bounds.Bound
	// limits returns the range that the figure of a correct client's run is in,
	// of what is known of the run before.
	limits func(k known, f bounds.Figure, u bounds.Unit) (low, high float64)
}

// figures lists the bounds of the file: a row for each figure.
func (s *Scenario) figures() (set []boundedFigure) {
	e := s.Expect
	rows := []boundedFigure{
		{"expect.throughput", "throughput", bounds.Throughput(), e.Throughput.Bound, known.throughput},
		{"expect.errors", "errors", bounds.Errors(), e.Errors.Bound, known.share},
		{"expect.in_flight", "in_flight", bounds.InFlight(), e.InFlight.Bound, known.inFlight},
		{"expect.recovery", "recovery", bounds.Recovery(s.faultWindows()), e.Recovery.Bound, known.nothing},
	}
	for _, name := range outcomeNames() {
		rows = append(rows, boundedFigure{
			"expect.outcomes." + name, "outcomes", bounds.Outcome(name), e.Outcomes[name], known.share,
		})
	}
	for _, b := range []namedBound{
		{"p50", e.P50.Bound}, {"p90", e.P90.Bound}, {"p95", e.P95.Bound}, {"p99", e.P99.Bound}, {"max", e.Max.Bound},
	} {
		rows = append(rows, boundedFigure{
			"expect." + b.name, b.name, bounds.Service(b.name, bounds.Window{}), b.Bound, known.time,
		})
	}
	rows = append(rows, e.Latency.figures(s, "latency", bounds.Latency)...)
	rows = append(rows, e.Service.figures(s, "service", bounds.Service)...)
	for _, row := range rows {
		if row.bound.IsSet() {
			set = append(set, row)
		}
	}
	slices.SortStableFunc(set, func(a, b boundedFigure) int { return cmp.Compare(s.Line(a.path), s.Line(b.path)) })
	return set
}

// exactTimes reports whether the bound is one that only exact times are held
// to: that of a percentile beside latency and service.
func (f boundedFigure) exactTimes() bool {
	return f.path == "expect."+f.check && f.figure.Name == f.check
}
