package totals

import (
	"maps"
	"math"
	"math/bits"
	"slices"
	"time"
)

// A Histogram has the number of times of each bucket that has any, by the
// longest time of the bucket in nanoseconds. Each time below 2048 ns has a
// bucket of its own, and the others differ from that longest time by less than
// a thousandth.
type Histogram map[int64]int

// precision is how many bits of a time tell a bucket from the next.
const precision = 10

// N returns the number of times.
func (h Histogram) N() (n int) {
	for _, k := range h {
		n += k
	}
	return n
}

// At returns a percentile by the nearest-rank method, where a rank is a share
// of the times: the longest time of its bucket, or 0 without times.
func (h Histogram) At(rank float64) time.Duration {
	n := h.N()
	place, before := max(1, int(math.Ceil(rank*float64(n)-1e-6))), 0
	for _, longest := range slices.Sorted(maps.Keys(h)) {
		if before += h[longest]; before >= place {
			return time.Duration(longest)
		}
	}
	return 0
}

// With returns a histogram of the times of both.
func (h Histogram) With(other Histogram) Histogram {
	both := maps.Clone(h)
	if both == nil {
		both = Histogram{}
	}
	for longest, n := range other {
		both[longest] += n
	}
	return both
}

// Longest returns the longest time of the bucket of a time.
func Longest(d time.Duration) time.Duration {
	block, at := bucket(d, precision)
	return time.Duration(longest(block, at, precision))
}

// counts are a histogram that times are added to. Block 0 has a bucket for each
// time below 2^(precision+1), and each other block those of the times that have
// one bit more than the ones before: half as many buckets, each twice as long.
// This is the layout of HdrHistogram (G. Tene).
type counts struct {
	precision int
	blocks    [][]uint32 // nil where there are none yet
	n         int
}

// bucket returns the block of a time, and its place in that. A time below 0 is
// taken for 0.
func bucket(d time.Duration, precision int) (block, at int) {
	v := uint64(max(d, 0))
	block = max(bits.Len64(v)-precision-1, 0)
	if at = int(v >> block); block > 0 {
		at -= 1 << precision
	}
	return block, at
}

// longest returns the longest time of a bucket.
func longest(block, at, precision int) int64 {
	if block > 0 {
		at += 1 << precision
	}
	return (int64(at)+1)<<block - 1
}

func (c *counts) add(d time.Duration) {
	block, at := bucket(d, c.precision)
	for len(c.blocks) <= block {
		c.blocks = append(c.blocks, nil)
	}
	if c.blocks[block] == nil {
		size := 1 << c.precision
		if block == 0 {
			size *= 2
		}
		c.blocks[block] = make([]uint32, size)
	}
	c.blocks[block][at]++
	c.n++
}

// join adds the times of other counts of the same precision.
func (c *counts) join(other *counts) {
	for block, from := range other.blocks {
		for len(c.blocks) <= block {
			c.blocks = append(c.blocks, nil)
		}
		if c.blocks[block] == nil {
			c.blocks[block] = slices.Clone(from)
			continue
		}
		for at, n := range from {
			c.blocks[block][at] += n
		}
	}
	c.n += other.n
}

// at returns a percentile, as that of a Histogram.
func (c *counts) at(rank float64) time.Duration {
	place, before := max(1, int(math.Ceil(rank*float64(c.n)-1e-6))), 0
	for block, all := range c.blocks {
		for at, n := range all {
			if before += int(n); before >= place {
				return time.Duration(longest(block, at, c.precision))
			}
		}
	}
	return 0
}

// histogram returns what was counted.
func (c *counts) histogram() Histogram {
	h := Histogram{}
	for block, all := range c.blocks {
		for at, n := range all {
			if n > 0 {
				h[longest(block, at, c.precision)] = int(n)
			}
		}
	}
	return h
}
