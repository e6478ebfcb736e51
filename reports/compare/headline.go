package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/reports/text"
)

// Headline returns the gravest verdict in one line, with how many runs have it
// and what has changed most of all: "✗ slower: 3 of 3 runs, makespan +58 % (46
// to 65)". A run is a case, repeated or not.
func (c Comparison) Headline() string {
	judged := slices.DeleteFunc(slices.Clone(c.Cases), func(k Case) bool { return k.Verdict == "" })
	if len(judged) == 0 {
		return symbols[NoData] + " nothing was compared"
	}
	var gravest []Case
	for _, v := range verdicts() {
		for _, k := range judged {
			if k.Verdict == v {
				gravest = append(gravest, k)
			}
		}
		if len(gravest) > 0 {
			break
		}
	}
	verdict := gravest[0].Verdict
	of := fmt.Sprintf("%d of %s", len(gravest), text.Plural(len(judged), "run"))
	switch verdict {
	case Same:
		return fmt.Sprintf("%s the same: %s", symbols[verdict], of)
	case NoData, Inconclusive:
		why := gravest[0].Why
		for _, f := range gravest[0].Figures {
			if f.Verdict == verdict {
				why = cmp.Or(why, f.Why)
			}
		}
		s := fmt.Sprintf("%s %s: %s", symbols[verdict], verdict, of)
		if why != "" {
			s += ", " + text.Clip(text.Printable(why), 200)
		}
		return s
	}
	metric, change := principal(gravest, verdict)
	return fmt.Sprintf("%s %s: %s, %s %s", symbols[verdict], metric.becomes(verdict), of, metric.short(), change)
}

// principal returns the metric that changed in most of the cases, of several
// the one that matters most, and by how much: the change of a case, or the
// geometric mean of several.
func principal(cases []Case, verdict Verdict) (Metric, string) {
	changed := map[string][]Figure{}
	for _, k := range cases {
		for _, f := range k.Figures {
			if f.Verdict == verdict {
				changed[f.Metric.Name] = append(changed[f.Metric.Name], f)
			}
		}
	}
	names := []string{"error", "violations"} // errors matter more than what they are not
	for _, m := range metrics() {
		names = append(names, m.Name)
	}
	var most []Figure
	for _, name := range append(names, "samples") {
		if len(changed[name]) > len(most) {
			most = changed[name]
		}
	}
	f := most[0]
	switch {
	case f.additive() && len(most) == 1:
		return f.Metric, fmt.Sprintf("%s to %s", f.format(f.Old), f.format(f.New))
	case f.additive():
		sum := 0.0
		for _, f := range most {
			sum += f.Change
		}
		return f.Metric, fmt.Sprintf("%+.4g in all", sum)
	case len(most) == 1:
		return f.Metric, f.size()
	}
	mean := mean(most)
	return f.Metric, text.Change(mean.Change, mean.Lo, mean.Hi)
}

// becomes is what a run is whose metric has the verdict.
func (m Metric) becomes(v Verdict) string {
	words := [2]string{"worse", "better"}
	switch {
	case m.Unit == unitCount && m.kind == counted, strings.HasPrefix(m.Name, "cpu"):
		words = [2]string{"costlier", "cheaper"}
	case m.Name == "efficiency":
		words = [2]string{"less efficient", "more efficient"}
	case m.Unit != unitCount:
		words = [2]string{"slower", "faster"}
	}
	if v == Better {
		return words[1]
	}
	return words[0]
}

// short is the name in a sentence, without what it is relative to.
func (m Metric) short() string {
	switch {
	case m.Name == "error":
		return "errors"
	case m.Unit == unitRatio:
		name, _, _ := strings.Cut(m.Name, " / ")
		return name
	}
	return m.Name
}

// additive reports whether the change is a difference, not a share.
func (f Figure) additive() bool { return f.Exact && f.Metric.Unit == unitCount || f.Old == 0 }

// Share returns the change of the figure as a share, with its interval, and
// whether it is one: of counts it is a difference.
func (f Figure) Share() (by, lo, hi float64, is bool) {
	if f.additive() || f.Pairs == 0 || f.Verdict == NoData {
		return 0, 0, 0, false
	}
	return f.Change, f.Lo, f.Hi, true
}

// A Mean is the geometric mean of one metric's changes over several cases. Its
// interval takes the cases to be independent.
type Mean struct {
	Metric Metric  `json:"metric"`
	Cases  int     `json:"cases"`
	Change float64 `json:"change"` // as that of a figure: 0.1 is 10 % more
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
}

// Together returns the means of the metrics that two cases or more have, and
// that have changed in one of them.
func (c Comparison) Together() (all []Mean) {
	for _, m := range metrics() {
		var figures []Figure
		changed := false
		for _, k := range c.Cases {
			for _, f := range k.Figures {
				if _, _, _, is := f.Share(); is && f.Metric.Name == m.Name && f.New > 0 {
					figures, changed = append(figures, f), changed || f.Change != 0
				}
			}
		}
		if len(figures) > 1 && changed {
			all = append(all, mean(figures))
		}
	}
	return all
}

// mean is the geometric mean of the changes of figures.
func mean(figures []Figure) Mean {
	n := float64(len(figures))
	var center, below, above float64
	for _, f := range figures {
		at := math.Log1p(f.Change)
		center += at / n
		below, above = math.Hypot(below, at-math.Log1p(f.Lo)), math.Hypot(above, math.Log1p(f.Hi)-at)
	}
	return Mean{
		Metric: figures[0].Metric, Cases: len(figures),
		Change: math.Expm1(center), Lo: math.Expm1(center - below/n), Hi: math.Expm1(center + above/n),
	}
}
