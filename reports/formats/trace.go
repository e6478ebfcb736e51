package formats

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
)

// An event of the Trace Event Format; times are microseconds.
type event struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	At    float64        `json:"ts"`
	For   *float64       `json:"dur,omitempty"`
	Run   int            `json:"pid"`
	Lane  int            `json:"tid"`
	ID    string         `json:"id,omitempty"`
	Color string         `json:"cname,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Trace reports Chrome trace events, which ui.perfetto.dev and chrome://tracing open: a process for each run, a thread for each lane with a slice
// for each task, the waits in the executor's queue beside them, and how many tasks are under way as a counter.
func Trace(host reports.Host, recs []*harness.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		about, err := object(map[string]any{"host": host.String()})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "{\"displayTimeUnit\": \"ms\", \"otherData\": %s, \"traceEvents\": [", about)
		separator := "\n"
		for i, r := range recs {
			for _, e := range events(i+1, r) {
				text, err := object(e)
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%s%s", separator, text)
				separator = ",\n"
			}
		}
		fmt.Fprint(out, "\n]}\n")
		return out.err
	}
}

func events(run int, r *harness.Recording) []event {
	all := []event{{
		Name: "process_name", Phase: "M", Run: run, Args: map[string]any{"name": plain(r.Scenario) + " on " + plain(r.Name())},
	}, {
		Name: "process_sort_index", Phase: "M", Run: run, Args: map[string]any{"sort_index": run},
	}}
	lanes := 0
	for _, s := range r.Samples {
		lanes = max(lanes, s.Worker+1)
		all = append(all, sampleEvents(run, s, r.Makespan)...)
	}
	for lane := range lanes {
		all = append(all, event{Name: "thread_name", Phase: "M", Run: run, Lane: lane + 1, Args: map[string]any{"name": fmt.Sprintf("lane %d", lane)}})
	}
	return append(all, underWay(run, r)...)
}

// sampleEvents are a task and its wait. One that has not ended lasts until the end of the run.
func sampleEvents(run int, s harness.Sample, end time.Duration) (all []event) {
	name, id := plain(s.Key), fmt.Sprint(s.Seq)
	if s.Submitted >= 0 && s.Started > s.Submitted {
		all = append(all,
			event{Name: name, Cat: "queue", Phase: "b", At: micros(s.Submitted), Run: run, ID: id},
			event{Name: name, Cat: "queue", Phase: "e", At: micros(s.Started), Run: run, ID: id})
	}
	if s.Started < 0 {
		return all
	}
	finished := s.Finished
	if finished < 0 {
		finished = max(end, s.Started)
	}
	took := micros(finished - s.Started)
	args := map[string]any{
		"seq": s.Seq, "attempt": s.Attempt, "class": plain(string(s.Class)), "planned_latency_ms": float64(s.PlannedLatency) / 1e6,
		"planned_fault": plain(s.PlannedFault), "ideal_start_ms": float64(s.IdealStarted) / 1e6, "ideal_finish_ms": float64(s.IdealFinished) / 1e6,
	}
	if s.Error != "" {
		args["error"] = plain(s.Error)
	}
	return append(all, event{
		Name: name, Cat: plain(string(s.Class)), Phase: "X", At: micros(s.Started), For: &took, Run: run, Lane: s.Worker + 1, Color: color(s.Class), Args: args,
	})
}

// color is one of the names that both viewers know.
func color(c harness.Class) string {
	switch c.Outcome() {
	case harness.OutcomeOK:
		return "good"
	case harness.OutcomeNotFound:
		return "bad"
	default:
		return "terrible"
	}
}

// underWay counts the tasks that have started and not finished, at every instant at which that changes.
func underWay(run int, r *harness.Recording) (all []event) {
	type step struct {
		at time.Duration
		by int
	}
	var steps []step
	for _, s := range r.Samples {
		if s.Started >= 0 {
			steps = append(steps, step{s.Started, 1})
			if s.Finished >= 0 {
				steps = append(steps, step{s.Finished, -1})
			}
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.by, b.by)) })
	n := 0
	for i, s := range steps {
		n += s.by
		if i+1 == len(steps) || steps[i+1].at != s.at {
			all = append(all, event{Name: "under way", Phase: "C", At: micros(s.at), Run: run, Args: map[string]any{"tasks": n}})
		}
	}
	return all
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
