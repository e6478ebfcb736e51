package trend

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/found"
	"github.com/teapot-go/teapot/reports/text"
)

// An Entry is what a trend keeps of the recordings of one file.
type Entry struct {
	File string       `json:"file"`
	Host reports.Host `json:"host"`

	runs []measured
}

// measured is what a trend keeps of a run.
type measured struct {
	scenario, executor string
	clock              record.Clock
	world              world
	mark               string // why it is not used
	violated, open     bool
	figures            [figureCount]float64
	has                [figureCount]bool
	rate               float64 // that a search has found
}

// A world is what must be equal in two runs for them to be compared.
type world struct {
	clock   record.Clock
	seed    uint64
	machine string // "" under the virtual clock, which is the same on all
	tasks   int
	timeout time.Duration
	text    [sha256.Size]byte // of what the tasks are, and what they meet
}

// Measure returns what a trend keeps of the recordings of a file.
func Measure(file string, host reports.Host, recs []*record.Recording) Entry {
	e := Entry{File: file, Host: host}
	for _, r := range recs {
		m := measured{
			scenario: r.Scenario, executor: r.Name(), clock: r.Clock, world: worldOf(host, r),
			mark: unusable(r), violated: len(r.Violations) > 0, open: r.Open(),
		}
		if r.Search != nil {
			m.rate = r.Search.Found
		}
		for i, f := range figures {
			m.figures[i], m.has[i] = f.of(r)
		}
		e.runs = append(e.runs, m)
	}
	return e
}

// unusable returns why no figure of a run can be compared, "" if all can.
func unusable(r *record.Recording) string {
	switch {
	case r.Deadlock != "":
		return "deadlock"
	case r.Interrupted:
		return "interrupted"
	case r.Invalid():
		return "invalid"
	case r.Limit != "", r.Tasks() == 0:
		return "not carried out"
	case r.Search != nil && slices.ContainsFunc(r.Search.Tried, func(t search.Tried) bool {
		return t.Unknown && (t.Rate == r.Search.Found || t.Rate == r.Search.Missed)
	}):
		return "rate not judged" // the machine gave out before the client did
	}
	return ""
}

// worldOf returns the world of a run. Users do as many tasks as time allows,
// and a search as many as there are at the rate that it found. Neither is a
// difference of the world. What a search looked for is one.
func worldOf(host reports.Host, r *record.Recording) world {
	w := world{clock: r.Clock, seed: r.Seed, timeout: r.Timeout, tasks: r.Tasks()}
	if r.Users > 0 {
		w.tasks = -r.Users
	}
	if r.Clock != record.Virtual {
		w.machine = fmt.Sprintf("%s/%s, %d CPUs, %d used", host.OS, host.Arch, host.CPUs, host.MaxProcs)
	}
	sum := sha256.New()
	sum.Write([]byte(setting(r.Source)))
	switch s := r.Search; {
	case s != nil:
		w.tasks = 0
		fmt.Fprintf(sum, "%v %v %v %q", s.Low, s.High, s.Within, found.Bounds(r))
	case r.Clock == record.Virtual:
		plan(sum, r)
	case r.Users == 0:
		for _, s := range told(r) {
			sum.Write(append([]byte(s.Key), 0))
		}
	}
	sum.Sum(w.text[:0])
	return w
}

// leastDrawn is how many samples every recording has drawn that keeps some of
// its samples, as its limit is at least 100.
const leastDrawn = 40

// told returns the samples that tell a world from another: of a recording that
// keeps some, those that it has whatever its limit is.
func told(r *record.Recording) []record.Sample {
	if r.Totals == nil {
		return r.Samples
	}
	return r.FirstDrawn(leastDrawn)
}

// plan adds what each task is to meet. Under the real clock it may depend on
// which attempt decides.
func plan(sum hash.Hash, r *record.Recording) {
	for _, s := range told(r) {
		sum.Write(append(append([]byte(s.Key), 0), s.PlannedFault...))
		sum.Write(binary.AppendVarint([]byte{0}, int64(s.PlannedLatency)))
	}
}

// setting returns the part of a scenario's text that says what the tasks are
// and what they meet: without comments, and without the keys of the first level
// whose change is one of what is under test, or of its measure.
func setting(source string) string {
	var b strings.Builder
	kept := true
	for line := range strings.Lines(source) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		// An item of a list may stand at the first column, below its key.
		if line[0] != ' ' && line[0] != '\t' && line[0] != '-' {
			key, _, _ := strings.Cut(trimmed, ":")
			kept = !slices.Contains([]string{"name", "about", "executors", "expect"}, strings.Trim(key, `"'`))
		}
		if kept {
			b.WriteString(strings.TrimRight(line, " \t\r\n") + "\n")
		}
	}
	return b.String()
}

// gather makes a history of all runs of each scenario on each executor in each
// world.
func (t *Trend) gather() {
	type name struct {
		scenario, executor string
		world              world
	}
	var names []name
	runs := map[name]map[int][]measured{}
	for i, e := range t.Entries {
		for _, m := range e.runs {
			n := name{m.scenario, m.executor, m.world}
			if runs[n] == nil {
				names, runs[n] = append(names, n), map[int][]measured{}
			}
			runs[n][i] = append(runs[n][i], m)
		}
	}
	worlds := map[[2]string][]world{}
	for _, n := range names {
		of := [2]string{n.scenario, n.executor}
		worlds[of] = append(worlds[of], n.world)
	}
	for _, n := range names {
		h := History{Scenario: n.scenario, Executor: n.executor, Clock: n.world.clock}
		h.World = n.world.among(worlds[[2]string{n.scenario, n.executor}])
		for i := range t.Entries {
			if repeats := runs[n][i]; len(repeats) > 0 {
				h.Points = append(h.Points, point(i, repeats))
			}
		}
		t.Histories = append(t.Histories, h)
	}
	at := func(h History) int { // of the first of that name
		return slices.IndexFunc(names, func(n name) bool {
			return n.scenario == h.Scenario && n.executor == h.Executor
		})
	}
	slices.SortStableFunc(t.Histories, func(a, b History) int { return cmp.Compare(at(a), at(b)) })
}

// point is the median of the repeats that can be used.
func point(entry int, repeats []measured) Point {
	p := Point{Entry: entry}
	var used []measured
	for _, m := range repeats {
		p.Violated = p.Violated || m.violated
		if m.mark == "" {
			used, p.rates = append(used, m), append(p.rates, m.rate)
		} else if p.Mark == "" {
			p.Mark = m.mark
		}
	}
	if p.Runs = len(used); p.Mark != "" && len(repeats) > 1 {
		p.Mark = fmt.Sprintf("%d of %d runs %s", len(repeats)-len(used), len(repeats), p.Mark)
	}
	for i := range figures {
		var values []float64
		for _, m := range used {
			if m.has[i] {
				values = append(values, m.figures[i])
			}
		}
		if p.has[i] = len(values) > 0; p.has[i] {
			p.figures[i] = median(values)
		}
	}
	return p
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// among says in what a world differs from others, "" if it is alone.
func (w world) among(others []world) string {
	var words []string
	differ := func(of func(world) any, say string) {
		if slices.ContainsFunc(others, func(o world) bool { return of(o) != of(w) }) {
			words = append(words, say)
		}
	}
	differ(func(w world) any { return w.clock }, string(w.clock)+" clock")
	differ(func(w world) any { return w.seed }, fmt.Sprintf("seed %d", w.seed))
	differ(func(w world) any { return w.machine }, cmp.Or(w.machine, "any machine"))
	differ(func(w world) any { return w.timeout }, fmt.Sprintf("timeout %v", w.timeout))
	differ(func(w world) any { return w.tasks }, tasks(w.tasks))
	var texts [][sha256.Size]byte // in the order of their first recordings
	for _, o := range others {
		if !slices.Contains(texts, o.text) {
			texts = append(texts, o.text)
		}
	}
	differ(func(w world) any { return w.text },
		fmt.Sprintf("scenario %d of %d", 1+slices.Index(texts, w.text), len(texts)))
	return strings.Join(words, ", ")
}

func tasks(n int) string {
	switch {
	case n < 0:
		return text.Plural(-n, "user")
	case n == 0:
		return "the rate to be found"
	}
	return text.Plural(n, "task")
}
