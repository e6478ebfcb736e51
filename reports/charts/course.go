package charts

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// A Course shows a run over time: the rate at which tasks ended, the tasks
// under way, and the results so far.
type Course struct {
	Ticks      []tick
	Grid       string
	Ended      string // all of them
	Errors     string // those that count as errors
	Wrong      string // those that ended otherwise than a correct client reports
	Peak       string // the most that ended in a moment, as a rate
	Tallest    int    // the same as a number
	Each       string // how long a moment is
	Under      string // tasks under way
	Ideally    string // and under the ideal schedule
	Most       int    // of both
	Done       string // tasks that have ended, of all
	Delivered  string // results that have reached the caller
	Should     string // tasks that should have ended
	Before     string // tasks that had ended in the run that this one is compared with
	Held       bool   // whether results waited for others
	Tasks      int
	Rows       []moment
	Label      string
	Title      string // what the run shows, in a sentence
	hi, moment time.Duration
}

// A moment is a row of the table that says the same: up to a time, what ended
// since the one before, and what is under way then.
type moment struct {
	Until                                      string
	Ended, Errors, Wrong, Under, Waiting, Done int
}

// NewCourse draws the course of a run, or returns nil if it took no time. If
// before is not nil, its results so far are drawn too.
func NewCourse(r, before *record.Recording) *Course {
	c := &Course{hi: max(r.Makespan, r.IdealMakespan), Tasks: r.Tasks()}
	for i := range r.Samples {
		c.hi = max(c.hi, r.Samples[i].Finished, r.Samples[i].Delivered)
	}
	if before != nil {
		c.hi = max(c.hi, before.Makespan)
	}
	if c.hi <= 0 {
		return nil
	}
	s := scale{hi: c.hi}
	if before != nil {
		finished, all := ofDrawn(before)
		c.Before = rise(finished, all, s)
	}
	c.moment = max(c.hi/moments, 1)
	c.Ticks = s.across()
	c.Grid = grid(c.Ticks, 100)
	if r.Totals != nil {
		c.courseOf(r, s)
		return c
	}
	var ended, errors, wrong [moments]int
	for i := range r.Samples {
		if x := &r.Samples[i]; x.Finished >= 0 && x.Class.Outcome() != record.OutcomeNone {
			at := min(s.at(x.Finished)*moments/width, moments-1)
			ended[at]++
			if summary.Failed(x) {
				errors[at]++
			}
			if r.Wrong(x) {
				wrong[at]++
			}
		}
	}
	c.rates(ended[:], errors[:], wrong[:])
	under, waiting := c.follow(r, s)
	c.tell(ended[:], errors[:], wrong[:], under[:], waiting[:])
	return c
}

// follow draws what is under way and what is done.
func (c *Course) follow(r *record.Recording, s scale) (under, waiting [moments]int) {
	started := gather(r.Samples, func(x *record.Sample) time.Duration { return x.Started })
	finished := gather(r.Samples, func(x *record.Sample) time.Duration { return x.Finished })
	under, c.Most = levels(started, finished, s)
	waiting, _ = levels(gather(r.Samples, func(x *record.Sample) time.Duration { return x.Submitted }), started, s)
	c.Done = rise(ascending(ended(r, finish)), c.Tasks, s)
	delivered := ascending(gather(r.Samples, func(x *record.Sample) time.Duration { return x.Delivered }))
	c.Delivered = rise(delivered, c.Tasks, s)
	c.Held = c.Done != c.Delivered
	if r.IdealMakespan > 0 {
		up := gather(r.Samples, func(x *record.Sample) time.Duration { return x.IdealStarted })
		down := gather(r.Samples, func(x *record.Sample) time.Duration { return x.IdealFinished })
		ideally, most := levels(up, down, s)
		c.Most = max(c.Most, most)
		c.Ideally, c.Should = line(ideally[:], c.Most), rise(down, c.Tasks, s)
	}
	c.Under = area(under[:], c.Most)
	return under, waiting
}

func finish(x *record.Sample) time.Duration { return x.Finished }

func (c *Course) rates(ended, errors, wrong []int) {
	peak := max(slices.Max(ended), 1)
	c.Ended = area(ended, peak)
	if slices.Max(errors) > 0 {
		c.Errors = area(errors, peak)
	}
	if slices.Max(wrong) > 0 {
		c.Wrong = area(wrong, peak)
	}
	c.Tallest, c.Each = slices.Max(ended), text.Short(c.moment)
	c.Peak = fmt.Sprintf("%s in %s", text.Plural(c.Tallest, "task"), c.Each)
}

// rise is the line of how many of all the sorted times are over.
func rise(times []time.Duration, all int, s scale) string {
	var path []byte
	path = append(path, "M0 100"...)
	last := 0
	for i, at := range times {
		x := s.at(at) * moments / width * width / moments
		if i+1 < len(times) && s.at(times[i+1])*moments/width*width/moments == x {
			continue // one step for all of a moment
		}
		if y := tall(i+1, all); y != last {
			path = fmt.Appendf(path, "H%dV%d", x, y)
			last = y
		}
	}
	return string(fmt.Appendf(path, "H%d", width))
}

// tell says in ten rows what the chart shows.
func (c *Course) tell(ended, errors, wrong, under, waiting []int) {
	const rows = 10
	done := 0
	for row := range rows {
		from, to := row*moments/rows, (row+1)*moments/rows
		m := moment{
			Until:   text.Short(c.hi * time.Duration(row+1) / rows),
			Under:   slices.Max(under[from:to]),
			Waiting: slices.Max(waiting[from:to]),
		}
		for i := from; i < to; i++ {
			m.Ended += ended[i]
			m.Errors += errors[i]
			m.Wrong += wrong[i]
		}
		done += m.Ended
		m.Done = done
		c.Rows = append(c.Rows, m)
	}
	c.Title = fmt.Sprintf("At most %d ran and %d waited at once", slices.Max(under), slices.Max(waiting))
	c.Label = fmt.Sprintf(
		"The run over time: at most %s finished, at most %d running. The table below has the numbers.",
		c.Peak,
		c.Most,
	)
}
