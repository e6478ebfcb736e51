// Package trend shows what has become of scenarios over many recordings, and
// tells each change of level with the commit that it came with.
//
//	entries = append(entries, trend.Measure("a.json", host, recs))
//	…
//	t := trend.Of(entries, trend.Rule{})
//	err := trend.Text(t, 80)(os.Stdout)
//	if t.Failed() { os.Exit(1) }
//
// Recordings stand in the order in which they began. Each scenario on each
// executor is a [History]. What no comparison may mix has histories apart:
// another clock, seed, number of tasks or timeout, another server or workload
// in the scenario's text, and under the real clock another machine. Executors
// and expectations may change: they are what is under test, or its measure.
//
// Runs that are invalid, were interrupted or hung are marked, and not used. Of
// a run that was repeated the median of the repeats counts. Of runs whose rate
// was found, the rate is a figure, and the only one where the rates differ.
//
// Under the virtual clock each change is told, as every figure is exact. Under
// the real one package changes finds them, and a change is worse or better if
// its whole interval lies beyond the tolerance.
package trend

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/changes"
)

// A Rule sets what counts as a change. Zero fields stand for the defaults.
type Rule struct {
	Tolerance float64 // the share by which a level may change and be the same; 0 stands for 0.05
	// Level bounds the probability that a trend of pure noise tells any change;
	// 0 stands for 0.01.
	Level float64
}

func (r Rule) filled() Rule {
	if r.Tolerance <= 0 {
		r.Tolerance = 0.05
	}
	if r.Level <= 0 {
		r.Level = 0.01
	}
	return r
}

// A Verdict tells what has become of a figure, or a history.
type Verdict string

// The verdicts. Worse is a failure.
const (
	Worse  Verdict = "worse"   // a change for the worse was not made good since
	Better Verdict = "better"  // the last change was for the better
	Same   Verdict = "same"    // the level is that of the beginning, or close to it
	TooFew Verdict = "too few" // there are too few recordings to tell
)

// verdicts returns them in order, failures first.
func verdicts() []Verdict { return []Verdict{Worse, Better, Same, TooFew} }

// A Trend has the recordings in the order in which they began, and a history
// for each scenario on each executor, in the order in which they first occur.
type Trend struct {
	Entries   []Entry   `json:"recordings"`
	Histories []History `json:"histories"`
	Tolerance float64   `json:"tolerance"`
	Level     float64   `json:"level"`
}

// A History is one scenario on one executor over all recordings that may be
// compared.
type History struct {
	Scenario string       `json:"scenario"`
	Executor string       `json:"executor"` // with its limit, as in pool/30
	World    string       `json:"world,omitempty"`
	Clock    record.Clock `json:"clock"`
	Points   []Point      `json:"points"`
	Figures  []Figure     `json:"figures"`
	Events   []Event      `json:"events"`
	Verdict  Verdict      `json:"verdict"` // of its figures the gravest
	Why      string       `json:"why,omitempty"`
}

// Name returns the scenario and the executor, such as "error-100/pool/30", and
// in what the history differs from others of that name.
func (h History) Name() string {
	if h.World == "" {
		return h.Scenario + "/" + h.Executor
	}
	return h.Scenario + "/" + h.Executor + " (" + h.World + ")"
}

// A Point is one recording of a history. Entry is its place among the
// recordings of the trend.
type Point struct {
	Entry int `json:"recording"`
	Runs  int `json:"runs"` // repeats that were used, 0 for none
	// why repeats were not used, "" if all were
	Mark     string `json:"mark,omitempty"`
	Violated bool   `json:"violated,omitempty"` // a run has violations

	figures [figureCount]float64
	has     [figureCount]bool
	rates   []float64 // that the searches of its repeats have found, or 0
}

// An Event is the changes of several figures at the same place: one fact.
type Event struct {
	Changes []Told  `json:"changes"`
	Verdict Verdict `json:"verdict"`
	// Open reports, of what became worse, whether it was not made good since.
	Open bool `json:"open"`
}

// A Told is a change of a figure. Places are those of recordings of the trend.
type Told struct {
	Figure string `json:"figure"`
	// the first recording at the new level, or of a drift the last of it, and
	// the one before it in the history
	At     int  `json:"at"`
	Before int  `json:"before"`
	First  int  `json:"first"` // the change is between First and Last with 95 % confidence
	Last   int  `json:"last"`
	Drift  bool `json:"drift,omitempty"`
	// the levels, in the unit of the figure
	From float64 `json:"from"`
	To   float64 `json:"to"`
	// the change as a share of From, or of counts as a difference, and its 95 %
	// interval
	By      float64 `json:"by"`
	Lo      float64 `json:"lo"`
	Hi      float64 `json:"hi"`
	Verdict Verdict `json:"verdict"`
	Open    bool    `json:"open"`
}

// Of returns the trend of recordings, which may be in any order. It is a pure
// function: equal recordings give equal trends.
func Of(entries []Entry, rule Rule) Trend {
	rule = rule.filled()
	t := Trend{
		Entries: ordered(entries), Tolerance: rule.Tolerance, Level: rule.Level, Histories: []History{},
	}
	t.gather()
	search := changes.Rule{Level: rule.Level, Series: t.searched()}
	for i := range t.Histories {
		t.Histories[i].judge(rule, search)
	}
	return t
}

// Latest returns the last n recordings, in the order in which they began.
func Latest(entries []Entry, n int) []Entry {
	sorted := ordered(entries)
	return sorted[max(0, len(sorted)-n):]
}

// ordered returns the recordings in the order in which they began.
func ordered(entries []Entry) []Entry {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b Entry) int {
		return cmp.Or(a.Host.Started.Compare(b.Host.Started), cmp.Compare(a.File, b.File))
	})
}

// Failed reports whether anything became worse and was not made good.
func (t Trend) Failed() bool {
	return slices.ContainsFunc(t.Histories, func(h History) bool { return h.Verdict == Worse })
}

// Unknown reports whether no history has enough recordings to tell anything.
func (t Trend) Unknown() bool {
	return !slices.ContainsFunc(t.Histories, func(h History) bool { return h.Verdict != TooFew })
}

// Count returns how many histories have the verdict.
func (t Trend) Count(v Verdict) (n int) {
	for _, h := range t.Histories {
		if h.Verdict == v {
			n++
		}
	}
	return n
}

// Host returns the host of a recording of the trend.
func (t Trend) Host(entry int) reports.Host { return t.Entries[entry].Host }
