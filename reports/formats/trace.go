package formats

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// An event of the Trace Event Format; times are microseconds.
type event struct {
	Name  string   `json:"name"`
	Cat   string   `json:"cat,omitempty"`
	Phase string   `json:"ph"`
	At    float64  `json:"ts"`
	For   *float64 `json:"dur,omitempty"`
	Run   int      `json:"pid"`
	Lane  int      `json:"tid"`
	ID    string   `json:"id,omitempty"`
	Color string   `json:"cname,omitempty"`
	Args  any      `json:"args,omitempty"`
}

// What a viewer shows of an event that is clicked on.
type (
	nameArgs struct {
		Name string `json:"name"`
	}
	sortArgs struct {
		Index int `json:"sort_index"`
	}
	taskArgs struct {
		Seq         int     `json:"seq"`
		Attempt     int     `json:"attempt"`
		Class       string  `json:"class"`
		Fault       string  `json:"planned_fault"`
		Latency     float64 `json:"planned_latency_ms"`
		IdealStart  float64 `json:"ideal_start_ms"`
		IdealFinish float64 `json:"ideal_finish_ms"`
		Error       string  `json:"error,omitempty"`
	}
	levelArgs struct {
		Tasks int `json:"tasks"`
	}
)

// Trace reports Chrome trace events, which ui.perfetto.dev and chrome://tracing
// open. A run is a process, a lane a thread, and a task a slice on it. The
// waits in the executor's queue stand beside them, and the number of tasks
// under way is a counter.
func Trace(host reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		about, err := object(map[string]any{"host": host.String()})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "{\"displayTimeUnit\": \"ms\", \"otherData\": %s, \"traceEvents\": [", about)
		t := &trace{out: out, json: json.NewEncoder(out), separator: "\n"}
		t.json.SetEscapeHTML(false)
		names := executors(recs)
		for i, r := range recs {
			name := plain(r.Scenario) + " on " + plain(names[i])
			if r.Invalid() {
				name += " (invalid)"
			}
			if r.Totals != nil {
				name += fmt.Sprintf(" (%d of %d tasks)", len(r.Samples), r.Tasks())
			}
			t.run(i+1, name, r)
		}
		fmt.Fprint(out, "]}\n")
		return cmp.Or(t.err, out.err)
	}
}

// A trace writes events one at a time, as a million samples have five million
// of them.
type trace struct {
	out       io.Writer
	json      *json.Encoder // to out; it ends a line
	separator string
	err       error
}

func (t *trace) event(e event) {
	io.WriteString(t.out, t.separator) // it keeps its error
	t.separator = ","
	t.err = cmp.Or(t.err, t.json.Encode(e))
}

func (t *trace) run(run int, name string, r *record.Recording) {
	t.event(event{Name: "process_name", Phase: "M", Run: run, Args: nameArgs{name}})
	t.event(event{Name: "process_sort_index", Phase: "M", Run: run, Args: sortArgs{run}})
	lanes := map[int]bool{} // those that are used: the number of one may be anything
	for _, s := range r.Samples {
		if s.Started >= 0 {
			lanes[s.Worker] = true
		}
		t.sample(run, s, r.Makespan)
	}
	for _, lane := range slices.Sorted(maps.Keys(lanes)) {
		t.event(event{
			Name: "thread_name", Phase: "M", Run: run, Lane: lane + 1,
			Args: nameArgs{fmt.Sprintf("lane %d", lane)},
		})
	}
	if r.Totals == nil {
		t.underWay(run, r)
	}
}

// sample is a task and its wait. One that has not ended lasts until the end of
// the run.
func (t *trace) sample(run int, s record.Sample, end time.Duration) {
	// a viewer takes equal ids for one wait, whatever their processes
	name, id := plain(s.Key), fmt.Sprintf("%d.%d", run, s.Seq)
	if s.Submitted >= 0 && s.Started > s.Submitted {
		t.event(event{Name: name, Cat: "queue", Phase: "b", At: micros(s.Submitted), Run: run, ID: id})
		t.event(event{Name: name, Cat: "queue", Phase: "e", At: micros(s.Started), Run: run, ID: id})
	}
	if s.Started < 0 {
		return
	}
	finished := s.Finished
	if finished < 0 {
		finished = max(end, s.Started)
	}
	took := micros(finished - s.Started)
	args := taskArgs{
		Seq: s.Seq, Attempt: s.Attempt, Class: plain(string(s.Class)), Fault: plain(s.PlannedFault),
		Latency:    millis(s.PlannedLatency),
		IdealStart: millis(s.IdealStarted), IdealFinish: millis(s.IdealFinished), Error: plain(s.Error),
	}
	t.event(event{
		Name: name, Cat: plain(string(s.Class)), Phase: "X", At: micros(s.Started), For: &took, Run: run,
		Lane: s.Worker + 1, Color: color(s.Class), Args: args,
	})
}

// color is one of the names that both viewers know.
func color(c record.Class) string {
	switch c.Outcome() {
	case record.OutcomeOK:
		return "good"
	case record.OutcomeNotFound:
		return "bad"
	case record.OutcomeNone:
		return "grey"
	default:
		return "terrible"
	}
}

// underWay counts the tasks that have started and not finished, at every
// instant at which that changes.
func (t *trace) underWay(run int, r *record.Recording) {
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
	slices.SortStableFunc(steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.at, b.at),
			cmp.Compare(a.by, b.by))
	})
	n := 0
	for i, s := range steps {
		n += s.by
		if i+1 == len(steps) || steps[i+1].at != s.at {
			t.event(event{Name: "under way", Phase: "C", At: micros(s.at), Run: run, Args: levelArgs{n}})
		}
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
