package charts

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// A quantile is a row of the table beside the curves.
//
// Lateness is how late teapot handed tasks over, of an open workload. Faultless
// and Errors are the service times of tasks without an error and with one, of a
// run that has both: an error often comes sooner.
type quantile struct{ Name, Planned, Measured, Ideal, Response, Lateness, Faultless, Errors string }

// Curves show the percentiles of a run's times. The axis across is logarithmic
// in the share of slower tasks: 99 % is as far from 90 % as 90 % is from 0. So
// the slowest tasks have room.
type Curves struct {
	Label             string
	Service, Planned  string // how long tasks took, and should have
	Response, Ideal   string // from when they were due, the wait in the queue included
	Before            string // the service times of the run that this one is compared with
	Across, Up        []tick
	Grid              string
	Rows              []quantile
	Scatter           *scatter // the same times over the run; nil where it is compared with another
	Paced             bool
	Apart             bool   // whether the rows have errors apart
	Title             string // what the curves show, in a sentence
	Logarithmic, Same bool   // the axis of times; whether nothing waited, so that the response is the service time
}

// newCurves is [NewCurves] of runs with all of their samples.
func newCurves(r, before *record.Recording) *Curves {
	service := ended(r, func(s *record.Sample) time.Duration { return s.Latency() })
	response := ended(r, func(s *record.Sample) time.Duration { return s.Response() })
	planned := ideal(r, func(s *record.Sample) time.Duration { return s.IdealService() })
	ideally := ideal(r, func(s *record.Sample) time.Duration { return s.IdealFinished - s.Due })
	var earlier []time.Duration
	if before != nil {
		earlier = ended(before, func(s *record.Sample) time.Duration { return s.Latency() })
	}
	if len(service) == 0 {
		return nil
	}
	for _, times := range [][]time.Duration{service, planned, response, ideally, earlier} {
		slices.Sort(times)
	}
	scaled := slices.Concat(sparse(service), sparse(planned), sparse(earlier))
	if before == nil {
		scaled = slices.Concat(scaled, sparse(response), sparse(ideally))
	}
	slices.Sort(scaled)
	s := spread(scaled)
	c := &Curves{
		Logarithmic: s.log,
		Same:        slices.Equal(service, response),
		Paced:       r.Paced(),
		Rows:        quantiles(r, planned, service, ideally, response),
	}
	errors := r.Outcomes[record.OutcomeError]
	c.Apart = errors > 0 && errors < len(service)
	c.Title = c.titled(r)
	nines := max(math.Log10(float64(len(service))), 1)
	c.Before = curve(earlier, nines, s)
	c.Service, c.Planned, c.Ideal = curve(service, nines, s), curve(planned, nines, s), curve(ideally, nines, s)
	if !c.Same && before == nil {
		c.Response = curve(response, nines, s)
	} else {
		c.Ideal = ""
	}
	if before == nil {
		c.Scatter = newScatter(r)
	}
	c.Across = shares(nines)
	for _, t := range s.ticks() {
		t.X = fmt.Sprintf("%.1f%%", 100-100*float64(t.At)/width)
		c.Up = append(c.Up, t)
		c.Grid += fmt.Sprintf("M0 %dh%d", width-t.At, width)
	}
	c.Grid += grid(c.Across, width)
	c.Label = fmt.Sprintf(
		"Percentile curves of %s; the table of percentiles has the numbers.",
		text.Plural(len(service), "task"),
	)
	return c
}

// titled says how long tasks took.
func (c *Curves) titled(r *record.Recording) string {
	which := "tasks"
	switch {
	case c.Apart:
		which = "tasks without an error"
	case r.Outcomes[record.OutcomeError] > 0:
		return "No task ended without an error"
	}
	p := summary.Percentiles(r, "p50", "p99")
	return fmt.Sprintf("Half of the %s took at most %s, 99 of 100 at most %s", which, p[0], p[1])
}

// ended are times of the samples that have ended.
func ended(r *record.Recording, of func(*record.Sample) time.Duration) []time.Duration {
	return gather(r.Samples, func(s *record.Sample) time.Duration {
		if s.Latency() < 0 || s.Class.Outcome() == record.OutcomeNone {
			return -1
		}
		return max(of(s), 0)
	})
}

// ideal are times of the ideal run, or none if the plan does not say how long
// tasks take.
func ideal(r *record.Recording, of func(*record.Sample) time.Duration) []time.Duration {
	if r.IdealMakespan <= 0 {
		return nil
	}
	return ended(r, of)
}

// sparse is a choice of the sorted times that has the least, the median and the
// most: enough for a scale.
func sparse(times []time.Duration) []time.Duration {
	var few []time.Duration
	for i := range min(len(times), 101) {
		few = append(few, times[i*(len(times)-1)/max(min(len(times), 101)-1, 1)])
	}
	return few
}

// curve is the path through the sorted times, steps and all where they are few.
func curve(times []time.Duration, nines float64, s scale) string {
	if len(times) == 0 {
		return ""
	}
	const points = 60
	var path []byte
	letter, last := "M", -1
	for i := range points + 1 {
		x := float64(i) / points
		share := 1 - math.Pow(10, -x*nines)
		at := min(int(share*float64(len(times))), len(times)-1)
		if y := width - s.at(times[at]); y != last || i == points {
			path = fmt.Appendf(path, "%s%d %d", letter, int(x*width), y)
			letter, last = "L", y
		}
	}
	return string(path)
}

// shares are the ticks of the axis across.
func shares(nines float64) (ticks []tick) {
	for n, name := range []string{"0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %", "99.9999 %"} {
		if nines > 4 && n%2 == 1 {
			continue // there is no room for every second
		}
		if at := float64(n) / nines; at <= 1 {
			ticks = append(ticks, placed(int(at*width), name))
		}
	}
	return ticks
}

// ranks are the percentiles of the table.
var ranks = [...]struct {
	name string
	of   float64
}{{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"p99.9", 99.9}, {"p99.99", 99.99}, {"max", 100}}

// quantiles are the rows of the table. The finest need a thousand tasks, and
// ten thousand: among fewer they are the longest.
func quantiles(r *record.Recording, planned, service, ideal, response []time.Duration) (rows []quantile) {
	var late []time.Duration
	if r.Paced() {
		late = ascending(gather(r.Samples, func(s *record.Sample) time.Duration { return s.Lateness() }))
	}
	took := func(failed bool) []time.Duration {
		return ascending(gather(r.Samples, func(s *record.Sample) time.Duration {
			if o := s.Class.Outcome(); o == record.OutcomeNone || failed != (o == record.OutcomeError) {
				return -1
			}
			return s.Latency()
		}))
	}
	faultless, errors := took(false), took(true)
	at := func(times []time.Duration, of float64) string {
		if len(times) == 0 {
			return text.None
		}
		return text.Short(rank(times, of/100))
	}
	for _, q := range ranks {
		if beyond := float64(len(service)) * (100 - q.of) / 100; q.of > 99 && q.of < 100 && beyond < 1-1e-6 {
			continue
		}
		rows = append(rows, quantile{
			q.name, at(planned, q.of), summary.Measured(r, at(service, q.of)), at(ideal, q.of),
			summary.Measured(r, at(response, q.of)), at(late, q.of),
			summary.Measured(r, at(faultless, q.of)), summary.Measured(r, at(errors, q.of)),
		})
	}
	return rows
}
