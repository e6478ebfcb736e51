// Package page shows recordings as one HTML file for people.
//
// The file needs no network and forbids itself any; it stays readable where scripts, or even its style sheet, are blocked, as
// continuous-integration servers do to the artifacts they keep.
package page

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/charts"
	"github.com/teapot-go/teapot/reports/figures"
	"github.com/teapot-go/teapot/reports/words"
)

// titledBars is how many bars of a whole report get a title to hover over: a report should stay below a megabyte.
const titledBars = 4000

//go:embed page.html.tmpl
var markup string

//go:embed page.css
var style string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{"short": words.Short, "show": show, "list": words.List, "visible": words.Visible}).Parse(markup))

// HTML reports the recordings as one HTML file that needs nothing else: the verdict first, then violations, the table of all
// runs, and for each run a timeline, the distribution of its service times, outcomes and percentiles.
func HTML(host reports.Host, recs []*harness.Recording) reports.Reporter {
	return func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		if err := pageTemplate.Execute(b, newPage(host, recs)); err != nil {
			return err
		}
		return b.Flush()
	}
}

// show is at most n characters of s, none of which hides or turns around what follows.
func show(s string, n int) string { return words.Clip(words.Visible(s), n) }

// page is what the template shows.
type page struct {
	Style     template.CSS
	Policy    string
	Host      string
	Verdict   string
	Good      bool
	Total     figures.Total
	Flawed    []*run
	Doubtful  []*run
	Columns   []string // of the summary, without the executor and the verdict
	Wide      int      // the columns of the summary in all
	Scenarios []section
}

// section is one scenario with its runs.
type section struct {
	ID, Name, About, File string
	Facts                 string
	Runs                  []*run
}

// run is one recording as the template shows it.
type run struct {
	*harness.Recording
	ID, Label, Verdict string
	Good, Open         bool
	Cells              []string // the figures of the summary
	Makespan, Ideal    string
	Full, Ghost        string // the makespan and the ideal one, in percent of the scenario's longest
	Timeline           *charts.Timeline
	Histogram          *charts.Histogram
	Classes            []class
	Matrix             *figures.Matrix
	Percentiles        []quantile
	Notable            []harness.Sample
	Leftover           int // notable samples that are not shown
}

type class struct {
	Class         harness.Class
	Outcome       harness.Outcome
	Planned, Seen int
}

type quantile struct{ Name, Planned, Measured string }

func newPage(host reports.Host, recs []*harness.Recording) *page {
	sum := sha256.Sum256([]byte(style))
	p := &page{
		Style: template.CSS(style), Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; img-src data:; base-uri 'none'; form-action 'none'",
		Host: host.String(), Total: figures.Sum(recs),
	}
	p.Verdict, p.Good = headline(p.Total)
	named := titledBars / max(len(recs), 1)
	var ordered []*harness.Recording
	for i, group := range figures.ByScenario(recs) {
		s := newSection(i, group)
		longest := time.Duration(1)
		for _, r := range group {
			longest = max(longest, r.Makespan, r.IdealMakespan)
		}
		for _, r := range group {
			ordered = append(ordered, r)
			v := newRun(r, fmt.Sprintf("run-%d", len(ordered)), longest, named)
			v.Open = len(recs) <= 4 || !v.Good
			s.Runs = append(s.Runs, v)
			if !v.Good {
				p.Flawed = append(p.Flawed, v)
			}
			if len(r.Warnings) > 0 {
				p.Doubtful = append(p.Doubtful, v)
			}
		}
		p.Scenarios = append(p.Scenarios, s)
	}
	head, rows := figures.Table(ordered)
	p.Columns, p.Wide = head[1:len(head)-1], len(head)
	for _, s := range p.Scenarios {
		for _, v := range s.Runs {
			v.Cells = rows[0][1 : len(head)-1]
			rows = rows[1:]
		}
	}
	return p
}

// headline is the verdict on all runs.
func headline(t figures.Total) (text string, good bool) {
	switch {
	case t.Runs == 0:
		return "Nothing was run", false
	case t.Failed == 0 && t.Runs == 1:
		return "The run is ok", true
	case t.Failed == 0:
		return fmt.Sprintf("All %d runs are ok", t.Runs), true
	}
	text = fmt.Sprintf("%d of %s not ok", t.Failed, words.Plural(t.Runs, "run"))
	if t.Violations > 0 {
		text = fmt.Sprintf("%s in %s", words.Plural(t.Violations, "violation"), words.Plural(t.Runs, "run"))
	}
	return text, false
}

func newSection(i int, group []*harness.Recording) section {
	r := group[0]
	facts := []string{words.Plural(len(r.Samples), "task"), string(r.Clock) + " clock", fmt.Sprintf("seed %d", r.Seed)}
	switch r.Delivery {
	case harness.InOrder:
		facts = append(facts, "delivered in order of submission")
	case harness.AsCompleted:
		facts = append(facts, "delivered as completed")
	}
	return section{ID: fmt.Sprintf("scenario-%d", i+1), Name: show(r.Scenario, 200), About: show(r.About, 2000), File: show(r.File, 500), Facts: strings.Join(facts, " · ")}
}

func newRun(r *harness.Recording, id string, longest time.Duration, named int) *run {
	v := &run{
		Recording: r, ID: id, Label: show(r.Name(), 60), Verdict: figures.Verdict(r), Good: figures.Verdict(r) == "ok",
		Makespan: words.Short(r.Makespan), Ideal: words.None,
		Full: percent(r.Makespan, longest), Ghost: percent(r.IdealMakespan, longest),
		Timeline: charts.Draw(r, named), Histogram: charts.Distribute(r),
	}
	if r.IdealMakespan > 0 {
		v.Ideal = words.Short(r.IdealMakespan)
	}
	v.Classes, v.Matrix = classes(r), figures.Confuse(r)
	v.Percentiles = quantiles(r)
	v.Notable, v.Leftover = surprises(r.Samples)
	return v
}

// percent is part of whole in percent; what is not nothing can be seen.
func percent(part, whole time.Duration) string {
	if part <= 0 {
		return "0"
	}
	return fmt.Sprintf("%.2f%%", min(max(100*float64(part)/float64(whole), 0.4), 100))
}

// classes compares how the tasks ended with how they were planned to.
func classes(r *harness.Recording) (rows []class) {
	planned := map[harness.Class]int{}
	for _, s := range r.Samples {
		planned[s.PlannedClass]++
	}
	known := harness.Classes()
	for c := range r.Classes { // of a later release
		if !slices.Contains(known, c) {
			known = append(known, c)
		}
	}
	slices.Sort(known[len(harness.Classes()):])
	for _, c := range known {
		if planned[c] > 0 || r.Classes[c] > 0 {
			rows = append(rows, class{Class: c, Outcome: c.Outcome(), Planned: planned[c], Seen: r.Classes[c]})
		}
	}
	return rows
}

// quantiles sets the recording's percentiles beside those of the planned service times.
func quantiles(r *harness.Recording) (rows []quantile) {
	var planned []time.Duration
	for _, s := range r.Samples {
		planned = append(planned, s.PlannedService)
	}
	slices.Sort(planned)
	for _, q := range []struct {
		name string
		rank int
	}{{"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"max", 100}} {
		row := quantile{Name: q.name, Planned: words.None, Measured: figures.Percentile(r, q.name)}
		if n := len(planned); n > 0 {
			row.Planned = words.Short(planned[max((n*q.rank+99)/100, 1)-1])
		}
		rows = append(rows, row)
	}
	return rows
}

// surprises are the samples that ended otherwise than planned, with their errors: the first eight, and how many more there are.
func surprises(samples []harness.Sample) (shown []harness.Sample, more int) {
	for _, s := range samples {
		switch {
		case s.Class == s.PlannedClass || s.PlannedClass == "":
		case len(shown) < 8:
			shown = append(shown, s)
		default:
			more++
		}
	}
	return shown, more
}
