// Package rate knows how many tasks may be sent ahead of their turn.
package rate

import "time"

// A Rate is what is known of how long the tasks of one definition take. The
// zero value knows nothing.
type Rate struct {
	each  time.Duration // rises at once, falls slowly
	short int           // results since the last one that was not short
}

const (
	enough = 200 * time.Microsecond // of work to be sent ahead; a message back and forth costs a tenth of that
	most   = 1 << 12                // inputs to be sent at a time
)

// Add notes that so many tasks, at least one, took so long together.
func (r *Rate) Add(d time.Duration, count int) {
	if d /= time.Duration(count); d > r.each {
		r.each = d
	} else {
		r.each -= (r.each - d) / 4
	}
	if d > enough {
		r.short = 0
	} else {
		r.short += count
	}
}

// Room returns how many inputs may be sent to a child that has some in flight:
// as many as have proved to be short.
func (r *Rate) Room(flight int) int {
	ahead := r.each * time.Duration(flight)
	switch {
	case flight == 0 && r.each > enough:
		return 1
	case flight > 0 && (r.short < 2 || r.each > enough || ahead > enough):
		return 0
	}
	return max(1, min(int(enough/max(r.each, 1)), r.short, most))
}
