package formats

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
)

// Benchmark reports the recordings in the Go benchmark format, as benchstat reads it: a line for each run that ended, whose iterations are
// its tasks and whose ns/op is the makespan over them. Several recordings of one run, in one file or in several, are its samples. A run that did
// not end, or took no time at all, has a comment and no line: there is nothing to compare.
func Benchmark(host reports.Host, recs []*harness.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: teapot\ntoolchain: %s\n", host.OS, host.Arch, host.Go)
		fmt.Fprint(out, "Unit efficiency better=higher\nUnit tasks/s better=higher\nUnit errors better=lower\n")
		for _, r := range recs {
			name := benchName(r, max(host.MaxProcs, 1))
			switch tasks := len(r.Samples); {
			case r.Deadlock != "" || r.Interrupted:
				fmt.Fprintf(out, "# %s has not ended\n", name)
			case tasks == 0:
				fmt.Fprintf(out, "# %s has run no task\n", name)
			case r.Makespan <= 0:
				fmt.Fprintf(out, "# %s has taken no time\n", name)
			default:
				fmt.Fprintf(out, "%s\t%d\t%s\n", name, tasks, strings.Join(benchValues(r), "\t"))
			}
		}
		return out.err
	}
}

// benchName is a benchmark's name: Error-100/executor=pool/workers=10-2.
func benchName(r *harness.Recording, procs int) string {
	scenario := nameWord(r.Scenario)
	first, size := utf8.DecodeRuneInString(scenario)
	return fmt.Sprintf("Benchmark%c%s/executor=%s/workers=%d-%d", unicode.ToUpper(first), scenario[size:], nameWord(r.Executor), r.Workers, procs)
}

// nameWord is a name without what ends a word or a part of a benchmark's name.
func nameWord(s string) string {
	s = strings.Map(func(c rune) rune {
		if c == '/' || c == '=' || unicode.IsSpace(c) || !unicode.IsPrint(c) {
			return '_'
		}
		return c
	}, s)
	if runes := []rune(s); len(runes) > 100 {
		s = string(runes[:100])
	}
	if s == "" {
		return "_"
	}
	return s
}

func benchValues(r *harness.Recording) []string {
	n := float64(len(r.Samples))
	values := []string{
		fmt.Sprintf("%.6g ns/op", float64(r.Makespan)/n), nanoseconds("makespan", r.Makespan), fmt.Sprintf("%.6g tasks/s", n/r.Makespan.Seconds()),
	}
	if r.IdealMakespan > 0 {
		values = append(values, nanoseconds("ideal", r.IdealMakespan), fmt.Sprintf("%.6g efficiency", r.Efficiency()))
	}
	for _, p := range harness.Percentiles() {
		if d, known := r.Percentiles[p]; known {
			values = append(values, nanoseconds(p, d))
		}
	}
	return append(values, fmt.Sprintf("%d errors", r.Outcomes[harness.OutcomeError]))
}

func nanoseconds(what string, d time.Duration) string { return fmt.Sprintf("%d %s-ns", int64(d), what) }
