package findings

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// generator is the check of the finding that a generator could not keep up.
const generator = "generator"

// together returns what is inconclusive of a run, with all that follows from a
// generator that could not keep up as one: first by what that is known, then
// what was not judged for it.
func together(r *record.Recording) (all []record.Violation) {
	at := -1
	for _, v := range r.Inconclusive {
		follows := v.Invalid || v.Timed && v.Culprit == record.ByMachine
		switch {
		case !r.Invalid() || v.Check == "generators" || !follows:
			all = append(all, v)
		case at < 0:
			at = len(all)
			v.Got = behind(r) + v.Check + ": " + v.Got
			v.Check, v.Invalid, v.Culprit = generator, true, record.ByMachine
			all = append(all, v)
		default:
			whole := &all[at]
			whole.Got += "\n" + v.Check + ": " + v.Got
			if !slices.Contains(strings.Split(whole.Want, "\n"), v.Want) {
				whole.Want += "\n" + v.Want
			}
		}
	}
	return all
}

// behind is a line on how much longer the generator took to hand over its tasks
// than it had, "" where that is not a hundredth.
func behind(r *record.Recording) string {
	var due, handed time.Duration
	for i := range r.Samples {
		s := &r.Samples[i]
		due, handed = max(due, s.Due), max(handed, s.Due+max(s.Lateness(), 0))
	}
	if r.Totals != nil || !r.Open() || handed <= due+due/100 {
		return ""
	}
	return fmt.Sprintf("%s were due within %s, and handed over within %s\n", text.Plural(len(r.Samples), "task"),
		text.Short(due), text.Short(handed))
}

// Title says what kind of finding it is: the check, and where it is known what
// the violation of it comes to.
func (f Finding) Title() string {
	kind := f.kind()
	switch {
	case f.Doubt == "invalid" && (f.Check == generator || f.Check == "generators"):
		return kind
	case kind == "":
		return f.Check
	}
	return f.Check + ": " + kind
}

// late reports whether a generator handed tasks over late, rather than in time
// while the processors were busy.
func late(r *record.Recording) bool {
	return slices.ContainsFunc(r.Inconclusive, func(v record.Violation) bool { return v.Invalid && v.Check != "idle" })
}

// kind is what a finding comes to, "" if its check says that already.
func (f Finding) kind() string {
	switch {
	case f.Check == generator && f.Doubt == "invalid":
		switch runs := f.Runs(); {
		case !slices.ContainsFunc(runs, late):
			return "the processors had no time to spare"
		case runs[0].Users > 0:
			return "the generator could not keep up with the users"
		}
		return "the generator could not keep the rate"
	case f.Check == "generators" && f.Doubt == "invalid":
		if len(f.Cases) > 0 && f.Cases[0].Runs[0].LostGenerators() > 1 {
			return "load generators were lost"
		}
		return "a load generator was lost"
	case f.Doubt != "":
		return ""
	case f.Culprit == record.ByFile:
		return "the expectation cannot be met"
	case f.Culprit == record.ByServer:
		return "the answers of the server do not meet it"
	}
	switch f.Check {
	case "classification", "outcomes":
		switch f.Culprit {
		case record.ByClient:
			return "the client misread what it got"
		case record.ByExecutor:
			return "the executor lost tasks"
		}
	case "panic":
		return "the client panicked"
	case "retries":
		return "the client broke its policy of retries"
	case "runs":
		return "tasks were lost or doubled"
	case "order":
		return "tasks or results are out of order"
	case "concurrency":
		return "too many tasks at once"
	case "shutdown":
		return "tasks ran on after the end"
	case "leaks":
		return "something was left open or running"
	case "deadlock":
		if slices.ContainsFunc(f.Runs(), func(r *record.Recording) bool { return r.Tasks() > 0 }) {
			return "the run could not go on"
		}
		return "the process of the run died"
	}
	return f.delay()
}

// delay says who has delayed the run, of a finding of its times.
func (f Finding) delay() string {
	timed := slices.Contains([]string{"efficiency", "speedup", "schedule"}, f.Check) ||
		len(f.Cases) > 0 && f.Cases[0].Timed
	switch {
	case timed && f.Culprit == record.ByExecutor:
		return "the executor was idle or late"
	case timed && f.Culprit == record.ByClient:
		return "the client took longer than planned"
	}
	return ""
}
