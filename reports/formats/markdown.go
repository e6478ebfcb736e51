package formats

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/found"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// What a summary shows: a pull request's comment has at most 65,536 characters.
const (
	maxRowsText   = 16_000
	maxName       = 100 // characters of a scenario's or an executor's
	maxFlaws      = 20
	maxFlawsText  = 40_000
	maxDoubts     = 10
	maxDoubtsText = 5_000

	maxTimes = 10 // runs whose percentiles are told

	maxConnections = 10 // scenarios whose connections are told
)

// Markdown reports a summary for a comment on a pull request or the summary of
// a CI job, in the dialect of GitHub: the verdict, a table of the runs, and the
// first violations with the commands that reproduce them. It counts what it has
// no room for, and leaves out runs without violations first.
func Markdown(host reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		sum := summary.Sum(recs)
		sign := "✅"
		if sum.Failed > 0 || sum.Runs == 0 {
			sign = "❌"
		}
		fmt.Fprintf(out, "### %s teapot: %s\n\n", sign, sum)
		if len(recs) > 0 {
			markdownTable(out, recs)
			markdownTimes(out, recs)
			markdownFound(out, recs)
		}
		markdownFlaws(out, recs)
		markdownDoubts(out, recs)
		for _, g := range summary.ByScenario(recs)[:min(maxConnections, len(summary.ByScenario(recs)))] {
			if c := summary.Connections(g...); c != "" {
				fmt.Fprintf(out, "<sub>%s: %s</sub>\n\n", markdownName(g[0].Scenario), text.Markdown(c))
			}
		}
		if about := host.String(); about != "" {
			fmt.Fprintf(out, "<sub>%s</sub>\n", text.Markdown(about))
		}
		return out.err
	}
}

func markdownTable(out io.Writer, recs []*record.Recording) {
	head, rows, notes := summary.Table(recs)
	fmt.Fprintf(
		out,
		"| scenario | %s |\n|---|---|%s---|\n",
		strings.Join(head, " | "),
		strings.Repeat("--:|", len(head)-2),
	)
	lines, names := make([]string, len(rows)), executors(recs)
	for i, row := range rows {
		row[0] = names[i]
		lines[i] = markdownRow(recs[i], row)
	}
	shown, left := make([]bool, len(rows)), maxRowsText
	for _, held := range []bool{false, true} { // what failed takes its place first
		for i, line := range lines {
			if held == (summary.Verdict(recs[i]) == "ok") && left >= len(line) {
				shown[i], left = true, left-len(line)
			}
		}
	}
	hidden := 0
	for i, line := range lines {
		if !shown[i] {
			hidden++
			continue
		}
		fmt.Fprint(out, line)
	}
	if hidden > 0 {
		fmt.Fprintf(out, "\nand %s\n", text.Plural(hidden, "more run"))
	}
	fmt.Fprintln(out)
	for _, note := range notes {
		fmt.Fprintf(out, "<sub>%s</sub>\n\n", text.Markdown(note))
	}
}

// markdownTimes is the table of percentiles of open workloads.
func markdownTimes(out io.Writer, recs []*record.Recording) {
	var timed []*record.Recording
	for _, r := range recs {
		if len(r.Response) > 0 && len(timed) < maxTimes {
			timed = append(timed, r)
		}
	}
	if head, rows := summary.Times(timed...); rows != nil {
		fmt.Fprintf(out, "| scenario | %s |\n|---|---|---|%s\n", strings.Join(head, " | "),
			strings.Repeat("--:|", len(head)-2))
		each := len(rows) / len(timed)
		for i, row := range rows {
			cells := []string{markdownName(timed[i/each].Scenario)}
			for _, c := range row {
				cells = append(cells, text.Markdown(text.Clip(c, maxName)))
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
		}
		fmt.Fprintln(out)
	}
	const most = 10
	for i, note := range findings.Beaten(recs...) {
		if i < most {
			fmt.Fprintf(out, "<sub>%s</sub>\n\n", text.Markdown(note))
		}
	}
}

// markdownFound is what searches have found, each with the rates that it tried.
func markdownFound(out io.Writer, recs []*record.Recording) {
	shown := 0
	for _, r := range recs {
		head, rows := found.Table(r)
		if head == nil || shown == maxTimes {
			continue
		}
		shown++
		fmt.Fprintf(out, "%s on %s: %s\n\n", markdownName(r.Scenario), markdownName(r.Name()),
			text.Markdown(found.Sentence(r)))
		fmt.Fprintf(out, "| %s |\n|%s---|\n", strings.Join(head, " | "), strings.Repeat("--:|", len(head)-1))
		for _, row := range rows {
			for i, c := range row {
				row[i] = text.Markdown(c)
			}
			fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
		}
		fmt.Fprintln(out)
	}
}

func markdownRow(r *record.Recording, row []string) string {
	cells := []string{markdownName(r.Scenario)}
	for _, c := range row {
		cells = append(cells, text.Markdown(text.Clip(c, maxName)))
	}
	if last := len(cells) - 1; summary.Verdict(r) != "ok" {
		cells[last] = "**" + cells[last] + "**"
	}
	return fmt.Sprintf("| %s |\n", strings.Join(cells, " | "))
}

// markdownDoubts is what was not judged, or held only when it was run again.
func markdownDoubts(out io.Writer, recs []*record.Recording) {
	n, shown, left := 0, 0, maxDoubtsText
	for _, r := range recs {
		doubts := r.Warnings
		if r.Interrupted {
			doubts = append([]string{"the run was interrupted and is not judged"}, doubts...)
		}
		for _, doubt := range doubts {
			item := fmt.Sprintf(
				"- ⚠️ %s on %s: %s\n",
				markdownName(r.Scenario),
				markdownName(r.Name()),
				text.Markdown(doubt),
			)
			if n++; shown < maxDoubts && len(item) <= left {
				shown, left = shown+1, left-len(item)
				fmt.Fprint(out, item)
			}
		}
	}
	if n > shown {
		fmt.Fprintf(out, "- and %s\n", text.Plural(n-shown, "more warning"))
	}
	if n > 0 {
		fmt.Fprintln(out)
	}
}

func markdownFlaws(out io.Writer, recs []*record.Recording) {
	var flaws []string
	for _, r := range recs {
		if why := findings.Deadlock(r); why != "" {
			flaws = append(flaws, fmt.Sprintf("- **%s on %s: deadlock**: %s\n", markdownName(r.Scenario),
				markdownName(r.Name()), text.Markdown(why)))
		}
	}
	for _, f := range findings.Of(recs) {
		flaws = append(flaws, markdownFinding(f))
	}
	shown, size := 0, 0
	for _, flaw := range flaws {
		if shown < maxFlaws && size+len(flaw) < maxFlawsText {
			shown, size = shown+1, size+len(flaw)
			fmt.Fprint(out, flaw)
		}
	}
	if more := len(flaws) - shown; more > 0 {
		fmt.Fprintf(out, "- and %s\n", text.Plural(more, "more finding"))
	}
	if len(flaws) > 0 {
		fmt.Fprintln(out)
	}
}

// markdownFinding is an item for what is wrong with runs: how it shows in the
// first of them, whose fault it is, and a command that reproduces it.
func markdownFinding(f findings.Finding) string {
	oneLine := func(s string) string { return text.Markdown(strings.ReplaceAll(s, "\n", "; ")) }
	where, first := markdownName(f.Scenario)+" on "+text.Markdown(f.On()), f.Cases[0]
	var flaw string
	if f.Doubt != "" {
		flaw = fmt.Sprintf("- **%s: %s (%s)**: %s\n  (%s)\n", where, markdownName(f.Title()), f.Doubt,
			oneLine(first.Got), oneLine(first.Want))
	} else {
		flaw = fmt.Sprintf("- **%s: %s**: got %s, want %s\n", where, markdownName(f.Title()), oneLine(first.Got),
			oneLine(first.Want))
	}
	if more := len(f.Cases) - 1; more > 0 {
		flaw += fmt.Sprintf("  (on %s; %s)\n", text.Markdown(first.On(f.Of)), text.Plural(more, "other case"))
	}
	if cause := f.Cause(); cause != "" {
		flaw += fmt.Sprintf("  cause: %s\n", cause)
	}
	if f.File != "" && f.Doubt == "" {
		flaw += fmt.Sprintf("  (%s line %d)\n", text.Markdown(f.File), f.Line)
	}
	if first.Reproduce != "" && f.Doubt == "" {
		flaw += fenced(first.Reproduce)
	}
	return flaw
}

// fenced is a command as a block of code within a list. No run of backticks in
// it is as long as the fence.
func fenced(command string) string {
	command = text.Clip(text.Printable(command), maxText)
	fence := "```"
	for strings.Contains(command, fence) {
		fence += "`"
	}
	return fmt.Sprintf("\n  %ssh\n  %s\n  %s\n\n", fence, text.Inert(command), fence)
}

// markdownName is a name; one that shows nothing is a dash, since nothing
// cannot be bold.
func markdownName(s string) string {
	return cmp.Or(text.Markdown(text.Clip(strings.TrimSpace(s), maxName)), text.None)
}
