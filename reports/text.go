package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/found"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// Text reports the recordings as plain text for a terminal or a log: a row for
// each run, then every finding, once for all runs that show it, with a command
// that reproduces it, then warnings, then the totals. It escapes control
// characters.
func Text(recs []*record.Recording) Reporter { return Screen{}.Text(recs) }

// Text is [Text] for the screen.
func (s Screen) Text(recs []*record.Recording) Reporter {
	return func(w io.Writer) error {
		var b strings.Builder
		s.writeTable(&b, recs)
		for _, f := range findings.Of(recs) {
			s.writeFinding(&b, f)
		}
		s.writeMatrices(&b, recs)
		left := leaksOf(recs)
		for _, r := range recs {
			s.writeEnd(&b, r)
			left.write(&b, s, r)
		}
		for _, r := range recs {
			for _, warning := range r.Warnings {
				fmt.Fprintln(&b, s.Fold(fmt.Sprintf("warning: %s: %s", where(r), line(warning))))
			}
		}
		fmt.Fprintln(&b, s.Fold(summary.Sum(recs).String()))
		_, err := io.WriteString(w, text.Inert(b.String()))
		return err
	}
}

// writeTable writes the runs under the names of their scenarios, all in the
// same columns.
func (s Screen) writeTable(w io.Writer, recs []*record.Recording) {
	if len(recs) == 0 {
		return
	}
	var ordered []*record.Recording
	groups := summary.ByScenario(recs)
	for _, g := range groups {
		ordered = append(ordered, g...)
	}
	head, rows, notes := summary.Table(ordered)
	t := table{head: head, rows: rows, wide: 2}
	t.verdictSecond()
	t.fit(s.Width, "p95", "ideal", "p50", "speedup", "p99", "efficiency", "makespan", "not_found", "ok", "error")
	t.write(w, Screen{}, t.head)
	for _, g := range groups {
		fmt.Fprintln(w, s.Fold(title(g[0])))
		for range g {
			t.write(w, s, t.rows[0])
			t.rows = t.rows[1:]
		}
		s.writeTimes(w, g)
		s.writeFound(w, g)
		if c := summary.Connections(g...); c != "" {
			fmt.Fprintln(w, s.Fold("  "+c))
		}
		for _, r := range g {
			if line := generators(r); line != "" {
				fmt.Fprintln(w, s.Fold("  "+line))
			}
		}
	}
	for _, note := range append(notes, findings.Beaten(ordered...)...) {
		fmt.Fprintln(w, s.Fold(note))
	}
	fmt.Fprintln(w)
}

// writeTimes writes the percentiles of the runs of an open workload.
func (s Screen) writeTimes(w io.Writer, group []*record.Recording) {
	head, rows := summary.Times(group...)
	if rows == nil {
		return
	}
	head[0], head[1] = "", ""
	t := table{head: head, rows: rows, wide: 2, indent: "  "}
	t.fit(s.Width, "p99.99", "p90", "p95", "p99.9", "max", "p50")
	t.write(w, Screen{}, t.head)
	for _, row := range t.rows {
		t.write(w, Screen{}, row)
	}
}

// writeFound writes what the searches of the runs have found, and the rates
// that they have tried.
func (s Screen) writeFound(w io.Writer, group []*record.Recording) {
	for _, r := range group {
		head, rows := found.Table(r)
		if head == nil {
			continue
		}
		fmt.Fprintln(w, s.Fold(fmt.Sprintf("  %s: %s", text.Clip(text.Printable(r.Name()), 40), found.Sentence(r))))
		t := table{head: head, rows: rows, words: 1, indent: "  "}
		t.fit(s.Width, "errors", "throughput")
		t.write(w, Screen{}, t.head)
		for _, row := range t.rows {
			t.write(w, Screen{}, row)
		}
	}
}

// title is the scenario of a group of runs in one line.
func title(r *record.Recording) string {
	s := text.Clip(text.Printable(r.Scenario), 60)
	if r.About != "" {
		s += ": " + text.Clip(text.Printable(r.About), 120)
	}
	return s
}

// where names one run.
func where(r *record.Recording) string {
	return text.Clip(text.Printable(r.Scenario), 60) + " on " + text.Clip(text.Printable(r.Name()), 40)
}

// mostCases is how many cases of a finding are shown.
const mostCases = 3

// writeFinding writes what is wrong with runs, and whose fault it is.
func (s Screen) writeFinding(w io.Writer, f findings.Finding) {
	head := fmt.Sprintf("%s on %s: %s", text.Clip(text.Printable(f.Scenario), 60), f.On(), line(f.Title()))
	if f.File != "" {
		head = fmt.Sprintf("%s:%d: %s", text.Printable(f.File), f.Line, head)
	}
	got := "got   "
	if f.Doubt != "" {
		head += ": " + f.Doubt
		got = "why   "
	}
	fmt.Fprintln(w, s.Fold(head))
	shown := f.Cases[:min(len(f.Cases), mostCases)]
	for i, c := range shown {
		said := fmt.Sprintf("    %s%s", got, line(c.Got))
		if len(f.Cases) > 1 {
			said += ", on " + c.On(f.Of)
		}
		fmt.Fprintln(w, s.Fold(said))
		if i+1 == len(shown) || c.Want != shown[i+1].Want {
			fmt.Fprintln(w, s.Fold("    want  "+line(c.Want)))
		}
	}
	if more := len(f.Cases) - len(shown); more > 0 {
		fmt.Fprintf(w, "    and %s\n", text.Plural(more, "other case"))
	}
	if requests := f.Cases[0].Requests; len(requests) > 0 {
		fmt.Fprintln(w, s.Fold("    requests\n          "+line(strings.Join(requests, "\n"))))
	}
	if cause := f.Cause(); cause != "" {
		fmt.Fprintln(w, s.Fold("    cause "+cause))
	}
	if command := f.Cases[0].Reproduce; command != "" && f.Doubt == "" {
		fmt.Fprintf(w, "    %s\n", text.Printable(command))
	}
	fmt.Fprintln(w)
}

// writeEnd writes how a run went wrong as a whole, if it did.
func (s Screen) writeEnd(w io.Writer, r *record.Recording) {
	if why := findings.Deadlock(r); why != "" {
		fmt.Fprintln(w, s.Fold(fmt.Sprintf("%s: deadlock: %s", where(r), line(why))))
		if len(r.Stuck) > 0 {
			fmt.Fprintln(w, s.Fold("    stuck: "+text.Printable(text.List(r.Stuck, 20))))
		}
		fmt.Fprintln(w)
	}
	if r.Interrupted {
		fmt.Fprintf(w, "%s\n\n", s.Fold(fmt.Sprintf("%s: interrupted after %s%s", where(r), r.Ended(), unended(r))))
	}
}

// unended returns how many tasks an interrupt kept from their end.
func unended(r *record.Recording) string {
	if r.Classes[record.NotStarted]+r.Classes[record.CutOff] == 0 {
		return ""
	}
	return fmt.Sprintf(": %d cut off, %d not started", r.Classes[record.CutOff], r.Classes[record.NotStarted])
}

// line is s fit for a terminal, of a length one can read, later lines set in
// under the first.
func line(s string) string {
	s = strings.ReplaceAll(text.Clip(strings.TrimSpace(s), 2000), "\t", "    ")
	return strings.ReplaceAll(text.Visible(strings.ReplaceAll(s, "\r\n", "\n")), "\n", "\n          ")
}
