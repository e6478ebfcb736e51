// Package findings groups what is wrong with runs by expectation and culprit,
// so that a report says each fact once, however many runs show it.
package findings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// A Finding is one expectation of a scenario that runs did not meet, or of
// which it cannot be known whether they met it. All that follows from a
// generator that could not keep up is one finding.
type Finding struct {
	Scenario string
	Check    string
	File     string // of the expectation, with its line for the first run; "" if there is none
	Line     int
	Culprit  record.Culprit // "" where it is not known
	Doubt    string         // "invalid", "inconclusive", or "" of a violation
	Of       int            // how many runs the scenario has
	Cases    []Case         // at least one
}

// A Case is what runs had alike.
type Case struct {
	Got, Want string
	Requests  []string
	Timed     bool   // the times of the run show it
	Reproduce string // the command for the first of the runs
	Runs      []*record.Recording
}

// Of returns the findings of recordings. Violations come first, then what makes
// runs invalid, then what is inconclusive; among them those of more runs. The
// recordings must not be changed while the findings are used.
func Of(recs []*record.Recording) []Finding {
	type name struct { // without the line: some checks stand where the executor does
		scenario, check, file string
		culprit               record.Culprit
		doubt                 string
	}
	type alike struct {
		finding   int
		got, want string
	}
	var all []Finding
	at, runs, cases := map[name]int{}, map[string]int{}, map[alike]int{}
	add := func(r *record.Recording, v record.Violation, doubt string) {
		n := name{r.Scenario, v.Check, v.File, v.Culprit, doubt}
		i, known := at[n]
		if !known {
			i, at[n] = len(all), len(all)
			all = append(all, Finding{
				Scenario: r.Scenario, Check: v.Check, File: v.File, Line: v.Line, Culprit: v.Culprit, Doubt: doubt,
			})
		}
		f := &all[i]
		c, known := cases[alike{i, v.Got, v.Want}]
		if !known {
			c, cases[alike{i, v.Got, v.Want}] = len(f.Cases), len(f.Cases)
			f.Cases = append(f.Cases, Case{
				Got: v.Got, Want: v.Want, Requests: v.Requests, Timed: v.Timed, Reproduce: v.Reproduce,
			})
		}
		if runs := f.Cases[c].Runs; len(runs) == 0 || runs[len(runs)-1] != r {
			f.Cases[c].Runs = append(runs, r)
		}
	}
	for _, r := range recs {
		runs[r.Scenario]++
		for _, v := range r.Violations {
			add(r, v, "")
		}
		for _, v := range together(r) {
			add(r, v, v.Doubt())
		}
	}
	for i := range all {
		all[i].Of = runs[all[i].Scenario]
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(len(b.Runs()), len(a.Runs())))
	})
	return all
}

func (f Finding) rank() int { return slices.Index([]string{"", "invalid", "inconclusive"}, f.Doubt) }

// Runs returns the runs of all cases.
func (f Finding) Runs() (all []*record.Recording) {
	for _, c := range f.Cases {
		all = append(all, c.Runs...)
	}
	return all
}

// In returns the cases that a run shows.
func (f Finding) In(r *record.Recording) (cases []Case) {
	for _, c := range f.Cases {
		if slices.Contains(c.Runs, r) {
			cases = append(cases, c)
		}
	}
	return cases
}

// On names the runs: "pool/10", "pool/4 and pool/8", or "all 5 runs" of a
// scenario.
func (f Finding) On() string { return on(f.Runs(), f.Of) }

// On names the runs of a case of a scenario with so many runs.
func (c Case) On(of int) string { return on(c.Runs, of) }

// on names a few runs, and counts more.
func on(runs []*record.Recording, of int) string {
	const most = 4
	if len(runs) == of && of > 2 {
		return "all " + text.Plural(of, "run")
	}
	var names []string
	for _, r := range runs {
		if name := text.Clip(text.Printable(r.Name()), 40); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if more := len(names) - most; more > 1 {
		names = append(names[:most:most], fmt.Sprintf("%d more", more))
	}
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Cause says whose fault a finding is, and where a run lost its time; "" where
// it is not known whose. What outlives a run was begun by the code under test.
func (f Finding) Cause() string {
	cause := ""
	switch f.Culprit {
	case record.ByFile:
		return "the file: its own plan rules this out"
	case record.ByClient:
		cause = "the client"
	case record.ByExecutor:
		cause = "the executor"
	case record.ByServer:
		return "the server's answers, not how the client read them"
	case record.ByMachine:
		if f.Check == "generators" {
			return "the machine of a load generator, or the way to it"
		}
		return "the machine: it was too slow or too busy for the client to be judged"
	default:
		if f.Check == "leaks" && f.Doubt == "" {
			return "the client or the executor"
		}
	}
	if where := f.where(); where != "" {
		cause += ": " + where
	}
	return cause
}

// Deadlock returns why a run could not go on, unless one of its violations says
// it.
func Deadlock(r *record.Recording) string {
	says := func(v record.Violation) bool { return strings.HasPrefix(v.Got, r.Deadlock) }
	if slices.ContainsFunc(r.Violations, says) {
		return ""
	}
	return r.Deadlock
}

// Beaten says of each run that took less time than its ideal why that says
// nothing good of its executor.
func Beaten(recs ...*record.Recording) (notes []string) {
	for _, r := range recs {
		if why := r.Beaten(); why != "" && r.Deadlock == "" && !r.Interrupted {
			notes = append(notes, fmt.Sprintf(">100%%: %s took less time than its ideal: %s",
				text.Clip(text.Printable(r.Case()), 100), text.Clip(text.Printable(why), 300)))
		}
	}
	return notes
}
