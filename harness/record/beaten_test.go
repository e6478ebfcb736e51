package record

import (
	"strings"
	"testing"
	"time"
)

// TestBeaten wants every way in which a run can beat its ideal told, and
// nothing of a run that did not.
func TestBeaten(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Recording)
		want   string
	}{
		"as planned":    {func(*Recording) {}, ""},
		"slower":        {func(r *Recording) { r.Samples[3].Finished += time.Second }, ""},
		"within a hair": {func(r *Recording) { r.Samples[3].Finished -= time.Microsecond }, ""},
		"without a plan": {func(r *Recording) {
			for i := range r.Samples {
				r.Samples[i].PlannedService = 0
			}
		}, ""},
		"a client that skips its waits": {func(r *Recording) {
			for i := range r.Samples {
				r.Samples[i].Started, r.Samples[i].Finished = 0, 10*time.Millisecond
			}
			r.Workers = 4
		}, "4 of 4 tasks took less time than planned, most of all a with 10ms of 1s"},
		"one that leaves": {func(r *Recording) {
			r.Samples[2].Finished, r.Samples[3].Finished = time.Second+2*time.Millisecond, time.Second+time.Millisecond
		}, "2 of 4 tasks took less time than planned, most of all d with 1ms of 1s"},
		"tasks that never ended": {func(r *Recording) {
			r.Samples[2].Finished, r.Samples[3].Started, r.Samples[3].Finished = -1, -1, -1
		}, "2 of 4 did not end"},
		"more at once than the limit": {func(r *Recording) {
			for i := range r.Samples {
				r.Samples[i].Started, r.Samples[i].Finished = 0, time.Second
			}
		}, "4 ran at once, where the limit is 2"},
		"in another order": {func(r *Recording) {
			r.Samples[3].PlannedService = 3 * time.Second // the longest, which the ideal starts last
			r.Follow(r.Ideal())
			for i, start := range []time.Duration{0, 1, 2, 0} {
				s := &r.Samples[i]
				s.Started, s.Finished = start*time.Second, start*time.Second+s.PlannedService
			}
		}, "in another order than that of their submission"},
		"before they were due": {func(r *Recording) {
			for i := range r.Samples {
				r.Samples[i].Due += time.Minute
			}
		}, "4 of 4 started before they were due"},
	} {
		r := &Recording{Workers: 2}
		for i, key := range []string{"a", "b", "c", "d"} {
			start := time.Duration(i/2) * time.Second
			r.Samples = append(r.Samples, Sample{
				Seq: i, Key: key, Started: start, Finished: start + time.Second,
				Planned: Planned{PlannedService: time.Second, PlannedClass: OK}, Seen: Seen{Class: OK},
			})
		}
		r.Follow(r.Ideal())
		c.change(r)
		r.Summarize()
		if got := r.Beaten(); got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
