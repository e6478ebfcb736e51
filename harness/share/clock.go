package share

import (
	"cmp"
	"slices"
	"time"
)

// An Exchange is a question of one process to another what time it is: when it
// was asked and answered, by the clock of the one, and what the other said, by
// its own. Clocks begin wherever they like, and nothing sets them.
type Exchange struct{ Asked, Answered, Said time.Duration }

// trip is how long the exchange took. The other has read its clock within it.
func (e Exchange) trip() time.Duration { return e.Answered - e.Asked }

func (e Exchange) middle() time.Duration { return e.Asked + e.trip()/2 }

// ahead is by how much the other clock seems to be ahead. That is off by half
// the trip at most.
func (e Exchange) ahead() time.Duration { return e.Said - e.middle() }

// A Clock is what is known of another process's clock: how far it is ahead at a
// time of this one, and how fast. Error bounds how far off that is.
type Clock struct {
	at, ahead time.Duration
	rate      float64 // by how much it gains in the time that passes here
	Error     time.Duration
}

// Compare returns what batches of exchanges tell of the other clock, in the
// order of their times. Of each batch it takes the exchange that took the least
// time (F. Cristian, Probabilistic Clock Synchronization, 1989). Its clock goes
// by the line through those of the first and the last batch, and Error covers
// all others. It reports false if there is no exchange.
func Compare(batches ...[]Exchange) (c Clock, known bool) {
	var best []Exchange
	for _, batch := range batches {
		if len(batch) > 0 {
			shorter := func(a, b Exchange) int { return cmp.Compare(a.trip(), b.trip()) }
			best = append(best, slices.MinFunc(batch, shorter))
		}
	}
	if len(best) == 0 {
		return Clock{}, false
	}
	first, last := best[0], best[len(best)-1]
	c = Clock{at: first.middle(), ahead: first.ahead()}
	if passed := last.middle() - first.middle(); passed > 0 {
		c.rate = float64(last.ahead()-first.ahead()) / float64(passed)
	}
	for _, e := range best {
		c.Error = max(c.Error, (e.ahead()-c.aheadAt(e.middle())).Abs()+(e.trip()+1)/2)
	}
	return c, true
}

// aheadAt returns by how much the other clock is ahead at a time of this one.
func (c Clock) aheadAt(at time.Duration) time.Duration {
	return c.ahead + time.Duration(c.rate*float64(at-c.at))
}

// Here returns the time of this clock at which the other says so.
func (c Clock) Here(said time.Duration) time.Duration {
	return c.at + time.Duration(float64(said-c.ahead-c.at)/(1+c.rate))
}

// There returns what the other clock says at a time of this one.
func (c Clock) There(at time.Duration) time.Duration { return at + c.aheadAt(at) }

// Drift returns by how many millionths the other clock is faster.
func (c Clock) Drift() float64 { return c.rate * 1e6 }
