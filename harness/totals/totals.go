// Package totals counts the tasks of a run of any length, in memory that does
// not grow with it: their classes, histograms of their times, and rows of what
// ended in each second.
//
// A recording has [Totals] in place of most of its samples where there are more
// of these than it keeps. [Accumulator] counts one task after another.
package totals

import (
	"slices"
	"time"
)

// Totals are what all tasks of a run come to.
type Totals struct {
	Tasks int `json:"tasks"` // how many tasks the run had
	// how many samples the recording was to keep at most, which they exceed. Of
	// these tasks it keeps those that went wrong, that failed, that took the
	// longest, and some that are drawn by the seed, each up to a bound.
	Limit int `json:"limit"`
	// how many of the samples are drawn by the seed, each task with the same
	// probability
	Drawn int `json:"drawn"`
	// how many tasks should have reported each class; of those that an
	// interrupt kept from their end, what they have
	Planned map[string]int `json:"planned_classes"`
	// how many tasks certainly reported a wrong class, by what the server did
	// and by the class; what the server did is "" where it is not known
	Wrong map[string]map[string]int `json:"wrong,omitempty"`
	// of the tasks that ended, by their outcome: the service time
	Service map[string]Histogram `json:"service"`
	// the same of the latency from when each task was due; only of a paced
	// workload
	Response map[string]Histogram `json:"response,omitempty"`
	// the planned service time of all tasks
	PlannedService Histogram `json:"planned_service"`
	// how long each row is: a second, or as many as make 3,600 rows enough
	Row time.Duration `json:"row_ns"`
	// what ended when, in order; there is no row for a time in which nothing
	// did
	Rows []Row `json:"rows"`
}

// A Row is the tasks that ended within a time of the run.
type Row struct {
	From     time.Duration `json:"from_ns"`   // the start of the row
	OK       int           `json:"ok"`        // tasks that ended with the outcome ok
	NotFound int           `json:"not_found"` // tasks that ended with the outcome not_found
	Errors   int           `json:"errors"`    // tasks that ended with an error
	// the median of their latency from when they were due in a paced workload,
	// or else of their service time, no more than a thirtieth too long
	P50 time.Duration `json:"p50_ns"`
	// the 99th percentile of the same times, no more than a thirtieth too long
	P99 time.Duration `json:"p99_ns"`
	Max time.Duration `json:"max_ns"` // the longest of the same times
}

// N returns the number of tasks of the row.
func (r Row) N() int { return r.OK + r.NotFound + r.Errors }

// Ended returns the histogram of the service times of all tasks that ended.
func (t *Totals) Ended() (all Histogram) {
	for _, h := range t.Service {
		all = all.With(h)
	}
	return all
}

// WrongTasks returns how many tasks certainly reported a wrong class.
func (t *Totals) WrongTasks() (n int) {
	for _, of := range t.Wrong {
		for _, k := range of {
			n += k
		}
	}
	return n
}

// A Task is what counts of one task. Times below 0 are of what never happened.
type Task struct {
	Outcome        string // what the class counts as; "" if an interrupt kept it from its end
	Class, Planned string
	Did            string // what the server did
	Wrong          bool   // it certainly reported a wrong class
	Finished       time.Duration
	Service        time.Duration
	Response       time.Duration
	PlannedService time.Duration
}

// An Accumulator makes totals of tasks. Beyond the first tasks of each kind,
// adding one allocates nothing.
type Accumulator struct {
	totals            Totals
	paced             bool
	service, response map[string]*counts
	planned           counts
	rows              rows
}

// New returns an accumulator of no tasks. Those of a paced workload have a
// latency from when they were due.
func New(paced bool) *Accumulator {
	return &Accumulator{
		totals:  Totals{Planned: map[string]int{}, Wrong: map[string]map[string]int{}},
		paced:   paced,
		service: map[string]*counts{}, response: map[string]*counts{},
		planned: counts{precision: precision}, rows: rows{width: time.Second},
	}
}

// Add adds a task.
func (a *Accumulator) Add(t Task) {
	a.totals.Tasks++
	a.planned.add(t.PlannedService)
	if t.Outcome == "" {
		a.totals.Planned[t.Class]++
		return
	}
	a.totals.Planned[t.Planned]++
	if t.Wrong {
		if a.totals.Wrong[t.Did] == nil {
			a.totals.Wrong[t.Did] = map[string]int{}
		}
		a.totals.Wrong[t.Did][t.Class]++
	}
	if t.Service < 0 {
		return
	}
	of(a.service, t.Outcome).add(t.Service)
	took := t.Service
	if a.paced {
		took = t.Response
		of(a.response, t.Outcome).add(t.Response)
	}
	a.rows.add(t.Finished, t.Outcome, took)
}

// of returns the counts of an outcome.
func of(all map[string]*counts, outcome string) *counts {
	c := all[outcome]
	if c == nil {
		c = &counts{precision: precision}
		all[outcome] = c
	}
	return c
}

// Close returns the totals of all tasks that were added.
func (a *Accumulator) Close() *Totals {
	t := &a.totals
	t.Service = histograms(a.service)
	if a.paced {
		t.Response = histograms(a.response)
	}
	if len(t.Wrong) == 0 {
		t.Wrong = nil
	}
	t.PlannedService = a.planned.histogram()
	t.Row, t.Rows = a.rows.width, a.rows.close()
	return t
}

func histograms(all map[string]*counts) map[string]Histogram {
	made := map[string]Histogram{}
	for outcome, c := range all {
		made[outcome] = c.histogram()
	}
	return made
}

// mostRows is how many rows there may be. A run that goes on gets rows of twice
// the time.
const mostRows = 3600

// coarse is the precision of the times of a row: there may be many.
const coarse = 5

// rows are a row for each time since the start of the run. All times of a run
// are in memory at once, as a task may end long after it has fallen due.
type rows struct {
	width time.Duration
	all   []row
}

type row struct {
	ok, notFound, errors int
	longest              time.Duration
	took                 counts
}

func (r *rows) add(at time.Duration, outcome string, took time.Duration) {
	at = max(at, 0)
	for at/r.width >= mostRows {
		r.widen()
	}
	for len(r.all) <= int(at/r.width) {
		r.all = append(r.all, row{took: counts{precision: coarse}})
	}
	here := &r.all[at/r.width]
	switch outcome {
	case "ok":
		here.ok++
	case "not_found":
		here.notFound++
	default:
		here.errors++
	}
	here.longest = max(here.longest, took)
	here.took.add(took)
}

// widen makes one row of each two.
func (r *rows) widen() {
	r.width *= 2
	for i := range r.all {
		to := &r.all[i/2]
		if i%2 == 0 {
			*to = r.all[i]
			continue
		}
		other := &r.all[i]
		to.ok += other.ok
		to.notFound += other.notFound
		to.errors += other.errors
		to.longest = max(to.longest, other.longest)
		to.took.join(&other.took)
	}
	r.all = slices.Delete(r.all, (len(r.all)+1)/2, len(r.all))
}

// close returns the rows in which something ended.
func (r *rows) close() []Row {
	made := []Row{}
	for i := range r.all {
		from := &r.all[i]
		if from.took.n == 0 {
			continue
		}
		made = append(made, Row{
			From: time.Duration(i) * r.width, OK: from.ok, NotFound: from.notFound, Errors: from.errors,
			P50: min(from.took.at(0.5), from.longest), P99: min(from.took.at(0.99), from.longest), Max: from.longest,
		})
	}
	return made
}
