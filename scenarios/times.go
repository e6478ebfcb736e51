package scenarios

import (
	"cmp"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A timesRule is written as the bounds of one window, or as a list of them.
type timesRule struct {
	Windows []times `yaml:"(windows)"`
}

var _ strict.Union = new(timesRule)

// Accepts implements [strict.Union].
func (timesRule) Accepts() string {
	return `bounds such as {p99: "<= 250ms"}, or a list of them, each of a window such as {from: 10s, p99: "<= 1s"}`
}

// Decode implements [strict.Union].
func (r *timesRule) Decode(v strict.Value) {
	items := []strict.Value{v}
	if v.IsList() {
		items = v.Items()
	}
	if len(items) == 0 || !v.IsMapping() && !v.IsList() {
		v.Errorf("want %s", r.Accepts())
		return
	}
	for _, item := range items {
		var one times
		item.Decode(&one)
		r.Windows = append(r.Windows, one)
	}
}

// bounded returns the bounds by the names of their statistics, in rising order.
func (t times) bounded() []namedBound {
	return []namedBound{
		{"p50", t.P50.Bound},
		{"p75", t.P75.Bound},
		{"p90", t.P90.Bound},
		{"p95", t.P95.Bound},
		{"p99", t.P99.Bound},
		{"p99.9", t.P999.Bound},
		{"p99.99", t.P9999.Bound},
		{"max", t.Max.Bound},
		{"mean", t.Mean.Bound},
	}
}

// A namedBound is a bound and the key that it stands at.
type namedBound struct {
	name string
	bounds.Bound
}

func (t times) window() bounds.Window {
	return bounds.Window{From: time.Duration(t.From), Until: time.Duration(t.Until)}
}

// validate reports windows without bounds or tasks.
func (r timesRule) validate(d *strict.Document, s *Scenario, at string) {
	for i, t := range r.Windows {
		path := at
		if d.Has(itemPath(at, i)) {
			path = itemPath(at, i)
		}
		if !d.Valid(path) {
			continue
		}
		w := t.window()
		switch none := !slices.ContainsFunc(t.bounded(), func(b namedBound) bool { return b.IsSet() }); {
		case none:
			d.Errorf(path, "no bound: want one of p50, p75, p90, p95, p99, p99.9, p99.99, max and mean")
		case w.Until > 0 && w.Until <= w.From:
			d.Errorf(path+".until", "%v: want more than from, which is %v", w.Until, w.From)
		default:
			t.contradictions(d, path)
			s.validateWindow(d, path, w)
		}
	}
}

// contradictions reports a lower percentile whose least is more than the most
// of a higher one. The mean is at most the maximum.
func (t times) contradictions(d *strict.Document, path string) {
	for i, high := range t.bounded() {
		for _, low := range t.bounded()[:i] {
			if high.name == "mean" {
				if low.name != "max" {
					continue
				}
				low, high = high, low
			}
			if high.HasMost && low.HasLeast && low.Least > high.Most {
				d.Errorf(path+"."+low.name, "%q: no run meets it and %s: %q: want a lower one", low, high.name, high)
			}
		}
	}
}

// validateWindow reports a window that no task falls due in.
func (s *Scenario) validateWindow(d *strict.Document, path string, w bounds.Window) {
	if w == (bounds.Window{}) || !d.Valid("workload") {
		return
	}
	key := path + ".from"
	if !d.Has(key) {
		key = path + ".until"
	}
	due, known := s.dueTimes()
	switch {
	case s.Workload.Arrivals == nil && s.Workload.Users == nil:
		d.Errorf(key, "without arrivals and users every task falls due at the start: remove it, or want one of them")
	case known && !slices.ContainsFunc(due, w.Has):
		d.Errorf(key, "no task falls due%s: want a time up to %v, when the last one does", w, due[len(due)-1])
	}
}

// dueTimes returns when each task falls due, in order, if the file says it.
func (s *Scenario) dueTimes() (due []time.Duration, known bool) {
	if s.Workload.Users != nil || s.long() { // users go on as their tasks end
		return nil, false
	}
	due = make([]time.Duration, len(s.keys()))
	if s.Workload.Arrivals == nil {
		return due, true
	}
	_, schedule, err := s.draw()
	if err != nil {
		return nil, false
	}
	for i := range due {
		if due[i], known = schedule.Due(i); !known {
			return nil, false
		}
	}
	return due, len(due) > 0
}

// validateRecovery reports that no fault ends, or that no task falls due when
// one has.
func (s *Scenario) validateRecovery(d *strict.Document, at string) {
	windows := s.faultWindows()
	if len(windows) == 0 {
		d.Errorf(at, "no fault ends: want a fault with until in server.faults")
		return
	}
	due, known := s.dueTimes()
	last := slices.MaxFunc(windows, func(a, b bounds.Window) int { return cmp.Compare(a.Until, b.Until) }).Until
	if open := s.Workload.Arrivals != nil && d.Valid("workload"); open && known && due[len(due)-1] < last {
		d.Errorf(at, "no task falls due after the faults have ended at %v: want faults that end before "+
			"%v, when the last one does", last, due[len(due)-1])
	}
}

// faultWindows returns when the faults strike that end.
func (s *Scenario) faultWindows() (all []bounds.Window) {
	if s.Server == nil {
		return nil
	}
	for _, f := range s.Server.Faults {
		if f.Until > 0 {
			all = append(all, bounds.Window{From: time.Duration(f.From), Until: time.Duration(f.Until)})
		}
	}
	return all
}

// figures lists the bounds of the windows. of makes the figure of a statistic.
func (r timesRule) figures(s *Scenario, check string, of func(string, bounds.Window) bounds.Figure) (
	rows []boundedFigure,
) {
	at := "expect." + check
	for i, t := range r.Windows {
		path := at
		if s.document.Has(itemPath(at, i)) {
			path = itemPath(at, i)
		}
		for _, b := range t.bounded() {
			rows = append(rows, boundedFigure{path + "." + b.name, check, of(b.name, t.window()), b.Bound, known.time})
		}
	}
	return rows
}
