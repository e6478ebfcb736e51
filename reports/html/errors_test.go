package html

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestErrorsAlike wants errors that differ in keys and numbers told once, the
// most frequent first, and none where no two are alike.
func TestErrorsAlike(t *testing.T) {
	r := fixture.Simulate("errors", "pool", 2, 60, 0)
	for i := range r.Samples {
		s := &r.Samples[i]
		s.Class, s.Status, s.Error = record.OK, 200, ""
		switch {
		case i%4 == 0:
			s.Class = record.Reset
			s.Error = fmt.Sprintf("Get \"http://127.0.0.1:%d/flags/%s\": EOF", 40_000+i, strings.ToLower(s.Key))
		case i%10 == 1:
			s.Class, s.Error = record.Status, "503 Service Unavailable"
		}
	}
	fixture.Summarize(r)
	kinds, more := errorsOf(r)
	if len(kinds) != 2 || more != 0 || kinds[0].Tasks != 15 || kinds[1].Tasks != 6 ||
		kinds[0].Message != r.Samples[0].Error || kinds[0].Keys != "AA, AE, AI, …" || kinds[1].Class != record.Status {
		t.Errorf("got %+v and %d more", kinds, more)
	}
	said := textOf(parse(t, render(t, Report(testHost, []*record.Recording{r}))))
	for _, want := range []string{"Errors by message", "503 Service Unavailable", "AA, AE, AI, …"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for i := range r.Samples {
		r.Samples[i].Class, r.Samples[i].Error = record.Failed, strings.Repeat("x", i)
	}
	if kinds, more := errorsOf(r); kinds != nil || more != 0 {
		t.Errorf("no two alike: got %+v and %d more", kinds, more)
	}
	r.Samples[1].Error = ""
	if kinds, more := errorsOf(r); len(kinds) != mostErrors || more != 51 {
		t.Errorf("got %d kinds and %d more, want %d and 51", len(kinds), more, mostErrors)
	}
}
