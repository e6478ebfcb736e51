package told

import (
	"cmp"
	"slices"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// A timespan is when something began and ended, since the server started.
type timespan struct{ from, to time.Duration }

// tellApart gives each of several reports about a key that name neither a task
// nor an attempt the times of its own requests, where the order of both tells
// which those are. Nothing is judged by these times, as the order may be that
// of chance.
func (j *judgement) tellApart() {
	reports := map[string][]int{}
	for i, r := range j.reports {
		reports[r.key] = append(reports[r.key], i)
	}
	for key, those := range reports {
		named := func(i int) bool { return j.reports[i].task > 0 || j.reports[i].attempt > 0 }
		if len(those) == 1 || slices.ContainsFunc(those, named) {
			continue
		}
		at := func(i int) time.Duration { return j.reports[i].at }
		slices.SortStableFunc(those, func(a, b int) int { return cmp.Compare(at(a), at(b)) })
		ends := make([]time.Duration, len(those))
		for n, i := range those {
			ends[n] = at(i)
		}
		for n, span := range apart(j.requests[subject{key, 0, 0}], ends) {
			s := &j.samples[those[n]]
			s.Due, s.Submitted, s.Started, s.Finished = span.from, span.from, span.from, span.to
		}
	}
}

// apart returns when the tasks ran that were told of at these times, in their
// order, or nil if the requests do not tell. Each had one request, if there
// are as many, and otherwise all those since the report before.
func apart(requests []servers.Entry, told []time.Duration) []timespan {
	requests = slices.SortedStableFunc(slices.Values(requests), func(a, b servers.Entry) int {
		return cmp.Compare(a.Arrived, b.Arrived)
	})
	spans := make([]timespan, len(told))
	first, came := 0, 0
	for n, end := range told {
		for came < len(requests) && requests[came].Arrived <= end {
			came++
		}
		last := came
		if len(requests)-first == len(told)-n {
			last = min(last, first+1)
		}
		if last == first {
			return nil
		}
		spans[n] = timespan{requests[first].Arrived, requests[first].Arrived}
		for _, e := range requests[first:last] {
			spans[n].to = min(max(spans[n].to, e.Arrived+e.Took), end)
		}
		first = last
	}
	return spans
}
