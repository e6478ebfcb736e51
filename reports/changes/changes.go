// Package changes finds where the level of a series of measurements changes: in
// a step, or in a slow drift. It raises no alarm on noise.
//
// # Method
//
// A stretch of the series is cut in two wherever the ranks of its parts are too
// unlike for chance, by the exact test of Mann and Whitney (1947), as in
// Pettitt (1979), "A non-parametric approach to the change-point problem",
// Applied Statistics 28. Ranks let no outlier, however far, make a change.
//
// The stretches that are searched are those of seeded binary segmentation:
// Kovács, Bühlmann, Li and Munk (2023), "Seeded binary segmentation",
// Biometrika 110. A short rise between two long calm stretches shows in one of
// them, and not in the series as a whole. What lies on either side of a change
// is searched in the same way, and each change that was found must hold between
// its neighbours.
//
// Each cut is tested at its share of the level (Bonferroni), so that the level
// is an upper bound for all series together, whatever the distribution of the
// noise, if each measurement is independent of those before it. Noise that
// wanders, as of a machine that is busy for days, is a change to every method.
//
// A run of changes in one direction is a drift if a ramp describes it better
// than steps do, by Schwarz's criterion (BIC) on absolute deviations.
//
// # What was rejected
//
// E-divisive (Matteson and James 2014), as Hunter has it (Fleming et al. 2023,
// "Hunter: Using change point detection to hunt for performance regressions"),
// decides by Student's t, whose rate of false alarms is not that which it
// states on times with a long tail. Its permutations in place of t take minutes
// for a level that is to hold for hundreds of series. ED-PELT, of which Go has
// a library, has a penalty and no level.
package changes

import (
	"math"
	"slices"
)

// A Rule sets how rare a false alarm must be. Zero fields stand for the
// defaults.
type Rule struct {
	// Level bounds the probability that any change is found in Series series of
	// pure noise; 0 stands for 0.01.
	Level float64
	// Series is how many series are searched for one report; 0 stands for 1.
	Series int
}

func (r Rule) filled() Rule {
	if r.Level <= 0 {
		r.Level = 0.01
	}
	r.Series = max(r.Series, 1)
	return r
}

// A Change is a place where the level changes. Places are indexes of values.
type Change struct {
	// At is the first value at the new level. Between First and Last it is with
	// 95 % confidence. Of a drift First is where it begins, and At and Last are
	// where it ends.
	At, First, Last int
	Drift           bool
	// Before and After are the medians on both sides, up to the changes beside
	// this one. Of a drift they are the levels at its ends.
	Before, After float64
	// By is the change: of logarithms if all values are above 0, so that
	// Expm1 makes a share of it, or else the difference. Lo and Hi are its 95 %
	// interval.
	By, Lo, Hi float64
}

// Share returns the changes By, Lo and Hi of logarithms as shares of the level
// before: 0.1 is 10 % more.
func (c Change) Share() (by, lo, hi float64) {
	return math.Expm1(c.By), math.Expm1(c.Lo), math.Expm1(c.Hi)
}

// Find returns the changes in a series, in order. Equal series have equal
// changes.
func Find(values []float64, rule Rule) []Change {
	s := newSeries(values, rule.filled())
	cuts := s.verified(s.cut(0, len(values)))
	return s.described(cuts)
}

// Enough returns how many values a series must have for any change in it to be
// found: with fewer, even a level that doubles could be chance.
func Enough(rule Rule) int {
	rule = rule.filled()
	for n := 4; ; n++ {
		s := &series{rule: rule}
		if s.tail.log(n/2, n-n/2, 0) <= s.bar(n, n) {
			return n
		}
	}
}

// A series is the values that are searched.
type series struct {
	values []float64
	logs   []float64 // of the values, or these themselves if one is not above 0
	log    bool      // whether they are logarithms
	rule   Rule
	tail   tails
}

func newSeries(values []float64, rule Rule) *series {
	s := &series{values: values, logs: slices.Clone(values), rule: rule, log: true}
	for _, v := range values {
		s.log = s.log && v > 0
	}
	if s.log {
		for i, v := range values {
			s.logs[i] = math.Log(v)
		}
	}
	return s
}

// bar returns the logarithm of the probability that a cut must not exceed: one
// of those of a stretch of n values, among the stretches of its length in a
// series of whole values. Every length has an equal share of the level.
func (s *series) bar(n, whole int) float64 {
	stretches := max(1, 2*whole/n-1)
	cuts := float64(stretches * (n - 1) * layers(whole))
	return math.Log(s.rule.Level / float64(s.rule.Series) / cuts)
}
