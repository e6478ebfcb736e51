// Package rounded writes figures as people read them: three digits, or as many
// more as it takes to tell two apart that a sentence compares. Recordings keep
// the exact values.
package rounded

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Duration writes d in three digits below a minute, to a tenth of a second
// below an hour, and to a second beyond: "1.12s", "3m20.5s". It takes more
// digits where it would write one of the others as it writes d, though they are
// not equal.
func Duration(d time.Duration, others ...time.Duration) string {
	for unit := precision(d); unit > 1; unit /= 10 {
		same := func(other time.Duration) bool { return other != d && other.Round(unit) == d.Round(unit) }
		if !slices.ContainsFunc(others, same) {
			return written(d.Round(unit))
		}
	}
	return written(d)
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
		same := func(other float64) bool {
			return other != x && strconv.FormatFloat(other, 'g', digits, 64) == s
		}
		if !slices.ContainsFunc(others, same) {
			return s
		}
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}
