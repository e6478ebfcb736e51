package record

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/rounded"
)

// Beaten returns why the run took less time than its ideal, "" if it did not.
// No executor that starts tasks in order is faster than its ideal with what was
// planned, so something else was done: a client that skips a wait, gives up
// early or leaves, tasks that never ended, more of them at once than the
// executor has workers, or another order, which may pack the tasks better. The
// efficiency of such a run says nothing of its executor.
//
// Keys stand in it as they are, which may be of any characters.
func (r *Recording) Beaten() string {
	if r.LostGenerators() > 0 || r.Makespan <= 0 || float64(r.Makespan) > 0.999*float64(r.IdealMakespan) {
		return ""
	}
	const sooner = "tasks ran earlier than they can in the order of their submission"
	if r.left != nil {
		return sooner
	}
	var most *Sample // of those that took less than planned the one that took the least
	lanes, shorter, unended, early := 0, 0, 0, 0
	for i := range r.Samples {
		s := &r.Samples[i]
		lanes = max(lanes, s.Worker+1)
		switch {
		case s.Finished < 0:
			unended++
		case s.Latency() < s.IdealService()-s.IdealService()/1000:
			if shorter++; most == nil || spared(s) > spared(most) {
				most = s
			}
		case s.Started < s.Due:
			early++
		}
	}
	var why []string
	if most != nil {
		why = append(why, fmt.Sprintf("%d of %d tasks took less time than planned, most of all %s with %s of %s",
			shorter, len(r.Samples), most.Key, rounded.Duration(most.Latency()), rounded.Duration(most.IdealService())))
	}
	if unended > 0 {
		why = append(why, fmt.Sprintf("%d of %d did not end", unended, len(r.Samples)))
	}
	if r.Workers > 0 && lanes > r.Slots() && !r.Batch {
		why = append(why, fmt.Sprintf("%d ran at once, where the limit is %d", lanes, r.Slots()))
	}
	if early > 0 {
		why = append(why, fmt.Sprintf("%d of %d started before they were due", early, len(r.Samples)))
	}
	if why == nil && r.reordered() {
		return "it ran the tasks in another order than that of their submission, which may be a faster one"
	}
	return cmp.Or(strings.Join(why, "; "), sooner)
}

// reordered reports whether a task started before one that was submitted ahead
// of it.
func (r *Recording) reordered() bool {
	latest := time.Duration(-1)
	for i := range r.Samples {
		switch s := &r.Samples[i]; {
		case s.Started < 0:
		case s.Started < latest:
			return true
		default:
			latest = s.Started
		}
	}
	return false
}

func spared(s *Sample) time.Duration { return s.IdealService() - s.Latency() }
