package charts

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// moments is how many columns a chart over time has.
const moments = 100

// levels counts what is under way over time, each thing from its up to its
// down, and returns the most at once in each step of the scale and in all. What
// has no down never ends. Both are sorted in place.
func levels(up, down []time.Duration, s scale) (most [moments]int, peak int) {
	slices.Sort(up)
	slices.Sort(down)
	now, step := 0, 0
	for i, k := 0, 0; i < len(up) || k < len(down); {
		at := earliest(up[i:], down[k:])
		for next := min(s.at(at)*moments/width, moments); step < next; {
			if step++; step < moments {
				most[step] = now
			}
		}
		for ; i < len(up) && up[i] == at; i++ {
			now++
		}
		for ; k < len(down) && down[k] == at; k++ {
			now--
		}
		peak = max(peak, now) // what comes and goes in one instant was never under way
		if step < moments {
			most[step] = max(most[step], now)
		}
	}
	for step++; step < moments; step++ {
		most[step] = now
	}
	return most, peak
}

// gather are the times of the samples that have reached them.
func gather(samples []record.Sample, of func(*record.Sample) time.Duration) []time.Duration {
	times := make([]time.Duration, 0, len(samples))
	for i := range samples {
		if at := of(&samples[i]); at >= 0 {
			times = append(times, at)
		}
	}
	return times
}

// ascending sorts times in place: a run may have a million.
func ascending(times []time.Duration) []time.Duration {
	slices.Sort(times)
	return times
}

func earliest(a, b []time.Duration) time.Duration {
	if len(a) == 0 || len(b) > 0 && b[0] < a[0] {
		return b[0]
	}
	return a[0]
}

// area is the outline of the values, filled down to the chart's floor; peak
// reaches its top.
func area(values []int, peak int) string {
	return fmt.Sprintf("M0 100%sV100z", stairs(values, peak))
}

// line is the same without the floor.
func line(values []int, peak int) string {
	return "M0 " + fmt.Sprint(tall(values[0], peak)) + stairs(values, peak)
}

func stairs(values []int, peak int) string {
	var path []byte
	last := -1
	for i, n := range values {
		if n != last {
			path = fmt.Appendf(path, "H%dV%d", i*width/len(values), tall(n, peak))
		}
		last = n
	}
	return string(fmt.Appendf(path, "H%d", width))
}

func tall(n, peak int) int { return 100 - 100*max(n, 0)/max(peak, 1) }
