package findings_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
)

// TestCauseOfLostTime says where a run lost its time: each task is a worker,
// when it started and how long it took, planned to take a second.
func TestCauseOfLostTime(t *testing.T) {
	type task struct {
		worker         int
		started, takes time.Duration
	}
	const sec = time.Second
	for name, tt := range map[string]struct {
		culprit record.Culprit
		workers int
		ideal   time.Duration
		tasks   []task
		want    string
	}{
		"idle workers": {
			record.ByExecutor, 4, sec,
			[]task{{0, 0, sec}, {1, 0, sec}, {0, sec, sec}, {1, sec, sec}},
			"the executor: no more than 2 of 4 workers were ever busy",
		},
		"late starts": {
			record.ByExecutor, 2, 2 * sec,
			[]task{{0, 0, sec}, {1, 0, sec}, {0, 3 * sec, sec}, {1, sec + sec/2, sec}},
			"the executor: workers were free for 2.5s in all while tasks waited, longest for 2s before task c",
		},
		"long tasks": {
			record.ByClient, 2, 2 * sec,
			[]task{{0, 0, 3 * sec}, {1, 0, sec}, {0, 3 * sec, 2 * sec}, {1, sec, sec}},
			"the client: 2 of 4 tasks took longer than planned, most of all task a, by 2s",
		},
		"as ideally": {record.ByExecutor, 2, sec, []task{{0, 0, sec}, {1, 0, sec}}, "the executor"},
		"no ideal":   {record.ByExecutor, 2, 0, []task{{0, 0, sec}, {1, 0, 2 * sec}}, "the executor"},
		"not known":  {"", 4, sec, []task{{0, 0, sec}, {0, sec, sec}}, ""},
	} {
		r := ran("s", "pool", record.Violation{Check: "efficiency", Culprit: tt.culprit, Timed: true})
		r.Workers, r.IdealMakespan = tt.workers, tt.ideal
		for i, k := range tt.tasks {
			r.Samples = append(r.Samples, record.Sample{
				Key: string(rune('a' + i)), Worker: k.worker, Started: k.started, Finished: k.started + k.takes,
				Planned: record.Planned{PlannedService: sec},
			})
			r.Makespan = max(r.Makespan, k.started+k.takes)
		}
		if got := findings.Of([]*record.Recording{r})[0].Cause(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	leak := findings.Of([]*record.Recording{ran("s", "pool", record.Violation{Check: "leaks"})})[0]
	if got := leak.Cause(); got != "the client or the executor" {
		t.Errorf("a leak: got %q", got)
	}
}
