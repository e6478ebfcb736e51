package harness

import "time"

// A Pacer says when each task falls due, as an offset from the start of the
// run; ok is false after the last one. It is asked once for each seq, from 0
// upward, and its times never decrease.
type Pacer interface {
	Due(seq int) (at time.Duration, ok bool)
	String() string
}

// Closed is the pacer of a closed workload: n tasks, all due at once. How many
// of them are under way at a time is the executor's affair.
func Closed(n int) Pacer { return closed(n) }

type closed int

var _ Pacer = closed(0)

func (c closed) Due(seq int) (time.Duration, bool) { return 0, seq < int(c) }
func (closed) String() string                      { return "closed" }
