package charts

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// A Sweep shows what more workers bring: the speedup and the efficiency of each
// executor of one scenario, and those of the oracle.
type Sweep struct {
	Of, Base   string // the scenario, and what the speedup is over
	Fastest    string // which executor has the highest speedup, in a sentence
	Idlest     string // and which the lowest efficiency, "" if none has any
	Kinds      []swept
	Ideal      string // the oracle's speedup
	Linear     string // as many times faster as there are workers
	Across, Up []tick
	Grid       string
	Rows       []scaled
}

// swept are the runs of one executor with different numbers of workers: a line,
// and a dot for each.
type swept struct {
	Kind                 string
	Speedup, Efficiency  string
	Dots, EfficiencyDots string
	Shape                int    // 0 for the first kind, so that a page draws each in its own way
	Stroke, Dash         string // that way, for a page without a style
}

// scaled is a row of the table of the same.
type scaled struct {
	Executor                   string
	Workers                    int
	Speedup, Ideal, Efficiency string
}

// NewSweep draws the sweep of the runs of one scenario. It returns nil if no
// executor ran with more than one number of workers.
func NewSweep(group []*record.Recording) *Sweep {
	runs := slices.DeleteFunc(slices.Clone(group), func(r *record.Recording) bool {
		return r.Workers <= 0 || r.Makespan <= 0 || r.Deadlock != "" || r.Interrupted
	})
	slices.SortStableFunc(runs, func(a, b *record.Recording) int {
		return cmp.Or(cmp.Compare(a.Executor, b.Executor), cmp.Compare(a.Workers, b.Workers))
	})
	most, varied := 1, false
	for i, r := range runs {
		most = max(most, r.Workers)
		varied = varied || i > 0 && runs[i-1].Executor == r.Executor && runs[i-1].Workers < r.Workers
	}
	if !varied {
		return nil
	}
	v := &Sweep{Of: text.Clip(text.Printable(group[0].Scenario), 60)}
	base, ideal := v.base(runs)
	top := 1.0
	for _, r := range runs {
		top = max(top, float64(base)/float64(r.Makespan))
		if ideal > 0 && r.IdealMakespan > 0 {
			top = max(top, float64(ideal)/float64(r.IdealMakespan))
		}
	}
	p := plane{float64(most), top * 1.08}
	v.axes(p)
	v.Ideal = p.oracle(runs, ideal)
	v.Linear = fmt.Sprintf("M%s", p.at(1, 1))
	for w := 1.0; w < p.workers && w < p.speedup; w = min(w*1.3, p.workers, p.speedup) {
		v.Linear += "L" + p.at(min(w*1.3, p.workers, p.speedup), min(w*1.3, p.workers, p.speedup))
	}
	v.runs(runs, p, base, ideal)
	v.tell(runs, base)
	return v
}

// tell names the runs at the ends of the two drawings.
func (v *Sweep) tell(runs []*record.Recording, base time.Duration) {
	name := func(r *record.Recording) string { return text.Clip(text.Printable(r.Name()), 40) }
	fastest, idlest := runs[0], (*record.Recording)(nil)
	for _, r := range runs {
		if r.Makespan < fastest.Makespan {
			fastest = r
		}
		if r.IdealMakespan > 0 && (idlest == nil || r.Efficiency() < idlest.Efficiency()) {
			idlest = r
		}
	}
	v.Fastest = fmt.Sprintf("%s is the fastest: %.1f times as fast as %s", name(fastest),
		float64(base)/float64(fastest.Makespan), text.Clip(text.Printable(v.Base), 40))
	switch {
	case idlest == nil:
	case idlest.Efficiency() >= 0.9995:
		v.Idlest = "No executor loses any efficiency"
	default:
		v.Idlest = fmt.Sprintf("%s has the lowest efficiency: %.1f%%", name(idlest), 100*min(idlest.Efficiency(), 1))
	}
}

// base is the makespan that speedups are over, and the oracle's: those of one
// worker. Where no run had one, the oracle's stands for both.
func (v *Sweep) base(runs []*record.Recording) (measured, ideal time.Duration) {
	for _, s := range runs[0].Samples {
		if runs[0].IdealMakespan > 0 && runs[0].Totals == nil {
			ideal += max(s.PlannedService, 0)
		}
	}
	for _, r := range runs {
		if r.Workers == 1 && (measured == 0 || r.Executor == "sequential") {
			measured, v.Base = r.Makespan, r.Name()
		}
	}
	if measured == 0 {
		measured, v.Base = ideal, "the ideal for one worker"
	}
	if measured == 0 {
		measured, v.Base = runs[0].Makespan, runs[0].Name()
	}
	return measured, ideal
}

// plane places workers, on a logarithmic axis from 1, and speedups, on one from
// 0.
type plane struct{ workers, speedup float64 }

func (p plane) at(workers, speedup float64) string {
	return fmt.Sprintf("%d %d", p.x(workers), p.y(speedup))
}

func (p plane) x(workers float64) int {
	return int(200 + 9600*math.Log(max(workers, 1))/math.Log(max(p.workers, 2)))
}

func (p plane) y(speedup float64) int { return int(width - width*min(speedup/p.speedup, 1)) }

func (v *Sweep) axes(p plane) {
	for _, w := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000, 100000} {
		if float64(w) <= p.workers {
			v.Across = append(v.Across, placed(p.x(float64(w)), fmt.Sprint(w)))
		}
	}
	step := 1.0
	for i, next := 0, []float64{2, 2.5, 2}; p.speedup/step > 5; i++ {
		step *= next[i%3]
	}
	for s := 0.0; s <= p.speedup; s += step {
		v.Up = append(v.Up, tick{X: fmt.Sprintf("%.1f%%", float64(p.y(s))/100), Label: fmt.Sprintf("%g×", s)})
		v.Grid += fmt.Sprintf("M0 %dh%d", p.y(s), width)
	}
}

// oracle is the line of the ideal speedup: at every number of workers where
// that is soon computed, else at those that ran.
func (p plane) oracle(runs []*record.Recording, ideal time.Duration) string {
	if ideal <= 0 {
		return ""
	}
	at := map[int]time.Duration{1: ideal}
	for _, r := range runs {
		if r.IdealMakespan > 0 {
			at[r.Workers] = r.IdealMakespan
		}
	}
	if r := *runs[0]; r.Totals == nil && len(r.Samples) <= 5000 {
		for w := 1.0; w < p.workers; w = max(w+1, w*1.25) {
			r.Workers = int(w)
			at[r.Workers] = r.Ideal().Makespan
		}
	}
	var path []byte
	letter := "M"
	for _, w := range slices.Sorted(maps.Keys(at)) {
		if at[w] > 0 {
			path = fmt.Appendf(path, "%s%s", letter, p.at(float64(w), float64(ideal)/float64(at[w])))
			letter = "L"
		}
	}
	return string(path)
}

// drawn is the nth kind, with a colour and a pattern that tell it from the
// others.
func drawn(kind string, n int) swept {
	strokes := [...]string{"#2f6fb7", "#7a3fb0", "#c2410c", "#97690a", "#0f6b5c"}
	dashes := [...]string{"none", "9 3", "2 3", "9 3 2 3", "14 4"}
	return swept{Kind: kind, Shape: n % len(strokes), Stroke: strokes[n%len(strokes)], Dash: dashes[n%len(dashes)]}
}

// runs adds the lines, the dots and the rows.
func (v *Sweep) runs(runs []*record.Recording, p plane, base, ideal time.Duration) {
	for _, r := range runs {
		if len(v.Kinds) == 0 || v.Kinds[len(v.Kinds)-1].Kind != r.Executor {
			v.Kinds = append(v.Kinds, drawn(r.Executor, len(v.Kinds)))
		}
		k := &v.Kinds[len(v.Kinds)-1]
		letter := "L"
		if k.Speedup == "" {
			letter = "M"
		}
		speedup := float64(base) / float64(r.Makespan)
		row := scaled{
			Executor:   r.Name(),
			Workers:    r.Workers,
			Speedup:    fmt.Sprintf("%.1f×", speedup),
			Ideal:      text.None,
			Efficiency: text.None,
		}
		place := p.at(float64(r.Workers), speedup)
		k.Speedup, k.Dots = k.Speedup+letter+place, k.Dots+"M"+place+"h0"
		if r.IdealMakespan > 0 && r.LostGenerators() == 0 {
			if row.Efficiency = fmt.Sprintf("%.1f%%", 100*r.Efficiency()); r.Beaten() != "" {
				row.Efficiency = ">100%"
			}
			if ideal > 0 {
				row.Ideal = fmt.Sprintf("%.1f×", float64(ideal)/float64(r.IdealMakespan))
			}
			place = fmt.Sprintf("%d %d", p.x(float64(r.Workers)), int(width-width*min(r.Efficiency(), 1)))
			if k.Efficiency == "" {
				letter = "M"
			}
			k.Efficiency, k.EfficiencyDots = k.Efficiency+letter+place, k.EfficiencyDots+"M"+place+"h0"
		}
		v.Rows = append(v.Rows, row)
	}
}
