package runs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// mostNamed is how many runs the end of a report names.
const mostNamed = 10

// writeEnd says how to go on: which runs failed, or could not be judged, the
// command that runs them again, and where the page shows the first of them. If
// all runs are among them, or some are not begun, that is the command as it was
// called.
func (c *Run) writeEnd(to *cli.Console, recs []*record.Recording, page, begun bool) error {
	what, flawed := flawed(recs)
	var lines strings.Builder
	if len(flawed) > 0 {
		var names []string
		for _, r := range flawed {
			if name := text.Clip(text.Printable(r.Case()), 80); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		fmt.Fprintln(&lines, to.Screen().Fold(what+": "+text.List(names, mostNamed)))
		again := c.command(to, names)
		if all := len(flawed) == len(recs) || !begun; all && c.again == "" && !slices.Contains(c.Paths, "-") {
			again = to.CommandLine()
		}
		if again != "" {
			fmt.Fprintf(&lines, "again: %s\n", again)
		}
	}
	if page {
		fmt.Fprintf(&lines, "report: %s", c.Report)
		for _, r := range flawed { // of a run that was repeated often the page has not every repeat
			if anchor := html.Anchor(recs, r); anchor != "" {
				fmt.Fprintf(&lines, "#%s", anchor)
				break
			}
		}
		fmt.Fprintln(&lines)
	}
	_, err := fmt.Fprint(to.Stdout, lines.String())
	return cli.UnlessClosed(err)
}

// flawed returns the runs that failed, or if none did those that could not be
// judged, and which of these they are.
func flawed(recs []*record.Recording) (what string, runs []*record.Recording) {
	failed := func(r *record.Recording) bool { return len(r.Violations) > 0 || r.Deadlock != "" }
	for _, r := range recs {
		if failed(r) {
			runs = append(runs, r)
		}
	}
	if len(runs) > 0 {
		return "failed", runs
	}
	for _, r := range recs {
		if summary.Verdict(r) != "ok" {
			runs = append(runs, r)
		}
	}
	return "not judged", runs
}

// command returns the command line that runs these cases alone, as this one was
// called; "" if nothing repeats it.
func (c *Run) command(to *cli.Console, cases []string) string {
	if c.again != "" || slices.Contains(c.Paths, "-") || len(cases) > mostNamed {
		return c.again
	}
	words := []string{to.Self}
	for i := 0; i < len(to.Args); i++ {
		switch arg := to.Args[i]; {
		case arg == "--only":
			i++ // its value
		case !strings.HasPrefix(arg, "--only="):
			words = append(words, cli.ShellWord(arg))
		}
	}
	for _, name := range cases {
		words = append(words, "--only "+cli.ShellWord(name))
	}
	return strings.Join(words, " ")
}
