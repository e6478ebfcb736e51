package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timed returns the request of a time, in one of its forms, and a key.
func timed(at, key string) (r request, err error) {
	r.key = keyOf(key)
	at = strings.TrimSpace(at)
	if day, ok := parseTime(at); ok {
		r.at, r.real = since1970(day), true
		return r, nil
	}
	var unit string
	if unit, r.real = unitOf(at); unit == "" {
		r.at, err = time.ParseDuration(at)
	} else {
		r.at, err = time.ParseDuration(at + unit)
	}
	if err != nil || r.at < 0 {
		return r, fmt.Errorf("%.40q: want a time such as 2026-11-29T01:02:03.250Z, or an offset such as 1.25 "+
			"(seconds) or 1250ms", at)
	}
	return r, nil
}

// unitOf returns the unit of a number, and whether it is a time since 1970, by
// how large it is: an offset is below three years. "" is no number.
func unitOf(text string) (unit string, real bool) {
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return "", false
	case n < 1e8:
		return "s", false
	case n < 1e11:
		return "s", true
	case n < 1e14:
		return "ms", true
	case n < 1e17:
		return "us", true
	}
	return "ns", true
}
