// Package rounded writes figures as people read them: three digits, or as many
// more as it takes to tell two apart that a sentence compares. Recordings keep
// the exact values.
package rounded

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Duration writes d in three digits below a minute, to a tenth of a second
// below an hour, and to a second beyond: "1.12s", "3m20.5s". It takes more
// digits where the others are not equal to d, but what is written of them would
// be, or would stand in another order than they do.
func Duration(d time.Duration, others ...time.Duration) string {
	all := slices.Compact(slices.Sorted(slices.Values(append(others[:len(others):len(others)], d))))
	units := make([]time.Duration, len(all))
	for i, d := range all {
		units[i] = precision(d)
	}
	for i := 1; i < len(all); {
		if refine(all[i-1], all[i], &units[i-1], &units[i]) {
			i = max(i-1, 1)
		} else {
			i++
		}
	}
	i, _ := slices.BinarySearch(all, d)
	return written(d.Round(units[i]))
}

// refine takes a digit more of what has fewer, or of both, if a, which is less,
// is not written as less than b and than what is written of b. It reports
// whether it has.
func refine(a, b time.Duration, ofA, ofB *time.Duration) bool {
	low, high := a.Round(*ofA), b.Round(*ofB)
	if low < high && low < b && a < high {
		return false
	}
	coarse := max(*ofA, *ofB)
	for _, unit := range []*time.Duration{ofA, ofB} {
		if *unit == coarse {
			*unit = max(1, coarse/10)
		}
	}
	return true
}

// Durations writes two durations that a sentence compares.
func Durations(a, b time.Duration) (string, string) { return Duration(a, b), Duration(b, a) }

// written drops the zeros of "2m0s" and "1h0m".
func written(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

// Nearest returns the duration that [Duration] writes of d.
func Nearest(d time.Duration) time.Duration { return d.Round(precision(d)) }

// Up is Nearest, but never returns less than d, which is not negative.
func Up(d time.Duration) time.Duration {
	up := Nearest(d)
	if up < d {
		up += min(precision(d), math.MaxInt64-up)
	}
	return up
}

// precision is the unit of the last digit that is written of d.
func precision(d time.Duration) time.Duration {
	d = max(d, -math.MaxInt64).Abs()
	unit := time.Second
	switch {
	case d < time.Minute:
		for unit = 1; d/unit >= 1000; unit *= 10 {
		}
	case d < time.Hour:
		unit = 100 * time.Millisecond
	}
	return unit
}

// Float writes x in three significant digits, or as many more as it takes to
// tell it apart from the others that are not equal to it: "0.823", "0.8996"
// beside 0.9. Whole digits are never left out.
func Float(x float64, others ...float64) string {
	whole := 1 + int(math.Floor(math.Log10(max(1, math.Abs(x)))))
	for digits := max(3, whole); digits < 17; digits++ {
		s := strconv.FormatFloat(x, 'g', digits, 64)
		short, _ := strconv.ParseFloat(s, 64)
		confused := func(other float64) bool {
			return other != x && (cmp.Compare(short, other) != cmp.Compare(x, other) ||
				strconv.FormatFloat(other, 'g', digits, 64) == s)
		}
		if !slices.ContainsFunc(others, confused) && !(strings.Contains(s, "e+") && digits < whole+1) {
			return s
		}
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
