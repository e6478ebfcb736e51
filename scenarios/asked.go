package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
)

// asked is what an expectation asks, as reports say it: the name of its check,
// what it wants, and what a run had that met it, which is "" where there was
// nothing to judge. The zero value is for what is told only where it was
// missed.
type asked struct {
	name, want string
	got        func(*record.Recording) string
}

// all counts the tasks of a run.
func all(r *record.Recording) string { return fmt.Sprintf("all %d", r.Tasks()) }

func says(words string) func(*record.Recording) string {
	return func(*record.Recording) string { return words }
}

// askedOfGenerator is that 99 of 100 tasks were handed over in time.
func askedOfGenerator(c Case, most time.Duration) asked {
	if w := c.Scenario.Workload; c.Scenario.Clock == clockVirtual || w.Arrivals == nil && w.Users == nil {
		return asked{}
	}
	return asked{
		"lateness", fmt.Sprintf("teapot hands 99 of 100 tasks over within %v", most),
		func(r *record.Recording) string { return "p99 " + rounded.Duration(r.Lateness["p99"], most) },
	}
}

// askedOfWorkers is that no more tasks are under way at once than there are
// workers.
func askedOfWorkers(workers int) asked {
	if workers == 0 {
		return asked{}
	}
	want := fmt.Sprintf("at most %d tasks at once", workers)
	if workers == 1 {
		want = "one task at a time"
	}
	return asked{"concurrency", want, func(r *record.Recording) string {
		if r.Batch {
			return fmt.Sprintf("%d at once", r.LikelyAtOnce)
		}
		lanes := 0
		if left := r.LeftOut(); left != nil {
			lanes = left.Lanes
		}
		for i := range r.Samples {
			lanes = max(lanes, r.Samples[i].Worker+1)
		}
		return fmt.Sprintf("%d at once", lanes)
	}}
}

var (
	askedToEnd       = asked{"deadlock", "every task ends", all}
	askedToRunOnce   = asked{"runs", "every task runs once, and its result comes", all}
	askedToShutDown  = asked{"shutdown", "no task runs on after the end", says("none")}
	askedForValues   = asked{"outcomes", "every task reports the value of its plan", valued}
	askedForClasses  = asked{"classification", "every task reports what a correct client does", classified}
	askedForAttempts = asked{"retries", "no request too many, too few or too soon", requested}
	askedForNoLeaks  = asked{
		"leaks", "nothing is left: goroutines, timers, bodies, connections, files, processes",
		says("nothing"),
	}
)

// samplesThat counts the samples of a run.
func samplesThat(r *record.Recording, of func(*record.Sample) bool) (n int) {
	for i := range r.Samples {
		if of(&r.Samples[i]) {
			n++
		}
	}
	return n
}

// served counts the tasks of which the server's journal has something.
func served(r *record.Recording) int {
	n := samplesThat(r, func(s *record.Sample) bool { return s.Did != "" })
	if left := r.LeftOut(); left != nil {
		for _, said := range left.Truth {
			for _, k := range said {
				n += k
			}
		}
	}
	return n
}

// classified says what the reports of the tasks were compared with.
func classified(r *record.Recording) string {
	if n := served(r); n > 0 {
		return fmt.Sprintf("%d of %d, by the journal of the server", n, r.Tasks())
	}
	return all(r) + ", by the plan"
}

func valued(r *record.Recording) string {
	n := samplesThat(r, func(s *record.Sample) bool { return s.PlannedValue != "" })
	if left := r.LeftOut(); left != nil {
		n += left.Values
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", n, r.Tasks())
}

func requested(r *record.Recording) string {
	n := served(r)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("none, by the requests of %d of %d", n, r.Tasks())
}

// askedOfCounts is a number of each outcome.
func askedOfCounts(counts map[record.Outcome]int) asked {
	words := func(n map[record.Outcome]int) string {
		var parts []string
		for _, o := range []record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError} {
			parts = append(parts, fmt.Sprintf("%d %s", n[o], strings.ReplaceAll(string(o), "_", " ")))
		}
		return strings.Join(parts, ", ")
	}
	return asked{"outcomes", words(counts), func(r *record.Recording) string { return words(r.Outcomes) }}
}

func askedOfOrder(order string) asked {
	return asked{"order", map[string]string{
		"submission": "results in the order of submission, starts first in, first out",
		"completion": "results in the order of completion, starts first in, first out",
		"any":        "results in any order",
	}[order], all}
}

func askedOfEfficiency(atLeast float64) asked {
	return asked{
		"efficiency", fmt.Sprintf(">= %v of the ideal makespan in the measured one", atLeast),
		func(r *record.Recording) string {
			if r.IdealMakespan == 0 {
				return "as good as the times that the tasks took allow"
			}
			if why := r.Beaten(); why != "" {
				return fmt.Sprintf("more than the plan allows (ideal %s, measured %s): %s",
					rounded.Duration(r.IdealMakespan), rounded.Duration(r.Makespan), why)
			}
			return fmt.Sprintf("%s (ideal %s, measured %s)", rounded.Float(r.Efficiency(), atLeast),
				rounded.Duration(r.IdealMakespan), rounded.Duration(r.Makespan))
		},
	}
}

func askedOfSpeedup(over string, atLeast float64) asked {
	return asked{
		"speedup", fmt.Sprintf(">= %v over %s", atLeast, over),
		func(r *record.Recording) string { return rounded.Float(r.Speedup, atLeast) },
	}
}

func askedOfSchedule(within time.Duration) asked {
	return asked{
		"schedule", fmt.Sprintf("every start and finish within %v of the ideal schedule", within),
		func(r *record.Recording) string {
			var off time.Duration
			for i := range r.Samples {
				if s := &r.Samples[i]; s.Started >= 0 && s.Finished >= 0 {
					off = max(off, (s.Started - s.IdealStarted).Abs(), (s.Finished - s.IdealFinished).Abs())
				}
			}
			return "at most " + rounded.Duration(off, within) + " off"
		},
	}
}

// askedOfFigure is a figure within a bound.
func askedOfFigure(row boundedFigure) asked {
	name := ""
	if row.figure.Name != "" && row.figure.Name != row.check {
		name = row.figure.Name + " "
	}
	return asked{row.check, name + row.bound.String(), func(r *record.Recording) string {
		x, why := row.figure.Of(r, row.bound.Unit)
		if why != "" {
			return why
		}
		got := name + row.bound.Tell(x)
		if planned, known := row.figure.Planned(r, row.bound.Unit); known {
			got += ", planned " + row.bound.Tell(planned)
		}
		return got + margin(x, row.bound)
	}}
}

// margin says how far a figure is from the nearest end of its bound.
func margin(x float64, b bounds.Bound) string {
	if b.IsExact() {
		return ""
	}
	var shares []float64
	if b.HasLeast && b.Least > 0 {
		shares = append(shares, x/b.Least-1)
	}
	if b.HasMost && b.Most > 0 {
		shares = append(shares, 1-x/b.Most)
	}
	if len(shares) == 0 || slices.Min(shares) < 0.0005 {
		return ""
	}
	return fmt.Sprintf(", a margin of %s %%", rounded.Float(100*slices.Min(shares)))
}
