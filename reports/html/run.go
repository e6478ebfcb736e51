package html

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// mostTasks is how many tasks a run's table names where no script can search
// them.
const mostTasks = 12

// leastDistributed is the fewest tasks whose times are shown as a distribution.
// Fewer are seen one by one in the timeline and the table of tasks.
const leastDistributed = 20

// run is one recording as the template shows it.
type run struct {
	*record.Recording
	ID              template.URL // its anchor
	Label, Verdict  string
	Good, Open      bool
	Shows           places   // of the findings in the page
	Brief           bool     // on paper, its line alone
	As              *run     // an earlier run with the same findings, if there is one
	Mark            string   // what the mark of times means, of an invalid run
	Note            string   // of repeats that it stands for
	Cells           []string // the figures of the summary
	Makespan, Ideal string
	Bar             bar
	Connections     string
	Generators      [][]string // in other processes
	Strip           *charts.Strip
	Order           *charts.Order
	Timeline        *charts.Timeline
	Course          *charts.Course
	Histograms      []*charts.Histogram
	Curves          *charts.Curves
	Few             bool // tasks: too few for a distribution
	Knee            *charts.Knee
	Classes         []class
	Matrix          *summary.Matrix
	Alike           []alike // the errors by message
	OtherErrors     int     // kinds of them that are not listed
	Notable         []task
	Leftover        string        // what the table leaves out
	Data            template.HTML // the samples, packed
}

// Kind is the verdict without the number of violations.
func (v *run) Kind() string {
	if len(v.Violations) > 0 && v.Deadlock == "" && !v.Interrupted {
		return "violated"
	}
	return v.Verdict
}

// Places are some of 0, 1, 2 …, in order, each once or more.
type places []int

// String returns each once, with spaces between them.
func (p places) String() string {
	return strings.Trim(fmt.Sprint(slices.Compact(slices.Clone([]int(p)))), "[]")
}

type class struct {
	Class         record.Class
	Outcome       record.Outcome
	Planned, Seen int
}

// Look is that of the class where nothing says that it is wrong.
func (c class) Look() charts.Look { return charts.Look(c.Outcome) }

// task is a sample as a row of a table.
type task struct {
	record.Sample
	Look charts.Look
}

// Wrong reports whether a correct client certainly reports another class.
func (t task) Wrong() bool { return t.Look == charts.LookWrong }

// Heat is the class of a cell of the table of truth: whether a correct client
// reports the same, and how many of the tasks are in it.
func (v *run) Heat(c summary.Cell) string {
	const degrees = 4
	if c.N == 0 {
		return ""
	}
	degree := int(math.Ceil(degrees * math.Log1p(float64(c.N)) / math.Log1p(float64(max(v.Tasks(), c.N)))))
	if c.Wrong > 0 {
		return fmt.Sprintf("false heat%d", degree)
	}
	return fmt.Sprintf("true heat%d", degree)
}

// Asked says how many expectations the run was judged by, and how many it met.
func (v *run) Asked() string {
	met := 0
	for _, c := range v.Checked {
		if c.Verdict == "met" {
			met++
		}
	}
	return fmt.Sprintf("%d of %s met: what was checked", met, text.Plural(len(v.Checked), "expectation"))
}

// Fault is the planned fault, if there was one.
func (t task) Fault() string {
	if t.PlannedFault == "none" {
		return ""
	}
	return t.PlannedFault
}

// Waited is the time from the submission to the start, or -1.
func (t task) Waited() time.Duration {
	if t.Submitted < 0 || t.Started < 0 {
		return -1
	}
	return t.Started - t.Submitted
}

func newRun(r *record.Recording, id template.URL, longest time.Duration, room space) *run {
	v := &run{
		Recording: r,
		ID:        id,
		Label:     show(r.Name(), 60),
		Verdict:   summary.Verdict(r),
		Good:      summary.Verdict(r) == "ok",
		Mark:      summary.Marked(r),
		Makespan:  summary.Measured(r, text.Short(r.Makespan)),
		Ideal:     text.None,
		Strip: charts.NewStrip(
			r,
			longest,
		),
		Order:    charts.NewOrder(r),
		Timeline: charts.NewTimeline(r, room.titles),
		Few:      r.Tasks() < leastDistributed,
		Knee:     charts.NewKnee(r),
		Classes:  classes(r),
		Matrix:   summary.NewMatrix(r),

		Connections: summary.Connections(r),
	}
	v.Generators = generators(r)
	if !v.Few {
		v.Course, v.Histograms, v.Curves = charts.NewCourse(r, nil), charts.NewHistograms(r), charts.NewCurves(r, nil)
	}
	if r.IdealMakespan > 0 {
		v.Ideal = text.Short(r.IdealMakespan)
	}
	v.Notable = notable(r)
	v.Alike, v.OtherErrors = errorsOf(r)
	if len(r.Samples) == 0 {
		return v
	}
	text, packed := pack(r, room.carried(r))
	v.Data = template.HTML(text) // base64
	v.Leftover = leftover(r, len(v.Notable), packed)
	return v
}

// leftover says what a run's table and its search have no room for.
func leftover(r *record.Recording, named, packed int) string {
	all := r.Tasks()
	switch {
	case r.Totals != nil:
		return fmt.Sprintf("The table lists %d of %d tasks. With JavaScript, %d can be searched, of the %d that have "+
			"a sample in the recording.", named, all, packed, len(r.Samples))
	case packed < all:
		return fmt.Sprintf(
			"The table lists %d of %d tasks. With JavaScript, %d can be searched: failures, the slowest and the "+
				"latest first, then an even sample of the rest.",
			named,
			all,
			packed,
		)
	case named < all:
		return fmt.Sprintf("The table lists %d of %d tasks. With JavaScript, all can be searched.", named, all)
	}
	return ""
}

// classes compares how the tasks ended with how they were planned to.
func classes(r *record.Recording) (rows []class) {
	planned := plannedClasses(r)
	known := record.Classes()
	for c := range r.Classes { // of a later release
		if !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	slices.Sort(known[len(record.Classes()):])
	for _, c := range known {
		if planned[c] > 0 || r.Classes[c] > 0 {
			rows = append(rows, class{Class: c, Outcome: c.Outcome(), Planned: planned[c], Seen: r.Classes[c]})
		}
	}
	return rows
}

// plannedClasses counts what the tasks should have reported.
func plannedClasses(r *record.Recording) map[record.Class]int {
	planned := map[record.Class]int{}
	if r.Totals != nil {
		for c, n := range r.Totals.Planned {
			planned[record.Class(c)] = n
		}
		return planned
	}
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Class.Outcome() == record.OutcomeNone {
			planned[s.Class]++ // nothing is wanted of it
		} else {
			planned[s.PlannedClass]++
		}
	}
	return planned
}

// notable are the first of the tasks that one would want to see: those that
// ended otherwise than planned, errors, the slowest.
func notable(r *record.Recording) (tasks []task) {
	order := summary.Choose(r, 20*mostTasks, func(*record.Sample) bool { return true })
	wrong := func(i int) bool { return r.Wrong(&r.Samples[i]) }
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(first(wrong(a), wrong(b)), first(summary.Failed(&r.Samples[a]), summary.Failed(&r.Samples[b])),
			cmp.Compare(r.Samples[b].Latency(), r.Samples[a].Latency()))
	})
	for _, i := range order[:min(len(order), mostTasks)] {
		tasks = append(tasks, task{r.Samples[i], charts.LookOf(r, &r.Samples[i])})
	}
	return tasks
}

// first orders what is before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
