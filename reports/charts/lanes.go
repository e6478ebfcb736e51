package charts

import "github.com/teapot-go/teapot/harness/record"

// IdealLanes gives every sample the lane that it would have had under the ideal
// schedule: the lowest one free when it starts. It is nil where the recording
// has no such schedule.
func IdealLanes(r *record.Recording) []int32 {
	if r.IdealMakespan <= 0 {
		return nil
	}
	return record.Lanes(len(r.Samples), func(i int) record.Span {
		return record.Span{From: r.Samples[i].IdealStarted, To: r.Samples[i].IdealFinished}
	})
}
