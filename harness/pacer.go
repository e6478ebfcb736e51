package harness

import "time"

// A Pacer decides when each task is due. Due returns an offset from the start
// of the run, and ok is false after the last task. It is called once for each
// seq, from 0 upward, and its times never decrease.
type Pacer interface {
	Due(seq int) (at time.Duration, ok bool)
	String() string
}

// Closed returns the pacer of a closed workload: n tasks, all due at once. The
// executor decides how many of them run at a time.
func Closed(n int) Pacer { return closed(n) }

type closed int

var _ Pacer = closed(0)

func (c closed) Due(seq int) (time.Duration, bool) { return 0, seq < int(c) }
func (closed) String() string                      { return "closed" }
