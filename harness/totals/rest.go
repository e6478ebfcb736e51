package totals

import "time"

// A Rest is what is known, while a run goes on, of the tasks whose samples are
// not held: each ended as it should have.
type Rest struct {
	Tasks   int                       // how many there are
	Ended   int                       // of them that ended
	Classes map[string]int            // that they reported, as they should have
	Truth   map[string]map[string]int // by what the server did and by the class
	Values  int                       // of them that had a value to report
	End     time.Duration             // when the last task of the run is due
	// Lanes is how many tasks were under way at once, at most.
	Lanes    int
	Makespan time.Duration // the last end
	// Latest is the latest end that a task could have had that had started when
	// it was due, and Took how long all took together.
	Latest, Took time.Duration
	// Service and Response are the times that the samples would have, and
	// Lateness and Overdue how late the tasks were handed over, since they were
	// due, and since the last task of the run was due.
	Service, Response, Lateness, Overdue Times
}

// Times counts times, in memory that does not grow with their number. The zero
// Times has none.
type Times struct {
	counts  counts
	longest time.Duration
	sum     float64
}

// Add adds a time, which is not negative.
func (t *Times) Add(d time.Duration) {
	t.counts.precision = precision
	t.counts.add(d)
	t.longest = max(t.longest, d)
	t.sum += float64(d)
}

// N returns the number of times.
func (t *Times) N() int { return t.counts.n }

// Longest returns the longest of the times, 0 without any.
func (t *Times) Longest() time.Duration { return t.longest }

// Mean returns the mean of the times, 0 without any.
func (t *Times) Mean() float64 { return t.sum / float64(max(t.counts.n, 1)) }

// With returns the times of both.
func (t *Times) With(other *Times) *Times {
	both := &Times{counts{precision: precision}, max(t.longest, other.longest), t.sum + other.sum}
	both.counts.join(&t.counts)
	both.counts.join(&other.counts)
	return both
}

// At returns between which two times a percentile by the nearest-rank method
// is. They differ by less than a thousandth.
func (t *Times) At(rank float64) (least, most time.Duration) {
	if rank >= 1 || t.counts.n == 0 {
		return t.longest, t.longest
	}
	most = t.counts.at(rank)
	return shortest(most), min(most, t.longest)
}

// Beyond returns how many times are certainly above a bound.
func (t *Times) Beyond(bound time.Duration) (n int) {
	for longest, k := range t.counts.histogram() {
		if shortest(time.Duration(longest)) > bound {
			n += k
		}
	}
	return n
}

// shortest returns the shortest time of the bucket of a time.
func shortest(d time.Duration) time.Duration {
	block, at := bucket(d, precision)
	if block > 0 {
		at += 1 << precision
	}
	return time.Duration(int64(at) << block)
}
