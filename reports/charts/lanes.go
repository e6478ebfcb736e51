package charts

import "github.com/teapot-go/teapot/harness/record"

// IdealLanes returns the lane of each sample under the ideal schedule: the
// lowest one that is free when the sample starts, from 0. It returns nil if the
// recording has no such schedule, or not the samples of all tasks.
func IdealLanes(r *record.Recording) []int32 {
	if r.IdealMakespan <= 0 || r.Totals != nil {
		return nil
	}
	return r.IdealLanes()
}
