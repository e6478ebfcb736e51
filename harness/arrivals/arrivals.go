// Package arrivals has the times at which the tasks of a run fall due: those of
// open workloads, whatever becomes of the tasks before, and those of [Users],
// who think after each task.
//
// A [Schedule] is a list of stages, one after another. Each is a pure function
// of its figures and the seed, so that a run can be repeated exactly, and so
// that the tasks of a run can be shared out by their numbers.
package arrivals

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limit is the most arrivals of [New], which are listed, and Most those of
// [NewLong].
const (
	Limit = 1_000_000
	Most  = 100_000_000
)

// A Stage is a part of a schedule, of one of three forms: a rate, bursts, or
// the times of a trace.
type Stage struct {
	// Rate is the number of arrivals per second. To, if Ramp is set, is the
	// rate at the end of the stage, up to which it goes linearly.
	Rate, To float64
	Ramp     bool
	// Poisson draws the arrivals from the seed, as those of many independent
	// users: the gaps of a constant rate are exponentially distributed. Without
	// it arrival i comes when the rate has added up to i.
	Poisson bool

	// Burst is the number of arrivals at once, at the start of the stage and
	// after each Every.
	Burst int
	Every time.Duration

	// Times are those of a trace: offsets from the start of the stage, that do
	// not decrease.
	Times []time.Duration

	// For is how long the stage lasts. The next one begins then. A trace lasts
	// until its last arrival if For is 0; arrivals beyond For are left out.
	For time.Duration
}

// A Schedule is when each task falls due. Any number of goroutines may use it.
// One of more than [Limit] arrivals takes no more memory than that: it has some
// places of the walk through all of them, from which it goes on.
type Schedule struct {
	due    []time.Duration // of all arrivals, or nil
	n      int
	counts []int // of each stage
	name   string

	mu     sync.Mutex
	next   walk   // at the arrival after the last that was asked for
	places []walk // at every stride-th arrival
}

// stride is how many arrivals there are from one place of a walk to the next.
const stride = 1 << 16

// New returns the schedule of stages, one after another. Equal seeds give equal
// schedules. It reports a stage that has no arrivals at all, is negative, or
// has several forms, and more than [Limit] arrivals.
func New(seed uint64, stages ...Stage) (*Schedule, error) { return upTo(Limit, seed, stages) }

// NewLong is as New, of up to [Most] arrivals.
func NewLong(seed uint64, stages ...Stage) (*Schedule, error) { return upTo(Most, seed, stages) }

func upTo(most int, seed uint64, stages []Stage) (*Schedule, error) {
	s := &Schedule{counts: make([]int, len(stages))}
	var expected float64
	var names []string
	for i, stage := range stages {
		if err := stage.check(); err != nil {
			return nil, fmt.Errorf("arrivals: stage %d: %w", i+1, err)
		}
		if expected += stage.expected(); expected > float64(most) {
			return nil, fmt.Errorf("arrivals: about %.0f arrivals: want at most %d", expected, most)
		}
		names = append(names, stage.String())
	}
	s.name = strings.Join(names, ", then ")
	s.next = begin(seed, stages)
	for w := s.next; ; s.n++ {
		if s.n%stride == 0 {
			s.places = append(s.places, w)
		}
		at, ok := w.step()
		if !ok {
			break
		}
		if s.n == most {
			return nil, fmt.Errorf("arrivals: more than %d arrivals", most)
		}
		s.counts[w.stage]++
		if s.n < Limit {
			s.due = append(s.due, at)
		}
	}
	if s.n > Limit {
		s.due = nil
	} else {
		s.places = nil
	}
	return s, nil
}

// Len returns the number of arrivals.
func (s *Schedule) Len() int { return s.n }

// Counts returns the number of arrivals of each stage.
func (s *Schedule) Counts() []int { return slices.Clone(s.counts) }

// Due returns when arrival seq falls due, as an offset from the start of the
// run. ok is false after the last. The times do not decrease. It is quick for
// the arrival after the one that was asked for last.
func (s *Schedule) Due(seq int) (at time.Duration, ok bool) {
	switch {
	case seq < 0 || seq >= s.n:
		return 0, false
	case s.due != nil:
		return s.due[seq], true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := &s.next; seq < w.n || seq-w.n > stride {
		*w = s.places[seq/stride]
	}
	for s.next.n <= seq {
		at, _ = s.next.step()
	}
	return at, true
}

// String describes the schedule.
func (s *Schedule) String() string { return s.name }

// check returns an error for a stage that says nothing, or contradicts itself.
func (s Stage) check() error {
	rate, burst, trace := s.Rate != 0 || s.To != 0, s.Burst != 0 || s.Every != 0, s.Times != nil
	switch {
	case !rate && !burst && !trace:
		return errors.New("no arrivals: want a rate, a burst or times")
	case rate && burst, rate && trace, burst && trace:
		return errors.New("several of a rate, bursts and times: want one of them")
	case !finite(s.Rate) || !finite(s.To):
		return fmt.Errorf("rates %v and %v: want from 0 upward", s.Rate, s.To)
	case !rate && (s.Poisson || s.Ramp):
		return errors.New("a ramp or a Poisson process without a rate")
	case burst && (s.Burst <= 0 || s.Every <= 0):
		return fmt.Errorf("bursts of %d every %v: want both above 0", s.Burst, s.Every)
	case s.For < 0 || s.For == 0 && !trace:
		return fmt.Errorf("a stage of %v: want how long it lasts", s.For)
	}
	for i, at := range s.Times {
		if at < 0 || i > 0 && at < s.Times[i-1] {
			return fmt.Errorf("time %d is %v: want times from 0 that do not decrease", i+1, at)
		}
	}
	return nil
}

func finite(rate float64) bool { return rate >= 0 && rate <= math.MaxFloat64 } // NaN is neither

func (s Stage) length() time.Duration {
	if s.For == 0 && len(s.Times) > 0 {
		return s.Times[len(s.Times)-1]
	}
	return s.For
}

// end returns the rate at the end of a stage.
func (s Stage) end() float64 {
	if s.Ramp {
		return s.To
	}
	return s.Rate
}

// expected returns how many arrivals a stage has; of a Poisson process that is
// the mean.
func (s Stage) expected() float64 {
	switch {
	case s.Times != nil:
		return float64(len(s.Times))
	case s.Burst > 0:
		return float64(s.Burst) * math.Ceil(float64(s.For)/float64(s.Every))
	}
	return (s.Rate + s.end()) / 2 * s.For.Seconds()
}

// A walk goes through the arrivals of stages. A copy of it goes on by itself
// from the same place.
type walk struct {
	seed   uint64
	stages []Stage
	n      int           // arrivals so far
	stage  int           // of the last arrival
	begin  time.Duration // of the stage
	of     int           // arrivals of the stage so far
	draws  rand.PCG
	total  float64 // of the exponential draws of the stage
}

// begin returns a walk before the first arrival.
func begin(seed uint64, stages []Stage) walk {
	return walk{seed: seed, stages: stages, draws: *source(seed, 0)}
}

// step returns when the next arrival is due, and false if there is none.
func (w *walk) step() (at time.Duration, ok bool) {
	for w.stage < len(w.stages) {
		s := &w.stages[w.stage]
		due, some := w.due(s)
		if over := due >= s.For && (s.Times == nil || s.For > 0); some && !over {
			w.n, w.of = w.n+1, w.of+1
			return w.begin + due, true
		}
		w.begin += s.length()
		w.stage, w.of, w.total = w.stage+1, 0, 0
		w.draws = *source(w.seed, w.stage)
	}
	return 0, false
}

// due returns the offset of the next arrival of a stage from its start. ok is
// false where it never comes. Of a Poisson process it draws it.
func (w *walk) due(s *Stage) (at time.Duration, ok bool) {
	switch {
	case s.Times != nil:
		if w.of >= len(s.Times) {
			return 0, false
		}
		return s.Times[w.of], true
	case s.Burst > 0:
		return time.Duration(w.of/s.Burst) * s.Every, true
	case s.Poisson: // of rate 1, which the integral of the rate maps onto this one
		w.total += exponential(&w.draws)
		return s.when(w.total)
	}
	return s.when(float64(w.of))
}

// when returns when the integral of the rate reaches n. That is the inverse of
// r·t + (R-r)/(2d)·t² for a rate that goes from r to R in d, in the form that
// loses nothing where the two are nearly equal.
func (s Stage) when(n float64) (at time.Duration, ok bool) {
	slope := (s.end() - s.Rate) / s.For.Seconds()
	square := s.Rate*s.Rate + 2*slope*n
	if square < 0 || n > 0 && s.Rate+math.Sqrt(square) == 0 {
		return 0, false // a rate that falls to 0 before it has added up to n
	}
	if n == 0 {
		return 0, true
	}
	seconds := 2 * n / (s.Rate + math.Sqrt(square))
	if seconds >= s.For.Seconds() {
		return s.For, true
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// exponential draws from the exponential distribution with mean 1 by inversion.
// The standard library promises the sequence of a PCG, but not that of
// rand.ExpFloat64.
func exponential(src *rand.PCG) float64 {
	return -math.Log1p(-float64(src.Uint64()>>11) / (1 << 53))
}

// source returns the source of the draws of a stage.
func source(seed uint64, stage int) *rand.PCG {
	h := fnv.New64a()
	h.Write([]byte("arrivals"))
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(stage)))
	return rand.NewPCG(seed, h.Sum64())
}

// String describes the stage.
func (s Stage) String() string {
	switch {
	case s.Times != nil:
		return "a trace of " + plural(len(s.Times), "arrival")
	case s.Burst > 0:
		return fmt.Sprintf("%d every %v for %v", s.Burst, s.Every, s.For)
	}
	text := fmt.Sprintf("%v/s", s.Rate)
	if s.Ramp {
		text += fmt.Sprintf(" to %v/s", s.To)
	}
	if s.Poisson {
		text = "poisson " + text
	}
	return text + fmt.Sprintf(" for %v", s.For)
}
