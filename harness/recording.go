package harness

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// A Recording is one scenario's run on one executor: every sample, and what is
// needed to repeat it. Under the virtual clock equal seeds make equal
// recordings, byte for byte.
type Recording struct {
	Scenario string   `json:"scenario"`
	About    string   `json:"about,omitempty"`
	File     string   `json:"file"`
	Source   string   `json:"source,omitempty"` // the text of the file
	Position int      `json:"position"`         // of the run among the scenario's, from 0
	Executor string   `json:"executor"`         // its kind
	Workers  int      `json:"workers"`          // the concurrency limit: 1 for sequential, 0 for none
	Clock    Clock    `json:"clock"`
	Seed     uint64   `json:"seed"`
	Delivery Delivery `json:"delivery"`

	Timeout time.Duration `json:"timeout_ns,omitempty"` // the client's, 0 for none

	Makespan      time.Duration `json:"makespan_ns"`       // the last finish
	IdealMakespan time.Duration `json:"ideal_makespan_ns"` // the oracle's; 0 where the plan does not say how long tasks take
	Speedup       float64       `json:"speedup,omitempty"` // over the executor that the scenario names; 0 for none

	Cost  *Cost `json:"cost,omitempty"`  // what it took of the machine; nil under the virtual clock, where it is never the same twice
	Round int   `json:"round,omitempty"` // of a run that is repeated, from 0

	Outcomes    map[Outcome]int          `json:"outcomes"`
	Classes     map[Class]int            `json:"classes"`
	Truth       map[string]map[Class]int `json:"truth,omitempty"` // what the server did × what the client said, of samples that have a journal
	Percentiles map[string]time.Duration `json:"latency_ns"`      // of the service time: p50, p90, p95, p99, max

	Reproduce   string      `json:"reproduce,omitempty"` // the command that repeats the run
	Leaks       []string    `json:"leaks,omitempty"`     // stacks of the goroutines that outlived the run
	Deadlock    string      `json:"deadlock,omitempty"`  // why the run could not go on, if it couldn't
	Stuck       []string    `json:"stuck,omitempty"`     // the keys of the tasks that had not ended then
	Interrupted bool        `json:"interrupted,omitempty"`
	Warnings    []string    `json:"warnings,omitempty"` // doubts: what was not judged, or only held on a second run
	Violations  []Violation `json:"violations"`
	Samples     []Sample    `json:"samples"`
}

// Name is the recording's executor as it stands in reports and on the command
// line: its kind, and its limit where it has one to choose.
func (r *Recording) Name() string { return Label(r.Executor, r.Workers) }

// Case names the recording's scenario and executor, as --only does:
// "error-100/pool/30".
func (r *Recording) Case() string { return r.Scenario + "/" + r.Name() }

// Label names an executor of the given kind and concurrency limit:
// "sequential", "pool/30", "async" for no limit.
func Label(kind string, workers int) string {
	if workers == 0 || kind == "sequential" {
		return kind
	}
	return fmt.Sprintf("%s/%d", kind, workers)
}

// Efficiency is the ideal makespan over the measured one; 1 when nothing was to
// be done and no time went by.
func (r *Recording) Efficiency() float64 {
	if r.Makespan <= 0 {
		if r.IdealMakespan <= 0 {
			return 1
		}
		return 0
	}
	return float64(r.IdealMakespan) / float64(r.Makespan)
}

// A Violation is an expectation that a run did not meet. File and Line name the
// expectation.
type Violation struct {
	Check     string `json:"check"`
	Got       string `json:"got"`
	Want      string `json:"want"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Reproduce string `json:"reproduce"`
}

// String is the violation as one line, file and line first.
func (v Violation) String() string {
	return fmt.Sprintf("%s:%d: %s: got %s, want %s", v.File, v.Line, v.Check, v.Got, v.Want)
}

// Delivery is the order in which results reach the caller.
type Delivery string

// The two deliveries.
const (
	InOrder     Delivery = "map"          // in the order of submission, as [executor.Map] yields them
	AsCompleted Delivery = "as_completed" // as they complete, as [executor.AsCompleted] yields them
)

// recording assembles what the play has taken down.
func (p *play) recording(leaks []string) *Recording {
	t := p.trial
	r := &Recording{
		Scenario: t.Scenario, About: t.About, File: t.File, Source: t.Source, Position: t.Position,
		Executor: t.Kind, Workers: t.Workers, Clock: t.Clock, Seed: t.Seed, Delivery: t.Delivery, Timeout: t.Timeout,
		Cost: p.cost, Leaks: leaks, Deadlock: p.deadlock, Stuck: p.stuck, Interrupted: p.interrupted,
		Violations: []Violation{}, Samples: p.recorder.close(),
	}
	join(r.Samples, p.journal, p.workload)
	assignLanes(r.Samples)
	r.summarize()
	if t.Queues {
		r.IdealMakespan = 0
	}
	return r
}

// summarize computes the figures from the samples.
func (r *Recording) summarize() {
	o := r.Oracle()
	r.Makespan, r.IdealMakespan = 0, o.Makespan
	r.Outcomes = map[Outcome]int{OutcomeOK: 0, OutcomeNotFound: 0, OutcomeError: 0}
	r.Classes, r.Truth = map[Class]int{}, map[string]map[Class]int{}
	for i := range r.Samples {
		s := &r.Samples[i]
		s.IdealStarted, s.IdealFinished = o.Tasks[i].Started, o.Tasks[i].Finished
		r.Makespan = max(r.Makespan, s.Finished)
		r.Outcomes[s.Class.Outcome()]++
		r.Classes[s.Class]++
		if s.Did != "" {
			if r.Truth[s.Did] == nil {
				r.Truth[s.Did] = map[Class]int{}
			}
			r.Truth[s.Did][s.Class]++
		}
	}
	r.Percentiles = percentiles(r.Samples)
}

// Oracle computes what should have happened in the recorded run.
func (r *Recording) Oracle() *Oracle {
	plans := make([]Planned, len(r.Samples))
	due := make([]time.Duration, len(r.Samples))
	for i, s := range r.Samples {
		plans[i], due[i] = s.Planned, s.Due
	}
	return Foresee(plans, due, r.Workers, r.Delivery)
}

// assignLanes gives each task that was run the lowest lane that is free when it
// starts. Which goroutine ran it is the scheduler's secret, and never the same
// twice.
func assignLanes(samples []Sample) {
	var order []int
	for i, s := range samples {
		if s.Started >= 0 {
			order = append(order, i)
		}
	}
	// Of those that start at one instant the ones that take no time come first,
	// as they leave their lane to the next.
	slices.SortStableFunc(order, func(a, b int) int {
		if c := cmp.Compare(samples[a].Started, samples[b].Started); c != 0 {
			return c
		}
		switch x, y := samples[a].Latency() == 0, samples[b].Latency() == 0; {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return 0
	})
	var busy []time.Duration // until when each lane is
	for _, i := range order {
		s := &samples[i]
		lane := slices.IndexFunc(busy, func(until time.Duration) bool { return until <= s.Started })
		if lane < 0 {
			lane = len(busy)
			busy = append(busy, 0)
		}
		s.Worker, busy[lane] = lane, s.Finished
		if s.Finished < 0 {
			busy[lane] = math.MaxInt64
		}
	}
}

// ranks are the percentiles that a recording states.
var ranks = map[string]float64{"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "max": 1}

// Percentiles names the percentiles that every recording has, in rising order.
func Percentiles() []string {
	return slices.SortedFunc(maps.Keys(ranks), func(a, b string) int { return cmp.Compare(ranks[a], ranks[b]) })
}

// percentiles of the service times by the nearest-rank method: each is a time
// that was measured. There are none without samples.
func percentiles(samples []Sample) map[string]time.Duration {
	var times []time.Duration
	for _, s := range samples {
		if d := s.Latency(); d >= 0 {
			times = append(times, d)
		}
	}
	slices.Sort(times)
	p := map[string]time.Duration{}
	for name, rank := range ranks {
		if n := len(times); n > 0 {
			p[name] = times[max(1, int(math.Ceil(rank*float64(n))))-1]
		}
	}
	return p
}
