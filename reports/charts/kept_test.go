package charts

import (
	"slices"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// both returns a run of n tasks as a whole, and the same one with 200 samples.
func both(n int) (whole, kept *record.Recording) {
	whole = fixture.Simulate("s", "pool", 10, n, 0)
	for i := range whole.Samples {
		s := &whole.Samples[i]
		s.Due, s.Submitted = s.Started/2, s.Started/2
	}
	whole.Summarize()
	copied := *whole
	copied.Samples = slices.Clone(whole.Samples)
	copied.Keep(200)
	return whole, &copied
}

// TestCurvesOfTotals wants the percentiles of all tasks beside a picture of
// some.
func TestCurvesOfTotals(t *testing.T) {
	whole, kept := both(1500)
	want, got := NewCurves(whole, nil), NewCurves(kept, nil)
	if len(got.Rows) != len(want.Rows) || got.Apart != want.Apart || got.Paced != want.Paced ||
		got.Title != want.Title {
		t.Fatalf("%d rows, %v, %v, %s; want %d, %v, %v, %s", len(got.Rows), got.Apart, got.Paced, got.Title,
			len(want.Rows), want.Apart, want.Paced, want.Title)
	}
	for i, row := range got.Rows {
		row.Ideal, row.Planned, row.Faultless, row.Errors = want.Rows[i].Ideal, want.Rows[i].Planned,
			want.Rows[i].Faultless, want.Rows[i].Errors // which are as exact as a histogram
		if row != want.Rows[i] {
			t.Errorf("%+v, want %+v", row, want.Rows[i])
		}
	}
	if NewCurves(kept, whole) == nil || NewCurves(whole, kept) == nil {
		t.Error("a run with some of its samples is not compared with one that has all")
	}
	for _, h := range NewHistograms(kept) {
		if !slices.Contains(h.Notes, "Of 80 of the 1500 tasks, drawn by the seed.") {
			t.Errorf("%s: the notes are %q", h.Title, h.Notes)
		}
	}
}

// TestCourseOfTotals wants every task in the course of a run of which there are
// rows alone, and about as many at a time as there were.
func TestCourseOfTotals(t *testing.T) {
	for _, n := range []int{300, 1500, 40_000} {
		whole, kept := both(n)
		want, got := NewCourse(whole, nil), NewCourse(kept, whole)
		for i, row := range got.Rows {
			if off := row.Done - want.Rows[i].Done; max(off, -off) > n/20+10 || row.Errors > row.Ended {
				t.Errorf("%d tasks, row %d: %+v, want about %+v", n, i, row, want.Rows[i])
			}
		}
		if done := got.Rows[len(got.Rows)-1].Done; done != n || got.Tasks != n || got.Under != "" || got.Before == "" {
			t.Errorf("%d of %d tasks are done, of %d", done, n, got.Tasks)
		}
		if got.Tallest > 2*want.Tallest || 2*got.Tallest < want.Tallest {
			t.Errorf("%d tasks: at most %d finished in a moment, want about %d", n, got.Tallest, want.Tallest)
		}
	}
}

// TestUndrawn wants no picture that needs every task of a run that has some.
func TestUndrawn(t *testing.T) {
	_, kept := both(1000)
	strip, timeline := NewStrip(kept, kept.Makespan), NewTimeline(kept, 10)
	if NewOrder(kept) != nil || len(strip.Bars) > 0 || len(timeline.Bars) > 0 || len(timeline.Notes) != 1 {
		t.Errorf("%+v and %+v are drawn", strip, timeline)
	}
}
