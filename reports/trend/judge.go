package trend

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/changes"
	"github.com/teapot-go/teapot/reports/text"
)

// A Figure is one figure of a history. Values are those of the recordings that
// Places names, which are places among those of the trend.
type Figure struct {
	Name    string    `json:"name"`
	Unit    unit      `json:"unit"`
	More    bool      `json:"more"`  // whether more of it is better
	Exact   bool      `json:"exact"` // under the virtual clock, where any change is one
	Places  []int     `json:"places"`
	Values  []float64 `json:"values"`
	Changes []Told    `json:"changes"`
	Verdict Verdict   `json:"verdict"`
}

// fewest is how many values a figure must have to be searched at all.
const fewest = 8

// searched returns how many figures are searched for changes, which share the
// level.
func (t *Trend) searched() (n int) {
	for _, h := range t.Histories {
		for i := range figures {
			if _, values := h.series(i); h.Clock != record.Virtual && len(values) >= fewest {
				n++
			}
		}
	}
	return n
}

// atOtherRates reports whether searches have found different rates. Their runs
// are then different workloads, of which nothing but the rate can be compared.
func (h *History) atOtherRates() bool {
	var rates []float64
	for _, p := range h.Points {
		rates = append(rates, p.rates...)
	}
	return slices.ContainsFunc(rates, func(rate float64) bool { return rate != rates[0] })
}

// series returns the values of a figure, and whose they are.
func (h *History) series(figure int) (places []int, values []float64) {
	if figures[figure].unit != unitRate && h.atOtherRates() {
		return nil, nil
	}
	for _, p := range h.Points {
		if p.has[figure] {
			places, values = append(places, p.Entry), append(values, p.figures[figure])
		}
	}
	return places, values
}

// judge fills in the figures, the events and the verdict.
func (h *History) judge(rule Rule, search changes.Rule) {
	h.Figures, h.Events = []Figure{}, []Event{}
	enough, used := changes.Enough(search), 0
	if h.Clock == record.Virtual {
		enough = 2
	}
	for i, kind := range figures {
		places, values := h.series(i)
		if len(values) == 0 {
			continue
		}
		used = max(used, len(values))
		f := Figure{
			Name: kind.name, Unit: kind.unit, More: kind.more, Exact: h.Clock == record.Virtual,
			Places: places, Values: values, Changes: []Told{},
		}
		var found []changes.Change
		switch {
		case f.Exact:
			found = exact(values)
		case len(values) >= fewest:
			found = changes.Find(values, search)
		}
		f.tell(found, rule, len(values) < enough)
		h.Figures = append(h.Figures, f)
	}
	h.sum()
	if h.Verdict == TooFew {
		h.Why = fmt.Sprintf("%s can be used: a verdict needs %d", text.Plural(used, "recording"), enough)
	}
	h.group()
}

// exact returns every change of values that are exact.
func exact(values []float64) (all []changes.Change) {
	for i := 1; i < len(values); i++ {
		before, after := values[i-1], values[i]
		if before == after {
			continue
		}
		c := changes.Change{At: i, First: i, Last: i, Before: before, After: after, By: after - before}
		if before > 0 && after > 0 {
			c.By = math.Log(after / before)
		}
		c.Lo, c.Hi = c.By, c.By
		all = append(all, c)
	}
	return all
}

// tell judges the changes of a figure.
func (f *Figure) tell(found []changes.Change, rule Rule, few bool) {
	for i, c := range found {
		told := Told{
			Figure: f.Name, At: f.Places[c.At], Before: f.Places[c.At-1],
			First: f.Places[c.First], Last: f.Places[c.Last],
			Drift: c.Drift, From: c.Before, To: c.After, Verdict: Same,
		}
		if c.Drift {
			told.Before = f.Places[c.First-1]
		}
		told.By, told.Lo, told.Hi = f.size(c)
		band := rule.Tolerance
		if f.Unit == unitCount || f.Exact {
			band = 0
		}
		if told.Lo > band || told.Hi < -band/(1+band) || f.Exact {
			told.Verdict = Worse
			if c.After > c.Before == f.More {
				told.Verdict = Better
			}
		}
		told.Open = told.Verdict == Worse && f.beyond(found[i+1:], c.Before, c.After, band)
		f.Changes = append(f.Changes, told)
	}
	f.sum(few)
}

// size returns a change as a share of the level before, and of counts as a
// difference. From nothing there is no share.
func (f *Figure) size(c changes.Change) (by, lo, hi float64) {
	by, lo, hi = c.By, c.Lo, c.Hi
	positive := !slices.ContainsFunc(f.Values, func(v float64) bool { return v <= 0 })
	if positive || f.Exact && c.Before > 0 && c.After > 0 {
		by, lo, hi = c.Share()
		by, lo, hi = by*c.Before, lo*c.Before, hi*c.Before
	}
	switch {
	case f.Unit == unitCount:
		return by, lo, hi
	case c.Before == 0:
		return 0, 0, 0
	}
	return by / c.Before, lo / c.Before, hi / c.Before
}

// beyond reports whether the level is still worse than before a change, after
// all changes that came later.
func (f *Figure) beyond(later []changes.Change, before, level, band float64) bool {
	if len(later) > 0 {
		level = later[len(later)-1].After
	}
	if f.More {
		return level < before/(1+band)
	}
	return level > before*(1+band)
}

// sum takes the verdict of a figure from its changes.
func (f *Figure) sum(few bool) {
	f.Verdict = Same
	if few {
		f.Verdict = TooFew
	}
	for _, c := range f.Changes {
		if c.Open {
			f.Verdict = Worse
			return
		}
		if c.Verdict == Better {
			f.Verdict = Better
		} else if c.Verdict == Worse {
			f.Verdict = Same // and made good
		}
	}
}

// sum takes the gravest verdict of the figures.
func (h *History) sum() {
	h.Verdict = TooFew
	for _, v := range verdicts() {
		if slices.ContainsFunc(h.Figures, func(f Figure) bool { return f.Verdict == v }) {
			h.Verdict = v
			return
		}
	}
}

// group makes one event of the changes that may be at the same place and went
// the same way, and puts what is open first, then what is latest.
func (h *History) group() {
	for _, f := range h.Figures {
		for _, c := range f.Changes {
			if c.Verdict == Same {
				continue
			}
			i := slices.IndexFunc(h.Events, func(e Event) bool {
				first := e.Changes[0]
				return e.Verdict == c.Verdict && c.First <= first.Last && first.First <= c.Last
			})
			if i < 0 {
				i = len(h.Events)
				h.Events = append(h.Events, Event{Verdict: c.Verdict})
			}
			e := &h.Events[i]
			e.Changes, e.Open = append(e.Changes, c), e.Open || c.Open
		}
	}
	slices.SortStableFunc(h.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(gravity(a), gravity(b)), cmp.Compare(b.Changes[0].At, a.Changes[0].At))
	})
}

func gravity(e Event) int {
	if e.Open {
		return 0
	}
	return 1
}
