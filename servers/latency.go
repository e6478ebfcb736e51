package servers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A Latency is a distribution of waits. String writes it as [ParseLatency] reads it.
type Latency interface {
	Draw(src rand.Source) time.Duration
	String() string
}

// LatencyForms lists what [ParseLatency] accepts, for messages and documentation.
const LatencyForms = "a duration such as 0s, 50ms or 2s, or uniform(500ms, 5s)"

// maxLatency bounds what a plan may ask for: a day is more than any test waits, and far from overflow in any sum.
const maxLatency = 24 * time.Hour

type fixed time.Duration

type uniform struct{ min, max time.Duration }

var (
	_ Latency = fixed(0)
	_ Latency = uniform{}
)

func (d fixed) Draw(rand.Source) time.Duration { return time.Duration(d) }
func (d fixed) String() string                 { return time.Duration(d).String() }

func (u uniform) Draw(src rand.Source) time.Duration {
	return u.min + time.Duration(unit(src)*float64(u.max-u.min))
}
func (u uniform) String() string { return fmt.Sprintf("uniform(%v, %v)", u.min, u.max) }

// ParseLatency reads a latency: "0s" for none, "2s" for always the same, "uniform(500ms, 5s)" for anything between.
func ParseLatency(text string) (Latency, error) {
	name, rest, call := strings.Cut(strings.TrimSpace(text), "(")
	if !call {
		d, err := parseWait(name)
		if err != nil {
			return nil, err
		}
		return fixed(d), nil
	}
	args, tail, closed := strings.Cut(rest, ")")
	if !closed || strings.TrimSpace(tail) != "" {
		return nil, fmt.Errorf("%q does not end with its closing parenthesis", text)
	}
	if name = strings.TrimSpace(name); name != "uniform" {
		return nil, fmt.Errorf("unknown distribution %q", name)
	}
	return parseUniform(args)
}

func parseUniform(args string) (Latency, error) {
	low, high, two := strings.Cut(args, ",")
	if !two || strings.Contains(high, ",") {
		return nil, errors.New("uniform takes two durations: uniform(500ms, 5s)")
	}
	min, err := parseWait(low)
	if err != nil {
		return nil, err
	}
	max, err := parseWait(high)
	if err != nil {
		return nil, err
	}
	if min > max {
		return nil, fmt.Errorf("uniform(%v, %v): the first is above the second", min, max)
	}
	return uniform{min, max}, nil
}

func parseWait(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration", text)
	case d < 0:
		return 0, fmt.Errorf("%v is negative", d)
	case d > maxLatency:
		return 0, fmt.Errorf("%v is more than %v", d, maxLatency)
	}
	return d, nil
}
