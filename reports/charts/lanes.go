package charts

import (
	"time"

	"github.com/teapot-go/teapot/harness"
)

// IdealLanes gives every sample the lane that it would have had under the ideal
// schedule: the lowest one free when it starts. It is nil where the recording
// has no such schedule.
func IdealLanes(r *harness.Recording) []int32 {
	if r.IdealMakespan <= 0 {
		return nil
	}
	lanes := make([]int32, len(r.Samples))
	busy := queue[taken]{before: func(a, b taken) bool { return a.at < b.at }}
	free := queue[int32]{before: func(a, b int32) bool { return a < b }}
	for i := range r.Samples { // whose ideal starts rise: first in, first out
		s := &r.Samples[i]
		for len(busy.heap) > 0 && busy.heap[0].at <= s.IdealStarted {
			free.push(busy.pop().lane)
		}
		lane := int32(len(busy.heap))
		if len(free.heap) > 0 {
			lane = free.pop()
		}
		lanes[i] = lane
		busy.push(taken{s.IdealFinished, lane})
	}
	return lanes
}

// taken is a lane, and when it is free again.
type taken struct {
	at   time.Duration
	lane int32
}

// A queue is a heap with what comes before all others on top. container/heap
// would allocate for each that comes and goes.
type queue[T any] struct {
	heap   []T
	before func(a, b T) bool
}

func (q *queue[T]) push(x T) {
	q.heap = append(q.heap, x)
	for i := len(q.heap) - 1; i > 0 && q.before(q.heap[i], q.heap[(i-1)/2]); i = (i - 1) / 2 {
		q.heap[i], q.heap[(i-1)/2] = q.heap[(i-1)/2], q.heap[i]
	}
}

func (q *queue[T]) pop() T {
	top, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; 2*i+1 < last; {
		child := 2*i + 1
		if child+1 < last && q.before(q.heap[child+1], q.heap[child]) {
			child++
		}
		if !q.before(q.heap[child], q.heap[i]) {
			break
		}
		q.heap[i], q.heap[child] = q.heap[child], q.heap[i]
		i = child
	}
	return top
}
