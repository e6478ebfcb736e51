// Package bounds has bounds on the figures of a run, such as a throughput of
// at least 480/s or a 99th percentile of at most 250ms.
//
// A [Figure] is computed in the same way from what a run measured and from
// what its plan says, so that the two can be put side by side. A [Bound] is
// what a user expects of it.
package bounds

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/rounded"
)

// A Unit is what a bound counts.
type Unit string

// The units. A percentage is one of all tasks.
const (
	Tasks     Unit = "tasks" // a whole number
	Percent   Unit = "%"
	PerSecond Unit = "/s"
	Time      Unit = "time" // in nanoseconds
	Ratio     Unit = "ratio"
)

// most is the largest number of tasks or of tasks a second.
const (
	mostTasks = 1_000_000
	mostRate  = 1e9
)

// A Bound is a range of a figure: at least Least if HasLeast is set, and at
// most Most if HasMost is set. The zero Bound is none, which every figure
// meets.
type Bound struct {
	Unit              Unit
	Least, Most       float64
	HasLeast, HasMost bool
}

// ErrForm reports a text that is not of the form of a bound.
var ErrForm = errors.New("not a bound")

// Parse reads a bound of one of the units: ">= 480/s", "<= 5%", or two of them
// with a comma, such as ">= 10ms, <= 250ms". A number of tasks or a percentage
// may stand alone, and is then the exact one. The error is [ErrForm], or says
// what is wrong with a bound that has the form.
func Parse(text string, units ...Unit) (b Bound, err error) {
	parts := strings.Split(text, ",")
	for _, part := range parts {
		sign, number := cut(strings.TrimSpace(part))
		x, unit, err := parseNumber(number, units)
		switch {
		case err != nil:
			return Bound{}, err
		case b.Unit != "" && b.Unit != unit, sign == ">=" && b.HasLeast, sign == "<=" && b.HasMost,
			sign == "" && (len(parts) > 1 || unit != Tasks && unit != Percent):
			return Bound{}, ErrForm
		}
		b.Unit = unit
		if sign != "<=" {
			b.Least, b.HasLeast = x, true
		}
		if sign != ">=" {
			b.Most, b.HasMost = x, true
		}
	}
	return b, b.check(text)
}

// cut splits a sign from what it stands before.
func cut(text string) (sign, number string) {
	for _, sign := range []string{">=", "<="} {
		if number, has := strings.CutPrefix(text, sign); has {
			return sign, strings.TrimSpace(number)
		}
	}
	return "", text
}

// check returns an error for a bound that no figure meets, or that every figure
// meets.
func (b Bound) check(text string) error {
	switch {
	case b.HasLeast && b.HasMost && b.Least > b.Most:
		return fmt.Errorf("%q: no run meets both", text)
	case b.Unit == Percent && b.HasMost && b.Most == 100 && !b.HasLeast, b.HasLeast && b.Least == 0 && !b.HasMost:
		return fmt.Errorf("%q: every run meets it", text)
	}
	return nil
}

// parseNumber reads a number with the first of the units that it has.
func parseNumber(text string, units []Unit) (x float64, unit Unit, err error) {
	unit = unitOf(text)
	if counted := unit == Tasks || unit == Percent; counted && !slices.Contains(units, unit) {
		unit = Ratio
	}
	if !slices.Contains(units, unit) {
		return 0, "", ErrForm
	}
	switch unit {
	case Time:
		d, err := time.ParseDuration(text)
		return float64(d), unit, formed(err == nil && d > 0)
	case Tasks:
		n, err := strconv.Atoi(text)
		return float64(n), unit, formed(err == nil && n >= 0 && n <= mostTasks)
	}
	if unit == Ratio {
		x, is := ParseShare(text)
		return x, unit, formed(is && x > 0 && x <= mostRate)
	}
	number := strings.TrimSuffix(strings.TrimSuffix(text, "%"), "/s")
	x, err = strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !decimal.MatchString(number) || unit != Percent && !(x > 0 && x <= mostRate):
		return 0, "", ErrForm
	case unit == Percent && x > 100:
		return 0, "", fmt.Errorf("%q: more than all tasks", text)
	}
	return x, unit, nil
}

// ParseShare reads a share of something, such as 0.05 or 5%. It reports whether
// text is one: a decimal number that is not negative, with or without a percent
// sign.
func ParseShare(text string) (share float64, ok bool) {
	number, percent := strings.CutSuffix(text, "%")
	x, err := strconv.ParseFloat(number, 64)
	if percent {
		x /= 100
	}
	return x, err == nil && decimal.MatchString(number)
}

// decimal matches the numbers that are decimal and not negative.
var decimal = regexp.MustCompile(`^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

func formed(ok bool) error {
	if ok {
		return nil
	}
	return ErrForm
}

// unitOf returns the unit that a text ends with.
func unitOf(text string) Unit {
	switch {
	case strings.HasSuffix(text, "/s"):
		return PerSecond
	case strings.HasSuffix(text, "%"):
		return Percent
	case strings.HasSuffix(text, "s"), strings.HasSuffix(text, "m"), strings.HasSuffix(text, "h"):
		return Time
	}
	return Tasks
}

// IsSet reports whether there is a bound.
func (b Bound) IsSet() bool { return b.HasLeast || b.HasMost }

// IsExact reports whether the bound is one number.
func (b Bound) IsExact() bool { return b.HasLeast && b.HasMost && b.Least == b.Most }

// Met reports whether a figure is within the bound. A time may miss it by a
// microsecond, and a rate or a ratio by a hundred-thousandth: a plan adds less
// than a microsecond to a latency, so that no two tasks end at one instant.
func (b Bound) Met(x float64) bool {
	slack := 0.0
	switch b.Unit {
	case Time:
		slack = 1000
	case PerSecond, Ratio:
		slack = x / 1e5
	}
	return !(b.HasLeast && x < b.Least-slack) && !(b.HasMost && x > b.Most+slack)
}

// String returns the bound as [Parse] reads it.
func (b Bound) String() string {
	switch {
	case b.IsExact():
		return b.Unit.Format(b.Least)
	case b.HasLeast && b.HasMost:
		return ">= " + b.Unit.Format(b.Least) + ", <= " + b.Unit.Format(b.Most)
	case b.HasLeast:
		return ">= " + b.Unit.Format(b.Least)
	case b.HasMost:
		return "<= " + b.Unit.Format(b.Most)
	}
	return ""
}

// Tell returns a figure as a sentence beside the bound has it: in three digits,
// or as many more as tell it apart from the ends of the bound.
func (b Bound) Tell(x float64) string {
	ends := []float64{b.Least, b.Most}
	switch {
	case math.IsInf(x, 0), b.Unit == Tasks:
		return b.Unit.Format(x)
	case b.Unit == Time:
		return rounded.Duration(time.Duration(x), time.Duration(b.Least), time.Duration(b.Most))
	case b.Unit == Ratio:
		return rounded.Float(x, ends...)
	}
	return rounded.Float(x, ends...) + string(b.Unit)
}

// Format returns a figure with its unit, as [Parse] reads it.
func (u Unit) Format(x float64) string {
	switch number := strconv.FormatFloat(x, 'g', 6, 64); {
	case math.IsInf(x, 0):
		return "without an end"
	case u == Time:
		return time.Duration(x).String()
	case u == Tasks, u == Percent && x == math.Trunc(x):
		return strconv.FormatFloat(x, 'f', -1, 64) + strings.TrimPrefix(string(u), string(Tasks))
	case u == Ratio:
		return number
	default:
		return number + string(u)
	}
}
