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
	"time"
)

// Limit is the most arrivals that a schedule may have.
const Limit = 1_000_000

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
type Schedule struct {
	due    []time.Duration
	counts []int // of each stage
	name   string
}

// New returns the schedule of stages, one after another. Equal seeds give equal
// schedules. It reports a stage that has no arrivals at all, is negative, or
// has several forms, and more than [Limit] arrivals.
func New(seed uint64, stages ...Stage) (*Schedule, error) {
	s := &Schedule{}
	var begin time.Duration
	var names []string
	for i, stage := range stages {
		if err := stage.check(); err != nil {
			return nil, fmt.Errorf("arrivals: stage %d: %w", i+1, err)
		}
		if n := float64(len(s.due)) + stage.expected(); n > Limit {
			return nil, fmt.Errorf("arrivals: about %.0f arrivals: want at most %d", n, Limit)
		}
		before := len(s.due)
		for at := range stage.times(source(seed, i)) {
			if len(s.due) == Limit {
				return nil, fmt.Errorf("arrivals: more than %d arrivals", Limit)
			}
			s.due = append(s.due, begin+at)
		}
		s.counts = append(s.counts, len(s.due)-before)
		begin += stage.length()
		names = append(names, stage.String())
	}
	s.name = strings.Join(names, ", then ")
	return s, nil
}

// Len returns the number of arrivals.
func (s *Schedule) Len() int { return len(s.due) }

// Counts returns the number of arrivals of each stage.
func (s *Schedule) Counts() []int { return slices.Clone(s.counts) }

// Due returns when arrival seq falls due, as an offset from the start of the
// run. ok is false after the last. The times do not decrease.
func (s *Schedule) Due(seq int) (at time.Duration, ok bool) {
	if seq < 0 || seq >= len(s.due) {
		return 0, false
	}
	return s.due[seq], true
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

// times yields the offsets of the arrivals from the start of the stage: those
// before its end. A trace without a length has all of them.
func (s Stage) times(src *rand.PCG) func(yield func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		at := s.nth(src)
		for i := 0; ; i++ {
			due, ok := at(i)
			if over := due >= s.For && (s.Times == nil || s.For > 0); !ok || over || !yield(due) {
				return
			}
		}
	}
}

// nth returns what gives the offset of arrival i, called with 0, 1, 2 and so
// on. ok is false where the stage never has so many.
func (s Stage) nth(src *rand.PCG) func(i int) (at time.Duration, ok bool) {
	switch {
	case s.Times != nil:
		return func(i int) (time.Duration, bool) {
			if i >= len(s.Times) {
				return 0, false
			}
			return s.Times[i], true
		}
	case s.Burst > 0:
		return func(i int) (time.Duration, bool) { return time.Duration(i/s.Burst) * s.Every, true }
	case s.Poisson:
		total := 0.0 // of a Poisson process of rate 1, which the integral of the rate maps onto this one
		return func(int) (time.Duration, bool) {
			total += exponential(src)
			return s.when(total)
		}
	}
	return func(i int) (time.Duration, bool) { return s.when(float64(i)) }
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
