package charts

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

const (
	mostBars  = 1500 // in one timeline; a browser needs seconds for many more
	laneUnits = 10   // a lane's height in the chart's own units
	top       = 18   // pixels above the lanes, for the label of the ideal makespan; the template knows them too
)

// A Timeline shows a run with a lane for each worker and a bar for each task.
type Timeline struct {
	Label         string
	Title         string // what the run shows, in a sentence
	Height, Units int    // of the lanes, in pixels and in the chart's own units
	Ticks         []tick
	Grid          string
	Ideal         *tick
	Lanes         []lane
	Bars          []bars
	Shade         string // where workers were busy, behind the bars if some are left out
	Ghost         string // the bars of the ideal schedule
	Faults        string // marks where a fault was planned
	Queue         string // the outline of the waiting tasks
	Waiting       int    // the most that waited at once
	Notes         []string
	Undrawn       string // which bars are left out, "" if none is
	Axis, Strip   int    // where the axis and the strip of waiting tasks begin, in pixels
	Total         int    // the drawing's height
}

// A lane is the label of a lane that has one.
type lane struct{ Y, Name int }

// bars are the bars of one look: some with a title each, the rest in one
// path.
type bars struct {
	Look  Look
	Named []bar
	Rest  string
	Some  bool // tasks of the run have the look, drawn or not
}

// A bar is one of them, and what hovering over it shows.
type bar struct{ Path, Title string }

// NewTimeline draws the timeline of a run. At most named bars get a title.
func NewTimeline(r *record.Recording, named int) *Timeline {
	t := &Timeline{}
	if r.Totals != nil {
		t.Notes = []string{fmt.Sprintf("No timeline: %d of %d tasks have a sample in the recording, and what the "+
			"workers did beside them is not known.", len(r.Samples), r.Tasks())}
		return t
	}
	shown := t.choose(r)
	s := scale{hi: max(r.Makespan, r.IdealMakespan)}
	lanes := 0
	for i := range r.Samples { // also those without a bar
		if sample := &r.Samples[i]; sample.Started >= 0 {
			s.hi, lanes = max(s.hi, sample.Finished), max(lanes, sample.Worker+1)
		}
	}
	if lanes == 0 || s.hi <= 0 {
		t.Notes = append(t.Notes, "Nothing to draw: no task took any time.")
		return t
	}
	t.size(lanes)
	t.Ticks = s.across()
	t.Grid = grid(t.Ticks, t.Units)
	if r.IdealMakespan > 0 {
		ideal := s.tick(r.IdealMakespan, "ideal "+text.Short(r.IdealMakespan))
		ideal.Anchor = "end"
		if ideal.At < width/4 {
			ideal.Anchor = "start"
		}
		t.Ideal = &ideal
	}
	if t.Undrawn != "" {
		if t.Shade = busyLanes(r, s, min(lanes, mostLanes)); t.Shade != "" {
			t.Undrawn += " The shade shows where workers were busy."
		}
	}
	t.Ghost = ghosts(r, shown, s, lanes)
	t.Bars, t.Faults = drawBars(r, shown, named, s), marks(r.Samples, shown, s)
	t.queue(r.Samples, s)
	t.Label = fmt.Sprintf("Timeline of %s on %s: %d ok, %d not found, %d error, finished after %s.",
		text.Plural(len(r.Samples), "task"), text.Plural(lanes, "worker"), r.Outcomes[record.OutcomeOK],
		r.Outcomes[record.OutcomeNotFound], r.Outcomes[record.OutcomeError], text.Short(r.Makespan))
	t.Title = fmt.Sprintf("%s kept %s busy for %s", t.tasks(r), text.Plural(lanes, "worker"), text.Short(r.Makespan))
	if late := r.Makespan - r.IdealMakespan; r.IdealMakespan > 0 && late > r.IdealMakespan/1000 {
		t.Title += fmt.Sprintf(", %s longer than ideally", text.Short(late))
	} else if r.IdealMakespan > 0 && late >= -r.IdealMakespan/1000 {
		t.Title += ", as ideally"
	}
	return t
}

// tasks counts those of the run, of which some may not have started.
func (t *Timeline) tasks(r *record.Recording) string {
	idle := 0
	for i := range r.Samples {
		if r.Samples[i].Started < 0 {
			idle++
		}
	}
	all := text.Plural(len(r.Samples), "task")
	if idle > 0 {
		return fmt.Sprintf("%d of %s", len(r.Samples)-idle, all)
	}
	return all
}

// size sets the heights for so many lanes: they get thinner before the drawing
// gets taller than a screen.
func (t *Timeline) size(lanes int) {
	lanes = min(lanes, mostLanes)
	t.Units = lanes * laneUnits
	t.Height = max(28, min(lanes*14, 480))
	every, next := 1, [...]int{2, 5, 10}
	for i := 0; t.Height*every < 13*lanes; i++ {
		every = next[i%3]
		for range i / 3 {
			every *= 10
		}
	}
	for n := 0; n < lanes; n += every {
		t.Lanes = append(t.Lanes, lane{Y: int((float64(n) + 0.5) * float64(t.Height) / float64(lanes)), Name: n})
	}
	t.Axis = t.Height + 15
	t.Strip = t.Height + 42
	t.Total = top + t.Axis + 6
}

// choose returns the samples to draw, by index in order of their number, and
// notes what it leaves out.
func (t *Timeline) choose(r *record.Recording) (shown []int) {
	started := func(s *record.Sample) bool { return s.Started >= 0 && s.Worker >= 0 }
	var all, errors int
	for i := range r.Samples {
		if s := &r.Samples[i]; started(s) {
			all++
			if summary.Failed(s) {
				errors++
			}
		}
	}
	switch idle := len(r.Samples) - all; {
	case idle > 0 && r.LostGenerators() > 0:
		t.Notes = append(t.Notes, "The results of "+text.Plural(idle, "task")+" are missing.")
	case idle > 0:
		t.Notes = append(t.Notes, text.Plural(idle, "task")+" never started.")
	}
	shown = summary.Choose(r, mostBars, started)
	if len(shown) == all {
		return shown
	}
	for _, i := range shown {
		if summary.Failed(&r.Samples[i]) {
			errors--
		}
	}
	t.Undrawn = fmt.Sprintf("%d of %d bars are not drawn, among them %s.", all-len(shown), all,
		text.Plural(errors, "error"))
	return shown
}

// notable orders samples by how much one would want to see them: what is wrong
// first, then errors, then the slowest.
func notable(r *record.Recording) func(a, b int) int {
	weight := func(s *record.Sample) int { return max(0, LookOf(r, s).place()-LookNone.place()) }
	return func(a, b int) int {
		x, y := &r.Samples[a], &r.Samples[b]
		return cmp.Or(cmp.Compare(weight(y), weight(x)), cmp.Compare(y.Latency(), x.Latency()))
	}
}

// drawBars draws the shown samples; the most notable of them get titles.
func drawBars(r *record.Recording, shown []int, named int, s scale) []bars {
	samples := r.Samples
	titled := map[int]bool{}
	order := slices.Clone(shown)
	slices.SortStableFunc(order, notable(r))
	for _, i := range order[:min(named, len(order))] {
		titled[i] = true
	}
	groups := make([]bars, len(looks))
	rest := make([][]byte, len(looks))
	for _, i := range shown {
		sample := samples[i]
		g := LookOf(r, &samples[i]).place()
		path := barPath(sample, s)
		if titled[i] {
			groups[g].Named = append(groups[g].Named, bar{Path: path, Title: barTitle(sample)})
		} else {
			rest[g] = append(rest[g], path...)
		}
	}
	for g, look := range looks {
		groups[g].Look, groups[g].Rest = look, string(rest[g])
	}
	for i := range samples {
		if s := &samples[i]; s.Started >= 0 {
			groups[LookOf(r, s).place()].Some = true
		}
	}
	return groups
}

// barPath is the line along a lane from start to finish; a task that never
// finished runs into the edge. A gap parts it from the next, and what would be
// too short to see is drawn a pixel wide.
func barPath(sample record.Sample, s scale) string {
	from, to := s.at(sample.Started), width
	if sample.Finished >= 0 {
		to = s.at(sample.Finished)
	}
	long := to - from
	long = max(long-min(10, long/4), 10)
	return fmt.Sprintf("M%d %dh%d", min(from, width-10), min(sample.Worker, mostLanes)*laneUnits+laneUnits/2, long)
}

// barTitle is what hovering over a bar shows.
func barTitle(s record.Sample) string {
	what := string(s.Class)
	if s.Status != 0 {
		what += fmt.Sprintf(" %d", s.Status)
	}
	if s.Attempt > 1 {
		what += fmt.Sprintf(" (attempt %d)", s.Attempt)
	}
	fault := "no fault"
	if s.PlannedFault != "" && s.PlannedFault != "none" {
		fault = s.PlannedFault
	}
	title := fmt.Sprintf("%s: %s, %s to %s; planned %s, %s", text.Clip(text.Printable(s.Key), 60), what,
		text.Short(s.Started), text.Short(s.Finished), text.Short(s.PlannedLatency), fault)
	if late := s.Finished - s.IdealFinished; s.Finished > 0 && s.IdealFinished > 0 && late > s.Finished/100 {
		title += "; " + text.Short(late) + " behind ideal"
	}
	return title
}

// queue draws how many tasks had been submitted and not started. Tasks that
// never started wait to the end.
func (t *Timeline) queue(samples []record.Sample, s scale) {
	submitted := gather(samples, func(x *record.Sample) time.Duration { return x.Submitted })
	started := gather(samples, func(x *record.Sample) time.Duration {
		if x.Submitted < 0 {
			return -1
		}
		return x.Started
	})
	waiting, peak := levels(submitted, started, s)
	if peak <= 0 {
		return
	}
	t.Waiting = peak
	t.Queue = area(waiting[:], peak)
	t.Total = top + t.Strip + 36
}

// ghosts draws the ideal schedule: its bars, a lane tall, behind those that
// were measured.
func ghosts(r *record.Recording, shown []int, s scale, most int) string {
	lanes := IdealLanes(r)
	if lanes == nil {
		return ""
	}
	var path []byte
	for _, i := range shown {
		if ideal := r.Samples[i]; int(lanes[i]) < most {
			from := s.at(ideal.IdealStarted)
			path = fmt.Appendf(
				path,
				"M%d %dh%d",
				from,
				int(lanes[i])*laneUnits+laneUnits/2,
				max(s.at(ideal.IdealFinished)-from-10, 10),
			)
		}
	}
	return string(path)
}

// marks are small triangles at the start of the bars whose request was to meet
// a fault.
func marks(samples []record.Sample, shown []int, s scale) string {
	var path []byte
	for _, i := range shown {
		if fault := samples[i].PlannedFault; fault != "" && fault != "none" {
			path = fmt.Appendf(
				path,
				"M%d %dv5l45 -2.5z",
				s.at(samples[i].Started),
				min(samples[i].Worker, mostLanes)*laneUnits+2,
			)
		}
	}
	return string(path)
}
