package html

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/charts/history"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/reports/trend"
)

//go:embed trend.css
var trendStylesheet string

// What a page of a trend has room for: it should stay below a megabyte.
const (
	mostPoints     = 40_000 // dots in drawings
	mostRecordings = 1000   // rows of the table of recordings
	mostHistories  = 500    // rows of the table of histories
)

// Trend reports what has become of scenarios as one HTML file: what has changed
// and since which commit, then each history in pictures. The file has no
// script, and says what it leaves out.
func Trend(t trend.Trend) reports.Reporter {
	return func(w io.Writer) error {
		return write(w, "trend.html.tmpl", newTrend(t))
	}
}

// trended is what the template shows.
type trended struct {
	Style         template.CSS
	Policy        string
	Verdict       string
	Good, Unknown bool
	Span, Claim   string
	Events        []occurrence
	Settled       []occurrence // what was made good, or is for the better
	Columns       []string     // of the table of histories
	Drawn         string       // the figures that are drawn in it
	Histories     []past
	More          string // histories without a row, "" for none
	Recordings    []recorded
	Earlier       int // recordings without a row
}

// past is a history.
type past struct {
	ID, Name, Note string
	Verdict        trend.Verdict
	Class          string
	Spark          string
	Recordings     int
	Cells          []string // the level of each figure of the table
	Events         []occurrence
	Figures        []sketch
	Open           bool
	Left           string // why it has no drawings
	Unused         bool   // whether a drawing marks a recording that was not used
	Flawed         bool   // whether a drawing marks one with violations
}

// occurrence is an event of a history.
type occurrence struct {
	ID, History string
	Verdict     trend.Verdict
	Class       string
	What, Where string
	Notes       []string
	First, Last int // recordings, from 1
	Sketch      *sketch
	Job         string
}

// sketch is a figure of a history.
type sketch struct {
	Title, Axis, Label string
	*history.Drawing
}

// recorded is a row of the table of recordings.
type recorded struct {
	N                                   int
	Started, Commit, Branch, File, Host string
	Job                                 string
}

func newTrend(t trend.Trend) *trended {
	css := style + compact(trendStylesheet)
	v := &trended{
		Style: template.CSS(css), Policy: policyOf(css, ""), Verdict: t.Headline(), Good: !t.Failed() && !t.Unknown(),
		Unknown: t.Unknown(), Span: t.Span(), Claim: t.Claim(), Columns: t.Names(),
	}
	room := mostPoints
	for pass := range 2 { // what has changed comes first
		for i, h := range t.Histories {
			if (h.Verdict == trend.Worse) != (pass == 0) {
				continue
			}
			if len(v.Histories) == mostHistories {
				v.More = text.Plural(len(t.Histories)-mostHistories, "more") + " are not shown"
				break
			}
			v.Histories = append(v.Histories, newPast(t, h, fmt.Sprintf("history-%d", i+1), &room))
		}
	}
	for _, h := range v.Histories {
		for _, e := range h.Events {
			if e.Class == "bad" {
				v.Events = append(v.Events, e)
			} else {
				e.Sketch = nil
				v.Settled = append(v.Settled, e)
			}
		}
	}
	v.Drawn = text.List(leading(t), 3)
	v.Earlier = max(0, len(t.Entries)-mostRecordings)
	for i := v.Earlier; i < len(t.Entries); i++ {
		v.Recordings = append(v.Recordings, newRecorded(t, i))
	}
	return v
}

// leading are the figures that histories begin with.
func leading(t trend.Trend) (all []string) {
	for _, name := range t.Names() {
		if slices.ContainsFunc(t.Histories, func(h trend.History) bool {
			return len(h.Figures) > 0 && h.Figures[0].Name == name
		}) {
			all = append(all, name)
		}
	}
	return all
}

func newRecorded(t trend.Trend, i int) recorded {
	e := t.Entries[i]
	r := recorded{
		N: i + 1, Commit: t.Commit(i), Branch: show(e.Host.Branch, 60), File: show(e.File, 100), Job: e.Host.Job,
		Host: show(fmt.Sprintf("%s/%s, %s", e.Host.OS, e.Host.Arch, text.Plural(e.Host.CPUs, "CPU")), 60),
	}
	if !e.Host.Started.IsZero() {
		r.Started = e.Host.Started.UTC().Format("2006-01-02 15:04")
	}
	return r
}

// classOf is the CSS class of a verdict.
func classOf(v trend.Verdict) string {
	return map[trend.Verdict]string{trend.Worse: "bad", trend.Better: "good", trend.TooFew: "unknown"}[v]
}

func newPast(t trend.Trend, h trend.History, id string, room *int) past {
	p := past{
		ID: id, Name: show(h.Name(), 200), Verdict: h.Verdict, Class: classOf(h.Verdict), Recordings: len(h.Points),
		Note: h.Why, Open: len(h.Events) > 0,
	}
	if unused := h.Unused(); unused != "" {
		p.Note = strings.TrimPrefix(p.Note+"; "+unused, "; ")
	}
	for _, name := range t.Names() {
		cell := text.None
		for _, f := range h.Figures {
			if f.Name == name {
				_, last := f.Ends()
				cell = f.Format(last)
			}
		}
		p.Cells = append(p.Cells, cell)
	}
	if len(h.Figures) > 0 {
		p.Spark = history.Spark(h.Figures[0].Values)
	}
	points := 0
	for _, f := range h.Figures {
		points += min(len(f.Values), 600)
	}
	if *room -= points; *room < 0 && h.Verdict != trend.Worse || *room < -mostPoints/2 {
		p.Left = "The page has no room for its drawings: give the files of this scenario alone."
	} else {
		for _, f := range h.Figures {
			p.Figures = append(p.Figures, newDrawn(t, h, f))
		}
	}
	for _, point := range h.Points {
		p.Unused, p.Flawed = p.Unused || point.Runs == 0, p.Flawed || point.Violated
	}
	p.Events = newOccurrences(t, h, &p)
	return p
}

func newOccurrences(t trend.Trend, h trend.History, p *past) (all []occurrence) {
	shown, more := h.Shown()
	for _, e := range shown {
		first := e.Place()
		o := occurrence{
			ID: p.ID, History: p.Name, Verdict: e.Verdict, What: e.What(), Where: t.Where(e), Notes: t.Notes(e),
			First: first.Before + 1, Last: first.At + 1, Job: t.Host(first.At).Job,
		}
		switch {
		case e.Open:
			o.Class = "bad"
		case e.Verdict == trend.Better:
			o.Class = "good"
		}
		for i := range p.Figures {
			if h.Figures[i].Name == first.Figure {
				o.Sketch = &p.Figures[i]
			}
		}
		all = append(all, o)
	}
	if more > 0 {
		p.Note = strings.TrimPrefix(p.Note+"; "+text.Plural(more, "more change"), "; ")
	}
	return all
}

func newDrawn(t trend.Trend, h trend.History, f trend.Figure) sketch {
	const day, minute = "2006-01-02", "15:04 UTC"
	layout := day
	if n := len(t.Entries); n > 0 && t.Host(0).Started.UTC().Format(day) == t.Host(n-1).Started.UTC().Format(day) {
		layout = minute // the heading has the day
	}
	s := history.Series{
		Of: len(t.Entries), Places: f.Places, Values: f.Values, Write: f.Beside, Whole: f.Name == "errors",
		Flawed: map[int]bool{}, Date: func(i int) string {
			if started := t.Host(i).Started; !started.IsZero() {
				return started.UTC().Format(layout)
			}
			return fmt.Sprintf("recording %d", i+1)
		},
	}
	for _, p := range h.Points {
		if p.Violated {
			s.Flawed[p.Entry] = true
		}
		if p.Runs == 0 {
			s.Unused = append(s.Unused, p.Entry)
		}
	}
	s.Levels = levels(f)
	first, last := f.Ends()
	d := sketch{Axis: "recordings, in the order in which they began"}
	stays := " stays at "
	if f.Name == "errors" {
		stays = " stay at "
	}
	d.Title = f.Title() + stays + f.Format(last)
	told := 0
	for _, c := range f.Changes {
		if c.Verdict == trend.Same {
			continue
		}
		told++
		if len(s.Bands) < 20 {
			s.Bands = append(s.Bands, history.Band{
				First: c.First, Last: c.Last, Bad: c.Open, Wide: c.Drift, Title: c.Figure + " " + c.Size(),
			})
		}
	}
	switch {
	case told == 1:
		i := 0
		for f.Changes[i].Verdict == trend.Same {
			i++
		}
		d.Title = fmt.Sprintf("%s: %s", f.Title(), f.Changes[i].Size())
		if f.Changes[i].Drift {
			d.Title += ", gradually"
		}
	case told > 1:
		d.Title = fmt.Sprintf("%s: %s at first, %s at last", f.Title(), f.Format(first), f.Format(last))
	}
	d.Drawing = history.New(s)
	d.Label = fmt.Sprintf("%s over %d recordings. %s.", f.Title(), len(f.Values), d.Title)
	return d
}

// levels are the lines between the changes of a figure.
func levels(f trend.Figure) (all []history.Level) {
	const most = 100
	from, level := f.Places[0], 0.0
	level, _ = f.Ends()
	for _, c := range f.Changes[:min(len(f.Changes), most)] {
		all = append(all, history.Level{From: from, To: c.Before, Begin: level, End: level})
		if c.Drift {
			all = append(all, history.Level{From: c.Before, To: c.At, Begin: c.From, End: c.To})
		}
		from, level = c.At, c.To
	}
	return append(all, history.Level{From: from, To: f.Places[len(f.Places)-1], Begin: level, End: level})
}
