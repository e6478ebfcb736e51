// Command bench compares package executor with its peers in one run.
//
//	go run .            the table of times, with ratios
//
// It is a separate module, so that users of teapot do not inherit the peers.
// The contenders of a case take turns, and the table shows medians of several
// rounds: other work of the machine hits all of them.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/teapot-go/teapot/executor/process"
)

// A contender does n operations of a case.
type contender struct {
	name string
	goal float64 // that teapot's time is at most this much of the contender's; 0 for none
	run  func(n int) func()
}

// A bench compares contenders, the first of which is teapot.
type bench struct {
	name       string
	n          int
	unit       string
	contenders []contender
}

// A score is what one contender needed in one round.
type score struct {
	ns, allocs, bytes float64
}

func main() {
	process.Main(definitions()...)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errs)
	rounds := flags.Int("rounds", 9, "how many times each contender has its turn")
	only := flags.String("only", ".", "a regular expression for the names of the cases")
	if flags.Parse(args) != nil {
		return 2
	}
	which, err := regexp.Compile(*only)
	if err != nil || *rounds < 1 {
		fmt.Fprintln(errs, "bench: -only wants a regular expression, -rounds at least 1:", err)
		return 2
	}
	fmt.Fprintf(out, "%s, %d CPUs, medians of %d rounds, teapot's share of each peer's figure\n\n",
		runtime.Version(), runtime.NumCPU(), *rounds)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tcontender\tfigure\tB\tallocs\tshare\tgoal\t")
	for _, b := range cases() {
		if which.MatchString(b.name) {
			b.table(w, *rounds)
			w.Flush() // case by case: the whole takes a while
		}
	}
	return 0
}

func (b bench) table(w io.Writer, rounds int) {
	scores := make([][]score, len(b.contenders))
	for r := range rounds + 1 {
		for i, c := range b.contenders {
			if s := b.measure(c); r > 0 { // the first round is a warm-up
				scores[i] = append(scores[i], s)
			}
		}
	}
	figure := func(i int) float64 {
		if b.unit == "B" {
			return median(scores[i], func(s score) float64 { return s.bytes })
		}
		return median(scores[i], func(s score) float64 { return s.ns })
	}
	for i, c := range b.contenders {
		share, goal := "", ""
		if i > 0 {
			share = fmt.Sprintf("%.2f", figure(0)/figure(i))
		}
		if c.goal > 0 {
			goal = fmt.Sprintf("%.2f", c.goal)
			if figure(0) > c.goal*figure(i) {
				goal += " missed"
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f %s\t%.0f\t%.1f\t%s\t%s\t\n", b.name, c.name, figure(i), b.unit,
			median(scores[i], func(s score) float64 { return s.bytes }),
			median(scores[i], func(s score) float64 { return s.allocs }), share, goal)
	}
}

// measure times one turn. What the contender returns ends it, and is not timed.
func (b bench) measure(c contender) score {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	end := c.run(b.n)
	took := time.Since(begin)
	n := float64(b.n)
	var s score
	if b.unit == "B" { // what is alive now
		runtime.GC()
		runtime.ReadMemStats(&after)
		s.bytes = float64(after.HeapAlloc+after.StackInuse-before.HeapAlloc-before.StackInuse) / n
	} else {
		runtime.ReadMemStats(&after)
		s.bytes = float64(after.TotalAlloc-before.TotalAlloc) / n
	}
	s.ns, s.allocs = float64(took.Nanoseconds())/n, float64(after.Mallocs-before.Mallocs)/n
	if end != nil {
		end()
	}
	return s
}

func median(scores []score, of func(score) float64) float64 {
	values := make([]float64, len(scores))
	for i, s := range scores {
		values[i] = of(s)
	}
	slices.SortFunc(values, cmp.Compare)
	return values[len(values)/2]
}
