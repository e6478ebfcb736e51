package compare

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
)

// symbols stand beside the verdicts, so that one is found without reading all.
var symbols = map[Verdict]string{Worse: "✗", NoData: "∅", Inconclusive: "?", Better: "✓", Same: "="}

// Text reports a comparison as a table for a terminal: for each case its
// verdict, and under it a row for each figure that has changed, or could not be
// judged. Figures that are the same are only named. The last lines are the
// means over all cases, and the headline.
func Text(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		b := new(strings.Builder)
		for _, k := range c.Cases {
			writeCase(b, k)
		}
		writeTogether(b, c.Together())
		for _, warning := range c.Warnings {
			fmt.Fprintf(b, "warning: %s\n", text.Printable(warning))
		}
		for _, note := range notes(c) {
			fmt.Fprintf(b, "%s\n", note)
		}
		fmt.Fprintln(b, totals(c))
		fmt.Fprintln(b, c.Headline())
		_, err := io.WriteString(w, text.Inert(b.String()))
		return err
	}
}

// heads are the names of the columns of figures.
var heads = []string{"figure", "verdict", "old", "new", "change (95% interval)", "why"}

// writeCase writes one case, its figures in columns.
func writeCase(w io.Writer, k Case) {
	fmt.Fprintf(w, "%s\n", headline(k))
	rows := [][]string{heads}
	var equal, same []string
	unjudged := map[string][]string{}
	for _, f := range k.Figures {
		switch {
		case f.Verdict == Same && f.Exact:
			equal = append(equal, f.Metric.Name)
		case f.Verdict == Same:
			same = append(same, strings.TrimSuffix(f.Metric.Name+" "+f.size(), " +0.0 %"))
		case f.Verdict == NoData && f.Why != "":
			unjudged[f.Why] = append(unjudged[f.Why], f.Metric.Name)
		default:
			rows = append(rows, append(cells(f), text.Printable(f.Why)))
		}
	}
	if len(rows) > 1 {
		writeColumns(w, rows)
	}
	for _, why := range slices.Sorted(maps.Keys(unjudged)) {
		names := strings.Join(unjudged[why], ", ")
		fmt.Fprintf(w, "  %s no data: %s: %s\n", symbols[NoData], names, text.Printable(why))
	}
	if len(same) > 0 {
		fmt.Fprintf(w, "  same: %s\n", strings.Join(same, ", "))
	}
	if len(equal) > 0 {
		fmt.Fprintf(w, "  equal: %s\n", strings.Join(equal, ", "))
	}
	fmt.Fprintln(w)
}

// writeColumns writes rows of six columns, of which the third and the fourth
// are numbers.
func writeColumns(w io.Writer, rows [][]string) {
	width := make([]int, len(heads))
	for _, row := range rows {
		for c := range width {
			width[c] = max(width[c], utf8.RuneCountInString(row[c]))
		}
	}
	for _, row := range rows {
		line := fmt.Sprintf("  %-*s  %-*s  %*s  %*s  %-*s  %s", width[0], row[0], width[1], row[1], width[2], row[2],
			width[3], row[3], width[4], row[4], row[5])
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// writeTogether writes the means over all cases.
func writeTogether(w io.Writer, means []Mean) {
	if len(means) == 0 {
		return
	}
	fmt.Fprintln(w, "all runs, by the geometric mean")
	name, cases := 0, 0
	for _, m := range means {
		name, cases = max(name, len(m.Metric.Name)), max(cases, len(text.Plural(m.Cases, "run")))
	}
	for _, m := range means {
		fmt.Fprintf(w, "  %-*s  %-*s  %s\n", name, m.Metric.Name, cases, text.Plural(m.Cases, "run"),
			text.Change(m.Change, m.Lo, m.Hi))
	}
	fmt.Fprintln(w)
}

// headline is a case in one line. It begins with the verdict: no line begins
// with a name, which a CI server could take for a command.
func headline(k Case) string {
	symbol := "+"
	said := "new"
	if k.Verdict != "" {
		symbol, said = symbols[k.Verdict], string(k.Verdict)
	}
	s := symbol + " " + text.Clip(text.Printable(k.Name()), 100) + ": " + said
	if k.Why != "" {
		s += ": " + text.Printable(k.Why)
	}
	if n := min(len(k.Old), len(k.New)); n > 1 {
		s += fmt.Sprintf(" (%d runs each)", n) // never 1
	}
	return s
}

// cells are a figure's columns: name, verdict, old, new, and the change with
// its interval.
func cells(f Figure) []string {
	return []string{
		f.Metric.Name, symbols[f.Verdict] + " " + string(f.Verdict), f.format(f.Old), f.format(f.New), f.size(),
	}
}

// Words returns what the reports show of the figure: old and new in its unit,
// and the change with its interval.
func (f Figure) Words() (old, new, by string) { return f.format(f.Old), f.format(f.New), f.size() }

// format is an old or a new figure in its unit. What must be equal is shown to
// the last digit that may not be.
func (f Figure) format(v float64) string {
	switch {
	case f.Metric.Unit == unitRate:
		return search.Text(v)
	case f.Metric.Unit == unitNanoseconds && f.Exact:
		return time.Duration(v).String()
	case f.Metric.Unit == unitNanoseconds:
		return text.Short(time.Duration(math.Round(v)))
	case f.Metric.Name == "efficiency" && f.Exact:
		return fmt.Sprintf("%.12g%%", 100*v)
	case f.Metric.Name == "efficiency":
		return fmt.Sprintf("%.1f%%", 100*v)
	case f.Metric.Unit == unitRatio && f.Exact:
		return fmt.Sprintf("%.12g×", v)
	case f.Metric.Unit == unitRatio:
		return fmt.Sprintf("%.4g×", v)
	case f.Metric.Name == perTask:
		return inBytes(v)
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// inBytes is a number of bytes in the unit that suits it.
func inBytes(v float64) string {
	units := [...]string{"B", "kB", "MB", "GB"}
	i := 0
	for ; i+1 < len(units) && v >= 999.95; i++ {
		v /= 1000
	}
	return fmt.Sprintf("%.4g %s", v, units[i])
}

// size is the change of a figure with its interval: a share of the old one
// where it is not a count.
func (f Figure) size() string {
	switch {
	case f.Exact && f.Change == 0:
		return "0"
	case f.Exact && f.Metric.Unit == unitCount:
		return fmt.Sprintf("%+.4g", f.Change)
	case f.Old == 0:
		return text.None
	}
	return text.Change(f.Change, f.Lo, f.Hi)
}

// notes explain what the table rests on, once for all: the ratios, and the
// rule.
func notes(c Comparison) []string {
	var list []string
	said := map[string]bool{}
	judged := false
	for _, k := range c.Cases {
		for _, f := range k.Figures {
			if why := f.Metric.Why; why != "" && !said[why] && f.Metric.Unit == unitRatio {
				said[why] = true
				list = append(list, fmt.Sprintf("%s: %s.", f.Metric.Name, why))
			}
			judged = judged || !f.Exact && f.Pairs > 0
		}
	}
	if judged {
		list = append(
			list,
			"worse or better: the whole 95% interval of the median change lies beyond the tolerance; same: all of "+
				"it lies within; inconclusive: neither.",
		)
	}
	return list
}

// totals returns a comparison in one line: how many cases came to each
// verdict.
func totals(c Comparison) string {
	count := map[Verdict]int{}
	for _, k := range c.Cases {
		count[k.Verdict]++
	}
	var parts []string
	for _, v := range verdicts() {
		if count[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[v], v))
		}
	}
	if n := count[""]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d new", n))
	}
	if len(parts) == 0 {
		return "nothing compared"
	}
	if count[""] == len(c.Cases) {
		parts = append(parts, "so nothing was compared")
	}
	return text.Plural(len(c.Cases), "case") + ": " + strings.Join(parts, ", ")
}

// JSON reports a comparison as one JSON object: its format, which is
// "teapot.comparison/1", whether it failed, its headline, the means over all
// cases, and the fields of Comparison.
func JSON(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(struct {
			Format   string `json:"format"`
			Failed   bool   `json:"failed"`
			Headline string `json:"headline"`
			Together []Mean `json:"together,omitempty"`
			Comparison
		}{"teapot.comparison/1", c.Failed(), c.Headline(), c.Together(), c})
	}
}
