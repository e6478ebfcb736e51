package compare

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
)

// symbols stand beside the verdicts, so that one is found without reading all.
var symbols = map[Verdict]string{Worse: "✗", NoData: "∅", Inconclusive: "?", Better: "✓", Same: "="}

// Text reports a comparison as a table for a terminal: for each case its
// verdict, and under it a row for each figure. Figures that must be equal, and
// are, are only named.
func Text(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for _, k := range c.Cases {
			writeCase(b, k)
		}
		for _, warning := range c.Warnings {
			fmt.Fprintf(b, "warning: %s\n", text.Printable(warning))
		}
		for _, note := range notes(c) {
			fmt.Fprintf(b, "%s\n", note)
		}
		fmt.Fprintln(b, totals(c))
		return b.Flush()
	}
}

// writeCase writes one case, its figures in columns.
func writeCase(w io.Writer, k Case) {
	fmt.Fprintf(w, "%s\n", headline(k))
	var rows [][]string
	var equal []string
	for _, f := range k.Figures {
		if f.Exact && f.Verdict == Same {
			equal = append(equal, f.Metric.Name)
			continue
		}
		rows = append(rows, append(cells(f), text.Printable(f.Why)))
	}
	width := make([]int, 6)
	for _, row := range rows {
		for c := range width {
			width[c] = max(width[c], utf8.RuneCountInString(row[c]))
		}
	}
	for _, row := range rows {
		line := fmt.Sprintf(
			"  %-*s  %-*s  %*s  %*s  %*s  %*s  %s",
			width[0],
			row[0],
			width[1],
			row[1],
			width[2],
			row[2],
			width[3],
			row[3],
			width[4],
			row[4],
			width[5],
			row[5],
			row[6],
		)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	if len(equal) > 0 {
		fmt.Fprintf(w, "  equal: %s\n", strings.Join(equal, ", "))
	}
	fmt.Fprintln(w)
}

func headline(k Case) string {
	s := text.Clip(text.Printable(k.Name()), 100) + ": " + verdict(k)
	if k.Why != "" {
		s += ": " + text.Printable(k.Why)
	}
	if n := min(len(k.Old), len(k.New)); n > 1 {
		s += fmt.Sprintf(" (%d runs each)", n) // never 1
	}
	return s
}

// cells are a figure's columns: name, verdict, old, new, change and interval.
func cells(f Figure) []string {
	return []string{
		f.Metric.Name, symbols[f.Verdict] + " " + string(f.Verdict),
		f.format(f.Old), f.format(f.New), change(f, f.Change), f.interval(),
	}
}

// Words returns what the reports show of the figure: old and new in its unit,
// the change, and the interval of the change.
func (f Figure) Words() (old, new, by, interval string) {
	return f.format(f.Old), f.format(f.New), change(f, f.Change), f.interval()
}

// format is an old or a new figure in its unit. What must be equal is shown to
// the last digit that may not be.
func (f Figure) format(v float64) string {
	switch {
	case f.Metric.Unit == unitNanoseconds && f.Exact:
		return time.Duration(v).String()
	case f.Metric.Unit == unitNanoseconds:
		return text.Short(time.Duration(math.Round(v)))
	case f.Metric.Unit == unitRatio && f.Exact:
		return fmt.Sprintf("%.12g", v)
	case f.Metric.Unit == unitRatio:
		return fmt.Sprintf("%.4g", v)
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}

// change is a change of a figure, as a share of the old one where it is not a
// count.
func change(f Figure, v float64) string {
	switch {
	case f.Exact && v == 0:
		return "0"
	case f.Exact && f.Metric.Unit == unitCount:
		return fmt.Sprintf("%+.4g", v)
	case f.Old == 0:
		return text.None
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%+.0f×", v)
	case f.Exact:
		return fmt.Sprintf("%+.4g%%", 100*v) // a nanosecond is a change
	}
	return fmt.Sprintf("%+.1f%%", 100*v)
}

func (f Figure) interval() string {
	if f.Exact || f.Lo == f.Hi {
		return ""
	}
	return fmt.Sprintf("%s … %s", change(f, f.Lo), change(f, f.Hi))
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
// "teapot.comparison/1", whether it failed, and the fields of Comparison.
func JSON(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(struct {
			Format string `json:"format"`
			Failed bool   `json:"failed"`
			Comparison
		}{"teapot.comparison/1", c.Failed(), c})
	}
}
