package record

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/search"
)

// This file holds what a recording says of a run as a whole to its samples.

// counts wants the counts of outcomes, classes and the table of truth to be
// those of the samples. A recording may be without a table of truth.
func (v *validator) counts() {
	r := v.run
	outcomes, classes, truth := map[Outcome]int{}, map[Class]int{}, map[cell]int{}
	for i := range r.Samples {
		s := &r.Samples[i]
		classes[s.Class]++
		if s.Class.Outcome() == OutcomeNone {
			continue
		}
		outcomes[s.Class.Outcome()]++
		if r.Truth != nil && s.Did != "" {
			truth[cell{s.Did, s.Class}]++
		}
	}
	stated := map[cell]int{}
	for did, said := range r.Truth {
		for c, n := range said {
			stated[cell{did, c}] = n
		}
	}
	for _, o := range slices.Sorted(maps.Keys(r.Outcomes)) {
		oneOf(v, "", "outcomes", o, OutcomeOK, OutcomeNotFound, OutcomeError)
	}
	for _, c := range slices.Sorted(maps.Keys(r.Classes)) {
		oneOf(v, "", "classes", c, append(Classes(), NotStarted, CutOff)...)
	}
	agree(v, r.Outcomes, outcomes, func(o Outcome) string { return "outcomes." + plain(string(o)) })
	agree(v, r.Classes, classes, func(c Class) string { return "classes." + plain(string(c)) })
	agree(v, stated, truth, func(c cell) string { return "truth." + plain(c.did) + "." + plain(string(c.said)) })
}

// A cell of the table of truth: what the server did, and what the client said.
type cell struct {
	did  string
	said Class
}

// agree wants the stated counts to be those of the samples.
func agree[K comparable](v *validator, stated, counted map[K]int, field func(K) string) {
	var wrong []string
	values := map[string][2]int{}
	for _, m := range []map[K]int{stated, counted} {
		for k := range m {
			if stated[k] == counted[k] {
				continue
			}
			name := field(k)
			if _, there := values[name]; !there {
				wrong = append(wrong, name)
			}
			values[name] = [2]int{stated[k], counted[k]}
		}
	}
	slices.Sort(wrong)
	for _, name := range wrong {
		v.wrong("", name, values[name][0], fmt.Sprintf("%d, as the samples have it", values[name][1]))
	}
}

// times wants the makespans and the percentiles to be those of the samples. The
// ideal makespan may be unknown, which is 0.
func (v *validator) times() {
	r := v.run
	var last, ideal time.Duration
	for i := range r.Samples {
		last, ideal = max(last, r.Samples[i].Finished), max(ideal, r.Samples[i].IdealFinished)
	}
	if r.Makespan != last {
		v.wrong("", "makespan_ns", int64(r.Makespan), fmt.Sprintf("%d, the last finished_ns of the samples", last))
	}
	if r.IdealMakespan != ideal && r.IdealMakespan != 0 {
		v.wrong("", "ideal_makespan_ns", int64(r.IdealMakespan),
			fmt.Sprintf("%d, the last ideal_finished_ns of the samples, or 0", ideal))
	}
	v.measured("latency_ns", r.Percentiles, (*Sample).Latency)
	if r.Paced() {
		v.measured("response_ns", r.Response, (*Sample).Response)
		v.measured("lateness_ns", r.Lateness, (*Sample).Lateness)
		return
	}
	for _, x := range []struct {
		field  string
		stated int
	}{{"response_ns", len(r.Response)}, {"lateness_ns", len(r.Lateness)}} {
		if x.stated > 0 {
			v.wrong("", x.field, count(fmt.Sprint(x.stated, " percentiles")), "none, as every task is due at the start")
		}
	}
}

// measured wants the percentiles of a time to be those of the samples.
func (v *validator) measured(field string, stated map[string]time.Duration, of func(*Sample) time.Duration) {
	follow := percentiles(v.run.Samples, of)
	for _, name := range Percentiles() {
		got, is := stated[name]
		switch want, has := follow[name]; {
		case !has && is:
			v.wrong(field+".", name, int64(got), "none, as the samples have too few times for it")
		case has && !is:
			v.wrong(field+".", name, none, fmt.Sprintf("%d, as the samples have it", want))
		case got != want:
			v.wrong(field+".", name, int64(got), fmt.Sprintf("%d, as the samples have it", want))
		}
	}
}

// A count describes how many values there are, where a field has none or many.
type count string

const none count = "none"

// data wants a run that is ok to have samples. Without any, nothing was tried.
func (v *validator) data() {
	r := v.run
	if len(r.Samples) == 0 && len(r.Findings()) == 0 && r.Deadlock == "" && r.Limit == "" {
		v.wrong("", "samples", none, "at least one, as no task of the run was tried")
	}
}

// search wants rates above 0 in rising order, and shares of tasks. What was
// found follows from the rates that were tried.
func (v *validator) search() {
	s := v.run.Search
	if s == nil {
		return
	}
	follow := search.Result{}
	for i, t := range s.Tried {
		within := fmt.Sprintf("search.tried[%d].", i)
		if !(t.Rate > 0) || i > 0 && t.Rate <= s.Tried[i-1].Rate {
			v.wrong(within, "rate", t.Rate, "a rate above 0, and above the one before")
		}
		if !(t.Errors >= 0 && t.Errors <= 1) {
			v.wrong(within, "errors", t.Errors, "0 to 1")
		}
		if !(t.Throughput >= 0) {
			v.wrong(within, "throughput", t.Throughput, "a number that is not negative")
		}
		v.whole(within, "runs", int64(t.Runs), 0, maxCount)
		v.whole(within, "met", int64(t.Met), 0, int64(t.Runs))
		v.whole(within, "p99_ns", int64(t.P99), 0, int64(maxTime))
		if most := 2*t.Met > t.Runs; t.Meets != most {
			v.wrong(within, "meets", t.Meets,
				fmt.Sprintf("%v, as %d of %d runs met the expectations", most, t.Met, t.Runs))
		}
		switch {
		case t.Meets:
			follow.Found = max(follow.Found, t.Rate)
		case follow.Missed == 0:
			follow.Missed = t.Rate
		}
	}
	for _, x := range []struct {
		field     string
		got, want float64
	}{{"found", s.Found, follow.Found}, {"missed", s.Missed, follow.Missed}} {
		if x.got != x.want {
			v.wrong("search.", x.field, x.got, fmt.Sprintf("%v, by the rates that were tried", x.want))
		}
	}
}
