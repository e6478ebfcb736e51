package scenarios

import (
	"fmt"
	"math"
	"slices"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// An outcomeRule is written as planned, which is nil, or as a bound for the
// number of tasks with each outcome or class.
type outcomeRule map[string]bounds.Bound

var _ strict.Union = new(outcomeRule)

// Accepts implements [strict.Union].
func (outcomeRule) Accepts() string {
	return "planned, or the number of each outcome such as {ok: 73, not_found: 0, error: 27} or " +
		`{ok: ">= 70", error: "<= 5%"}`
}

// Decode implements [strict.Union].
func (o *outcomeRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		v.OneOf(o.Accepts(), "planned")
		return
	}
	*o = outcomeRule{}
	for name, number := range v.Fields("an outcome", outcomeNames()...) {
		var b shareBound
		number.Parse(&b)
		(*o)[name] = b.Bound
	}
}

// outcomeNames are the outcomes, and then the classes that are errors.
func outcomeNames() []string {
	names := []string{string(record.OutcomeOK), string(record.OutcomeNotFound), string(record.OutcomeError)}
	for _, c := range record.Classes() {
		if c.Outcome() == record.OutcomeError {
			names = append(names, string(c))
		}
	}
	return names
}

// counts returns the numbers of a rule that has nothing else, and so those of
// all outcomes.
func (o outcomeRule) counts() (all map[record.Outcome]int, only bool) {
	all = map[record.Outcome]int{}
	for name, b := range o {
		if !b.IsExact() || b.Unit != bounds.Tasks || !slices.Contains(outcomeNames()[:3], name) {
			return nil, false
		}
		all[record.Outcome(name)] = int(b.Least)
	}
	return all, true
}

// A span is a range of numbers of tasks.
type span struct{ least, most int }

// numbers returns how many of n tasks meet a bound.
func numbers(b bounds.Bound, n int) span {
	number := func(x float64) float64 {
		if b.Unit == bounds.Percent {
			return x / 100 * float64(n)
		}
		return x
	}
	const nearly = 1e-9 // what floating point makes of a percentage of n
	r := span{0, n}
	if b.HasLeast {
		r.least = int(math.Ceil(number(b.Least) - nearly))
	}
	if b.HasMost {
		r.most = min(n, int(math.Floor(number(b.Most)+nearly)))
	}
	return r
}

// validateShares reports numbers of n tasks that no run can have together.
func (s *Scenario) validateShares(d *strict.Document, n int) {
	const at = "expect.outcomes"
	o := s.Expect.Outcomes
	if counts, only := o.counts(); o != nil && only {
		total := 0
		for _, count := range counts {
			total += count
		}
		if total != n {
			d.Errorf(at, "the numbers add up to %d: want %d, the number of tasks", total, n)
			return
		}
	}
	for _, name := range outcomeNames() {
		if r := numbers(o[name], n); r.least > r.most {
			d.Errorf(at+"."+name, notWhole, o[name], n)
			return
		}
	}
	errs := numbers(s.Expect.Errors.Bound, n)
	if errs.least > errs.most {
		d.Errorf("expect.errors", notWhole, s.Expect.Errors, n)
		return
	}
	if least, most := o.errors(n); least > errs.most || most < errs.least {
		d.Errorf("expect.errors", "%q: expect.outcomes has %s of %d tasks: want a bound that allows this",
			s.Expect.Errors, between(least, most), n)
		return
	}
	o.validateTotal(d, at, n)
}

// notWhole is the message about a bound between two numbers of tasks.
const notWhole = "%q: no whole number of %d tasks is that: want one that is"

// errors returns how many errors the rule has at least and at most.
func (o outcomeRule) errors(n int) (least, most int) {
	r, classes := numbers(o[string(record.OutcomeError)], n), 0
	for _, name := range outcomeNames()[3:] {
		classes += numbers(o[name], n).least
	}
	return max(r.least, classes), r.most
}

// validateTotal reports bounds that n tasks cannot meet together.
func (o outcomeRule) validateTotal(d *strict.Document, at string, n int) {
	ok, missing := numbers(o[string(record.OutcomeOK)], n), numbers(o[string(record.OutcomeNotFound)], n)
	least, most := o.errors(n)
	switch {
	case least > most:
		d.Errorf(at, "the errors of all classes are %d at least: want at most %d, as error says", least, most)
	case ok.least+missing.least+least > n:
		d.Errorf(at, "the bounds add up to %d at least: want %d, the number of tasks", ok.least+missing.least+least, n)
	case ok.most+missing.most+most < n:
		d.Errorf(at, "the bounds add up to %d at most: want %d, the number of tasks", ok.most+missing.most+most, n)
	}
}

func between(least, most int) string {
	switch {
	case least != most:
		return fmt.Sprintf("%d to %d errors", least, most)
	case least == 1:
		return "1 error"
	}
	return fmt.Sprint(least, " errors")
}
