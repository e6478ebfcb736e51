package cluster

import "time"

// A taskRate knows how long the tasks of one definition have taken, and so how
// many may be sent ahead of a free slot. The zero value knows nothing.
type taskRate struct {
	each  time.Duration // rises at once, falls slowly
	short int           // results since the last one that was not short
}

const (
	sentAhead = 2 * time.Millisecond // of work, for each slot; a task passes the server in a tenth of that
	maxAhead  = 1 << 10              // tasks
)

// add notes how long one task took.
func (r *taskRate) add(d time.Duration) {
	if d > r.each {
		r.each = d
	} else {
		r.each -= (r.each - d) / 4
	}
	if d > sentAhead {
		r.short = 0
	} else {
		r.short++
	}
}

// ahead returns how many tasks may be sent beyond the slots: as many as have
// proved to be short.
func (r *taskRate) ahead(slots int) int {
	if r == nil || r.short < 2 || r.each > sentAhead {
		return 0
	}
	return min(int(sentAhead/max(r.each, 1))*slots, r.short, maxAhead)
}
