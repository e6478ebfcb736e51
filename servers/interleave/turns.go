// Package interleave decides which of several goroutines goes on first, where
// all could go on at one instant of the virtual clock.
//
// The virtual clock of testing/synctest says nothing of the order within an
// instant: the Go scheduler decides it, with randomness that no program can
// seed (golang/go#67690). So the goroutines of teapot stop at yield points:
// where a task is handed over, where it starts and ends, where a worker of a
// pool wakes up, and where bytes arrive from a connection. When all goroutines
// of the bubble wait, one of those at a yield point goes on: the one that is
// drawn from a seed. Nothing else runs beside what it sets in motion, so that
// equal seeds give equal orders, up to what the code between two yield points
// leaves to the scheduler. No time passes.
//
// There are two ways to draw. What is published of them:
//
//   - Burckhardt, Kothari, Musuvathi and Nagarakatte, ASPLOS 2010 (PCT): each
//     thread gets a random priority, the highest one runs, and at d-1 random
//     steps the running thread falls to the bottom. Of n threads and k steps, a
//     run finds a bug of depth d with a probability of at least 1/(n·k^(d-1)).
//     This is priorities, where d is one more than the changes. PCT has exactly
//     d-1 changes, at steps of the whole run. Here there are as many on
//     average, each at a stop of one goroutine.
//   - Thomson, Donaldson and Betts, ACM TOPC 2016, tried five techniques on 49
//     programs with bugs. PCT with d = 3 found all bugs that the others found,
//     and three more. A random choice at each step found only two fewer than
//     delay bounding, and more than preemption bounding.
//   - Yuan, Yang and Gu, CAV 2018 (POS): a random priority for each event, with
//     another draw for those that race with what has run. Its bound is
//     exponentially better than that of a random choice at each step. This is
//     random, without the other draw: which events race is not known here.
//   - Shuttle, for Rust, has a random scheduler and PCT, and leaves the choice
//     to the test.
//
// The docs have what both ways find in pools with planted bugs. Neither finds
// all that the other does, which is why there is mixed.
//
// A priority follows from the seed and the name of what stops, and not from how
// many others there are. So a smaller world keeps the order of what is left of
// it.
package interleave

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
)

// stepsPerTask is about how often a task with one request stops, with what it
// needs of the server.
const stepsPerTask = 8

// Turns has the goroutines of one run take turns. A nil *Turns lets all of them
// go on at once. Any number of goroutines may call its methods.
type Turns struct {
	way   Way
	seed  uint64
	falls float64 // how often one falls to the bottom that has its turn, as a share of all turns

	settle func() // returns when all other goroutines of the bubble wait

	mu      sync.Mutex // never held across a wait
	stops   map[string]int
	fallen  map[string]uint64 // the priorities of those that have fallen, below all others
	waiting []*stop
	giving  bool // a goroutine is about to give a turn
	steps   int
	over    bool
}

// A stop is one that waits for its turn.
type stop struct {
	name string
	n    int // how often it has stopped before
	turn chan struct{}
}

// New returns the turns of a run of so many tasks. settle returns when all
// other goroutines of the bubble wait, as [testing/synctest.Wait] does. New
// returns nil for the zero [Way].
func New(w Way, seed uint64, tasks int, settle func()) *Turns {
	if w == (Way{}) {
		return nil
	}
	if w = w.In(seed); w.seeded {
		seed = w.seed
	}
	t := &Turns{way: w, seed: seed, settle: settle, stops: map[string]int{}, fallen: map[string]uint64{}}
	t.falls = float64(w.changes) / float64(stepsPerTask*max(1, tasks))
	return t
}

// Yield waits until it is the turn of the named goroutine. It must be called
// within the bubble of the run, and without a lock.
func (t *Turns) Yield(name string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	if t.over {
		t.mu.Unlock()
		return
	}
	s := &stop{name, t.stops[name], make(chan struct{})}
	t.stops[name]++
	t.waiting = append(t.waiting, s)
	if !t.giving {
		t.giving = true
		go t.give()
	}
	t.mu.Unlock()
	<-s.turn
}

// give gives turns, one whenever all goroutines wait, until none waits for one.
func (t *Turns) give() {
	for more := true; more; {
		t.settle()
		more = t.giveOne()
	}
}

// giveOne gives a turn to one of those that wait. It reports whether any waits.
func (t *Turns) giveOne() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.giving = len(t.waiting) > 0; !t.giving {
		return false
	}
	first := t.first()
	if fall := t.draw(first.name, 1+first.n); float64(fall) < t.falls*(1<<64) {
		t.fallen[first.name] = fall >> 32
		first = t.first()
	}
	t.steps++
	t.waiting = slices.DeleteFunc(t.waiting, func(s *stop) bool { return s == first })
	close(first.turn)
	return true
}

// first returns the one whose turn it is.
func (t *Turns) first() *stop {
	return slices.MinFunc(t.waiting, func(a, b *stop) int {
		return cmp.Or(cmp.Compare(t.priority(b), t.priority(a)), cmp.Compare(a.name, b.name), cmp.Compare(a.n, b.n))
	})
}

// priority returns the priority of a stop.
func (t *Turns) priority(s *stop) uint64 {
	if low, has := t.fallen[s.name]; has {
		return low
	}
	n := 0
	if t.way.kind == random {
		n = 1 + s.n
	}
	return max(t.draw(s.name, n), 1<<32)
}

// draw draws a number for a stop, from 1, of those of one name, and with 0 one
// for all of these.
func (t *Turns) draw(name string, n int) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.NewPCG(t.seed, h.Sum64()+uint64(n)*0x9e3779b97f4a7c15).Uint64() // odd, so that no two are equal
}

// End lets all go on, from now on at once. It may be called more than once.
func (t *Turns) End() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	for _, s := range t.waiting {
		close(s.turn)
	}
	t.waiting = nil
}

// Steps returns how many turns there have been.
func (t *Turns) Steps() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.steps
}
