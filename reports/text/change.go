package text

import (
	"fmt"
	"math"
)

// Change returns a change as a share of what was before, with its interval:
// "+58 % (46 to 65)". Where lo and hi are by, there is no interval. A change to
// more than the tenfold is a factor: "×12 (11 to 13)".
func Change(by, lo, hi float64) string {
	largest := max(math.Abs(by), math.Abs(lo), math.Abs(hi))
	if by >= 9 {
		s := fmt.Sprintf("×%.3g", 1+by)
		if lo != hi {
			s += fmt.Sprintf(" (%.3g to %.3g)", 1+lo, 1+hi)
		}
		return s
	}
	decimals := 1
	if largest >= 0.1 {
		decimals = 0
	}
	if smallest := math.Abs(by); lo == hi && by != 0 && smallest < 0.001 {
		decimals = min(7, 1-int(math.Floor(math.Log10(100*smallest))))
	}
	s := minus(fmt.Sprintf("%+.*f %%", decimals, 100*by))
	if lo != hi {
		s += minus(fmt.Sprintf(" (%.*f to %.*f)", decimals, 100*lo, decimals, 100*hi))
	}
	return s
}

// minus has the sign that is as wide as a plus, and none before a zero.
func minus(s string) string {
	var b []rune
	for i, r := range s {
		if r == '-' {
			r = '−'
			if zero(s[i+1:]) {
				continue
			}
		}
		b = append(b, r)
	}
	return string(b)
}

// zero reports whether the number that s begins with is 0.
func zero(s string) bool {
	for _, r := range s {
		switch {
		case r >= '1' && r <= '9':
			return false
		case r != '0' && r != '.':
			return true
		}
	}
	return true
}
