package compare

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
)

// searched is a run at the rate that a search has found: a task for each
// arrival of a second.
func searched(clock record.Clock, rate float64, change func(*record.Recording)) *record.Recording {
	r := &record.Recording{
		Scenario: "knee", Executor: "async", Clock: clock, Makespan: time.Second,
		Outcomes: map[record.Outcome]int{record.OutcomeOK: int(rate)}, Percentiles: map[string]time.Duration{},
		Search: &search.Result{
			Found: rate, Missed: rate * 1.04, Low: 10, High: 1000, Within: 0.05,
			Tried: []search.Tried{
				{Rate: rate, Runs: 1, Met: 1, Meets: true}, {Rate: rate * 1.04, Runs: 1, Why: "latency"},
			},
		},
		Checked: []record.Checked{{Check: "latency", Want: "p99 <= 300ms", Verdict: "met"}},
	}
	for seq := range int(rate) {
		r.Samples = append(r.Samples, record.Sample{
			Seq: seq, Key: "k", Finished: 10 * time.Millisecond, Attempt: 1, Seen: record.Seen{Class: record.OK},
			Planned: record.Planned{PlannedLatency: time.Duration(seq), PlannedService: 10 * time.Millisecond},
		})
	}
	if change != nil {
		change(r)
	}
	return r
}

// TestRateFound compares the rates that searches have found. What is not for
// the same has no data.
func TestRateFound(t *testing.T) {
	for name, tt := range map[string]struct {
		clock    record.Clock
		old, new float64
		runs     int
		change   func(*record.Recording) // of the new runs
		want     Verdict
		why      string // a part of it
		figures  string // their names begin so
	}{
		"less":  {record.Virtual, 200, 150, 1, nil, Worse, "", "rate found"},
		"more":  {record.Virtual, 200, 250, 1, nil, Better, "", "rate found"},
		"equal": {record.Virtual, 200, 200, 1, nil, Same, "", "ok"},
		"none": {
			record.Virtual, 200, 200, 1, func(r *record.Recording) { r.Search.Found = 0 }, Worse, "", "rate found",
		},
		"less, real":    {record.Real, 200, 150, 15, nil, Worse, "", "rate found"},
		"a little less": {record.Real, 200, 196, 15, nil, Same, "", "rate found"},
		"too few":       {record.Real, 200, 150, 3, nil, NoData, "", "rate found"},
		"in doubt": {
			record.Real, 200, 150, 15, func(r *record.Recording) { r.Search.Tried[0].Runs = 3 },
			Inconclusive, "", "rate found",
		},
		"another server": {
			record.Virtual, 200, 150, 1, func(r *record.Recording) { r.Samples[7].PlannedLatency++ },
			NoData, "1 of 150 tasks", "",
		},
		"turned away more": {
			record.Virtual, 200, 150, 1, func(r *record.Recording) { r.Samples[7].PlannedFault = "turned_away" },
			Worse, "", "rate found",
		},
		"another range": {
			record.Virtual, 200, 150, 1, func(r *record.Recording) { r.Search.High = 500 },
			NoData, "searches of 10/s to 1000/s within 5% and of 10/s to 500/s within 5%", "",
		},
		"another bound": {
			record.Virtual, 200, 150, 1, func(r *record.Recording) { r.Checked[0].Want = "p99 <= 1s" },
			NoData, "searches for latency: p99 <= 300ms and for latency: p99 <= 1s", "",
		},
		"no search": {
			record.Virtual, 200, 200, 1, func(r *record.Recording) { r.Search = nil },
			NoData, "another did not", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var old, new []*record.Recording
			for range tt.runs {
				old = append(old, searched(tt.clock, tt.old, nil))
				new = append(new, searched(tt.clock, tt.new, tt.change))
			}
			c := Recordings(old, new, Rule{InTurns: true})
			k := c.Cases[0]
			if k.Verdict != tt.want || !strings.Contains(k.Why, tt.why) {
				t.Errorf("got %s: %s, want %s: %s", k.Verdict, k.Why, tt.want, tt.why)
			}
			var names []string
			for _, f := range k.Figures {
				names = append(names, f.Metric.Name)
			}
			if all := strings.Join(names, ", "); !strings.HasPrefix(all, tt.figures) || tt.figures == "rate found" &&
				all != tt.figures {
				t.Errorf("figures %s, want %s", all, tt.figures)
			}
		})
	}
}
