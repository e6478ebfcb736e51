// Package search finds the highest rate at which something holds.
package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// A Result is how the highest rate was found. Rates are per second.
type Result struct {
	// Found is the highest rate that was tried and meets the expectations, 0 if
	// the lowest of the range does not.
	Found float64 `json:"found"`
	// Missed is the lowest rate that was tried and does not, 0 for none.
	Missed float64 `json:"missed,omitempty"`
	Low    float64 `json:"low"`    // of the range
	High   float64 `json:"high"`   // of the range
	Within float64 `json:"within"` // by what share of Found the two may differ
	Tried  []Tried `json:"tried"`  // in order of the rate
}

// A Tried is a rate that was tried. Its figures are those of the last run.
type Tried struct {
	Rate       float64       `json:"rate"`       // of arrivals, per second
	Runs       int           `json:"runs"`       // at this rate
	Met        int           `json:"met"`        // runs that met the expectations
	Meets      bool          `json:"meets"`      // whether most of the runs met them
	P99        time.Duration `json:"p99_ns"`     // of the latency from due
	Errors     float64       `json:"errors"`     // the share of tasks that ended with an error
	Throughput float64       `json:"throughput"` // tasks without an error, per second
	// Why is what the last run that missed did not meet, or why it could not be
	// judged.
	Why string `json:"why,omitempty"`
	// Unknown reports whether it could not be judged: the generator was the
	// bottleneck, or the machine could not carry the run out.
	Unknown bool `json:"unknown,omitempty"`
}

// Noisy reports whether runs at the rate differ in their verdicts.
func (t Tried) Noisy() bool { return t.Met > 0 && t.Met < t.Runs }

// Bisect tries rates: the lowest, twice as much and so on until one does not
// meet the expectations, and then between the two, until they differ by no more
// than a share of the lower one. So it tries no rate far above the one that is
// found, which could take long. It ends at the first error of try, and returns
// what it knows then.
func Bisect(low, high, within float64, try func(rate float64) (Tried, error)) (Result, error) {
	r := Result{Low: low, High: high, Within: within, Tried: []Tried{}}
	if err := r.step(low, try); err != nil || r.Found == 0 {
		return r, err
	}
	for r.Missed == 0 && r.Found < high {
		if err := r.step(min(round(2*r.Found), high), try); err != nil {
			return r, err
		}
	}
	for r.Missed > r.Found*(1+within) {
		rate := round(math.Sqrt(r.Found * r.Missed))
		if rate <= r.Found || rate >= r.Missed {
			break // no rate of four digits lies between them
		}
		if err := r.step(rate, try); err != nil {
			return r, err
		}
	}
	return r, nil
}

// step tries a rate above the highest that is known to meet the expectations,
// and below the lowest that is known not to.
func (r *Result) step(rate float64, try func(rate float64) (Tried, error)) error {
	t, err := try(rate)
	if err != nil {
		return err
	}
	if t.Meets {
		r.Found = rate
	} else {
		r.Missed = rate
	}
	r.Tried = append(r.Tried, t)
	slices.SortFunc(r.Tried, func(a, b Tried) int { return cmp.Compare(a.Rate, b.Rate) })
	return nil
}

// round rounds a rate to four digits, as reports show it.
func round(rate float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(rate, 'g', 4, 64), 64) // of its own form
	return rounded
}

// Text returns a rate in four digits: "77.43/s".
func Text(perSecond float64) string {
	return strconv.FormatFloat(round(perSecond), 'f', -1, 64) + "/s"
}

// Doubt returns why the found rate is that of the machine, and not of the
// client: runs at it, or at the one above, disagree or could not be judged. It
// returns "" if there is no doubt.
func (r Result) Doubt() (why string) {
	for _, t := range r.Tried {
		switch {
		case t.Rate != r.Found && t.Rate != r.Missed, t.Rate == r.Low && !t.Meets:
		case t.Noisy():
			why = fmt.Sprintf("at %s %d of %d runs met the expectations", Text(t.Rate), t.Met, t.Runs)
		case t.Unknown:
			why = fmt.Sprintf("at %s: %s", Text(t.Rate), t.Why)
		}
	}
	return why
}
