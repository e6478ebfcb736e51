package record

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A span is when something began and when it ended; an end below 0 means that
// it never did.
type span struct{ from, to time.Duration }

// IdealLanes returns the lane of each sample under ideal scheduling, as Worker
// is the lane that it had.
func (r *Recording) IdealLanes() []int32 {
	return lanesOf(len(r.Samples), func(i int) span {
		return span{r.Samples[i].IdealStarted, r.Samples[i].IdealFinished}
	})
}

// lanesOf gives each span the lowest lane, counted from 0, that is free when it
// begins, in O(n log n). A span that never began, one whose from is below 0,
// has none, which is -1. Of spans that begin at one instant those that take no
// time come first, as they leave their lane to the next.
func lanesOf(n int, of func(i int) span) []int32 {
	lanes, spans := make([]int32, n), make([]span, n)
	var order []int32
	for i := range lanes {
		spans[i], lanes[i] = of(i), -1
		if spans[i].from >= 0 {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		if c := cmp.Compare(spans[a].from, spans[b].from); c != 0 {
			return c
		}
		return cmp.Compare(takesTime(spans[a]), takesTime(spans[b]))
	})
	all := newLanes()
	for _, i := range order {
		lanes[i] = all.take(spans[i].from, spans[i].to)
	}
	return lanes
}

// lanes are those that are busy, and those that are free again.
type lanes struct {
	busy heapOf[busyLane]
	free heapOf[int32]
}

func newLanes() *lanes {
	return &lanes{
		busy: heapOf[busyLane]{before: func(a, b busyLane) bool { return a.until < b.until }},
		free: heapOf[int32]{before: func(a, b int32) bool { return a < b }},
	}
}

// take returns the lane of the next span, in order of when they begin.
func (l *lanes) take(from, to time.Duration) (lane int32) {
	for l.busy.len() > 0 && l.busy.items[0].until <= from {
		l.free.push(l.busy.pop().lane)
	}
	lane = int32(l.busy.len()) // when no lane is free, all that there are are busy
	if l.free.len() > 0 {
		lane = l.free.pop()
	}
	if to < 0 {
		to = math.MaxInt64
	}
	l.busy.push(busyLane{to, lane})
	return lane
}

func takesTime(s span) int {
	if s.to == s.from {
		return 0
	}
	return 1
}

// busyLane is a lane, and the time at which it is free again.
type busyLane struct {
	until time.Duration
	lane  int32
}
