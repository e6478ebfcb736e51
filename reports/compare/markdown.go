package compare

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/words"
)

// Markdown reports a comparison as a comment for a pull request: the verdicts in a table, and every figure of a case behind its name.
func Markdown(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		b := bufio.NewWriter(w)
		fmt.Fprintf(b, "**%s**\n\n", Summary(c))
		if len(c.Cases) > 0 {
			fmt.Fprint(b, "| case | verdict | what changed |\n|---|---|---|\n")
		}
		for _, k := range c.Cases {
			verdict := "new"
			if k.Verdict != "" {
				verdict = symbols[k.Verdict] + " " + string(k.Verdict)
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", escaped(words.Clip(k.Name(), 100)), verdict, escaped(changes(k)))
		}
		for _, k := range c.Cases {
			if len(k.Figures) == 0 {
				continue
			}
			fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n| figure | verdict | old | new | change | 95%% interval | |\n|---|---|--:|--:|--:|--:|---|\n", escaped(words.Clip(k.Name(), 100)))
			for _, f := range k.Figures {
				fmt.Fprintf(b, "| %s | %s |\n", strings.Join(cells(f), " | "), escaped(f.Why))
			}
			fmt.Fprint(b, "\n</details>\n")
		}
		for _, note := range append(c.Warnings, notes(c)...) {
			fmt.Fprintf(b, "\n%s\n", escaped(note))
		}
		return b.Flush()
	}
}

// changes names the figures that made a case's verdict, with their change.
func changes(k Case) string {
	var list []string
	for _, f := range k.Figures {
		if f.Verdict == k.Verdict && f.Verdict != Same {
			list = append(list, fmt.Sprintf("%s %s", f.Metric.Name, change(f, f.Change)))
		}
	}
	if k.Why != "" {
		list = append(list, k.Why)
	}
	return strings.Join(list, ", ")
}

// escaped is a text from anywhere, so that Markdown shows it as it is and a table's row stays one.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range words.Printable(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]()#|>~!@:", r):
			fmt.Fprintf(&b, "&#%d;", r) // an entity needs no escape of its own, and makes neither a link nor a mention
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
