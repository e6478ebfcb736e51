// Package compare reports whether recordings are worse than older ones of the
// same scenarios, and by how much. Its verdicts hold on a busy machine.
//
// Counts, outcomes and everything under the virtual clock must be equal. Real
// times are judged on pairs of an old and a new run, by a bootstrap interval of
// the median ratio of new to old. A figure is
//
//   - worse or better if the interval lies wholly beyond a tolerance,
//   - the same if the interval lies wholly within the tolerance,
//   - inconclusive otherwise,
//   - without data if there are too few runs, which is a failure.
//
// A significant difference is not enough. On a shared machine every second pair
// of equal programs differs significantly, by a little.
//
//	c := compare.Recordings(old, new, compare.Rule{})
//	err := compare.Text(c)(os.Stdout)
//	if c.Failed() { os.Exit(1) }
package compare

import (
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// A Verdict tells how a figure, or a case, has changed.
type Verdict string

// The verdicts. Worse and NoData are failures.
const (
	Worse        Verdict = "worse"
	NoData       Verdict = "no data" // there is nothing to judge, or too little
	Inconclusive Verdict = "inconclusive"
	Better       Verdict = "better"
	Same         Verdict = "same"
)

// verdicts returns them in order, failures first.
func verdicts() []Verdict { return []Verdict{Worse, NoData, Inconclusive, Better, Same} }

// A Comparison has one case for each scenario on each executor, in the order in
// which they first occur, the old recordings before the new.
type Comparison struct {
	Cases    []Case   `json:"cases"`
	Warnings []string `json:"warnings,omitempty"` // doubts about the whole: two hosts, say
	// the share by which a time may change and be the same
	Tolerance float64 `json:"tolerance"`
}

// A Case is one scenario on one executor, with its old and its new runs. Its
// verdict is the gravest of its figures'. A case without old runs is new and
// not judged: its verdict is "". A case without new runs is NoData.
type Case struct {
	Scenario string       `json:"scenario"`
	Executor string       `json:"executor"` // with its limit, as in pool/30
	Clock    record.Clock `json:"clock"`
	Verdict  Verdict      `json:"verdict"` // of its figures the gravest, "" for a case that is new
	Why      string       `json:"why,omitempty"`
	Figures  []Figure     `json:"figures"`

	Old []*record.Recording `json:"-"` // in the order in which they ran
	New []*record.Recording `json:"-"`

	invalid bool // a run of it is invalid, so its times were not compared
}

// Name returns the scenario and the executor, such as "error-100/pool/30". No
// two cases of a comparison have the same.
func (c Case) Name() string { return c.Scenario + "/" + c.Executor }

// A Figure is one metric of a case. Old and New are medians over the runs, in
// the unit of the metric.
type Figure struct {
	Metric Metric  `json:"metric"`
	Old    float64 `json:"old"`
	New    float64 `json:"new"`
	// of the median of new/old, less 1: 0.1 is 10 % more; of counts, and from
	// 0, New - Old
	Change float64 `json:"change"`
	Lo     float64 `json:"lo"` // the interval of Change; both are Change where equality was wanted
	Hi     float64 `json:"hi"`
	Pairs  int     `json:"pairs"` // how many runs the figure was judged on, 0 for none
	// Exact says that the figure had to be equal: a count, or a figure of the
	// virtual clock.
	Exact   bool    `json:"exact"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"` // what the verdict rests on, where it is not the interval alone
}

// Failed reports whether anything became worse, or could not be judged for want
// of data. A comparison of nothing has failed.
func (c Comparison) Failed() bool {
	judged := false
	for _, k := range c.Cases {
		if k.Verdict == Worse || k.Verdict == NoData {
			return true
		}
		judged = judged || k.Verdict != ""
	}
	return !judged
}

// Unknown reports whether a case could not be compared, because a run of it is
// invalid.
func (c Comparison) Unknown() bool {
	return slices.ContainsFunc(c.Cases, func(k Case) bool { return k.invalid })
}

// Recordings compares new recordings with old ones. It pairs cases by the names
// of scenario and executor, and their runs in the order given. It is a pure
// function: equal recordings give equal verdicts.
func Recordings(old, new []*record.Recording, rule Rule) Comparison {
	rule = rule.filled()
	c := Comparison{Tolerance: rule.Tolerance}
	index := map[string]int{}
	at := func(r *record.Recording) *Case {
		name := r.Scenario + "/" + r.Name()
		i, known := index[name]
		if !known {
			i = len(c.Cases)
			index[name] = i
			c.Cases = append(c.Cases, Case{Scenario: r.Scenario, Executor: r.Name(), Clock: r.Clock})
		}
		return &c.Cases[i]
	}
	for _, r := range old {
		k := at(r)
		k.Old = append(k.Old, r)
	}
	for _, r := range new {
		k := at(r)
		k.New = append(k.New, r)
	}
	for i := range c.Cases {
		c.Cases[i].judge(rule)
	}
	return c
}

// judge fills in the figures and the verdict.
func (k *Case) judge(rule Rule) {
	k.Figures = []Figure{}
	switch {
	case len(k.Old) == 0:
		k.Why = "only in the new recordings: there is nothing to compare it with"
		return
	case len(k.New) == 0:
		k.Verdict, k.Why = NoData, "only in the old recordings: it was not run"
		return
	}
	if why := k.unlike(); why != "" {
		k.Verdict, k.Why = NoData, why
		return
	}
	other := k.atOtherRates()
	for _, m := range metrics() {
		if other && m.Name != rateFound.Name {
			continue
		}
		if f, has := rule.figure(m, k); has {
			k.doubtRate(&f)
			k.Figures = append(k.Figures, f)
		}
	}
	if f, differ := k.samples(); differ && !other {
		k.Figures = append(k.Figures, f)
	}
	k.sum()
	k.doubt()
}

// doubt makes a case inconclusive that is not worse, if a run of it is invalid:
// its times, which say nothing, are not compared.
func (k *Case) doubt() {
	invalid := (*record.Recording).Invalid
	old, new := slices.ContainsFunc(k.Old, invalid), slices.ContainsFunc(k.New, invalid)
	if !old && !new || k.Verdict == Worse || k.Verdict == NoData && len(k.Figures) > 0 {
		return
	}
	side := "old"
	if new {
		side = "new"
	}
	k.Verdict, k.invalid = Inconclusive, true
	k.Why = "a run of the " + side + " ones is invalid: its generator was the bottleneck, so no time is compared"
}

// sum takes the gravest verdict of the figures. A case without any has no data.
func (k *Case) sum() {
	k.Verdict = NoData
	for _, v := range verdicts() {
		for _, f := range k.Figures {
			if f.Verdict == v {
				k.Verdict = v
				return
			}
		}
	}
	k.Why = "nothing was measured"
}
