package charts

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestLevels(t *testing.T) {
	s := scale{hi: moments}
	ms := func(times ...time.Duration) []time.Duration { return times }
	for _, c := range []struct {
		name     string
		up, down []time.Duration
		peak     int
		at       map[int]int
	}{
		{"nothing", nil, nil, 0, map[int]int{0: 0, moments - 1: 0}},
		{"one", ms(2), ms(4), 1, map[int]int{1: 0, 2: 1, 3: 1, 4: 1, 5: 0}},
		{"two that overlap", ms(4, 2), ms(6, 8), 2, map[int]int{3: 1, 4: 2, 5: 2, 7: 1, 9: 0}},
		{"an instant", ms(3), ms(3), 0, map[int]int{3: 0}},
		{"one after another", ms(0, 5), ms(5, 10), 1, map[int]int{4: 1, 5: 1, 9: 1, 11: 0}},
		{"without an end", ms(7), nil, 1, map[int]int{6: 0, 7: 1, moments - 1: 1}},
	} {
		most, peak := levels(c.up, c.down, s)
		for i, want := range c.at {
			if most[i] != want {
				t.Errorf("%s: %d under way in step %d, want %d", c.name, most[i], i, want)
			}
		}
		if peak != c.peak {
			t.Errorf("%s: peak %d, want %d", c.name, peak, c.peak)
		}
	}
}

// TestIdealLanes holds the lanes of the ideal schedule to what makes them
// lanes: no more than workers, and no two tasks at once on one.
func TestIdealLanes(t *testing.T) {
	for _, workers := range []int{1, 3, 10, 100} {
		r := fixture.Simulate("lanes", "pool", workers, 200, 0)
		until := map[int32]time.Duration{}
		for i, lane := range IdealLanes(r) {
			if int(lane) >= workers || until[lane] > r.Samples[i].IdealStarted {
				t.Fatalf("%d workers: task %d on lane %d, which is taken until %v", workers, i, lane, until[lane])
			}
			until[lane] = r.Samples[i].IdealFinished
		}
	}
	r := fixture.Simulate("lanes", "pool", 2, 4, 0)
	if r.IdealMakespan = 0; IdealLanes(r) != nil {
		t.Error("lanes of a schedule that does not exist")
	}
}

// TestOrderTellsMapFromAsCompleted is the difference that the picture is there
// for.
func TestOrderTellsMapFromAsCompleted(t *testing.T) {
	completed := fixture.Simulate("order", "pool", 10, 50, 0)
	mapped := fixture.Simulate("order", "pool", 10, 50, 0)
	last := time.Duration(0)
	for i := range mapped.Samples {
		last = max(last, mapped.Samples[i].Finished)
		mapped.Samples[i].Delivered = last
	}
	a, b := NewOrder(completed), NewOrder(mapped)
	if a.Finished != b.Finished || a.Delivered != a.Finished || b.Delivered == b.Finished {
		t.Error("the dots do not show the delivery")
	}
	diagonal := make([]int, 50)
	for i := range diagonal {
		diagonal[i] = i
	}
	if want := dots(diagonal, 50, 50); b.Delivered != want {
		t.Errorf("got dots %s, want the diagonal %s", b.Delivered, want)
	}
	if !strings.Contains(b.Words[0], "in the order of submission") ||
		!strings.Contains(a.Words[0], "before an earlier submission") {
		t.Errorf("got %q and %q", a.Words, b.Words)
	}
	if len(a.Words) != 2 || len(b.Words) != 3 {
		t.Errorf("results that waited: got %q and %q", a.Words, b.Words)
	}
	if NewOrder(fixture.Simulate("order", "pool", 1, 1, 0)) != nil {
		t.Error("an order of one")
	}
}

func TestDescribed(t *testing.T) {
	for _, c := range []struct {
		order      []int
		generators int
		want       string
	}{
		{[]int{0, 1, 2}, 0, "in the order of submission"},
		{[]int{1, 0, 2}, 1, "out of order: 1 of 3 before an earlier submission, up to 1 place ahead"},
		{[]int{2, 1, 0}, 0, "out of order: 2 of 3 before an earlier submission, up to 2 places ahead"},
		{[]int{1, 0, 2, 3}, 2, "in the order of submission of each load generator"},
		{[]int{1, 3, 0, 2}, 2, "in the order of submission of each load generator"},
		{
			[]int{2, 1, 0, 3},
			2,
			"out of order within load generators: 1 of 4 before an earlier submission, up to 1 place ahead",
		},
	} {
		if got := described(c.order, c.generators); got != c.want {
			t.Errorf("%v: got %q, want %q", c.order, got, c.want)
		}
	}
}

func TestPercentiles(t *testing.T) {
	r := fixture.Simulate("curve", "pool", 10, 2000, 0)
	c := NewCurves(r, nil)
	if c.Service != c.Planned || c.Response != c.Ideal || c.Response == c.Service {
		t.Error("the curves of an ideal run are not the oracle's")
	}
	var names []string
	for _, q := range c.Rows {
		if names = append(names, q.Name); q.Measured != q.Planned || q.Response != q.Ideal {
			t.Errorf("an ideal run differs from the oracle: %+v", q)
		}
	}
	if want := []string{"p50", "p90", "p95", "p99", "p99.9", "max"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
	late := fixture.Simulate("curve", "pool", 10, 2000, 100*time.Millisecond)
	if c := NewCurves(late, nil); c.Response == c.Ideal {
		t.Error("the curve of a late run is the oracle's")
	}
	r.Samples = r.Samples[:0]
	if NewCurves(r, nil) != nil {
		t.Error("curves of nothing")
	}
}

// TestOverlaid draws an earlier run into the charts of a later one, on the
// scale of both.
func TestOverlaid(t *testing.T) {
	before, after := fixture.Simulate("o", "pool", 4, 60, 0), fixture.Simulate("o", "pool", 4, 60, time.Second)
	c, same := NewCurves(after, before), NewCurves(after, after)
	if c.Before == "" || same.Before != same.Service {
		t.Error("the earlier run's percentiles are not drawn as the later one's would be")
	}
	f, same2 := NewCourse(after, before), NewCourse(after, after)
	if f.Before == f.Done || f.Before == "" || same2.Before != same2.Done {
		t.Error("the earlier run's course is not drawn as the later one's would be")
	}
	if short := NewCourse(before, after); short.hi != after.Makespan {
		t.Errorf("the scale ends at %v, want the later end, %v", short.hi, after.Makespan)
	}
}

func TestCourseCountsEveryTask(t *testing.T) {
	for _, r := range append(fixture.Suite(100), fixture.Troubled()[1]) {
		c := NewCourse(r, nil)
		ended, errors := 0, 0
		for _, m := range c.Rows {
			ended, errors = ended+m.Ended, errors+m.Errors
		}
		want := 0
		for _, s := range r.Samples {
			if s.Finished >= 0 && s.Class != record.CutOff {
				want++
			}
		}
		if ended != want || c.Rows[len(c.Rows)-1].Done != want {
			t.Errorf("%s: %d tasks ended in the table, want %d", r.Name(), ended, want)
		}
		if c.Most < min(max(r.Workers, 1), want) && r.Workers > 0 && !r.Interrupted {
			t.Errorf("%s: at most %d under way", r.Name(), c.Most)
		}
	}
}

// TestInterrupted draws tasks that an interrupt kept from their end apart, and
// never as errors.
func TestInterrupted(t *testing.T) {
	r := fixture.Simulate("stopped", "pool", 2, 12, 0)
	for i := range r.Samples {
		if s := &r.Samples[i]; i < 3 {
			s.Class, s.PlannedClass = record.OK, record.OK
		} else if s.Class = record.Lost; i > 4 {
			s.Started, s.Finished, s.Worker = -1, -1, -1
		}
	}
	r.Interrupt()
	r.Summarize()
	for name, groups := range map[string][]bars{
		"timeline": NewTimeline(r, 0).Bars, "strip": NewStrip(r, r.Makespan).Bars,
	} {
		for _, g := range groups {
			drawn := g.Look == LookOK || g.Look == LookNone
			if (g.Rest != "") != drawn {
				t.Errorf("%s: the bars of %s are %q", name, g.Look, g.Rest)
			}
		}
	}
	c := NewCourse(r, nil)
	if last := c.Rows[len(c.Rows)-1]; last.Done != 3 || c.Errors != "" || c.Done != c.Delivered {
		t.Errorf("the course has %d of 3 done, errors %q, %s delivered of %s", last.Done, c.Errors, c.Delivered, c.Done)
	}
}

func TestStripShowsErrors(t *testing.T) {
	r := fixture.Simulate("strip", "pool", 2, 40, 0)
	s := NewStrip(r, 2*r.Makespan)
	if s.Ideal != "50.00%" {
		t.Errorf("the ideal end at %s, want halfway", s.Ideal)
	}
	for i := range r.Samples {
		r.Samples[i].Class, r.Samples[i].PlannedClass = record.OK, record.OK
	}
	r.Samples[3].Class, r.Samples[3].PlannedClass = record.Reset, record.Reset
	if s = NewStrip(r, r.Makespan); strings.Count(s.Bars[LookError.place()].Rest, "M") != 1 || s.Bars[0].Rest == "" {
		t.Errorf("got errors %q", s.Bars[LookError.place()].Rest)
	}
	if tall := NewStrip(
		fixture.Simulate("strip", "async", 0, 5000, 0),
		time.Minute,
	); tall.Height > 64 ||
		tall.Units != stripRows*laneUnits {
		t.Errorf("5000 lanes are %d pixels tall", tall.Height)
	}
}

func TestSweep(t *testing.T) {
	v := NewSweep(fixture.Suite(100))
	if v == nil || v.Base != "sequential" || len(v.Kinds) != 3 || len(v.Rows) != 4 || v.Ideal == "" {
		t.Fatalf("got %+v", v)
	}
	for _, row := range v.Rows {
		if row.Executor != "async/100" && (row.Speedup != row.Ideal || row.Efficiency != "100.0%") {
			t.Errorf("an ideal run is not as fast as the oracle: %+v", row)
		}
	}
	if NewSweep(fixture.Suite(100)[:2]) != nil {
		t.Error("a sweep of executors that have one number of workers each")
	}
	alone := NewSweep(fixture.Suite(100)[1:3])
	if alone.Base != "the ideal for one worker" || alone.Rows[0].Speedup != alone.Rows[0].Ideal {
		t.Errorf("without a run on one worker: got %+v", alone)
	}
}

func TestGhostsAndFaults(t *testing.T) {
	r := fixture.Simulate("ghosts", "pool", 4, 40, 500*time.Millisecond)
	line := NewTimeline(r, 0)
	if n := strings.Count(line.Ghost, "M"); n != 40 {
		t.Errorf("%d ghosts, want one for each of 40 tasks", n)
	}
	faults := 0
	for _, s := range r.Samples {
		if s.PlannedFault != "none" {
			faults++
		}
	}
	if n := strings.Count(line.Faults, "M"); n != faults || n == 0 {
		t.Errorf("%d marks, want one for each of %d faults", n, faults)
	}
}
