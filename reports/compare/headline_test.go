package compare

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// TestHeadline wants the gravest verdict, how many runs have it, and what
// changed most.
func TestHeadline(t *testing.T) {
	slower := func(by float64) func(*record.Recording) {
		return func(r *record.Recording) { r.Makespan = time.Duration(float64(r.Makespan) * (1 + by)) }
	}
	none := func(*record.Recording) {}
	for name, test := range map[string]struct {
		runs   int
		change []func(*record.Recording) // of the new runs of each case
		want   string
	}{
		"nothing":       {20, nil, "∅ nothing was compared"},
		"equal":         {20, []func(*record.Recording){none, none}, "= the same: 2 of 2 runs"},
		"one is slower": {20, []func(*record.Recording){none, slower(0.58)}, "✗ slower: 1 of 2 runs, makespan +58 %"},
		"all are slower": {
			20, []func(*record.Recording){slower(0.5), slower(0.5)}, "✗ slower: 2 of 2 runs, makespan +50 %",
		},
		"faster": {20, []func(*record.Recording){slower(-0.5)}, "✓ faster: 1 of 1 run, makespan −50 %"},
		"worse wins": {
			20, []func(*record.Recording){slower(-0.5), slower(0.2)}, "✗ slower: 1 of 2 runs, makespan +20 %",
		},
		"errors": {20, []func(*record.Recording){func(r *record.Recording) {
			r.Outcomes[record.OutcomeOK], r.Outcomes[record.OutcomeError] = 97, 3
		}}, "✗ worse: 1 of 1 run, errors 0 to 3"},
		"costlier": {20, []func(*record.Recording){func(r *record.Recording) {
			r.Cost.Allocs *= 2
		}}, "✗ costlier: 1 of 1 run, allocs / task +100 %"},
		"too few": {
			3,
			[]func(*record.Recording){none},
			"∅ no data: 1 of 1 run, 3 old and 3 new runs: a verdict needs 15 of each",
		},
	} {
		m := &machine{rng: rand.New(rand.NewPCG(1, 2))}
		var old, new []*record.Recording
		for i, change := range test.change {
			a, b := m.turns(test.runs, 1, 1)
			for _, r := range append(a[:len(a):len(a)], b...) {
				r.Workers, r.Cost.CPU = 2+i, 1e9
			}
			for _, r := range b {
				change(r)
			}
			old, new = append(old, a...), append(new, b...)
		}
		c := Recordings(old, new, Rule{InTurns: true})
		if got := c.Headline(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestTogether wants the geometric mean of the changes, so that twice and half
// come to nothing, and an interval that becomes narrower with their number.
func TestTogether(t *testing.T) {
	figure := func(by, lo, hi float64) Figure {
		return Figure{
			Metric: Metric{Name: "makespan / ideal", Unit: unitRatio}, Old: 1, New: 1 + by, Change: by, Lo: lo, Hi: hi,
			Pairs: 20, Verdict: Worse,
		}
	}
	cases := func(figures ...Figure) (c Comparison) {
		for _, f := range figures {
			c.Cases = append(c.Cases, Case{Figures: []Figure{f}})
		}
		return c
	}
	if got := cases(figure(1, 1, 1)).Together(); got != nil {
		t.Errorf("of one case: got %+v", got)
	}
	both := cases(figure(1, 1, 1), figure(-0.5, -0.5, -0.5)).Together()[0]
	if math.Abs(both.Change) > 1e-12 || both.Cases != 2 {
		t.Errorf("twice and half: got %+v", both)
	}
	one := figure(0.2, 0.1, 0.3)
	four := cases(one, one, one, one).Together()[0]
	if math.Abs(four.Change-0.2) > 1e-12 || four.Lo < 0.14 || four.Hi > 0.26 || four.Lo > 0.16 || four.Hi < 0.24 {
		t.Errorf("got %+v, want half as wide an interval as each has", four)
	}
	lost := figure(0.5, 0.5, 0.5)
	lost.Verdict = NoData
	if got := cases(figure(0.2, 0.1, 0.3), lost).Together(); got != nil {
		t.Errorf("with a case that has no data: got %+v", got)
	}
}
