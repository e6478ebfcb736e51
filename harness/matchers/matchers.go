// Package matchers has Gomega matchers for recordings: of a [harness.Trial], of
// a [scenarios.Runner], or read from the JSON of a report.
//
//	Expect(recording).To(HoldToThePlan())
//	Expect(recording).To(SatisfyAll(
//		BeDeliveredInOrder(),
//		HaveEfficiency(BeNumerically(">=", 0.95)),
//		HaveLatency("p99", BeNumerically("<=", 2*time.Second)),
//		LeakNothing(),
//	))
//
// Where a recording does not let it be known whether it matches, a matcher
// returns an error with the reason and what would let it be known. To and NotTo
// both fail then: a run that cannot be judged is neither right nor wrong.
package matchers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/format"
	"github.com/onsi/gomega/types"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// HoldToThePlan matches a run that came to its end, in which every task ran
// once and reports what the plan made it meet, and which has kept to its policy
// of retries, to the limit of its executor and to whatever else its scenario
// expects.
func HoldToThePlan() types.GomegaMatcher {
	return &checked{name: "to hold to the plan", check: func(r *record.Recording) (found []record.Violation) {
		for _, check := range []checks.Check{
			checks.Deadlock, checks.Shutdown, checks.Runs, checks.Concurrency, checks.Classification, checks.Exact,
			checks.Retries, recorded,
		} {
			for _, v := range check(r) {
				if !slices.ContainsFunc(found, func(other record.Violation) bool { return same(v, other) }) {
					found = append(found, v)
				}
			}
		}
		return found
	}}
}

// recorded returns what was found when the run was recorded.
func recorded(r *record.Recording) []record.Violation { return r.Findings() }

// same reports whether two findings say the same.
func same(v, other record.Violation) bool {
	return v.Check == other.Check && v.Got == other.Got && v.Want == other.Want
}

// HaveOutcomes matches a run whose tasks have these outcomes, and none that is
// not named: HaveOutcomes(map[record.Outcome]int{record.OutcomeOK: 73,
// record.OutcomeError: 27}).
func HaveOutcomes(want map[record.Outcome]int) types.GomegaMatcher {
	return &checked{name: fmt.Sprintf("to have the outcomes %v", want), check: checks.Counts(want)}
}

// BeDeliveredInOrder matches a run whose results came in the order in which the
// tasks were submitted, and whose tasks started in that order. A map owes no
// order of starts.
func BeDeliveredInOrder() types.GomegaMatcher {
	return &checked{name: "to be delivered in order", check: checks.Order(checks.BySubmission)}
}

// LeakNothing matches a run after which no goroutine is left, and whose client
// has closed what it opened.
func LeakNothing() types.GomegaMatcher {
	return &checked{name: "to leak nothing", check: checks.Leaks}
}

// HaveEfficiency matches a run whose efficiency, the ideal makespan divided by
// the measured one, matches a matcher, or is at least a number.
func HaveEfficiency(want any) types.GomegaMatcher {
	return measure("efficiency", ">=", want, func(r *record.Recording) (any, error) {
		if r.IdealMakespan == 0 && r.Makespan > 0 {
			return nil, fmt.Errorf("the ideal makespan is not known, because the plan does not say how long tasks take")
		}
		return r.Efficiency(), nil
	})
}

// HaveLatency matches a run of which a percentile of the service time matches a
// matcher, or is at most a duration. The percentile is one of
// [record.Percentiles], such as p50, p99 or max. A run that is invalid, because
// the generator was the bottleneck, has none to match.
func HaveLatency(percentile string, want any) types.GomegaMatcher {
	return measure(percentile, "<=", want, func(r *record.Recording) (any, error) {
		if names := record.Percentiles(); !slices.Contains(names, percentile) {
			return nil, fmt.Errorf("unknown percentile %q: want %s", percentile, strings.Join(names, ", "))
		}
		took, ok := r.Percentiles[percentile]
		if !ok {
			return nil, fmt.Errorf("too few tasks came to their end, so there is no %s", percentile)
		}
		return took, nil
	})
}

// judgeable returns the recording that a matcher is given, or an error if it
// cannot be judged.
func judgeable(actual any) (*record.Recording, error) {
	r, ok := actual.(*record.Recording)
	if !ok || r == nil {
		return nil, fmt.Errorf("want a *record.Recording, got\n%s", format.Object(actual, 1))
	}
	if r.Interrupted {
		return r, fmt.Errorf("%s: inconclusive: the run was interrupted; let it come to its end", r.Case())
	}
	return r, inconclusive(r, checks.Limits(r))
}

// inconclusive returns the findings that are inconclusive as an error.
func inconclusive(r *record.Recording, found []record.Violation) error {
	var reasons []string
	for _, v := range found {
		if v.Inconclusive {
			reasons = append(reasons, fmt.Sprintf("%s: %s: %s; %s", v.Check, v.Doubt(), v.Got, v.Want))
		}
	}
	if reasons == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", r.Case(), strings.Join(reasons, "\n"))
}

// checked is a matcher that calls a check.
type checked struct {
	name  string
	check checks.Check
	found []record.Violation
}

var _ = []types.GomegaMatcher{(*checked)(nil), (*measured)(nil)}

// Match implements [types.GomegaMatcher]. A violation is certain, whatever else
// is not known.
func (m *checked) Match(actual any) (bool, error) {
	r, err := judgeable(actual)
	if err != nil {
		return false, err
	}
	all := m.check(r)
	m.found = slices.DeleteFunc(slices.Clone(all), func(v record.Violation) bool { return v.Inconclusive })
	if len(m.found) > 0 {
		return false, nil
	}
	return true, inconclusive(r, all)
}

// FailureMessage implements [types.GomegaMatcher].
func (m *checked) FailureMessage(actual any) string {
	r := actual.(*record.Recording)
	var b strings.Builder
	fmt.Fprintf(&b, "Expected %s\n%s", r.Case(), m.name)
	noisy := false
	for _, v := range m.found {
		fmt.Fprintf(&b, "\n    %s", v.Summary())
		for _, line := range v.Requests {
			fmt.Fprintf(&b, "\n      - %s", line) // a line that begins with a key may be a command to a CI server
		}
		noisy = noisy || v.Noise
	}
	return b.String() + hint(r, noisy)
}

// NegatedFailureMessage implements [types.GomegaMatcher].
func (m *checked) NegatedFailureMessage(actual any) string {
	return fmt.Sprintf("Expected %s\nnot %s", actual.(*record.Recording).Case(), m.name)
}

// hint returns how to run the case again, and whether the machine may have
// caused the failure.
func hint(r *record.Recording, noisy bool) string {
	text := ""
	if noisy && r.Clock == record.Real {
		text += "\nA busy machine can cause this under the real clock: use clock: virtual, or run it again."
	}
	if r.Reproduce != "" {
		text += "\nreproduce: " + r.Reproduce
	}
	return text
}

// measured is a matcher of a figure.
type measured struct {
	name   string
	of     func(*record.Recording) (any, error)
	want   types.GomegaMatcher
	figure any
}

// measure returns a matcher of a figure. A want that is no matcher is compared
// with the figure.
func measure(name, comparator string, want any, of func(*record.Recording) (any, error)) types.GomegaMatcher {
	m, ok := want.(types.GomegaMatcher)
	if !ok {
		m = gomega.BeNumerically(comparator, want)
	}
	return &measured{name: name, of: of, want: m}
}

// Match implements [types.GomegaMatcher].
func (m *measured) Match(actual any) (bool, error) {
	r, err := judgeable(actual)
	if err != nil {
		return false, err
	}
	if r.Deadlock != "" {
		return false, fmt.Errorf("%s: the run did not come to its end, so its %s is not known: %s", r.Case(), m.name,
			r.Deadlock)
	}
	if r.Invalid() {
		return false, inconclusive(r, r.Findings())
	}
	if m.figure, err = m.of(r); err != nil {
		return false, fmt.Errorf("%s: %w", r.Case(), err)
	}
	return m.want.Match(m.figure)
}

// FailureMessage implements [types.GomegaMatcher].
func (m *measured) FailureMessage(actual any) string {
	r := actual.(*record.Recording)
	return m.said(r) + m.want.FailureMessage(m.figure) + hint(r, true)
}

// NegatedFailureMessage implements [types.GomegaMatcher].
func (m *measured) NegatedFailureMessage(actual any) string {
	r := actual.(*record.Recording)
	return m.said(r) + m.want.NegatedFailureMessage(m.figure) + hint(r, true)
}

// said begins a message about the figure. Durations are told as people write
// them: a matcher of numbers shows their nanoseconds.
func (m *measured) said(r *record.Recording) string {
	if took, ok := m.figure.(time.Duration); ok {
		return fmt.Sprintf("%s: %s is %v\n", r.Case(), m.name, took)
	}
	return fmt.Sprintf("%s: %s\n", r.Case(), m.name)
}
