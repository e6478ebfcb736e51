package compare

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
)

// What a comment shows: on GitHub it has at most 65,536 characters.
const (
	maxRows    = 20_000
	maxDetails = 35_000
)

// Markdown reports a comparison as a comment for a pull request: the verdicts
// in a table, the gravest first, and the figures of each case behind its name.
// It counts what it has no room for.
func Markdown(c Comparison) reports.Reporter {
	return func(w io.Writer) error {
		b := bufio.NewWriter(w)
		sign := "✅"
		if c.Failed() {
			sign = "❌"
		}
		fmt.Fprintf(b, "### %s teapot compare: %s\n\n%s\n\n", sign, text.Markdown(c.Headline()), totals(c))
		cases := slices.SortedStableFunc(
			slices.Values(c.Cases),
			func(a, b Case) int { return cmp.Compare(rank(a.Verdict), rank(b.Verdict)) },
		)
		var rows, details []string
		for _, k := range cases {
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", name(k), verdict(k), text.Markdown(changes(k))))
			if len(k.Figures) > 0 {
				details = append(details, detail(k))
			}
		}
		if len(rows) > 0 {
			fmt.Fprint(b, "| case | verdict | what changed |\n|---|---|---|\n")
		}
		fit(b, rows, maxRows, "case")
		fit(b, details, maxDetails, "table")
		for _, note := range slices.Concat(c.Warnings, notes(c)) {
			fmt.Fprintf(b, "\n%s\n", text.Markdown(note))
		}
		return b.Flush()
	}
}

// fit writes the texts that there is room for, and how many more there are.
func fit(w io.Writer, texts []string, room int, noun string) {
	for i, t := range texts {
		if room -= len(t); room < 0 {
			fmt.Fprintf(w, "\nand %s\n", text.Plural(len(texts)-i, "more "+noun))
			return
		}
		fmt.Fprint(w, t)
	}
}

// detail is every figure of a case, to be opened.
func detail(k Case) string {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"\n<details><summary>%s</summary>\n\n| figure | verdict | old | new | change (95%% interval) | why "+
			"|\n|---|---|--:|--:|---|---|\n",
		name(k),
	)
	for _, f := range k.Figures {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(cells(f), " | "), text.Markdown(f.Why))
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

func name(k Case) string { return text.Markdown(text.Clip(k.Name(), 100)) }

// verdict is a case's, with its symbol.
func verdict(k Case) string {
	if k.Verdict == "" {
		return "new"
	}
	return symbols[k.Verdict] + " " + string(k.Verdict)
}

// rank is the place of a verdict among all; news come last.
func rank(v Verdict) int {
	if at := slices.Index(verdicts(), v); at >= 0 {
		return at
	}
	return len(verdicts())
}

// changes names the figures that made a case's verdict, with their change.
func changes(k Case) string {
	var list []string
	for _, f := range k.Figures {
		if f.Verdict == k.Verdict && f.Verdict != Same {
			list = append(list, f.Metric.Name+" "+f.size())
		}
	}
	if k.Why != "" {
		list = append(list, k.Why)
	}
	return strings.Join(list, ", ")
}
