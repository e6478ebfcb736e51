package reports

import (
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestTextSaysALeakOnce: what many runs leave is said once, with how often a
// run leaves it and how many runs do.
func TestTextSaysALeakOnce(t *testing.T) {
	run := func(leaks []string, held ...string) *record.Recording {
		return &record.Recording{Scenario: "s", Executor: "pool", Workers: 2, Leaks: leaks, Held: held}
	}
	const a, b = "a.go:1", "b.go:2"
	for name, tt := range map[string]struct {
		recs []*record.Recording
		want []string
	}{
		"none": {[]*record.Recording{run(nil)}, nil},
		"one":  {[]*record.Recording{run([]string{a})}, []string{"s on pool/2: leaked: a.go:1"}},
		"many of one run": {
			[]*record.Recording{run([]string{a, b, a, a}, "1 response body not closed")},
			[]string{
				"s on pool/2: leaked: 3 × a.go:1", "s on pool/2: leaked: b.go:2",
				"s on pool/2: leaked: 1 response body not closed",
			},
		},
		"two runs": {
			[]*record.Recording{run([]string{a}), run([]string{a})},
			[]string{"s on pool/2 and 1 other run: leaked: a.go:1"},
		},
		"many runs": {
			slices.Repeat([]*record.Recording{run([]string{a, a}, b)}, 100),
			[]string{
				"s on pool/2 and 99 other runs: leaked: 2 × a.go:1", "s on pool/2 and 99 other runs: leaked: b.go:2",
			},
		},
		"as often or not": {
			[]*record.Recording{run([]string{a}), run([]string{a, a}), run([]string{a})},
			[]string{"s on pool/2 and 1 other run: leaked: a.go:1", "s on pool/2: leaked: 2 × a.go:1"},
		},
	} {
		var got []string
		for line := range strings.Lines(render(t, Text(tt.recs))) {
			if strings.Contains(line, "leaked: ") {
				got = append(got, strings.TrimSpace(line))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// TestInterruptedText: of a run that was stopped nothing is judged, so no cell
// of a table of truth is marked, and it is not told to be over.
func TestInterruptedText(t *testing.T) {
	sample := record.Sample{Key: "k", Finished: 1, Did: "none"}
	sample.Class, sample.PlannedClass = record.Failed, record.OK
	lost := sample
	lost.Finished = -1
	for want, samples := range map[string][]record.Sample{
		"interrupted after 1 of 2 tasks\n":                                           {sample, lost},
		"interrupted after all 2 tasks, the last of which that may have cut short\n": {sample, sample},
	} {
		r := &record.Recording{Scenario: "s", Executor: "pool", Workers: 2, Interrupted: true, Samples: samples}
		if got := render(t, Text([]*record.Recording{r})); !strings.Contains(got, want) || strings.Contains(got, "!") {
			t.Errorf("got %s, want %s and no !", got, want)
		}
	}
}
