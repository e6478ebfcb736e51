package charts

import (
	"container/heap"
	"time"

	"github.com/teapot-go/teapot/harness"
)

// IdealLanes gives every sample the lane that it would have had under the ideal schedule: the lowest one free when it starts. It is nil
// where the recording has no such schedule.
func IdealLanes(r *harness.Recording) []int32 {
	if r.IdealMakespan <= 0 {
		return nil
	}
	lanes := make([]int32, len(r.Samples))
	var busy until
	var free lowest
	for i, s := range r.Samples { // whose ideal starts rise: first in, first out
		for len(busy) > 0 && busy[0].at <= s.IdealStarted {
			heap.Push(&free, heap.Pop(&busy).(taken).lane)
		}
		lane := int32(len(busy))
		if len(free) > 0 {
			lane = heap.Pop(&free).(int32)
		}
		lanes[i] = lane
		heap.Push(&busy, taken{s.IdealFinished, lane})
	}
	return lanes
}

// taken is a lane, and when it is free again.
type taken struct {
	at   time.Duration
	lane int32
}

// until is a heap with the lane that is free first on top.
type until []taken

func (h until) Len() int           { return len(h) }
func (h until) Less(i, j int) bool { return h[i].at < h[j].at }
func (h until) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *until) Push(x any)        { *h = append(*h, x.(taken)) }
func (h *until) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}

// lowest is a heap with the lowest lane on top.
type lowest []int32

func (h lowest) Len() int           { return len(h) }
func (h lowest) Less(i, j int) bool { return h[i] < h[j] }
func (h lowest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lowest) Push(x any)        { *h = append(*h, x.(int32)) }
func (h *lowest) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}
