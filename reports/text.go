package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
func Text(recs []*record.Recording) Reporter {
	return func(w io.Writer) error {
		return buffered(w, func(w io.Writer) error {
			writeTable(w, recs)
			for _, f := range findings.Of(recs) {
				writeFinding(w, f)
			}
			writeMatrices(w, recs)
			left := leaksOf(recs)
			for _, r := range recs {
				writeEnd(w, r)
				left.write(w, r)
			}
			for _, r := range recs {
				for _, warning := range r.Warnings {
					fmt.Fprintf(w, "warning: %s: %s\n", where(r), line(warning))
				}
			}
			_, err := fmt.Fprintln(w, summary.Sum(recs)) // buffered: it keeps the first error
			return err
		})
	}
}

// writeTable writes the runs under the names of their scenarios, all in the
// same columns.
func writeTable(w io.Writer, recs []*record.Recording) {
	if len(recs) == 0 {
		return
	}
	var ordered []*record.Recording
	groups := summary.ByScenario(recs)
	for _, g := range groups {
		ordered = append(ordered, g...)
	}
	head, rows := summary.Table(ordered)
	width := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		row[0] = text.Clip(text.Printable(row[0]), 40)
		for c, cell := range row {
			width[c] = max(width[c], utf8.RuneCountInString(cell))
		}
	}
	writeRow(w, head, width)
	for _, g := range groups {
		fmt.Fprintln(w, title(g[0]))
		for range g {
			writeRow(w, rows[0], width)
			rows = rows[1:]
		}
		writeTimes(w, g)
		writeFound(w, g)
		if c := summary.Connections(g...); c != "" {
			fmt.Fprintf(w, "  %s\n", c)
		}
	}
	if mark := summary.Marked(ordered...); mark != "" {
		fmt.Fprintln(w, mark)
	}
	fmt.Fprintln(w)
}

// writeTimes writes the percentiles of the runs of an open workload.
func writeTimes(w io.Writer, group []*record.Recording) {
	head, rows := summary.Times(group...)
	if rows == nil {
		return
	}
	head[0], head[1] = "", ""
	width := make([]int, len(head))
	rows = append([][]string{head}, rows...)
	for _, row := range rows {
		row[0] = text.Clip(text.Printable(row[0]), 40)
		for c, cell := range row {
			width[c] = max(width[c], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		fmt.Fprintf(w, "    %-*s  %-*s", width[0], row[0], width[1], row[1])
		for c, cell := range row[2:] {
			fmt.Fprintf(w, "  %*s", width[c+2], cell)
		}
		fmt.Fprintln(w)
	}
}

// writeFound writes what the searches of the runs have found, and the rates
// that they have tried.
func writeFound(w io.Writer, group []*record.Recording) {
	for _, r := range group {
		head, rows := found.Table(r)
		if head == nil {
			continue
		}
		fmt.Fprintf(w, "  %s: %s\n", text.Clip(text.Printable(r.Name()), 40), found.Sentence(r))
		width := make([]int, len(head))
		rows = append([][]string{head}, rows...)
		for _, row := range rows {
			for c, cell := range row {
				width[c] = max(width[c], utf8.RuneCountInString(cell))
			}
		}
		for _, row := range rows {
			fmt.Fprint(w, "  ")
			for c, cell := range row[:len(row)-1] {
				fmt.Fprintf(w, "  %*s", width[c], cell)
			}
			fmt.Fprintf(w, "  %s\n", row[len(row)-1])
		}
	}
}

// writeRow writes one row: the executor and the verdict first, so that a narrow
// terminal wraps what matters less, then the numbers. fmt counts characters,
// not bytes.
func writeRow(w io.Writer, row []string, width []int) {
	last := len(row) - 1
	fmt.Fprintf(w, "  %-*s  %-*s", width[0], row[0], width[last], row[last])
	for c, cell := range row[1:last] {
		fmt.Fprintf(w, "  %*s", width[c+1], cell)
	}
	fmt.Fprintln(w)
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
func writeFinding(w io.Writer, f findings.Finding) {
	if f.File != "" {
		fmt.Fprintf(w, "%s:%d: ", text.Printable(f.File), f.Line)
	}
	fmt.Fprintf(w, "%s on %s: %s", text.Clip(text.Printable(f.Scenario), 60), f.On(), line(f.Check))
	got := "got   "
	if f.Doubt != "" {
		fmt.Fprintf(w, ": %s", f.Doubt)
		got = "why   "
	}
	fmt.Fprintln(w)
	shown := f.Cases[:min(len(f.Cases), mostCases)]
	for i, c := range shown {
		fmt.Fprintf(w, "    %s%s", got, line(c.Got))
		if len(f.Cases) > 1 {
			fmt.Fprintf(w, ", on %s", c.On(f.Of))
		}
		fmt.Fprintln(w)
		if i+1 == len(shown) || c.Want != shown[i+1].Want {
			fmt.Fprintf(w, "    want  %s\n", line(c.Want))
		}
	}
	if more := len(f.Cases) - len(shown); more > 0 {
		fmt.Fprintf(w, "    and %s\n", text.Plural(more, "other case"))
	}
	if requests := f.Cases[0].Requests; len(requests) > 0 {
		fmt.Fprintf(w, "    requests\n          %s\n", line(strings.Join(requests, "\n")))
	}
	if cause := f.Cause(); cause != "" {
		fmt.Fprintf(w, "    cause %s\n", cause)
	}
	if command := f.Cases[0].Reproduce; command != "" && f.Doubt == "" {
		fmt.Fprintf(w, "    %s\n", text.Printable(command))
	}
	fmt.Fprintln(w)
}

// writeEnd writes how a run went wrong as a whole, if it did.
func writeEnd(w io.Writer, r *record.Recording) {
	if why := findings.Deadlock(r); why != "" {
		fmt.Fprintf(w, "%s: deadlock: %s\n", where(r), line(why))
		if len(r.Stuck) > 0 {
			fmt.Fprintf(w, "    stuck: %s\n", text.Printable(text.List(r.Stuck, 20)))
		}
		fmt.Fprintln(w)
	}
	if r.Interrupted {
		fmt.Fprintf(w, "%s: interrupted after %s%s\n\n", where(r), r.Ended(), unended(r))
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
