package harness

import "time"

// A Pacer decides when each task is due. Due returns an offset from the start
// of the run, and ok is false after the last task. The times never decrease,
// and equal seqs have equal times. It is called for each seq, from 0 upward,
// any number of times.
type Pacer interface {
	Due(seq int) (at time.Duration, ok bool)
	String() string
}

// falling returns how many tasks of a trial without users fall due, and when
// the last of them does.
func (t *Trial) falling(pacer Pacer) (n int, last time.Duration) {
	for ; n < t.tasks(); n++ {
		due, ok := pacer.Due(n)
		if !ok {
			break
		}
		last = due
	}
	return n, last
}

// Closed returns the pacer of a closed workload: n tasks, all due at once. The
// executor decides how many of them run at a time.
func Closed(n int) Pacer { return closed(n) }

type closed int

var _ Pacer = closed(0)

func (c closed) Due(seq int) (time.Duration, bool) { return 0, seq < int(c) }
func (closed) String() string                      { return "closed" }
