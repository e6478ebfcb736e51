package checks_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

func TestJudge(t *testing.T) {
	expectations := []checks.Expectation{
		{Check: checks.Limits, File: "a.yaml", Line: 2},
		{Check: checks.Deadlock, File: "a.yaml", Line: 3},
		{Check: checks.Classification, File: "a.yaml", Line: 20},
		{Check: checks.Order(checks.BySubmission), File: "a.yaml", Line: 21},
		{Check: checks.Leaks, File: "a.yaml", Line: 22},
	}
	bad := func(r *record.Recording) {
		serial(5, 4, 3, 2, 1, 0)(r)
		leak("a.go:1")(r)
		r.Samples[0].Class = record.Failed
	}
	tests := []struct {
		name string
		bugs bugs
		want []string // what is inconclusive ends in "?"
	}{
		{"clean", nil, nil},
		{
			"a task in doubt",
			bugs{func(r *record.Recording) { r.Samples[2].Doubt = "why: what to do" }},
			[]string{"classification a.yaml:20?"},
		},
		{
			"a task in doubt, and one that is wrong",
			bugs{
				func(r *record.Recording) { r.Samples[2].Doubt = "why: what to do" },
				func(r *record.Recording) { r.Samples[0].Class = record.Failed },
			},
			[]string{"classification a.yaml:20", "classification a.yaml:20?"},
		},
		{
			"what the clock could not carry out is not judged otherwise",
			bugs{bad, func(r *record.Recording) { r.Limit = "why: what to do" }},
			[]string{"limits a.yaml:2?"},
		},
		{
			"everything wrong",
			bugs{bad},
			[]string{"classification a.yaml:20", "order a.yaml:21", "leaks a.yaml:22"},
		},
		{
			"of a deadlock only that is said",
			bugs{bad, func(r *record.Recording) { r.Deadlock = "stuck" }},
			[]string{"deadlock a.yaml:3"},
		},
		{
			"what was interrupted is not judged",
			bugs{bad, func(r *record.Recording) { r.Deadlock, r.Interrupted = "stuck", true }},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := clean()
			for _, plant := range test.bugs {
				plant(r)
			}
			found, unknown := checks.Judge(r, expectations, "teapot run a.yaml")
			if found == nil {
				t.Error("got nil, which is no list in JSON")
			}
			var got []string
			for _, v := range found {
				got = append(got, fmt.Sprintf("%s %s:%d", v.Check, v.File, v.Line))
				if v.Reproduce != "teapot run a.yaml" || v.Got == "" || v.Want == "" {
					t.Errorf("incomplete: %+v", v)
				}
				if line := v.String(); !strings.HasPrefix(line, fmt.Sprintf("%s:%d: %s: got ", v.File,
					v.Line, v.Check)) {
					t.Errorf("got the line %q", line)
				}
			}
			for _, v := range unknown {
				got = append(got, fmt.Sprintf("%s %s:%d?", v.Check, v.File, v.Line))
				if line := v.String(); v.Reproduce == "" || !strings.Contains(line, ": inconclusive: ") ||
					!strings.HasSuffix(line, "; what to do") {
					t.Errorf("incomplete: %+v", v)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What was checked is said of what was met too, and of nothing that was not
// judged.
func TestSettle(t *testing.T) {
	late := func(r *record.Recording) []record.Violation {
		if r.Round == 0 {
			return nil
		}
		return []record.Violation{{Check: "lateness", Got: "late", Want: "in time", Inconclusive: true, Invalid: true}}
	}
	got := func(*record.Recording) string { return "so" }
	expectations := []checks.Expectation{
		{Check: checks.Limits, Line: 1},
		{Check: late, Name: "lateness", Want: "in time", Got: got, Line: 2},
		{Check: checks.Deadlock, Name: "deadlock", Want: "an end", Got: got, Line: 3},
		{Check: checks.Classification, Name: "classification", Want: "right", Got: got, Line: 4},
		{Check: checks.Efficiency(0.9), Name: "efficiency", Want: ">= 0.9", Got: got, Line: 5},
		{
			Check: checks.Retries, Name: "retries", Want: "no more",
			Got: func(*record.Recording) string { return "" }, Line: 6,
		},
	}
	slow := func(r *record.Recording) { r.Makespan *= 2 }
	wrong := func(r *record.Recording) { r.Samples[0].Class = record.Failed }
	doubt := func(r *record.Recording) { r.Samples[2].Doubt = "why: what to do" }
	invalid := func(r *record.Recording) { r.Round = 1 }
	for _, test := range []struct {
		name string
		bugs bugs
		want string
	}{
		{"clean", nil, "lateness met, deadlock met, classification met, efficiency met"},
		{"wrong", bugs{wrong}, "lateness met, deadlock met, classification missed, efficiency met"},
		{
			"in doubt",
			bugs{doubt},
			"lateness met, deadlock met, classification inconclusive, efficiency met",
		},
		{
			"wrong and in doubt",
			bugs{wrong, doubt},
			"lateness met, deadlock met, classification missed, efficiency met",
		},
		{"slow", bugs{slow}, "lateness met, deadlock met, classification met, efficiency missed"},
		{
			"slow, with a late generator",
			bugs{slow, wrong, invalid},
			"lateness inconclusive, deadlock met, classification missed, efficiency inconclusive",
		},
		{
			"what was asked about retries",
			bugs{func(r *record.Recording) { r.Samples[1].Misstep = "too soon: later" }},
			"lateness met, deadlock met, classification met, efficiency met, retries missed",
		},
		{"a deadlock", bugs{wrong, func(r *record.Recording) { r.Deadlock = "stuck" }}, "deadlock missed"},
		{"a limit", bugs{wrong, func(r *record.Recording) { r.Limit = "why: what to do" }}, ""},
		{"interrupted", bugs{wrong, func(r *record.Recording) { r.Interrupted = true }}, ""},
	} {
		r := clean()
		for _, plant := range test.bugs {
			plant(r)
		}
		checks.Settle(r, expectations, "")
		var said []string
		for _, c := range r.Checked {
			said = append(said, c.Check+" "+c.Verdict)
			if (c.Got == "so") != (c.Verdict == "met") || c.Line != lineOf(expectations, c.Check) ||
				c.Want == "" {
				t.Errorf("%s: %+v", test.name, c)
			}
		}
		if got := strings.Join(said, ", "); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func lineOf(all []checks.Expectation, name string) (line int) {
	for _, e := range all {
		if e.Name == name {
			line = e.Line
		}
	}
	return line
}
