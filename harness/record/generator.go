package record

import (
	"fmt"
	"math"
)

// Shares returns the recording as one of each load generator, whose samples are
// numbered from 0: an executor promises something of the tasks that it has, and
// each generator has its own. Sample i of share k is sample k + i*n of the
// recording. Without generators the recording is the only share.
func (r *Recording) Shares() []*Recording {
	n := len(r.Generators)
	if n < 2 {
		return []*Recording{r}
	}
	shares := make([]*Recording, n)
	for k := range shares {
		share := *r
		share.Generators, share.Samples = nil, make([]Sample, 0, len(r.Samples)/n+1)
		for i := k; i < len(r.Samples); i += n {
			s := r.Samples[i]
			s.Seq, s.Received = len(share.Samples), (s.Received+n-1)/n
			share.Samples = append(share.Samples, s)
		}
		shares[k] = &share
	}
	return shares
}

// LostGenerators returns how many of the load generators did not come to their
// end, so that the results of their tasks are missing.
func (r *Recording) LostGenerators() (n int) {
	for _, g := range r.Generators {
		if g.Lost != "" {
			n++
		}
	}
	return n
}

// Slots returns how many tasks may run at once: as many as the executor of each
// load generator runs, 0 for no limit.
func (r *Recording) Slots() int { return r.Workers * max(len(r.Generators), 1) }

// generators wants every sample to be a task of one of the load generators.
func (v *validator) generators() {
	r := v.run
	for k, g := range r.Generators {
		within, n := fmt.Sprintf("generators[%d].", k), len(r.Generators)
		tasks := int64((r.Tasks() + n - 1 - k) / n)
		v.whole(within, "tasks", int64(g.Tasks), tasks, tasks)
		v.whole(within, "sent", int64(g.Sent), 0, int64(g.Tasks))
		v.whole(within, "ended", int64(g.Ended), 0, int64(g.Sent))
		v.whole(within, "offset_ns", int64(g.Offset), -int64(maxTime), int64(maxTime))
		v.whole(within, "error_ns", int64(g.Error), 0, int64(maxTime))
		if !(math.Abs(g.Drift) <= 1e6) {
			v.wrong(within, "drift_ppm", g.Drift, "-1000000 to 1000000")
		}
	}
}
