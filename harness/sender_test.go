package harness

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers/timer"
)

// newSchedule returns a sender of tasks that fall due at these times.
func newSchedule(due ...time.Duration) *sender {
	s := &sender{recorder: &recorder{watch: func(Step, record.Sample) {}}, paced: true}
	for i, at := range due {
		s.recorder.samples = append(s.recorder.samples, record.Sample{Seq: i, Due: at, Submitted: -1})
	}
	return s
}

// TestSender has the generator and the executor take their time, and tells
// whose doing a late task is.
func TestSender(t *testing.T) {
	everyMS := []time.Duration{0, ms, 2 * ms, 3 * ms, 4 * ms}
	for _, tt := range []struct {
		name string
		due  []time.Duration
		// how long the generator is busy before each task, and the executor
		// takes for it
		busy, takes []time.Duration
		late, held  string
	}{
		{"on time", everyMS, make([]time.Duration, 5), make([]time.Duration, 5), "0s 0s 0s 0s 0s", "0s 0s 0s 0s 0s"},
		{
			"late once, which shifts none that follow", everyMS,
			[]time.Duration{0, 3*ms + ms/2, 0, 0, 0},
			make([]time.Duration, 5), "0s 2.5ms 1.5ms 500µs 0s", "0s 0s 0s 0s 0s",
		},
		{
			"a generator that takes two thirds of the time that there is not", everyMS,
			slices.Repeat([]time.Duration{2 * ms}, 5), slices.Repeat([]time.Duration{ms}, 5),
			"2ms 4ms 6ms 8ms 10ms", "0s 0s 0s 0s 0s",
		},
		{
			"an executor that holds the sender up", everyMS, make([]time.Duration, 5),
			slices.Repeat([]time.Duration{3 * ms}, 5), "0s 0s 0s 0s 0s", "0s 2ms 4ms 6ms 8ms",
		},
		{
			"and a generator that adds a little each time", everyMS, slices.Repeat([]time.Duration{ms / 10}, 5),
			slices.Repeat([]time.Duration{3 * ms}, 5), "100µs 0s 0s 0s 0s", "0s 2.2ms 4.3ms 6.4ms 8.5ms",
		},
		{
			"a stall while the executor is busy", everyMS,
			[]time.Duration{0, 0, 50 * ms, 0, 0},
			slices.Repeat([]time.Duration{2 * ms}, 5), "0s 0s 50ms 50ms 50ms", "0s 1ms 2ms 3ms 4ms",
		},
		{
			"a burst", make([]time.Duration, 3), make([]time.Duration, 3),
			[]time.Duration{ms, ms, ms},
			"0s 0s 0s", "0s 1ms 2ms",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSchedule(tt.due...)
				s.recorder.begin()
				for seq := range tt.due {
					time.Sleep(tt.busy[seq])
					if !s.wait(t.Context(), seq) {
						t.Fatal("not waited")
					}
					s.hand(seq)
					time.Sleep(tt.takes[seq])
					s.handed(tt.takes[seq])
				}
				var late, held []time.Duration
				for _, x := range s.recorder.samples {
					late, held = append(late, x.Lateness()), append(held, x.Held)
				}
				if got := fmt.Sprint(late); got != "["+tt.late+"]" {
					t.Errorf("late by %v, want %s", got, tt.late)
				}
				if got := fmt.Sprint(held); got != "["+tt.held+"]" {
					t.Errorf("held up for %v, want %s", got, tt.held)
				}
			})
		})
	}
}

// BenchmarkSender sends 1,000 tasks a second, once with the timer of the system
// and once with that of the time package, in turns. A ratio below 1 means that
// the first is later by so much less.
func BenchmarkSender(b *testing.B) {
	system := timer.New()
	if system == nil {
		b.Skip("this system has no timer but that of the time package")
	}
	defer system.Close()
	late := map[*timer.Timer][]time.Duration{}
	for b.Loop() {
		for _, by := range []*timer.Timer{system, nil} {
			var due []time.Duration
			for i := range 100 {
				due = append(due, time.Duration(i)*ms)
			}
			s := newSchedule(due...)
			s.timer = by
			s.recorder.begin()
			for seq := range due {
				s.wait(b.Context(), seq)
				s.hand(seq)
				late[by] = append(late[by], s.recorder.samples[seq].Lateness())
			}
		}
	}
	for _, rank := range []int{50, 99} {
		at := func(by *timer.Timer) float64 {
			all := slices.Sorted(slices.Values(late[by]))
			return float64(all[len(all)*rank/100])
		}
		b.ReportMetric(at(system)/1e3, fmt.Sprintf("p%d-µs", rank))
		b.ReportMetric(at(system)/at(nil), fmt.Sprintf("p%d-ratio", rank))
	}
}
