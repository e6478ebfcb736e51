package formats

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

// Benchmark reports the recordings in the Go benchmark format, as benchstat
// reads it. A line stands for a run that ended: its iterations are the tasks,
// and its ns/op is the makespan divided by them. Repeated runs have the same
// name, so that benchstat takes them for samples. The keys clock and seed keep
// benchstat from comparing runs that differ in them.
//
// A run that did not end, took no time, or is invalid has a comment in place of
// a line. Those of an open workload have the percentiles of the latency from
// when tasks were due beside those of the service time.
// Where all runs are under the virtual clock, benchstat is told that figures
// are exact.
func Benchmark(host reports.Host, recs []*record.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := &sink{w: w}
		// The toolchain is a comment: benchstat puts results with another value
		// of a key into another table, and compares none across them.
		if about := host.String(); about != "" {
			fmt.Fprintf(out, "# %s\n", plain(about))
		}
		fmt.Fprintf(out, "goos: %s\ngoarch: %s\npkg: teapot\n", nameWord(host.OS), nameWord(host.Arch))
		benchUnits(out, recs)
		world := ""
		for _, r := range recs {
			if in := fmt.Sprintf("clock: %s\nseed: %d\n", nameWord(string(r.Clock)), r.Seed); in != world {
				world = in
				fmt.Fprint(out, in)
			}
			name := benchName(r, max(host.MaxProcs, 1))
			if kept := r.Kept(); kept != "" {
				fmt.Fprintf(out, "# %s: %s\n", name, kept)
			}
			switch tasks := r.Tasks(); {
			case r.Deadlock != "" || r.Interrupted:
				fmt.Fprintf(out, "# %s did not finish\n", name)
			case r.Invalid():
				fmt.Fprintf(out, "# %s is invalid: its times are not the client's\n", name)
			case tasks == 0:
				fmt.Fprintf(out, "# %s ran no tasks\n", name)
			case r.Makespan <= 0:
				fmt.Fprintf(out, "# %s took no time\n", name)
			default:
				fmt.Fprintf(out, "%s\t%d\t%s\n", name, tasks, strings.Join(benchValues(r), "\t"))
			}
		}
		return out.err
	}
}

// benchUnits says of each unit which way is better.
func benchUnits(out io.Writer, recs []*record.Recording) {
	exact := ""
	if !slices.ContainsFunc(recs, func(r *record.Recording) bool { return r.Clock != record.Virtual }) {
		exact = " assume=exact"
	}
	units := []string{
		"ns/op better=lower",
		"makespan-ns better=lower",
		"tasks/s better=higher",
		"ideal-ns better=lower",
		"efficiency better=higher",
	}
	for _, p := range record.Percentiles() {
		units = append(units, p+"-ns better=lower")
	}
	if slices.ContainsFunc(recs, (*record.Recording).Open) {
		for _, p := range record.Percentiles() {
			units = append(units, p+"-latency-ns better=lower")
		}
	}
	for _, u := range append(units, "errors better=lower") {
		fmt.Fprintf(out, "Unit %s%s\n", u, exact)
	}
}

// benchName is a benchmark's name: Error-100/executor=pool/workers=10-2.
func benchName(r *record.Recording, procs int) string {
	scenario := nameWord(r.Scenario)
	first, size := utf8.DecodeRuneInString(scenario)
	return fmt.Sprintf(
		"Benchmark%c%s/executor=%s/workers=%d-%d",
		unicode.ToUpper(first),
		scenario[size:],
		nameWord(r.Executor),
		r.Workers,
		procs,
	)
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

func benchValues(r *record.Recording) []string {
	n := float64(r.Tasks())
	values := []string{
		fmt.Sprintf(
			"%.6g ns/op",
			float64(r.Makespan)/n,
		),
		nanoseconds("makespan", r.Makespan),
		fmt.Sprintf("%.6g tasks/s", n/r.Makespan.Seconds()),
	}
	if r.IdealMakespan > 0 {
		values = append(values, nanoseconds("ideal", r.IdealMakespan), fmt.Sprintf("%.6g efficiency", r.Efficiency()))
	}
	for _, p := range record.Percentiles() {
		if d, known := r.Percentiles[p]; known {
			values = append(values, nanoseconds(p, d))
		}
	}
	for _, p := range record.Percentiles() {
		if d, known := r.Response[p]; known {
			values = append(values, nanoseconds(p+"-latency", d))
		}
	}
	return append(values, fmt.Sprintf("%d errors", r.Outcomes[record.OutcomeError])) // never 1: a unit
}

func nanoseconds(what string, d time.Duration) string { return fmt.Sprintf("%d %s-ns", int64(d), what) }
