package record

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/harness/totals"
)

// A Recording is the run of one scenario on one executor: every sample, and
// what is needed to repeat the run. Under the virtual clock equal seeds make
// equal recordings, byte for byte.
type Recording struct {
	Scenario string `json:"scenario"`
	About    string `json:"about,omitempty"`
	File     string `json:"file"`
	Source   string `json:"source,omitempty"` // the text of the file
	Position int    `json:"position"`         // among the runs of the scenario, from 0
	Executor string `json:"executor"`         // the kind
	Workers  int    `json:"workers"`          // the concurrency limit: 1 for sequential, 0 for none
	Clock    Clock  `json:"clock"`
	Users    int    `json:"users,omitempty"` // of a closed workload, in which each does a task at a time; 0 for none
	// the load generators that share the arrivals; none if there is one
	Generators []share.Generator `json:"generators,omitempty"`
	Seed       uint64            `json:"seed"`
	Delivery   Delivery          `json:"delivery"`
	// tasks ran in other processes, which take up some of them ahead of their
	// turn
	Elsewhere bool `json:"elsewhere,omitempty"`
	Mapped    bool `json:"mapped,omitempty"` // a map, which owes an order of results and none of starts
	// a whole program with a pool of its own, which owes what a map does. Its
	// tasks start and finish with their requests, as the server's journal has
	// them.
	Batch bool `json:"batch,omitempty"`

	Timeout time.Duration `json:"timeout_ns,omitempty"` // the client's, 0 for none

	Makespan time.Duration `json:"makespan_ns"` // the last finish
	// the oracle's; 0 where the plan does not say how long tasks take
	IdealMakespan time.Duration `json:"ideal_makespan_ns"`
	Speedup       float64       `json:"speedup,omitempty"` // over the executor that the scenario names; 0 for none

	// how its rate was found, if it was to be found
	Search *search.Result `json:"search,omitempty"`

	Cost  *Cost `json:"cost,omitempty"`  // nil under the virtual clock, where it differs from run to run
	Round int   `json:"round,omitempty"` // the number of the repeat, from 0

	// connections that the server accepted; 0 of a run without a server, and
	// under the virtual clock, where they differ from run to run
	ConnectionsOpened int `json:"connections_opened,omitempty"`
	// requests on a connection that had carried one before
	ConnectionsReused int `json:"connections_reused,omitempty"`
	ConnectionsPeak   int `json:"connections_peak,omitempty"` // open at once

	Outcomes map[Outcome]int `json:"outcomes"`
	Classes  map[Class]int   `json:"classes"`
	// how often the server did what, and the client reported what; only of
	// samples with a journal entry
	Truth map[string]map[Class]int `json:"truth,omitempty"`
	// of the service time: p50, p90, p95, p99, p99.9 of 1,000 tasks or more,
	// p99.99 of 10,000 or more, max
	Percentiles map[string]time.Duration `json:"latency_ns"`
	// the same of the latency from when each task was due to its end, with
	// every wait in between; only of an open workload
	Response map[string]time.Duration `json:"response_ns,omitempty"`
	// the same of how late the generator handed tasks over; only of an open
	// workload
	Lateness map[string]time.Duration `json:"lateness_ns,omitempty"`

	Reproduce string   `json:"reproduce,omitempty"` // the command that repeats the run
	Leaks     []string `json:"leaks,omitempty"`     // stacks of the goroutines that outlived the run
	// what else outlived the tasks: response bodies, connections, timers, open
	// files, processes
	Held []string `json:"held,omitempty"`
	// the same where the client may be right to keep it, and after ": " what
	// would let it be known
	MaybeHeld []string `json:"maybe_held,omitempty"`
	Deadlock  string   `json:"deadlock,omitempty"` // why the run could not continue; empty if it could
	// why the run cannot be judged, whatever its client is like, and after ": "
	// what would let it be: the clock or the machine could not carry it out
	Limit       string      `json:"limit,omitempty"`
	Stuck       []string    `json:"stuck,omitempty"`    // the keys of the tasks that had not ended at the deadlock
	Outlived    []string    `json:"outlived,omitempty"` // the keys of the tasks that ran when the executor had shut down
	Interrupted bool        `json:"interrupted,omitempty"`
	Warnings    []string    `json:"warnings,omitempty"` // doubts: what was not judged, or held only in a second run
	Violations  []Violation `json:"violations"`
	// what cannot be judged, each with the reason and what would let it be;
	// first of all why the run is invalid, if its generator was the bottleneck
	Inconclusive []Violation `json:"inconclusive,omitempty"`
	// what the run was judged by, in the order of the file; none of one that
	// was not judged
	Checked []Checked `json:"checked,omitempty"`
	// what all tasks come to, of a run with more of them than samples are kept
	// of
	Totals *totals.Totals `json:"totals,omitempty"`
	// in the order of the workload: of every task, or of some if there are
	// totals
	Samples []Sample `json:"samples"`

	left *leftOut // nil if no sample was left out while the run went on

	// what could not be held against the samples that were left out, and after
	// ": " what would let it be
	Unjoined []string `json:"-"`

	// the executor did not shut down, or said that it did not
	Unshut bool `json:"-"`
	// how the program of a batch went wrong beside single tasks, and after ": "
	// what would have been right; "" if it did not
	Misrun string `json:"-"`
	// of how many tasks of a batch requests were under way at once: surely,
	// likely, which is unless the machine was very late, and at most, if each
	// of the tasks that share a key made its own
	AtOnce, LikelyAtOnce, MaybeAtOnce int `json:"-"`
	// the requests by key that a fault of the plan struck: their Rule, Attempt
	// and Did, each once, in order of attempt; no more than ten thousand
	Struck map[string][]Request `json:"-"`
	// how late the machine was at most, under the real clock
	Late time.Duration `json:"-"`
	// how long the server had run when the run began, where the server says it
	ServerAhead time.Duration `json:"-"`
}

// Name returns the name of the executor in reports and on the command line: its
// kind, and its limit if it has one.
func (r *Recording) Name() string { return Label(r.Executor, r.Workers) }

// Case returns the names of the scenario and the executor, as the option --only
// takes them: "error-100/pool/30".
func (r *Recording) Case() string { return r.Scenario + "/" + r.Name() }

// Label returns the name of an executor of the given kind and concurrency
// limit: "sequential", "pool/30", "async" for no limit.
func Label(kind string, workers int) string {
	if workers == 0 || kind == "sequential" {
		return kind
	}
	return fmt.Sprintf("%s/%d", kind, workers)
}

// Open reports whether the workload is open: some tasks fall due after the
// start, whatever becomes of those before them.
func (r *Recording) Open() bool {
	if r.left != nil {
		return r.left.rest.End > 0
	}
	due := func(s Sample) bool { return s.Due > 0 }
	return r.Users == 0 && (r.Totals != nil && len(r.Totals.Response) > 0 || slices.ContainsFunc(r.Samples, due))
}

// Paced reports whether tasks fall due over time, so that teapot may hand them
// over late: in an open workload, and of users.
func (r *Recording) Paced() bool { return r.Users > 0 || r.Open() }

// Ended returns how many tasks have ended: "3 of 10 tasks". Of users, who would
// have gone on, it also is how many have not. If all have, an interrupt came
// while the last of them ran or the run closed.
func (r *Recording) Ended() string {
	done, all := 0, r.Tasks()
	if r.Totals != nil {
		done = r.Totals.Ended().N()
	} else {
		for i := range r.Samples {
			if r.Samples[i].Finished >= 0 && r.Samples[i].Class.Outcome() != OutcomeNone {
				done++
			}
		}
		if r.left != nil {
			done += r.left.rest.Ended
		}
	}
	tasks := " tasks"
	if r.Users == 0 && all == 1 || r.Users > 0 && done == 1 {
		tasks = " task"
	}
	switch {
	case r.Users == 0 && r.Interrupted && done == all:
		return fmt.Sprint("all ", all, tasks, ", the last of which that may have cut short")
	case r.Users == 0:
		return fmt.Sprint(done, " of ", all, tasks)
	case done < all:
		return fmt.Sprint(done, tasks, ", with ", all-done, " under way")
	}
	return fmt.Sprint(done, tasks)
}

// Interrupt marks the tasks that an interrupt of the run kept from their end:
// those that had not started, and those that were under way and then reported
// that they were cancelled, or what came of the request that they gave up. The
// results of both reached no caller.
func (r *Recording) Interrupt() {
	r.Interrupted = true
	for i := range r.Samples {
		s := &r.Samples[i]
		left := s.Did == ActionClientLeft && s.Class.Outcome() == OutcomeError && s.Class != s.PlannedClass
		switch {
		case s.Started < 0:
			s.Class = NotStarted
		case s.Finished < 0 || s.Class == Lost || left:
			s.Class = CutOff
		default:
			continue
		}
		s.Delivered = -1
	}
}

// Efficiency returns the ideal makespan divided by the measured one. It is 1 if
// both are 0.
func (r *Recording) Efficiency() float64 {
	if r.Makespan <= 0 {
		if r.IdealMakespan <= 0 {
			return 1
		}
		return 0
	}
	return float64(r.IdealMakespan) / float64(r.Makespan)
}

// A Clock is the kind of time that a run uses.
type Clock string

// The two clocks.
const (
	Real    Clock = "real"    // loopback sockets, wall-clock time
	Virtual Clock = "virtual" // in-memory connections, time that jumps to the next event
)

// Delivery is the order in which results reach the caller.
type Delivery string

// The two deliveries.
const (
	InOrder     Delivery = "map"          // in the order of submission, as executor.Map yields them
	AsCompleted Delivery = "as_completed" // as they complete, as executor.AsCompleted yields them
)

// Follow sets the ideal times of the recording and of its samples.
func (r *Recording) Follow(o *Ideal) {
	r.IdealMakespan = o.Makespan
	for i := range r.Samples {
		r.Samples[i].IdealStarted, r.Samples[i].IdealFinished = o.Tasks[i].Started, o.Tasks[i].Finished
	}
}

// Summarize computes the totals of the recording from its samples. It also
// gives each sample its ideal times and its lane, the lowest one free when the
// task started. A lane is not a goroutine: which goroutine ran a task differs
// from run to run.
func (r *Recording) Summarize() {
	if l := r.left; l == nil {
		r.Follow(r.Ideal())
	} else {
		r.IdealMakespan = l.ideal.ideal.Makespan
	}
	r.Makespan = 0
	r.Outcomes = map[Outcome]int{OutcomeOK: 0, OutcomeNotFound: 0, OutcomeError: 0}
	r.Classes, r.Truth = map[Class]int{}, map[string]map[Class]int{}
	for i := range r.Samples {
		s := &r.Samples[i]
		r.Makespan = max(r.Makespan, s.Finished)
		r.turn(s)
		r.Classes[s.Class]++
		if s.Class.Outcome() == OutcomeNone {
			continue
		}
		r.Outcomes[s.Class.Outcome()]++
		if s.Did != "" {
			if r.Truth[s.Did] == nil {
				r.Truth[s.Did] = map[Class]int{}
			}
			r.Truth[s.Did][s.Class]++
		}
	}
	if l := r.left; l != nil { // which have their ideal times and their lanes
		l.count(r)
		l.percentiles(r)
		return
	}
	r.Percentiles = percentiles(r.Samples, (*Sample).Latency)
	if r.Response, r.Lateness = nil, nil; r.Paced() {
		r.Response, r.Lateness = percentiles(r.Samples, (*Sample).Response), percentiles(r.Samples, (*Sample).Lateness)
	}
	for i, lane := range lanesOf(len(r.Samples),
		func(i int) span { return span{r.Samples[i].Started, r.Samples[i].Finished} }) {
		r.Samples[i].Worker = int(lane)
	}
}

// turn notes the position of a result that came out of its turn.
func (r *Recording) turn(s *Sample) {
	if s.Turn = 0; r.Delivery == InOrder && s.Received != s.Seq+1 {
		s.Turn = s.Received
	}
}

// steps is how many goroutines a request over a new connection waits for, each
// of which may be as late as the machine is: its client's connect, the server's
// accept, the server's read, the client's read, the task, and the timeout.
const steps = 6

// Guard returns how close to a timeout the machine may miss what is planned,
// where it was late by so much at most: an answer that is planned within it may
// come on either side. It is 0 under the virtual clock, which is exact, and
// without a timeout.
func (c Clock) Guard(timeout, late time.Duration) time.Duration {
	if c != Real || timeout == 0 {
		return 0
	}
	return max(timeout/5, 25*time.Millisecond, steps*late)
}
