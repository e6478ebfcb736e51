package html

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/summary"
)

// TestLostGenerator has a run of which a load generator was lost, with half of
// the results. No report says of it that the generator was slow, that tasks
// never started, or that it was faster than its ideal, and none counts what is
// missing among what clients reported.
func TestLostGenerator(t *testing.T) {
	r := fixture.Simulate("spread", "async", 0, 40, 5)
	r.Generators = []share.Generator{
		{Host: "one", Tasks: 20, Sent: 20, Ended: 20}, {Host: "two", Tasks: 20, Sent: 8, Ended: 8, Lost: "it is gone"},
	}
	for i := range r.Samples {
		s := &r.Samples[i]
		if s.Did = "none"; i%2 == 1 {
			s.Started, s.Finished, s.Delivered, s.Worker = -1, -1, -1, -1
			s.Seen = record.Seen{Class: record.CutOff}
		}
	}
	r.Summarize()
	r.Inconclusive = []record.Violation{{
		Check: "generators", Got: "load generator 2 of 2 is lost: it is gone", Want: "run it again", Invalid: true,
		Culprit: record.ByMachine,
	}}
	recs := []*record.Recording{r}
	var page, text, markdown strings.Builder
	for _, err := range []error{
		Report(testHost, recs)(&page), reports.Text(recs)(&text), formats.Markdown(testHost, recs)(&markdown),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]string{
		"page": page.String(), "text": text.String(), "markdown": markdown.String(),
	} {
		for _, untrue := range []string{"bottleneck", "never started", "&gt;100%", ">100%", "could not keep"} {
			if strings.Contains(got, untrue) {
				t.Errorf("%s: %q is said of a generator that was lost", name, untrue)
			}
		}
		if !strings.Contains(got, "a load generator was lost") {
			t.Errorf("%s: it is not said that a load generator was lost", name)
		}
	}
	if !strings.Contains(page.String(), "The results of 20 tasks are missing.") {
		t.Error("the page does not say how many results are missing")
	}
	if columns := summary.NewMatrix(r).Columns; slices.Contains(columns, record.CutOff) {
		t.Errorf("the table of truth has %v", columns)
	}
}

func TestGenerators(t *testing.T) {
	here := &record.Recording{Generators: []share.Generator{{Tasks: 2, Sent: 2}, {Tasks: 2, Sent: 2}}}
	if rows := generators(here); rows != nil {
		t.Errorf("of generators of one process: %v", rows)
	}
	r := &record.Recording{Generators: []share.Generator{
		{Host: "one", Tasks: 500, Sent: 500, Ended: 499, Error: 110 * time.Microsecond},
		{Host: "two\x1b", Tasks: 500, Sent: 20, Ended: 10, Lost: "it is gone"},
		{Host: "three", Tasks: 499, Sent: 499, Ended: 499, Offset: 1820 * time.Microsecond, Error: time.Millisecond},
	}}
	rows := generators(r)
	want := [][]string{
		{"1", "one", "500 of 500", "499", "+0s ± 110µs"},
		{"2", `two\x1b`, "20 of 500", "10", "lost"},
		{"3", "three", "499 of 499", "499", "+1.82ms ± 1ms"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}
