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
