package matchers_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	. "github.com/teapot-go/teapot/harness/matchers"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios"
)

const faulty = `name: faulty
clock: virtual
server:
  latency: uniform(500ms, 5s)
  faults: [{kind: status, status: 503, rate: 0.3}]
workload: {task: download, flags: top20}
executors: [{kind: pool, workers: 5}]
`

// run returns the recording of a scenario.
func run(t *testing.T, source string) *record.Recording {
	t.Helper()
	s, mistakes := scenarios.Vocabulary{}.Parse("faulty.yaml", []byte(source))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	r := &scenarios.Runner{Reproduce: func(scenarios.Case) string { return "teapot run faulty.yaml" }}
	rec, err := r.Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestRight: each matcher matches the run of a correct client, also when it was
// written as JSON and read again.
func TestRight(t *testing.T) {
	g := NewWithT(t)
	rec := run(t, faulty)
	var text bytes.Buffer
	g.Expect(reports.JSON(reports.ThisHost(time.Time{}), []*record.Recording{rec})(&text)).To(Succeed())
	_, again, err := reports.Read(&text)
	g.Expect(err).NotTo(HaveOccurred())
	for _, r := range []*record.Recording{rec, again[0]} {
		g.Expect(r).To(SatisfyAll(
			HoldToThePlan(),
			HaveOutcomes(r.Outcomes),
			BeDeliveredInOrder(),
			HaveEfficiency(0.95), HaveEfficiency(BeNumerically("~", 1, 0.05)),
			HaveLatency("p99", 6*time.Second), HaveLatency("p50", BeNumerically(">", 500*time.Millisecond)),
			LeakNothing(),
		))
	}
}

// TestWrong plants what each matcher must find. The message has the case, what
// is wrong and how to run it again.
func TestWrong(t *testing.T) {
	for name, test := range map[string]struct {
		plant   func(*record.Recording)
		matcher types.GomegaMatcher
		want    string
	}{
		"a lost error": {func(r *record.Recording) {
			for i := range r.Samples {
				if s := &r.Samples[i]; s.PlannedClass == record.Status {
					s.Class, s.Status = record.OK, 200
				}
			}
		}, HoldToThePlan(), "classification: got "},
		"a task run twice": {
			func(r *record.Recording) { r.Samples[3].Misrun = "ran twice: once" },
			HoldToThePlan(),
			"twice",
		},
		"a violation of the scenario": {func(r *record.Recording) {
			r.Violations = []record.Violation{{Check: "p99", Got: "5s", Want: "<= 2s"}}
		}, HoldToThePlan(), "p99: got 5s, want <= 2s"},
		"a deadlock": {
			func(r *record.Recording) { r.Deadlock = "no task went on" },
			HoldToThePlan(),
			"no task went on",
		},
		"outcomes": {
			func(r *record.Recording) { r.Outcomes[record.OutcomeOK]-- },
			HaveOutcomes(run(t, faulty).Outcomes),
			"ok",
		},
		"out of order":  {swapped, BeDeliveredInOrder(), "delivery"},
		"efficiency":    {func(r *record.Recording) { r.Makespan *= 2 }, HaveEfficiency(0.95), "efficiency"},
		"a slow median": {func(*record.Recording) {}, HaveLatency("p50", 500*time.Millisecond), "p50 is "},
		"a leak": {
			func(r *record.Recording) { r.Leaks = []string{"fetch.go:17"} },
			LeakNothing(),
			"1 goroutine left: 1 × fetch.go:17",
		},
		"a body": {func(r *record.Recording) { r.Held = []string{"3 bodies"} }, LeakNothing(), "3 bodies"},
	} {
		rec := run(t, faulty)
		test.plant(rec)
		ok, err := test.matcher.Match(rec)
		if ok || err != nil {
			t.Errorf("%s: got %v, %v, want no match", name, ok, err)
			continue
		}
		message := test.matcher.FailureMessage(rec)
		for _, want := range []string{"faulty/pool/5", test.want, "reproduce: teapot run faulty.yaml"} {
			if !strings.Contains(message, want) {
				t.Errorf("%s: no %q in %q", name, want, message)
			}
		}
	}
}

// swapped delivers two results in the place of each other.
func swapped(r *record.Recording) {
	a, b := &r.Samples[4], &r.Samples[9]
	a.Delivered, b.Delivered = b.Delivered, a.Delivered
	a.Received, b.Received = b.Received, a.Received
}

// TestUnknown: what cannot be known is an error, so that To and NotTo fail.
func TestUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		plant   func(*record.Recording)
		matcher types.GomegaMatcher
		want    string
	}{
		"interrupted": {func(r *record.Recording) { r.Interrupted = true }, HoldToThePlan(), "interrupted"},
		"a limit": {
			func(r *record.Recording) { r.Limit = "no files: raise ulimit" },
			LeakNothing(),
			"no files; raise ulimit",
		},
		"a doubt": {
			func(r *record.Recording) { r.Samples[2].Doubt = "two requests: name the task" },
			HoldToThePlan(),
			"name the task",
		},
		"kept on purpose": {
			func(r *record.Recording) { r.MaybeHeld = []string{"a connection: close it"} },
			LeakNothing(),
			"close it",
		},
		"no ideal": {func(r *record.Recording) { r.IdealMakespan = 0 }, HaveEfficiency(0.5), "not known"},
		"a deadlock": {
			func(r *record.Recording) { r.Deadlock = "stuck" },
			HaveLatency("p50", time.Hour),
			"did not come to its end",
		},
		"no such quantile": {
			func(*record.Recording) {},
			HaveLatency("p42", time.Hour),
			`unknown percentile "p42": want p50, p90, p95, p99, p99.9, p99.99, max`,
		},
		"no percentiles": {
			func(r *record.Recording) { r.Percentiles = nil },
			HaveLatency("p50", time.Hour),
			"too few tasks came to their end",
		},
	} {
		rec := run(t, faulty)
		test.plant(rec)
		if ok, err := test.matcher.Match(rec); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", name, ok, err, test.want)
		}
	}
	for _, actual := range []any{nil, (*record.Recording)(nil), record.Recording{}, "a recording"} {
		for _, m := range []types.GomegaMatcher{HoldToThePlan(), HaveEfficiency(1)} {
			if _, err := m.Match(actual); err == nil || !strings.Contains(err.Error(), "want a *record.Recording") {
				t.Errorf("%v: got %v", actual, err)
			}
		}
	}
}

// TestNot: a matcher that matches says so where it must not.
func TestNot(t *testing.T) {
	rec := run(t, faulty)
	for _, m := range []types.GomegaMatcher{
		HoldToThePlan(), LeakNothing(), HaveEfficiency(0.5), HaveLatency("max", time.Hour),
	} {
		if ok, err := m.Match(rec); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if message := m.NegatedFailureMessage(rec); !strings.Contains(message, "faulty/pool/5") ||
			!strings.Contains(message, "not") {
			t.Errorf("got %q", message)
		}
	}
}

// TestBusy: a failure that the machine can cause says so.
func TestBusy(t *testing.T) {
	rec := run(t, strings.Replace(faulty, "uniform(500ms, 5s)", "1ms", 1))
	rec.Clock, rec.Makespan = record.Real, 3*rec.IdealMakespan
	m := HaveEfficiency(0.95)
	if ok, err := m.Match(rec); ok || err != nil || !strings.Contains(m.FailureMessage(rec), "busy machine") {
		t.Errorf("got %v, %v, %s", ok, err, m.FailureMessage(rec))
	}
}
