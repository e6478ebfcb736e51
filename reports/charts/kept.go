package charts

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/totals"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// This file holds what is drawn of runs with more tasks than their recordings
// keep samples of. Pictures of times are of the tasks that the seed has drawn,
// and figures are of all.

// chosenOf says which tasks a picture shows, "" if it shows all.
func chosenOf(r *record.Recording) string {
	if r.Totals == nil {
		return ""
	}
	return fmt.Sprintf("%d of the %s, drawn by the seed", r.Totals.Drawn, text.Plural(r.Tasks(), "task"))
}

// NewCurves draws the curves of a run, or returns nil if no task finished. If
// before is not nil, its service times are drawn too, and service times alone:
// in times from when tasks were due a change of theirs would be lost.
func NewCurves(r, before *record.Recording) *Curves {
	if r.Totals == nil && (before == nil || before.Totals == nil) {
		return newCurves(r, before)
	}
	if before != nil {
		before = before.Drawn()
	}
	c := newCurves(r.Drawn(), before)
	if c == nil || r.Totals == nil {
		return c
	}
	errors, ended := r.Outcomes[record.OutcomeError], r.Totals.Ended().N()
	c.Apart = errors > 0 && errors < ended
	c.Title = c.titled(r)
	c.Rows = quantilesOf(r)
	c.Label = fmt.Sprintf("Percentile curves of %s; the table of percentiles has the numbers of all.", chosenOf(r))
	if c.Scatter != nil {
		c.Scatter.Label = fmt.Sprintf("Of %s: %s", chosenOf(r), c.Scatter.Label)
	}
	return c
}

// quantilesOf are the rows of the table of all tasks.
func quantilesOf(r *record.Recording) (rows []quantile) {
	faultless, failed := r.WithoutErrors(), r.Totals.Service[string(record.OutcomeError)]
	at := func(times map[string]time.Duration, name string) string {
		if d, has := times[name]; has {
			return text.Short(d)
		}
		return text.None
	}
	share := func(h totals.Histogram, of float64) string {
		if h.N() == 0 {
			return text.None
		}
		return text.Short(h.At(of / 100))
	}
	for _, q := range ranks {
		if _, has := r.Percentiles[q.name]; !has {
			continue
		}
		row := quantile{
			Name: q.name, Planned: text.None, Ideal: text.None,
			Measured: summary.Measured(r, at(r.Percentiles, q.name)),
			Response: summary.Measured(r, at(r.Response, q.name)), Lateness: at(r.Lateness, q.name),
			Faultless: summary.Measured(r, at(faultless, q.name)), Errors: summary.Measured(r, share(failed, q.of)),
		}
		if r.IdealMakespan > 0 {
			row.Planned = share(r.Totals.PlannedService, q.of)
		}
		rows = append(rows, row)
	}
	return rows
}

// courseOf draws the course of a run by the rows of its totals, which say what
// ended, and not what was under way. What ended in a row that is longer than a
// moment is spread evenly over it.
func (c *Course) courseOf(r *record.Recording, s scale) {
	var ended, errors, none [moments]int
	path, rows := []byte("M0 100"), r.Totals.Rows
	var all, failed evenly // up to the moment
	for i := range moments {
		until := c.hi * time.Duration(i+1) / moments
		for len(rows) > 0 && min(rows[0].From+r.Totals.Row, c.hi) <= until {
			all.pass(rows[0].N())
			failed.pass(rows[0].Errors)
			rows = rows[1:]
		}
		share := 0.0
		if len(rows) > 0 {
			from := rows[0].From
			share = max(0, float64(until-from)/float64(min(from+r.Totals.Row, c.hi)-from))
			ended[i], errors[i] = all.upTo(rows[0].N(), share), failed.upTo(rows[0].Errors, share)
		} else {
			ended[i], errors[i] = all.upTo(0, 0), failed.upTo(0, 0)
		}
		path = fmt.Appendf(path, "H%dV%d", s.at(until), tall(all.told, c.Tasks))
	}
	c.Done = string(path)
	c.rates(ended[:], errors[:], none[:])
	c.tell(ended[:], errors[:], none[:], none[:], none[:])
	c.Title = fmt.Sprintf("At most about %s finished in %s", text.Plural(c.Tallest, "task"), c.Each)
	c.Label = fmt.Sprintf("The run over time: at most about %s finished. The table below has the numbers.", c.Peak)
}

// evenly counts what is spread over rows of time.
type evenly struct{ passed, told int }

// pass adds a row that is over.
func (s *evenly) pass(n int) { s.passed += n }

// upTo returns how many came since it was called before, up to a share of the
// next row.
func (s *evenly) upTo(n int, share float64) int {
	before := s.told
	s.told = max(before, s.passed+int(share*float64(n)))
	return s.told - before
}

// ofDrawn returns the times at which the drawn tasks of a run ended, in order,
// and how many tasks were drawn.
func ofDrawn(r *record.Recording) (times []time.Duration, all int) {
	r = r.Drawn()
	times = gather(r.Samples, finish)
	slices.Sort(times)
	return times, len(r.Samples)
}
