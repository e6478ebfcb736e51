package record

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/totals"
)

// This file holds the totals of a recording to themselves, to what else the
// recording says of the run, and to the samples that it keeps.

// totals wants totals that agree with the samples that are kept.
func (v *validator) totals() {
	r, t := v.run, v.run.Totals
	const within = "totals."
	v.whole(within, "limit", int64(t.Limit), 0, maxCount)
	v.whole(within, "tasks", int64(t.Tasks), int64(t.Limit)+1, maxCount)
	drawn := int64(boundsOf(max(t.Limit, 0)).drawn)
	v.whole(within, "drawn", int64(t.Drawn), drawn, drawn)
	if len(r.Samples) < t.Drawn || len(r.Samples) > max(t.Limit, 0) {
		v.wrong("", "samples", count(fmt.Sprint(len(r.Samples))),
			fmt.Sprintf("%d to %d, the drawn ones to the limit", t.Drawn, t.Limit))
	}
	v.tallies()
	v.keptOf()
	v.histograms()
	var last, ideal time.Duration
	for i := range r.Samples {
		last, ideal = max(last, r.Samples[i].Finished), max(ideal, r.Samples[i].IdealFinished)
	}
	v.whole("", "makespan_ns", int64(r.Makespan), int64(last), int64(maxTime))
	if r.IdealMakespan != 0 {
		v.whole("", "ideal_makespan_ns", int64(r.IdealMakespan), int64(ideal), int64(maxTime))
	}
	v.rows()
}

// tallies wants the counts of outcomes, classes, the table of truth and what is
// wrong to follow from one another.
func (v *validator) tallies() {
	r, t := v.run, v.run.Totals
	outcomes, truth, sum := map[Outcome]int{}, map[Class]int{}, 0
	for _, c := range slices.Sorted(maps.Keys(r.Classes)) {
		n := r.Classes[c]
		oneOf(v, "", "classes", c, append(Classes(), NotStarted, CutOff)...)
		v.whole("classes.", plain(string(c)), int64(n), 0, maxCount)
		if sum += n; c.Outcome() != OutcomeNone {
			outcomes[c.Outcome()] += n
		}
	}
	v.sum("classes", sum)
	for _, o := range slices.Sorted(maps.Keys(r.Outcomes)) {
		oneOf(v, "", "outcomes", o, OutcomeOK, OutcomeNotFound, OutcomeError)
	}
	agree(v, r.Outcomes, outcomes, func(o Outcome) string { return "outcomes." + plain(string(o)) })
	for did, said := range r.Truth {
		for c, n := range said {
			v.whole("truth."+plain(did)+".", plain(string(c)), int64(n), 0, maxCount)
			truth[c] += n
		}
	}
	for _, c := range slices.Sorted(maps.Keys(truth)) {
		v.whole("truth.*.", plain(string(c)), int64(truth[c]), 0, int64(r.Classes[c]))
	}
	for did, said := range t.Wrong {
		for c, n := range said {
			most := r.Truth[did][Class(c)]
			if did == "" {
				most = r.Classes[Class(c)] - truth[Class(c)]
			}
			v.whole("totals.wrong."+plain(did)+".", plain(c), int64(n), 1, int64(most))
		}
	}
	sum = 0
	for _, c := range slices.Sorted(maps.Keys(t.Planned)) {
		if c != "" {
			oneOf(v, "totals.", "planned_classes", Class(c), append(Classes(), NotStarted, CutOff)...)
		}
		v.whole("totals.planned_classes.", plain(c), int64(t.Planned[c]), 0, maxCount)
		sum += t.Planned[c]
	}
	v.sum("totals.planned_classes", sum)
}

// sum wants the counts of a field to be those of all tasks.
func (v *validator) sum(field string, n int) {
	if n != v.run.Totals.Tasks {
		v.wrong("", field, count(fmt.Sprint(n, " tasks in all")),
			fmt.Sprintf("%d, as totals.tasks", v.run.Totals.Tasks))
	}
}

// keptOf wants no more samples of a class than tasks, and those that failed up
// to their bound.
func (v *validator) keptOf() {
	r := v.run
	kept, least := map[Class]int{}, boundsOf(r.Totals.Limit).class
	for i := range r.Samples {
		kept[r.Samples[i].Class]++
	}
	for c := range r.Classes {
		kept[c] += 0
	}
	for _, c := range slices.Sorted(maps.Keys(kept)) {
		n, failed := r.Classes[c], 0
		if c.Outcome() == OutcomeError {
			failed = min(n, least)
		}
		if kept[c] < failed || kept[c] > n {
			v.wrong("", "samples", count(fmt.Sprintf("%d of class %s", kept[c], plain(string(c)))),
				fmt.Sprintf("%d to %d, as classes has it", failed, n))
		}
	}
}

// histograms wants histograms that have the tasks that ended, and percentiles
// that are theirs.
func (v *validator) histograms() {
	r, t := v.run, v.run.Totals
	v.histogram("totals.planned_service", t.PlannedService, t.Tasks, t.Tasks)
	for _, o := range outcomesOf(t.Service) {
		oneOf(v, "totals.", "service", Outcome(o), OutcomeOK, OutcomeNotFound, OutcomeError)
		v.histogram("totals.service."+plain(o), t.Service[o], 1, r.Outcomes[Outcome(o)])
	}
	v.follow("latency_ns", r.Percentiles, t.Ended())
	if !r.Paced() {
		v.counted("response_ns", len(r.Response), 0)
		v.counted("lateness_ns", len(r.Lateness), 0)
		v.counted("totals.response", len(t.Response), 0)
		return
	}
	var response totals.Histogram
	for _, o := range outcomesOf(t.Service, t.Response) {
		n := t.Service[o].N()
		v.histogram("totals.response."+plain(o), t.Response[o], n, n)
		response = response.With(t.Response[o])
	}
	v.follow("response_ns", r.Response, response)
}

func outcomesOf(all ...map[string]totals.Histogram) (names []string) {
	for _, m := range all {
		names = slices.AppendSeq(names, maps.Keys(m))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (v *validator) counted(field string, n, want int) {
	if n != want {
		v.wrong("", field, count(fmt.Sprint(n)), fmt.Sprintf("%d, as every task is due at the start", want))
	}
}

// histogram wants buckets with times, of so many tasks in all.
func (v *validator) histogram(field string, h totals.Histogram, least, most int) {
	for longest, n := range h {
		if longest < 0 || longest > int64(maxTime) || totals.Longest(time.Duration(longest)) != time.Duration(longest) {
			v.wrong(field+".", fmt.Sprint(longest), n, "the longest time of a bucket")
		}
		if n < 1 || n > maxCount {
			v.wrong(field+".", fmt.Sprint(longest), n, fmt.Sprintf("1 to %d", maxCount))
			return
		}
	}
	if n := h.N(); n < least || n > most {
		v.wrong("", field, count(fmt.Sprint(n, " tasks")), fmt.Sprintf("%d to %d", least, most))
	}
}

// follow wants each percentile of the times of a histogram to be within its
// bucket.
func (v *validator) follow(field string, stated map[string]time.Duration, h totals.Histogram) {
	follow := ofHistogram(h)
	for _, name := range Percentiles() {
		got, is := stated[name]
		switch want, has := follow[name]; {
		case !has && is:
			v.wrong(field+".", name, int64(got), "none, as the totals have too few times for it")
		case has && !is:
			v.wrong(field+".", name, none, fmt.Sprintf("about %d, as the totals have it", want))
		case has && totals.Longest(got) != want:
			v.wrong(field+".", name, int64(got), fmt.Sprintf("about %d, as the totals have it", want))
		}
	}
}

// rows wants rows in order that have the tasks that ended.
func (v *validator) rows() {
	r, t := v.run, v.run.Totals
	v.whole("totals.", "row_ns", int64(t.Row), int64(time.Second), int64(maxTime))
	var sum totals.Row
	before := time.Duration(-1)
	for i, row := range t.Rows {
		within := fmt.Sprintf("totals.rows[%d].", i)
		if row.From <= before || row.From > r.Makespan || t.Row > 0 && row.From%t.Row != 0 {
			v.wrong(within, "from_ns", int64(row.From),
				"a multiple of row_ns, more than that of the row before, and at most the makespan")
		}
		before = row.From
		for _, x := range []struct {
			key string
			n   int
		}{{"ok", row.OK}, {"not_found", row.NotFound}, {"errors", row.Errors}} {
			v.whole(within, x.key, int64(x.n), 0, maxCount)
		}
		v.whole(within, "p50_ns", int64(row.P50), 0, int64(row.P99))
		v.whole(within, "p99_ns", int64(row.P99), 0, int64(row.Max))
		sum.OK, sum.NotFound, sum.Errors = sum.OK+row.OK, sum.NotFound+row.NotFound, sum.Errors+row.Errors
		sum.Max = max(sum.Max, row.Max)
	}
	for _, x := range []struct {
		key string
		n   int
	}{{"ok", sum.OK}, {"not_found", sum.NotFound}, {"error", sum.Errors}} {
		if want := t.Service[x.key].N(); x.n != want {
			v.wrong("", "totals.rows", count(fmt.Sprintf("%d %s", x.n, x.key)),
				fmt.Sprintf("%d, as totals.service", want))
		}
	}
	longest := r.Percentiles
	if r.Paced() {
		longest = r.Response
	}
	if sum.Max != longest["max"] {
		v.wrong("", "totals.rows", count(fmt.Sprintf("a max_ns of %d", sum.Max)),
			fmt.Sprintf("%d, the longest of all", longest["max"]))
	}
}
