package harness

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// TestClockSteps has a task run in another process, whose times come without
// the monotonic clock, and the wall clock set by some time in between.
func TestClockSteps(t *testing.T) {
	const took, travel = 30 * time.Millisecond, 5 * time.Millisecond
	for _, step := range []time.Duration{
		0, time.Second, time.Hour, -time.Hour, -10 * time.Millisecond, 400 * 24 * time.Hour, -400 * 24 * time.Hour,
	} {
		for _, shared := range []bool{true, false} {
			if shared && uptime() == 0 {
				continue // the system has no such clock
			}
			now := time.Now()
			start := now.Add(-time.Second) // the run began a second ago
			finished := now.Add(-travel)
			r := &recorder{
				start: start, samples: []record.Sample{{Submitted: 900 * time.Millisecond, Started: -1, Finished: -1}},
				watch: func(Step, record.Sample) {}, turns: make([]turn, 1),
			}
			ran := Ran{
				Seen: record.Seen{Class: record.OK}, Took: took,
				Started: finished.Add(-took).Round(0).Add(step), Finished: finished.Round(0).Add(step),
			}
			if shared {
				r.steady = uptime() - time.Since(start)
				ran.Steady = r.steady + finished.Sub(start)
			}
			r.ran(0, ran, nil)
			s := r.samples[0]
			if got := s.Finished - s.Started; got != took {
				t.Errorf("set by %v, a shared clock %v: the task took %v, want %v", step, shared, got, took)
			}
			late := s.Finished - finished.Sub(start)
			if shared && late.Abs() > tolerated || late < -20*time.Millisecond || s.Finished > time.Since(start) {
				t.Errorf("set by %v, a shared clock %v: the end is late by %v", step, shared, late)
			}
		}
	}
}

// TestUptime wants the shared clock to be that of package time.
func TestUptime(t *testing.T) {
	first, at := uptime(), time.Now()
	if first == 0 {
		t.Skip("the system has no such clock")
	}
	for range 1000 {
		before := time.Since(at)
		now := uptime() - first
		if after := time.Since(at); now < before || now > after+time.Millisecond {
			t.Fatalf("got %v between %v and %v", now, before, after)
		}
	}
}
