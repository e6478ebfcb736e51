package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// A machine makes runs of one program under the real clock, each a little
// different from the last.
type machine struct {
	rng   *rand.Rand
	noise float64 // the spread of a run's times, as a share
	drift float64 // by how much all of it is slower now
}

// run is one run of a program whose tasks cost so many milliseconds of CPU.
func (m *machine) run(cost float64) *record.Recording {
	factor := math.Exp(m.noise*m.rng.NormFloat64() + m.drift)
	if m.rng.IntN(10) == 0 { // something else had the processor
		factor *= 1 + m.rng.Float64()
	}
	r := &record.Recording{
		Scenario: "little", Executor: "pool", Workers: 2, Clock: record.Real,
		Outcomes: map[record.Outcome]int{record.OutcomeOK: 100},
		Makespan: time.Second, IdealMakespan: time.Second, Percentiles: map[string]time.Duration{},
		Cost: &record.Cost{
			CPU: time.Duration(100 * cost * factor * float64(time.Millisecond)), Allocs: 1000,
			AllocBytes: 64000,
		},
	}
	for seq := range 100 {
		r.Samples = append(r.Samples, record.Sample{
			Seq: seq, Started: 0, Finished: 10 * time.Millisecond,
			Planned: record.Planned{PlannedService: 10 * time.Millisecond},
		})
	}
	for _, p := range percentiles {
		r.Percentiles[p.name] = 10 * time.Millisecond
	}
	return r
}

// turns makes n pairs of runs of two programs, ABBA, on a machine that becomes
// slower and faster in between.
func (m *machine) turns(n int, old, new float64) (a, b []*record.Recording) {
	for i := range n {
		m.drift = 0.3 * math.Sin(float64(i)/5)
		if i%2 == 0 {
			a, b = append(a, m.run(old)), append(b, m.run(new))
		} else {
			b, a = append(b, m.run(new)), append(a, m.run(old))
		}
	}
	return a, b
}

// verdict judges as the command does: what is worse is run again.
func (m *machine) verdict(n int, old, new float64) Comparison {
	rule := Rule{InTurns: true, Again: true}
	a, b := m.turns(n, old, new)
	c := Recordings(a, b, rule)
	if !c.Failed() {
		return c
	}
	a, b = m.turns(n, old, new)
	return Confirm(c, Recordings(a, b, rule))
}

func figureOf(t *testing.T, c Comparison, name string) Figure {
	t.Helper()
	for _, f := range c.Cases[0].Figures {
		if f.Metric.Name == name {
			return f
		}
	}
	t.Fatalf("no %s in %v", name, c.Cases[0])
	return Figure{}
}

// TestPower is the rule's promise on simulated noise: a tenth more CPU is
// found, and none is not. The noise is what was measured of the CPU time of
// equal runs, on two processors that ten programs shared.
func TestPower(t *testing.T) {
	const times = 100
	m := &machine{rng: rand.New(rand.NewPCG(1, 2)), noise: 0.015}
	found, alarms := 0, 0
	for range times {
		if m.verdict(20, 1, 1.1).Cases[0].Verdict == Worse {
			found++
		}
		if m.verdict(20, 1, 1).Failed() {
			alarms++
		}
	}
	t.Logf("of %d: %d found, %d false alarms", times, found, alarms)
	if found < times*95/100 || alarms > times/100 {
		t.Errorf("of %d: %d found, %d false alarms", times, found, alarms)
	}
}

// TestDirections plants a change that no reader can miss, both ways, and one
// that the tolerance forgives.
func TestDirections(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(3, 4)), noise: 0.02}
	for _, tt := range []struct {
		new  float64
		want Verdict
	}{{2, Worse}, {0.5, Better}, {1.005, Same}, {1.05, Inconclusive}} {
		c := m.verdict(40, 1, tt.new)
		if f := figureOf(t, c, "cpu / task"); f.Verdict != tt.want {
			t.Errorf("%v times the CPU: %+v, want %s", tt.new, f, tt.want)
		}
		if c.Failed() != (tt.want == Worse) {
			t.Errorf("%v times the CPU: failed is %v", tt.new, c.Failed())
		}
	}
}

// TestMetrics makes each metric worse, one at a time, and better where it can
// be.
func TestMetrics(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(5, 6)), noise: 0.01}
	for name, tt := range map[string]struct {
		worse, better func(*record.Recording)
	}{
		"ok": {
			func(r *record.Recording) { r.Outcomes[record.OutcomeOK]-- },
			func(r *record.Recording) { r.Outcomes[record.OutcomeOK]++ },
		},
		"not_found":  {func(r *record.Recording) { r.Outcomes[record.OutcomeNotFound]++ }, nil},
		"error":      {func(r *record.Recording) { r.Outcomes[record.OutcomeError]++ }, nil},
		"violations": {func(r *record.Recording) { r.Violations = make([]record.Violation, 1) }, nil},
		"makespan / ideal": {
			func(r *record.Recording) { r.Makespan *= 2 },
			func(r *record.Recording) { r.Makespan /= 2 },
		},
		"efficiency": {func(r *record.Recording) { r.Makespan *= 2 }, func(r *record.Recording) { r.Makespan /= 2 }},
		"p50 / plan": {
			func(r *record.Recording) { r.Percentiles["p50"] *= 2 },
			func(r *record.Recording) { r.Percentiles["p50"] /= 2 },
		},
		"p99 / plan": {
			func(r *record.Recording) { r.Percentiles["p99"] *= 2 },
			func(r *record.Recording) { r.Percentiles["p99"] /= 2 },
		},
		"cpu / task": {func(r *record.Recording) { r.Cost.CPU *= 2 }, func(r *record.Recording) { r.Cost.CPU /= 2 }},
		"allocs / task": {
			func(r *record.Recording) { r.Cost.Allocs *= 2 },
			func(r *record.Recording) { r.Cost.Allocs /= 2 },
		},
		"bytes / task": {
			func(r *record.Recording) { r.Cost.AllocBytes *= 2 },
			func(r *record.Recording) { r.Cost.AllocBytes /= 2 },
		},
	} {
		for want, change := range map[Verdict]func(*record.Recording){Worse: tt.worse, Better: tt.better} {
			if change == nil {
				continue
			}
			old, new := m.turns(15, 1, 1)
			for _, r := range new {
				change(r)
			}
			if f := figureOf(t, Recordings(old, new, Rule{InTurns: true}), name); f.Verdict != want {
				t.Errorf("%s: %+v, want %s", name, f, want)
			}
		}
	}
}

// TestUnplanned wants times without a plan judged by themselves, and all of
// them under the virtual clock equal to the nanosecond.
func TestUnplanned(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(7, 8)), noise: 0.01}
	old, new := m.turns(15, 1, 1)
	for _, r := range append(old[:15:15], new...) {
		r.IdealMakespan = 0
		for i := range r.Samples {
			r.Samples[i].PlannedService = 0
		}
	}
	for _, r := range new {
		r.Makespan *= 3
		r.Percentiles["p99"] *= 3
	}
	c := Recordings(old, new, Rule{InTurns: true})
	for _, name := range []string{"makespan", "p99"} {
		if f := figureOf(t, c, name); f.Verdict != Worse || f.Metric.Unit != unitNanoseconds || f.Change < 1.9 ||
			f.Change > 2.1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	a, b := m.run(1), m.run(1)
	a.Clock, b.Clock = record.Virtual, record.Virtual
	a.Cost, b.Cost = nil, nil
	b.Makespan++
	virtual := []*record.Recording{b}
	if f := figureOf(t, Recordings([]*record.Recording{a}, virtual, Rule{}), "makespan / ideal"); f.Verdict != Worse ||
		!f.Exact {
		t.Errorf("a nanosecond more of virtual time: %+v", f)
	}
	if c := Recordings(virtual, virtual, Rule{}); c.Failed() || c.Cases[0].Verdict != Same {
		t.Errorf("the same twice: %+v", c)
	}
}

// TestSamples wants what only the samples show said, without a verdict on it:
// under the virtual clock alone, where equal runs have equal ones.
func TestSamples(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(15, 16))}
	run := func(change func(*record.Sample)) []*record.Recording {
		r := m.run(1)
		r.Makespan, r.Clock, r.Cost = time.Second, record.Virtual, nil
		change(&r.Samples[3])
		return []*record.Recording{r}
	}
	was := run(func(*record.Sample) {})
	for name, is := range map[string][]*record.Recording{
		"later":        run(func(s *record.Sample) { s.Started++ }),
		"another":      run(func(s *record.Sample) { s.Class = record.Timeout }),
		"other result": run(func(s *record.Sample) { s.Value = "tea" }),
	} {
		c := Recordings(was, is, Rule{})
		if f := figureOf(t, c, "samples"); f.Verdict != Inconclusive || f.New != 1 ||
			c.Cases[0].Verdict != Inconclusive {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if c := Recordings(was, run(func(*record.Sample) {}), Rule{}); c.Cases[0].Verdict != Same {
		t.Errorf("equal samples: %s", totals(c))
	}
}

// TestNoData lists all that must never pass for want of something to judge.
func TestNoData(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(9, 10)), noise: 0.01}
	runs := func(n int, change func(*record.Recording)) []*record.Recording {
		all, _ := m.turns(n, 1, 1)
		for _, r := range all {
			change(r)
		}
		return all
	}
	as := func(*record.Recording) {}
	for name, tt := range map[string]struct{ old, new []*record.Recording }{
		"nothing":          {},
		"all new":          {nil, runs(20, as)},
		"not run":          {runs(20, as), nil},
		"another scenario": {runs(20, as), runs(20, func(r *record.Recording) { r.Scenario = "other" })},
		"too few":          {runs(14, as), runs(14, as)},
		"too few old":      {runs(1, as), runs(20, as)},
		"another seed":     {runs(20, as), runs(20, func(r *record.Recording) { r.Seed++ })},
		"another clock":    {runs(20, as), runs(20, func(r *record.Recording) { r.Clock = record.Virtual })},
		"another workload": {runs(20, as), runs(20, func(r *record.Recording) { r.Samples = r.Samples[1:] })},
		"no cost":          {runs(20, as), runs(20, func(r *record.Recording) { r.Cost = nil })},
		"interrupted":      {runs(20, as), runs(20, func(r *record.Recording) { r.Interrupted = true })},
		"interrupted twice": {
			runs(20, func(r *record.Recording) { r.Interrupted = true }),
			runs(20, func(r *record.Recording) { r.Interrupted = true }),
		},
		"another plan": {
			runs(20, func(r *record.Recording) { r.Samples[7].Attempt = 1 }),
			runs(20, func(r *record.Recording) { r.Samples[7].Attempt, r.Samples[7].PlannedLatency = 1, 1 }),
		},
		"another key":       {runs(20, as), runs(20, func(r *record.Recording) { r.Samples[7].Key = "XX" })},
		"another timeout":   {runs(20, as), runs(20, func(r *record.Recording) { r.Timeout = time.Second })},
		"a deadlock before": {runs(20, func(r *record.Recording) { r.Deadlock = "stuck" }), runs(20, as)},
	} {
		if c := Recordings(tt.old, tt.new, Rule{InTurns: true}); !c.Failed() {
			t.Errorf("%s: passed: %s", name, totals(c))
		}
	}
	old, new := runs(20, as), append(runs(20, as), runs(20, func(r *record.Recording) { r.Scenario = "news" })...)
	if c := Recordings(old, new, Rule{InTurns: true}); c.Failed() || c.Cases[1].Verdict != "" {
		t.Errorf("a new scenario beside one that is the same: %s", totals(c))
	}
}

// TestShort wants what was measured for a moment only left undecided, however
// much it changed.
func TestShort(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(11, 12)), noise: 0.01}
	old, new := m.turns(20, 0.01, 0.04) // 1 ms of CPU in all, and 4
	c := Recordings(old, new, Rule{InTurns: true})
	if f := figureOf(t, c, "cpu / task"); f.Verdict != Inconclusive || f.Why == "" || c.Failed() {
		t.Errorf("%+v", f)
	}
	old, new = m.turns(20, 0.01, 1)
	if f := figureOf(t, Recordings(old, new, Rule{InTurns: true}), "cpu / task"); f.Verdict != Worse {
		t.Errorf("from a moment to a while: %+v", f)
	}
}

// TestApart wants a machine that is slower today by a tenth to be no verdict on
// the program, and twice the work to be one.
func TestApart(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(13, 14)), noise: 0.02}
	series := func(cost float64) (all []*record.Recording) {
		for range 20 {
			all = append(all, m.run(cost))
		}
		return all
	}
	old := series(1)
	m.drift = 0.1
	today, twice := series(1), series(2)
	if c := Recordings(old, today, Rule{}); c.Failed() {
		t.Errorf("a slower machine: %+v", figureOf(t, c, "cpu / task"))
	}
	if c := Recordings(old, twice, Rule{}); !c.Failed() {
		t.Errorf("twice the work: %+v", figureOf(t, c, "cpu / task"))
	}
	burst := series(1)
	for _, r := range burst[8:] { // most of the runs, but only after the first half
		r.Cost.CPU *= 2
	}
	for _, r := range burst[:8] {
		r.Cost.CPU = r.Cost.CPU * 9 / 10
	}
	if f := figureOf(t, Recordings(old, burst, Rule{}), "cpu / task"); f.Verdict != Inconclusive {
		t.Errorf("halves that do not agree: %+v", f)
	}
}

// TestConfirm wants a verdict to be given twice, but for what must be equal.
func TestConfirm(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(15, 16)), noise: 0.01}
	rule := Rule{InTurns: true, Again: true}
	worse, same := func() Comparison {
		a, b := m.turns(20, 1, 1.5)
		return Recordings(a, b,
			rule)
	}(), func() Comparison { a, b := m.turns(20, 1, 1); return Recordings(a, b, rule) }()
	for _, tt := range []struct {
		first, again Comparison
		want         Verdict
	}{
		{worse, worse, Worse},
		{worse, same, Inconclusive},
		{same, worse, Same},
		{same, same, Same},
		{worse, Comparison{}, Worse},
	} {
		if got := Confirm(tt.first, tt.again); got.Cases[0].Verdict != tt.want {
			t.Errorf("%s, then %s: %s, want %s", totals(tt.first), totals(tt.again), totals(got), tt.want)
		}
	}
	a, b := m.turns(20, 1, 1)
	b[0].Outcomes[record.OutcomeOK]--
	if f := figureOf(t, Recordings(a, b, rule), "ok"); f.Verdict != Inconclusive {
		t.Errorf("one run of twenty lost a task: %+v", f)
	}
	for _, r := range b[1:] {
		r.Outcomes[record.OutcomeOK]--
	}
	if c := Confirm(Recordings(a, b, rule), same); c.Cases[0].Verdict != Worse {
		t.Errorf("a lost task is lost: %s", totals(c))
	}
}

// TestInputUnchanged wants recordings left as they were, in their order, which
// benchmath would sort.
func TestInputUnchanged(t *testing.T) {
	m := &machine{rng: rand.New(rand.NewPCG(17, 18)), noise: 0.2}
	a, b := m.turns(20, 1, 1)
	before := fmt.Sprint(costs(a), costs(b))
	first := fmt.Sprintf("%+v", Recordings(a, b, Rule{InTurns: true}).Cases[0].Verdict)
	if again := fmt.Sprintf("%+v", Recordings(a, b, Rule{InTurns: true}).Cases[0].Verdict); again != first {
		t.Errorf("%s, and then %s", first, again)
	}
	if after := fmt.Sprint(costs(a), costs(b)); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}

func costs(recs []*record.Recording) (all []record.Cost) {
	for _, r := range recs {
		all = append(all, *r.Cost)
	}
	return all
}
