package record

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/totals"
)

// Tasks returns the number of tasks of the run, of which there may be more than
// samples.
func (r *Recording) Tasks() int {
	if r.Totals != nil {
		return r.Totals.Tasks
	}
	if r.left != nil {
		return r.left.rest.Tasks + len(r.Samples)
	}
	return len(r.Samples)
}

// Kept says which samples the recording keeps, of more tasks than its limit. It
// returns "" if it keeps all.
func (r *Recording) Kept() string {
	if r.Totals == nil {
		return ""
	}
	return fmt.Sprintf("the recording has samples of %d of %d tasks, within its limit of %d: those that went wrong, "+
		"failed or took the longest, each up to a bound, and %d drawn by the seed; counts and percentiles are of all "+
		"tasks", len(r.Samples), r.Tasks(), r.Totals.Limit, r.Totals.Drawn)
}

// Keep has the recording keep the totals of its tasks, and only some of its
// samples, if it has more than limit samples. It keeps those that went wrong,
// that failed and that took the longest, each up to a bound, and some that are
// drawn by the seed, whatever their order. What was found in all of them stays.
// It must be called when the run has been judged. One that has left out samples
// while it went on keeps to the limit that it had then, and one that has totals
// already keeps what it has: they are of all tasks.
func (r *Recording) Keep(limit int) {
	if r.left != nil {
		r.left.keep(r)
		return
	}
	if len(r.Samples) <= limit || r.Totals != nil {
		return
	}
	paced := r.Paced()
	all, kept := totals.New(paced), newKeeper(r.Seed, limit, paced)
	for i := range r.Samples {
		s := &r.Samples[i]
		wrong := r.Wrong(s)
		all.Add(taskOf(s, wrong))
		kept.add(s, wrong)
	}
	r.Totals = all.Close()
	r.Totals.Limit, r.Totals.Drawn = limit, len(kept.drawn.heap.items)
	r.Samples = kept.close()
}

// taskOf returns what counts of a sample.
func taskOf(s *Sample, wrong bool) totals.Task {
	t := totals.Task{
		Outcome: string(s.Class.Outcome()), Class: string(s.Class), Planned: string(s.PlannedClass), Did: s.Did,
		Wrong: wrong, Finished: s.Finished, Service: s.Latency(), Response: s.Response(),
		PlannedService: s.PlannedService,
	}
	if s.Class.Outcome() == OutcomeNone {
		t.Outcome = ""
	}
	return t
}

// Drawn returns the recording with the samples that its seed has drawn, or with
// all if it has all. Any task is among them with the same probability, so that
// their distribution is that of all tasks.
func (r *Recording) Drawn() *Recording {
	if r.Totals == nil {
		return r
	}
	drawn := *r
	drawn.Totals, drawn.Samples = nil, r.FirstDrawn(r.Totals.Drawn)
	return &drawn
}

// FirstDrawn returns the n samples that the seed draws first, or fewer if there
// are no more, in the order of the workload. They are the same of all
// recordings of a run that have drawn as many, whatever their limits are.
func (r *Recording) FirstDrawn(n int) []Sample {
	drawn := slices.Clone(r.Samples)
	slices.SortFunc(drawn, func(a, b Sample) int { return cmp.Compare(lot(r.Seed, a.Seq), lot(r.Seed, b.Seq)) })
	drawn = drawn[:min(n, len(drawn))]
	slices.SortFunc(drawn, func(a, b Sample) int { return cmp.Compare(a.Seq, b.Seq) })
	return drawn
}

// lot returns a number that the seed draws for a task. It is a pure function,
// so that those with the lowest ones are the same in whichever order tasks end,
// and those of several shares are those of the whole. It is SplitMix64 (G.
// Steele, D. Lea and C. Flood, 2014).
func lot(seed uint64, seq int) uint64 {
	z := seed + (uint64(seq)+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// bounds are how many samples of each kind a recording keeps that has more than
// its limit.
type bounds struct{ drawn, flawed, class, slow int }

// boundsOf returns the bounds below a limit. Together they never exceed it.
func boundsOf(limit int) bounds {
	return bounds{
		drawn: min(limit*2/5, 10_000), flawed: min(limit/10, 1000),
		class: min(limit/50, 1000), slow: min(limit/20, 500),
	}
}

// A keeper chooses the samples that are kept, in memory that has a bound.
type keeper struct {
	seed          uint64
	paced         bool
	bounds        bounds
	pool          []Sample // those that some group has, and free places
	groups        []int32  // how many groups have each
	free          []int32
	drawn, flawed group
	slow, late    group
	errors        map[Class]*group
}

func newKeeper(seed uint64, limit int, paced bool) *keeper {
	b := boundsOf(limit)
	return &keeper{
		seed: seed, paced: paced, bounds: b, drawn: newGroup(b.drawn), flawed: newGroup(b.flawed),
		slow: newGroup(b.slow), late: newGroup(b.slow), errors: map[Class]*group{},
	}
}

// A group is the samples with the lowest ranks, up to a bound.
type group struct {
	most int
	heap heapOf[ranked] // with the highest rank on top
}

// ranked is the place of a sample in the pool, and its rank. Where two samples
// have the same rank, their lots decide.
type ranked struct {
	rank, lot uint64
	at        int32
}

func (a ranked) compare(b ranked) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.lot, b.lot))
}

func newGroup(most int) group {
	return group{most, heapOf[ranked]{before: func(a, b ranked) bool { return a.compare(b) > 0 }}}
}

// add offers a sample to the groups that may take it.
func (k *keeper) add(s *Sample, wrong bool) {
	at, drawn := int32(-1), lot(k.seed, s.Seq)
	k.offer(&k.drawn, s, drawn, drawn, &at)
	if wrong || flawed(s) {
		rank := drawn/2 + 1<<63
		if len(s.Requests) > 0 {
			rank = drawn / 2 // findings point to them
		}
		k.offer(&k.flawed, s, rank, drawn, &at)
	}
	if s.Class.Outcome() == OutcomeError {
		g := k.errors[s.Class]
		if g == nil {
			made := newGroup(k.bounds.class)
			g, k.errors[s.Class] = &made, &made
		}
		k.offer(g, s, drawn, drawn, &at)
	}
	if took := s.Latency(); took >= 0 && s.Class.Outcome() != OutcomeNone {
		k.offer(&k.slow, s, longestFirst(took), drawn, &at)
		if k.paced {
			k.offer(&k.late, s, longestFirst(s.Response()), drawn, &at)
		}
	}
}

// flawed reports whether something is said of a sample beside its class.
func flawed(s *Sample) bool {
	return s.Misstep != "" || s.Misrun != "" || s.RunDoubt != "" || s.Doubt != "" || s.RetryDoubt != "" ||
		len(s.Requests) > 0
}

func longestFirst(d time.Duration) uint64 { return math.MaxUint64 - uint64(d) }

// offer adds a sample to a group if its rank is low enough. at is its place in
// the pool, -1 if it has none so far.
func (k *keeper) offer(g *group, s *Sample, rank, lot uint64, at *int32) {
	x := ranked{rank, lot, *at}
	if g.heap.len() == g.most {
		if g.most == 0 || x.compare(g.heap.items[0]) >= 0 {
			return
		}
		k.drop(g.heap.pop().at)
	}
	if *at < 0 {
		*at = k.place(s)
	}
	x.at = *at
	k.groups[x.at]++
	g.heap.push(x)
}

// place puts a sample into the pool.
func (k *keeper) place(s *Sample) int32 {
	if last := len(k.free) - 1; last >= 0 {
		at := k.free[last]
		k.free, k.pool[at] = k.free[:last], *s
		return at
	}
	k.pool, k.groups = append(k.pool, *s), append(k.groups, 0)
	return int32(len(k.pool) - 1)
}

// drop notes that a group has a sample of the pool no more.
func (k *keeper) drop(at int32) {
	if k.groups[at]--; k.groups[at] == 0 {
		k.pool[at], k.free = Sample{}, append(k.free, at)
	}
}

// close returns the samples that some group has, in their order.
func (k *keeper) close() []Sample {
	kept := make([]Sample, 0, len(k.pool)-len(k.free))
	for at, n := range k.groups {
		if n > 0 {
			kept = append(kept, k.pool[at])
		}
	}
	slices.SortFunc(kept, func(a, b Sample) int { return cmp.Compare(a.Seq, b.Seq) })
	return kept
}
