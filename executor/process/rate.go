package process

import "time"

// A taskRate knows how long the tasks of one definition have taken, and so how
// many may be sent ahead of their turn. The zero value knows nothing.
type taskRate struct {
	each  time.Duration // rises at once, falls slowly
	short int           // results since the last one that was not short
}

const (
	sentAhead = 200 * time.Microsecond // of work; a message back and forth costs a tenth of that
	maxAhead  = 1 << 12                // inputs sent at a time
)

// add notes that count tasks, at least one, took d together.
func (r *taskRate) add(d time.Duration, count int) {
	if d /= time.Duration(count); d > r.each {
		r.each = d
	} else {
		r.each -= (r.each - d) / 4
	}
	if d > sentAhead {
		r.short = 0
	} else {
		r.short += count
	}
}

// room returns how many inputs may be sent to a child that has some in flight:
// as many as have proved to be short.
func (r *taskRate) room(flight int) int {
	ahead := r.each * time.Duration(flight)
	switch {
	case flight == 0 && r.each > sentAhead:
		return 1
	case flight > 0 && (r.short < 2 || r.each > sentAhead || ahead > sentAhead):
		return 0
	}
	return max(1, min(int(sentAhead/max(r.each, 1)), r.short, maxAhead))
}
