package harness

// A load is the time of all processors since the system began, in a unit of
// the system, and how much of it they worked. The zero load is not known.
type load struct{ busy, all uint64 }

// until returns the share of the time up to later in which the processors
// worked, or 0 if it is not known. Counters that go backwards, as those of a
// guest that is moved, say nothing.
func (l load) until(later load) float64 {
	if l.all == 0 || later.all <= l.all || later.busy < l.busy || later.busy-l.busy > later.all-l.all {
		return 0
	}
	return float64(later.busy-l.busy) / float64(later.all-l.all)
}
