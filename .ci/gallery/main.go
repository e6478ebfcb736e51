// Command gallery tries clients of real libraries against planned servers:
// correct ones, of which none may be accused, and wrong ones, each of which
// must be found.
//
//	go run . [-seeds N] [-real N] [-wrong N] [-interleave FORM] [-only REGEXP]
//	  [-v N] [-o FILE]
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	set := flag.NewFlagSet("gallery", flag.ContinueOnError)
	set.SetOutput(stderr)
	seeds := set.Int("seeds", 100, "runs of each correct client under the virtual clock")
	realSeeds := set.Int("real", 60, "runs of each correct client under the real clock")
	wrongSeeds := set.Int("wrong", 100, "runs of each wrong client")
	order := set.String("interleave", "", "the order within an instant of the virtual clock, such as mixed")
	only := set.String("only", "", "a regular expression: only clients with such a name")
	verbose := set.Int("v", 0, "how many findings of each wrong client to print")
	out := set.String("o", "", "the file to write the tables to")
	if set.Parse(args) != nil {
		return 2
	}
	matches, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	ctx := context.Background()
	runs := map[string]int{virtual: *seeds, real: *realSeeds}
	var correct, wrong []result
	for _, c := range slices.Concat(plain, libraries) {
		for _, clock := range []string{virtual, real} {
			if !matches.MatchString(c.name) || clock == virtual && c.realOnly != "" || runs[clock] == 0 {
				continue
			}
			c.interleave = *order
			correct = append(correct, c.correct(ctx, clock, runs[clock]))
			correct[len(correct)-1].print(stderr, math.MaxInt)
		}
	}
	for _, c := range wrongs {
		if matches.MatchString(c.name) && *wrongSeeds > 0 {
			wrong = append(wrong, c.wrong(ctx, *wrongSeeds))
			wrong[len(wrong)-1].print(stderr, *verbose)
		}
	}
	if *out != "" {
		if err := os.WriteFile(*out, []byte(page(correct, wrong)), 0o666); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
	if slices.ContainsFunc(correct, result.fails) || slices.ContainsFunc(wrong, result.unfound) {
		return 1
	}
	return 0
}

// A result is what teapot said of one client under one clock.
type result struct {
	client
	clock        string
	worlds, runs int
	accused      int            // runs with a violation
	inconclusive int            // runs that could not be judged
	errors       int            // runs that did not take place
	found        map[string]int // runs by the check that has found something
	first        string         // the first violation
	said         []string       // all findings, in short
	texts        []string
}

// fails reports whether a correct client was not left in peace.
func (r result) fails() bool {
	return r.accused > 0 || r.errors > 0 || r.inconclusive > max(1, r.runs/100)
}

// unfound reports whether a wrong client was never found, or is now found that
// was not before.
func (r result) unfound() bool { return (r.accused == 0) != (r.missed != "") }

// print prints a result, and so many of its findings.
func (r result) print(to io.Writer, findings int) {
	fmt.Fprintln(to, r.line())
	for _, text := range r.texts[:min(findings, len(r.texts))] {
		fmt.Fprintln(to, text)
	}
}

func (r result) line() string {
	return fmt.Sprintf("%-50s %-8s %4d worlds %5d runs: %d accused, %d inconclusive, %d errors %v", r.name, r.clock,
		r.worlds, r.runs, r.accused, r.inconclusive, r.errors, r.found)
}

// meets returns the worlds that a client can be tried in.
func (c client) meets(clock string) []world {
	return slices.DeleteFunc(worlds(), func(w world) bool {
		return w.needs == patience && !c.patient || clock == real && (w.virtual || w.needs == transports) ||
			c.reason(w) != ""
	})
}

// reason returns why a world is left out for this client.
func (c client) reason(w world) string {
	if c.apart == nil {
		return ""
	}
	return c.apart(w)
}

// correct runs a correct client n times, each time in the next world and with
// another seed.
func (c client) correct(ctx context.Context, clock string, n int) result {
	all := c.meets(clock)
	r := c.result(clock, min(len(all), n), n)
	for i := range n {
		r.add(ctx, all[i%len(all)], uint64(i))
	}
	return r
}

func (c client) result(clock string, worlds, runs int) result {
	return result{
		client: c, clock: clock, worlds: worlds, runs: runs, found: map[string]int{},
	}
}

// wrong runs a wrong client n times.
func (c client) wrong(ctx context.Context, n int) result {
	r := c.result(virtual, len(c.shows), n)
	for i := range n {
		r.add(ctx, c.shows[i%len(c.shows)], uint64(i))
	}
	return r
}

// add makes one run.
func (r *result) add(ctx context.Context, w world, seed uint64) {
	rec, err := r.try(ctx, w, r.clock, seed)
	if err != nil {
		r.errors++
		r.texts = append(r.texts, fmt.Sprintf("%s, seed %d: %v", w.name, seed, err))
		return
	}
	var named []string
	for _, f := range rec.Findings() {
		if !slices.Contains(named, f.Check) && !f.Inconclusive {
			named = append(named, f.Check)
			r.found[f.Check]++
		}
		r.said = append(r.said, fmt.Sprintf("%s, %s, in the world %q: %s", r.name, r.clock, w.name, short(brief(f))))
		if !f.Inconclusive {
			r.first = cmp.Or(r.first, f.Summary())
		}
		r.texts = append(r.texts, describe(w, seed, f))
	}
	switch {
	case len(rec.Violations) > 0:
		r.accused++
	case len(rec.Findings()) > 0:
		r.inconclusive++
	}
}

// brief is what was found, without its place.
func brief(f record.Violation) string {
	if f.Inconclusive {
		return f.Check + ": inconclusive: " + f.Got
	}
	return f.Summary()
}

func describe(w world, seed uint64, f record.Violation) string {
	return fmt.Sprintf("  %s, seed %d: %s\n      %s", w.name, seed, f, strings.Join(f.Requests, "\n      "))
}
