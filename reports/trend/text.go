package trend

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
)

// symbols stand beside the verdicts, so that one is found without reading all.
var symbols = map[Verdict]string{Worse: "✗", Better: "✓", Same: "=", TooFew: "∅"}

// Symbol returns the character that stands beside the verdict.
func (v Verdict) Symbol() string { return symbols[v] }

// mostEvents is how many changes of a history a report tells.
const mostEvents = 8

// Shown returns the events that a report for people tells, what is open first,
// and how many more there are.
func (h History) Shown() (shown []Event, more int) {
	n := min(len(h.Events), mostEvents)
	return h.Events[:n], len(h.Events) - n
}

// Text reports a trend for a terminal of so many columns, 0 for any number: for
// each history its verdict, a line for each figure, and what has changed.
func Text(t Trend, width int) reports.Reporter {
	return func(w io.Writer) error {
		var b strings.Builder
		for _, h := range t.Histories {
			t.writeHistory(&b, h, width)
		}
		fmt.Fprintf(&b, "%s: %s\n", t.Span(), t.Headline())
		_, err := io.WriteString(w, text.Inert(b.String()))
		return err
	}
}

func (t Trend) writeHistory(w io.Writer, h History, width int) {
	// No line begins with a name, which a CI server could take for a command.
	fmt.Fprintf(w, "%s %s: %s (%s", h.Verdict.Symbol(), text.Clip(text.Printable(h.Name()), 120), h.Verdict,
		text.Plural(len(h.Points), "recording"))
	if unused := h.Unused(); unused != "" {
		fmt.Fprintf(w, ", %s", unused)
	}
	fmt.Fprint(w, ")")
	if h.Why != "" {
		fmt.Fprintf(w, ": %s", h.Why)
	}
	fmt.Fprintln(w)
	writeFigures(w, h, width)
	shown, more := h.Shown()
	for _, e := range shown {
		fmt.Fprintf(w, "  %s %s\n", e.Verdict.Symbol(), e.What())
		fmt.Fprintf(w, "    %s\n", t.Where(e))
		for _, note := range t.Notes(e) {
			fmt.Fprintf(w, "    %s\n", note)
		}
	}
	if more > 0 {
		fmt.Fprintf(w, "  and %s\n", text.Plural(more, "more change"))
	}
	fmt.Fprintln(w)
}

// writeFigures writes a line for each figure: its level at first and at last,
// its verdict, and its values as bars.
func writeFigures(w io.Writer, h History, width int) {
	rows := [][]string{{"figure", "first", "last", "verdict", "history"}}
	for _, f := range h.Figures {
		from, to := f.Ends()
		rows = append(rows, []string{
			f.Name, f.Format(from), f.Format(to), f.Verdict.Symbol() + " " + string(f.Verdict), "",
		})
	}
	wide := make([]int, 4)
	for _, row := range rows {
		for c := range wide {
			wide[c] = max(wide[c], utf8.RuneCountInString(row[c]))
		}
	}
	room := 40
	if width > 0 {
		room = min(room, width-10-wide[0]-wide[1]-wide[2]-wide[3])
	}
	for i, row := range rows {
		if i > 0 {
			row[4] = bars(h.Figures[i-1].Values, room)
		}
		line := fmt.Sprintf("  %-*s  %*s  %*s  %-*s  %s", wide[0], row[0], wide[1], row[1], wide[2], row[2], wide[3],
			row[3], row[4])
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// Ends returns the levels of a figure at first and at last: up to the first
// change and from the last on.
func (f Figure) Ends() (first, last float64) {
	if len(f.Changes) == 0 {
		level := median(slices.Clone(f.Values))
		return level, level
	}
	return f.Changes[0].From, f.Changes[len(f.Changes)-1].To
}

// bars draws values as a line of so many characters at most, each of which is
// the median of its share of them.
func bars(values []float64, most int) string {
	const steps = "▁▂▃▄▅▆▇█"
	n := min(len(values), most)
	if n < 2 {
		return ""
	}
	levels := make([]float64, n)
	for i := range levels {
		levels[i] = median(slices.Clone(values[i*len(values)/n : (i+1)*len(values)/n]))
	}
	lo, hi := slices.Min(levels), slices.Max(levels)
	var b strings.Builder
	for _, v := range levels {
		step := 0
		if hi > lo {
			step = min(7, int(8*(v-lo)/(hi-lo)))
		}
		b.WriteString(string([]rune(steps)[step]))
	}
	return b.String()
}

// JSON reports a trend as one JSON object: its format, which is
// "teapot.trend/1", whether it failed, and the fields of Trend.
func JSON(t Trend) reports.Reporter {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		return e.Encode(struct {
			Format string `json:"format"`
			Failed bool   `json:"failed"`
			Trend
		}{"teapot.trend/1", t.Failed(), t})
	}
}
