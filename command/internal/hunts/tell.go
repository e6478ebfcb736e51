package hunts

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/scenarios/hunt"
)

// tell prints the result of a hunt.
func tell(w io.Writer, r *hunt.Result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s in %v", r.Case, cli.Plural(r.Tried, "world"), r.Took.Round(time.Millisecond))
	if seconds := r.Took.Seconds(); r.Tried > 0 && seconds > 0 {
		fmt.Fprintf(&b, ", %.0f/s", float64(r.Tried)/seconds)
	}
	switch n := len(r.Failures); {
	case n > 0:
		fmt.Fprintf(&b, ": %s of failure\n", cli.Plural(n, "kind"))
	case r.Unknown > 0:
		fmt.Fprintf(&b, ": %d cannot be judged, the first because %s\n", r.Unknown, r.Why)
	default:
		b.WriteString(": none fails\n")
	}
	for _, f := range r.Failures {
		tellFailure(&b, r, f)
	}
	for _, file := range r.Fixed {
		fmt.Fprintf(&b, "  fixed: %s fails no more\n", file)
	}
	tellCoverage(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

func tellFailure(b *strings.Builder, r *hunt.Result, f *hunt.Failure) {
	fmt.Fprintf(b, "  %s\n", f.Kind)
	for _, line := range f.Story.Lines() {
		fmt.Fprintf(b, "    %s\n", line)
	}
	switch {
	case f.Old:
		fmt.Fprintf(b, "    still fails: %s\n", f.File)
	case !f.Repeats():
		fmt.Fprintf(b, "    it does not repeat: %d of %s of this world failed again, so that it was not made smaller\n",
			f.Again, cli.Plural(f.Runs, "more run"))
	case f.File != "" && f.Runs == 0:
		fmt.Fprintf(b, "    as it was found, before the interrupt: %s\n", f.File)
	case f.File != "":
		fmt.Fprintf(b, "    the smallest of %s: %s\n", cli.Plural(f.Tries, "world"), f.File)
	case f.Text != "":
		fmt.Fprintf(b, "    the smallest of %s:\n", cli.Plural(f.Tries, "world"))
		for line := range strings.Lines(f.Text) {
			if !strings.HasPrefix(line, "#") {
				b.WriteString("      " + line)
			}
		}
	}
	if !f.Old {
		fmt.Fprintf(b, "    seed %d fails first, and %d of %s\n", f.Seed, f.Worlds, cli.Plural(r.Tried, "world"))
	}
	if f.Reproduce != "" {
		fmt.Fprintf(b, "    reproduce: %s\n", f.Reproduce)
	}
}

// tellCoverage prints how many worlds met which fault at which attempt, up to
// the last of the first few attempts.
func tellCoverage(b *strings.Builder, r *hunt.Result) {
	const most = 5
	last, kinds := 0, []string{}
	for _, m := range r.Coverage.Met {
		if last = max(last, m.Attempt); !slices.Contains(kinds, m.Fault) {
			kinds = append(kinds, m.Fault)
		}
	}
	last = min(last, most)
	for _, kind := range kinds {
		fmt.Fprintf(b, "  met %s in", kind)
		for attempt := 1; attempt <= last; attempt++ {
			n := 0
			for _, m := range r.Coverage.Met {
				if m.Fault == kind && m.Attempt == attempt {
					n = m.Worlds
				}
			}
			separator := " "
			if attempt > 1 {
				separator = ", "
			}
			fmt.Fprintf(b, "%s%s at attempt %d", separator, cli.Plural(n, "world"), attempt)
		}
		b.WriteString("\n")
	}
	if r.Tried > 0 && len(r.Failures) == 0 {
		if r.Coverage.Faultless() {
			b.WriteString("  no request met a fault: the scenario has none, and the hunt says nothing of them\n")
		}
		for _, never := range r.Coverage.Never {
			fmt.Fprintf(b, "  no request met fault %s: the hunt says nothing of it; want a higher rate, more keys or "+
				"more worlds\n", never)
		}
	}
}
