// Package html shows recordings as one HTML file for people.
//
// The file needs no network, and its content security policy forbids any. Its
// facts are markup and drawings, which stay readable where scripts or the style
// sheet are blocked, as CI servers do with the artifacts that they keep. Where
// its one script may run, timelines can be zoomed and walked through, and tasks
// can be searched.
package html

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// A whole report carries so many samples, so many to a run at least, more only
// where so many failed, and draws so many bars that have a title to hover over:
// it should stay below two megabytes for a million samples, and one of a small
// run below 150 kB.
const (
	mostSamples  = 36_000
	mostFailed   = 75_000
	leastSamples = 200
	titledBars   = 30
)

//go:embed markup/*.tmpl
var markup embed.FS

//go:embed page.css
var stylesheet string

// style is the style sheet without what only its writers need.
var style = compact(stylesheet)

func compact(css string) string {
	css = strings.NewReplacer("\n  ", "", "\n", "", "  ", "", ": ", ":", "; ", ";", " {", "{", " }", "}", ", ", ",").
		Replace(css)
	return strings.NewReplacer("{ ", "{", ";}", "}", "; }", "}").Replace(css)
}

// operators of scripts need no spaces around them. No string has one.
var operators = []string{" => ", " = ", " === ", " !== ", " && ", " || "}

// tight is a line of a script without those spaces.
func tight(line string) string {
	for _, o := range operators {
		line = strings.ReplaceAll(line, o, strings.TrimSpace(o))
	}
	return line
}

//go:embed script/*.js
var scripts embed.FS

var pageTemplate = template.Must(template.New("page.html.tmpl").
	Funcs(template.FuncMap{
		"short": text.Short, "show": show, "list": text.List, "visible": text.Visible, "counted": text.Count,
		"look": strokeOf, "looked": lookNamed, "packed": packed,
		"lines": func(all []string) string { return strings.Join(all, "\n") },
	}).
	ParseFS(markup, "markup/*.tmpl"))

// Report reports the recordings as one HTML file: the verdict, the violations,
// the table of all runs, and for each scenario its executors side by side and
// each run in pictures and figures. The file says what it leaves out.
func Report(host reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		return write(w, "page.html.tmpl", newPage(host, recs))
	}
}

// show is at most n characters of s, none of which hides or turns around what
// follows.
func show(s string, n int) string { return text.Clip(text.Visible(s), n) }

// page is what the template shows.
type page struct {
	Style       template.CSS
	Script      template.JS
	Policy      string
	Host        string
	Tested      []string // the commit, the branch and how the runs were made
	Job         string   // the address of the job of a CI server, "" for none
	Command     string   // that made the runs
	Environment []Fact
	Verdict     string
	Good        bool
	Unknown     bool   // nothing is wrong, but something could not be judged
	Counts      string // what the headline does not say
	Total       summary.Total
	Findings    []finding
	Flawed      []*run
	Doubtful    []*run
	Columns     []string // of the summary, without the executor and the verdict
	Notes       []string // what some of its figures mean
	Wide        int      // the columns of the summary in all
	Scenarios   []section
}

// A Fact is a name and a value.
type Fact struct{ Name, Value string }

func newPage(host reports.Host, recs []*record.Recording) *page {
	script := script()
	p := &page{
		Style: template.CSS(style), Script: template.JS(script), Policy: policy(script),
		Host:   host.String(),
		Tested: tested(host, recs), Job: host.Job, Command: show(host.Command, 300),
		Environment: environment(host), Total: summary.Sum(recs),
	}
	failing, cut := failing(recs), interrupted(host, recs)
	p.Verdict, p.Good = headline(p.Total, failing, cut)
	if p.Counts = p.Total.OtherCounts(); p.Total.Violations+p.Total.Deadlocks > 0 {
		p.Counts = p.Total.String()
	}
	if cut != "" && cut != p.Verdict {
		p.Counts = strings.TrimPrefix(p.Counts+", "+strings.ToLower(cut[:1])+cut[1:], ", ")
	}
	p.Unknown = len(failing) == 0 && !p.Good && (p.Total.Runs > 0 || cut != "")
	var groups [][]*record.Recording
	notes, n := map[*record.Recording]string{}, 0
	for _, group := range summary.ByScenario(recs) {
		shown, said := representatives(group)
		groups, n = append(groups, shown), n+len(shown)
		maps.Copy(notes, said)
	}
	n = max(n, 1)
	room := space{titles: titledBars / n, samples: max(mostSamples/n, leastSamples), failed: mostFailed / n}
	var ordered []*record.Recording
	anchors := newAnchors()
	for _, group := range groups {
		s := newSection(anchors, group, room)
		ordered = append(ordered, group...)
		for _, v := range s.Runs {
			v.Note = notes[v.Recording]
			if !v.Good {
				p.Flawed = append(p.Flawed, v)
			}
			if len(v.Warnings) > 0 {
				p.Doubtful = append(p.Doubtful, v)
			}
		}
		p.Scenarios = append(p.Scenarios, s)
	}
	p.Findings = newFindings(ordered, p.Scenarios)
	p.open()
	head, rows, said := summary.Table(ordered)
	p.Notes = append(said, findings.Beaten(ordered...)...)
	p.Columns, p.Wide = head[1:len(head)-1], len(head)+2
	for _, s := range p.Scenarios {
		for _, v := range s.Runs {
			v.Cells = rows[0][1 : len(head)-1]
			rows = rows[1:]
		}
	}
	return p
}

// open opens the first run that is not ok, of all in the page, and the only
// ones of a page that has few and no such run.
func (p *page) open() {
	const few = 4
	for _, s := range p.Scenarios {
		for _, v := range s.Runs {
			v.Brief = v.As != nil || v.Good && p.Total.Runs > 1
			v.Open = len(p.Flawed) == 0 && p.Total.Runs <= few || len(p.Flawed) > 0 && v == p.Flawed[0]
		}
	}
}

// script is all scripts as one that leaves nothing behind in the page.
func script() string {
	var b bytes.Buffer
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range []string{
		"samples", "timeline", "paint", "scatter", "search", "chips", "table", "links", "start",
	} {
		text, err := scripts.ReadFile("script/" + name + ".js")
		if err != nil {
			panic(err) // it is embedded
		}
		for line := range strings.Lines(string(text)) { // a reader of the page can do without
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "//") {
				continue
			}
			b.WriteString(tight(line))
			if !strings.ContainsAny(line[len(line)-1:], "{;,") { // after which the line may go on
				b.WriteByte('\n')
			}
		}
	}
	b.WriteString("})();\n")
	return b.String()
}

// policy allows the page its own style and script, "" for none, and nothing of
// anybody else.
func policy(script string) string { return policyOf(style, script) }

// policyOf is the policy of a page with another style.
func policyOf(style, script string) string {
	allowed := "none"
	if script != "" {
		allowed = digest(script)
	}
	return fmt.Sprintf(
		"default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
		digest(style),
		allowed,
	)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// environment is what is known of the host, a fact a line.
func environment(h reports.Host) []Fact {
	if h == (reports.Host{}) {
		return nil
	}
	facts := []Fact{
		{"commit", show(h.Commit, 100)},
		{"branch", show(h.Branch, 100)},
		{"job", show(h.Job, 1000)},
		{"command", text.Clip(text.Printable(h.Command), 1000)},
		{"Go", h.Go},
		{"system", h.OS + "/" + h.Arch},
		{"processors", fmt.Sprintf("%d, of which Go used %d", h.CPUs, h.MaxProcs)},
	}
	if !h.Started.IsZero() {
		facts = append(facts, Fact{"started", h.Started.UTC().Format("2006-01-02 15:04:05 UTC")})
	}
	if h.Took > 0 {
		facts = append(facts, Fact{"took", text.Short(h.Took)})
	}
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
}

// A failure is a scenario with runs that show it to fail.
type failure struct {
	scenario   string
	failed, of int // runs
	among      int // scenarios
}

// failing returns the scenarios with a violation or a deadlock.
func failing(recs []*record.Recording) (all []failure) {
	groups := summary.ByScenario(recs)
	for _, group := range groups {
		f := failure{show(group[0].Scenario, 60), 0, len(group), len(groups)}
		for _, r := range group {
			if len(r.Violations) > 0 || r.Deadlock != "" {
				f.failed++
			}
		}
		if f.failed > 0 {
			all = append(all, f)
		}
	}
	return all
}

// interrupted says how far the runs came, "" if to their end.
func interrupted(h reports.Host, recs []*record.Recording) string {
	missing, planned, cut := max(0, h.Planned-len(recs)), max(h.Planned, len(recs)), ""
	for i, r := range recs {
		if r.Interrupted {
			cut = "Interrupted after " + r.Ended()
			if planned > 1 {
				cut += fmt.Sprintf(" of run %d of %d", i+1, planned)
			}
		}
	}
	switch {
	case cut == "" && missing > 0:
		cut = fmt.Sprintf("Interrupted after %d of %s", len(recs), text.Plural(planned, "run"))
	case missing > 0:
		cut += "; " + text.Plural(missing, "run") + " not begun"
	}
	return cut
}

// headline is the verdict on all runs, of which scenarios fail, and which may
// have been cut short.
func headline(t summary.Total, failing []failure, cut string) (line string, good bool) {
	switch {
	case len(failing) == 0 && cut != "":
		return cut, false
	case t.Runs == 0:
		return "Nothing was run", false
	case len(failing) == 1 && failing[0].of == 1:
		return failing[0].scenario + " fails", false
	case len(failing) == 1:
		return fmt.Sprintf("%s fails in %d of %d runs", failing[0].scenario, failing[0].failed, failing[0].of), false
	case len(failing) > 1:
		var names []string
		for _, f := range failing {
			names = append(names, f.scenario)
		}
		return fmt.Sprintf("%d of %d scenarios fail: %s", len(failing), failing[0].among, text.List(names, 3)), false
	case t.Failed == 0 && t.Runs == 1:
		return "The run is ok", true
	case t.Failed == 0:
		return fmt.Sprintf("All %d runs are ok", t.Runs), true
	case t.Unknown() == t.Failed && t.Runs == 1:
		return "The run cannot be judged", false
	case t.Unknown() == t.Failed:
		return fmt.Sprintf("%d of %s cannot be judged", t.Failed, text.Plural(t.Runs, "run")), false
	}
	return fmt.Sprintf("%d of %s are not ok", t.Failed, text.Plural(t.Runs, "run")), false
}
