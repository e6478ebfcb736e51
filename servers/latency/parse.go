package latency

import (
	"fmt"
	"strings"
	"time"
)

// Forms lists what [Parse] accepts, for messages and documentation.
const Forms = "a duration such as 0s, 50ms or 2s, or uniform(500ms, 5s), normal(2s, 300ms), lognormal(80ms, 2s), " +
	"exponential(300ms), " +
	"pareto(50ms, 2s) or list(10ms, 20ms, 2s)"

// maxList is how many durations a list may have.
const maxList = 10_000

// A form is a distribution as it is written: a name, and what stands in its
// parentheses.
type form struct {
	takes string // for messages
	args  int    // how many; 0 for one or more
	make  func(d []time.Duration) (Distribution, string)
}

// forms is the table of all distributions that have a name. What make returns
// beside a distribution is what is wrong with it.
var forms = map[string]form{
	"uniform": {"two durations: uniform(500ms, 5s)", 2, func(d []time.Duration) (Distribution, string) {
		return uniform{d[0], d[1]}, unless(d[0] <= d[1], "the first is above the second")
	}},
	"normal": {"a mean and a standard deviation: normal(2s, 300ms)", 2, func(d []time.Duration) (Distribution, string) {
		return normal{d[0], d[1]}, ""
	}},
	"lognormal": {
		"a median and a 99th percentile: lognormal(80ms, 2s)", 2,
		func(d []time.Duration) (Distribution, string) {
			return newLognormal(d[0], d[1]), above0(d)
		},
	},
	"exponential": {"a mean: exponential(300ms)", 1, func(d []time.Duration) (Distribution, string) {
		return exponential{d[0]}, ""
	}},
	"pareto": {"a minimum and a 99th percentile: pareto(50ms, 2s)", 2, func(d []time.Duration) (Distribution, string) {
		return pareto{d[0], d[1]}, above0(d)
	}},
	"list": {"one or more durations: list(10ms, 20ms, 2s)", 0, func(d []time.Duration) (Distribution, string) {
		return empirical{d}, unless(len(d) <= maxList,
			fmt.Sprintf("%d durations are more than %d, the most that a list may have", len(d), maxList))
	}},
}

// above0 wants two percentiles in order, of which the first is not 0: from
// there nothing leads to the second.
func above0(d []time.Duration) string {
	if d[0] == 0 {
		return "the first is 0"
	}
	return unless(d[0] <= d[1], "the first is above the second")
}

func unless(ok bool, wrong string) string {
	if ok {
		return ""
	}
	return wrong
}

// Parse reads a distribution: "0s" for none, "2s" for always the same,
// "uniform(500ms, 5s)" for anything between, and what else [Forms] lists. The
// error says what is wrong, and these forms. A list has at most 10,000
// durations.
func Parse(text string) (Distribution, error) {
	d, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: want %s", err, Forms)
	}
	return d, nil
}

func parse(text string) (Distribution, error) {
	name, rest, call := strings.Cut(strings.TrimSpace(text), "(")
	if !call {
		d, err := wait(name)
		if err != nil {
			return nil, err
		}
		return fixed(d), nil
	}
	args, tail, closed := strings.Cut(rest, ")")
	if !closed || strings.TrimSpace(tail) != "" {
		return nil, fmt.Errorf("%q does not end with its closing parenthesis", short(text))
	}
	name = strings.TrimSpace(name)
	f, known := forms[name]
	if !known {
		return nil, fmt.Errorf("unknown distribution %q", short(name))
	}
	parts := strings.Split(args, ",")
	if f.args > 0 && len(parts) != f.args || strings.TrimSpace(args) == "" {
		return nil, fmt.Errorf("%s takes %s", name, f.takes)
	}
	waits := make([]time.Duration, len(parts))
	for i, part := range parts {
		var err error
		if waits[i], err = wait(part); err != nil {
			return nil, err
		}
	}
	d, wrong := f.make(waits)
	if wrong != "" {
		return nil, fmt.Errorf("%s: %s", short(d.String()), wrong)
	}
	return d, nil
}

// wait reads one duration.
func wait(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration", short(text))
	case d < 0:
		return 0, fmt.Errorf("%v is negative", d)
	case d > Max:
		return 0, fmt.Errorf("%v is more than %v", d, Max)
	}
	return d, nil
}

// short returns the beginning of a text, so that a message about a long one
// gets to its reason.
func short(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
