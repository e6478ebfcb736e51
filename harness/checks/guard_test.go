package checks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/record"
)

// TestGuard has an answer that is planned at some distance from the timeout,
// and a client that reports the other side.
func TestGuard(t *testing.T) {
	const ms = time.Millisecond
	late := func(s *record.Sample) { s.Class, s.PlannedClass, s.Served = record.Timeout, record.OK, 0 }
	early := func(s *record.Sample) { s.Class, s.PlannedClass, s.Served = record.OK, record.Timeout, 200 }
	for _, tt := range []struct {
		name            string
		clock           record.Clock
		timeout, margin time.Duration
		report          func(*record.Sample)
		violated, doubt bool
	}{
		{"as planned", record.Real, sec, ms, func(*record.Sample) {}, false, false},
		{"a timeout just before the answer", record.Real, sec, 199 * ms, late, false, true},
		{"an answer just before the timeout", record.Real, sec, 199 * ms, early, false, true},
		{"a timeout long before the answer", record.Real, sec, 200 * ms, late, true, false},
		{"an answer long before the timeout", record.Real, sec, 200 * ms, early, true, false},
		{"a short timeout", record.Real, 50 * ms, 24 * ms, late, false, true},
		{"a short timeout, and far", record.Real, 50 * ms, 25 * ms, late, true, false},
		{"under the virtual clock", record.Virtual, sec, ms, late, true, false},
		{"without a timeout", record.Real, 0, 0, late, true, false},
		{
			"an answer that the server never sent", record.Real, sec, ms,
			func(s *record.Sample) { early(s); s.Served, s.Did = 0, "hang" }, true, false,
		},
		{
			"another error near the timeout", record.Real, sec, ms,
			func(s *record.Sample) { s.Class, s.PlannedClass = record.Reset, record.OK }, true, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := clean()
			r.Clock, r.Timeout = tt.clock, tt.timeout
			s := &r.Samples[4]
			s.PlannedMargin = tt.margin
			tt.report(s)
			violations, doubts := checks.Judge(r, []checks.Expectation{{Check: checks.Classification}}, "")
			if (len(violations) > 0) != tt.violated || (len(doubts) > 0) != tt.doubt {
				t.Errorf("violations %v, doubts %v", violations, doubts)
			}
			for _, v := range append(violations, doubts...) {
				if !strings.Contains(v.Got, "E") {
					t.Errorf("the task is not named: %s", v.Got)
				}
			}
		})
	}
}

// TestGuardOfALateMachine has a machine that was later than the guard, at each
// of the steps of a request: what is farther from the timeout is judged, and
// what is not says why. A timeout that comes before the machine can have spent
// the time is the client's.
func TestGuardOfALateMachine(t *testing.T) {
	const ms = time.Millisecond
	ok, timeout := record.OK, record.Timeout
	for _, tt := range []struct {
		clock              record.Clock
		late, margin, took time.Duration
		class, planned     record.Class
		violated, doubt    bool
	}{
		{record.Real, 100 * ms, 599 * ms, sec, ok, timeout, false, true},
		{record.Real, 100 * ms, 600 * ms, sec, ok, timeout, true, false},
		{record.Real, 20 * ms, 199 * ms, sec, ok, timeout, false, true}, // by the guard alone
		{record.Virtual, 500 * ms, ms, sec, ok, timeout, true, false},

		{record.Real, 100 * ms, 599 * ms, sec, timeout, ok, false, true},
		{record.Real, 100 * ms, 599 * ms, 599 * ms, timeout, ok, false, true},
		{record.Real, 100 * ms, 599 * ms, 598 * ms, timeout, ok, true, false},
		{record.Real, 100 * ms, 600 * ms, sec, timeout, ok, true, false},
		{record.Real, 20 * ms, 199 * ms, 0, timeout, ok, false, true}, // by the guard alone
	} {
		r := clean()
		r.Clock, r.Timeout, r.Late = tt.clock, sec, tt.late
		s := &r.Samples[4]
		s.PlannedMargin, s.Class, s.PlannedClass, s.Served = tt.margin, tt.class, tt.planned, 200
		s.Finished = s.Started + tt.took
		violations, doubts := checks.Judge(r, []checks.Expectation{{Check: checks.Classification}}, "")
		if (len(violations) > 0) != tt.violated || (len(doubts) > 0) != tt.doubt {
			t.Errorf("%+v: violations %v, doubts %v", tt, violations, doubts)
		}
		said := tt.margin >= 200*ms
		if len(doubts) > 0 && strings.Contains(doubts[0].Got, "100ms late at each step") != said {
			t.Errorf("%+v: %s", tt, doubts[0].Got)
		}
	}
}

// TestGuardHidesNothing has a task near its timeout beside one that is wrong.
func TestGuardHidesNothing(t *testing.T) {
	r := clean()
	r.Clock, r.Timeout = record.Real, sec
	r.Samples[0].Class, r.Samples[0].PlannedMargin = record.Timeout, time.Millisecond
	r.Samples[1].Class = record.Failed
	violations, doubts := checks.Judge(r, []checks.Expectation{{Check: checks.Classification}}, "")
	if len(violations) != 1 || len(doubts) != 1 || strings.Contains(violations[0].Got, "A timeout") ||
		!strings.Contains(violations[0].Got, "B failed") {
		t.Errorf("violations %v, doubts %v", violations, doubts)
	}
}
