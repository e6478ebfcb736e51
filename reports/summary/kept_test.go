package summary

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestMatrixOfTotals wants the table of truth of a recording that keeps some of
// its samples to be that of all tasks.
func TestMatrixOfTotals(t *testing.T) {
	r := fixture.Simulate("s", "pool", 10, 1000, 0)
	for i := range r.Samples {
		if i%100 == 0 {
			r.Samples[i].Class = record.Timeout
		}
	}
	r.Summarize()
	want := NewMatrix(r)
	r.Keep(100)
	if diff := cmp.Diff(want, NewMatrix(r)); diff != "" || want.Wrong != 10 {
		t.Errorf("%d are wrong; (-want +got):\n%s", want.Wrong, diff)
	}
}

// TestKeptOfMany names the first runs of many.
func TestKeptOfMany(t *testing.T) {
	long := fixture.Long()
	var recs []*record.Recording
	for n := range 6 {
		if notes := keptOf(recs); len(notes) != min(n, mostKept+1) {
			t.Errorf("%d notes of %d runs", len(notes), n)
		}
		recs = append(recs, long)
	}
	notes := keptOf(append(recs, fixture.Suite(20)...))
	if notes[0] != "long-2000/pool/10: "+long.Kept() ||
		notes[mostKept] != "and 3 other runs that keep some of their samples" {
		t.Errorf("%s", strings.Join(notes, "\n"))
	}
}
