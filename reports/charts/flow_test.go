package charts

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFlow counts tasks of which each takes a tenth of a second and one in ten
// fails. Whatever the length of the run, no task is lost.
func TestFlow(t *testing.T) {
	for _, n := range []int{1, 9, 1000, 100_000} {
		f := Flow{Moment: 10 * time.Millisecond, Tasks: n}
		for i := range n {
			at := time.Duration(i) * 100 * time.Millisecond
			f.Add(at, false, false, 1)
			f.Add(at+100*time.Millisecond, true, i%10 == 0, 0)
		}
		ended, errors := 0, 0
		for i := range f.ended {
			ended, errors = ended+f.ended[i], errors+f.errors[i]
		}
		if ended != n || errors != (n+9)/10 || f.done != n {
			t.Errorf("%d tasks: got %d ended, %d errors", n, ended, errors)
		}
		c := f.Course()
		if run := time.Duration(n) * 100 * time.Millisecond; c.hi < run || c.hi > 2*run+f.Moment {
			t.Errorf("%d tasks in %v: the chart has %v", n, run, c.hi)
		}
		if c.Most != 1 || !strings.HasPrefix(c.Done, "M0 ") || c.Errors == "" {
			t.Errorf("%d tasks: got %+v", n, c)
		}
	}
	if c := (&Flow{Moment: 1}).Course(); c != nil {
		t.Errorf("before the first step: got %+v, want nil", c)
	}
}

// TestFlowUnderWay has a task that runs through moments in which nothing
// happens.
func TestFlowUnderWay(t *testing.T) {
	f := Flow{Moment: time.Second, Tasks: 2}
	f.Add(0, false, false, 1)
	f.Add(5*time.Second, false, false, 2)
	f.Add(8*time.Second, true, false, 1)
	f.Add(9*time.Second, true, true, 0)
	if got, want := f.under[:10], []int{1, 1, 1, 1, 1, 2, 2, 2, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}
