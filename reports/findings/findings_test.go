package findings_test

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
)

// ran is a run of a scenario with what was found.
func ran(scenario, executor string, found ...record.Violation) *record.Recording {
	r := &record.Recording{Scenario: scenario, Executor: executor}
	for _, v := range found {
		if v.Inconclusive {
			r.Inconclusive = append(r.Inconclusive, v)
		} else {
			r.Violations = append(r.Violations, v)
		}
	}
	return r
}

// TestOf groups what several runs show.
func TestOf(t *testing.T) {
	slow := func(got string) record.Violation {
		return record.Violation{
			Check: "efficiency", Got: got, Want: ">= 0.9", File: "a.yaml", Line: 7, Culprit: record.ByExecutor,
			Reproduce: "teapot run " + got,
		}
	}
	misread := record.Violation{Check: "classification", Got: "A ok", Want: "A reset", Culprit: record.ByClient}
	doubt := record.Violation{Check: "classification", Got: "B", Want: "other keys", Inconclusive: true}
	late := record.Violation{
		Check: "lateness", Got: "late", Want: "less", Culprit: record.ByMachine, Inconclusive: true, Invalid: true,
	}
	found := findings.Of([]*record.Recording{
		ran("a", "sequential", doubt),
		ran("a", "pool", slow("0.5"), misread, misread),
		ran("a", "async", slow("0.6"), misread, late),
		ran("a", "process", slow("0.5")),
		ran("b", "pool", misread),
		ran("c", "pool"),
	})
	var got strings.Builder
	for _, f := range found {
		got.WriteString(f.Scenario + " " + f.Check + " " + f.Doubt + " on " + f.On() + ": " + f.Cause() + "\n")
		for _, c := range f.Cases {
			got.WriteString("  " + c.Got + " on " + c.On(f.Of) + "\n")
		}
	}
	const want = `a efficiency  on pool, process and async: the executor
  0.5 on pool and process
  0.6 on async
a classification  on pool and async: the client
  A ok on pool and async
b classification  on pool: the client
  A ok on pool
a generator invalid on async: the machine: it was too slow or too busy for the client to be judged
  lateness: late on async
a classification inconclusive on sequential: 
  B on sequential
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	if command := found[0].Cases[0].Reproduce; command != "teapot run 0.5" {
		t.Errorf("the command is %q", command)
	}
}

// TestOn names few runs, and counts many.
func TestOn(t *testing.T) {
	v := record.Violation{Check: "c", Got: "g", Want: "w"}
	var recs []*record.Recording
	for executors, want := range []string{
		"", "a", "a and b", "all 3 runs", "all 4 runs", "all 5 runs", "all 6 runs",
	} {
		if found := findings.Of(recs); executors > 0 && found[0].On() != want {
			t.Errorf("%d: %q, want %q", executors, found[0].On(), want)
		}
		recs = append(recs, ran("s", string(rune('a'+executors)), v))
	}
	recs = append(recs, ran("s", "held"))
	if got, want := findings.Of(recs)[0].On(), "a, b, c, d and 3 more"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCauses has words for each culprit.
func TestCauses(t *testing.T) {
	for _, culprit := range []record.Culprit{
		record.ByFile, record.ByClient, record.ByExecutor, record.ByServer, record.ByMachine,
	} {
		if f := (findings.Finding{Culprit: culprit}); !strings.HasPrefix(f.Cause(), "the "+string(culprit)) {
			t.Errorf("%s: %q", culprit, f.Cause())
		}
	}
}
