// Package fifo finds starts of tasks that are certainly not first in, first
// out.
//
// An executor with a limit of workers takes tasks up in the order of
// submission. A machine may then delay a worker for any time before the task's
// start is noted, while others run any number of later tasks. But the task
// keeps the worker. So when a task starts, every earlier one that has not
// started has a worker, beside those of the tasks that run. If that makes more
// workers than there are, one of the earlier tasks was not taken up, although
// the worker of the later one was free for it. If it does not, there is an
// executor that takes tasks up in order and would have left the same record.
package fifo

import (
	"cmp"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// An Overtaking is the start of a task ahead of tasks that were submitted
// before it.
type Overtaking struct {
	Seq     int   // of the task that started
	Ahead   []int // of the earlier tasks that had not started, the first ones of Count
	Count   int
	Running int // workers that certainly ran a task then, with the one that started
	Workers int // that there are
}

// Slack returns how many tasks a worker may have taken up in time although
// their start came late. Each worker that certainly ran a task had no other.
func (o Overtaking) Slack() int { return o.Workers - o.Running }

// maxAhead is how many overtaken tasks an [Overtaking] lists.
const maxAhead = 10

// Certain returns the start that is the most certainly out of order, and
// whether there is one.
//
// It goes by the tickets of the samples, or by their times if there are none.
// Nothing is certain of an executor without a limit, nor of tasks that ran
// elsewhere, and a map owes no order of starts. If more tasks than the limit
// ran at once, that is another fault, and the limit is taken to be as high.
func Certain(r *record.Recording) (worst Overtaking, found bool) {
	if r.Workers <= 0 || r.Elsewhere || r.Mapped {
		return worst, false
	}
	rank, events := starts(r)
	workers := r.Workers
	for running, i := 0, 0; i < len(events); i++ {
		running += events[i].step()
		workers = max(workers, running)
	}
	running, started, last := 0, 0, -1
	at := -1
	for i, e := range events {
		running += e.step()
		if e.ends {
			continue
		}
		started++
		last = max(last, rank[e.seq])
		ahead := last + 1 - started
		now := Overtaking{Seq: e.seq, Count: ahead, Running: running, Workers: workers}
		if ahead > now.Slack() && (!found || ahead-now.Slack() > worst.Count-worst.Slack()) {
			worst, found, at = now, true, i
		}
	}
	if found {
		worst.Ahead = overtaken(events, at, worst.Seq)
	}
	return worst, found
}

// overtaken lists the first tasks before seq that start after event at.
func overtaken(events []startOrEnd, at, seq int) (ahead []int) {
	for _, e := range events[at+1:] {
		if !e.ends && e.seq < seq {
			ahead = append(ahead, e.seq)
		}
	}
	slices.Sort(ahead)
	return ahead[:min(len(ahead), maxAhead)]
}

// A startOrEnd is an event of a task.
type startOrEnd struct {
	at   time.Duration // or the ticket
	seq  int
	ends bool
}

func (e startOrEnd) step() int {
	if e.ends {
		return -1
	}
	return 1
}

// starts returns the starts and ends of the tasks in their order, and the rank
// of each task among those that started. Of events at one instant the ends come
// first, and then the starts in order of submission: in doubt the order is the
// right one.
func starts(r *record.Recording) (rank []int, events []startOrEnd) {
	tickets := slices.ContainsFunc(r.Samples, func(s record.Sample) bool { return s.Began > 0 })
	rank = make([]int, len(r.Samples))
	events = make([]startOrEnd, 0, 2*len(r.Samples))
	started := 0
	for seq, s := range r.Samples {
		began, ended := s.Started, s.Finished
		if tickets {
			began, ended = time.Duration(s.Began)-1, time.Duration(s.Ended)-1
		}
		if began < 0 {
			continue
		}
		rank[seq] = started
		started++
		events = append(events, startOrEnd{began, seq, false})
		if ended >= 0 {
			events = append(events, startOrEnd{ended, seq, true})
		}
	}
	slices.SortFunc(events, func(a, b startOrEnd) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step(), b.step()), cmp.Compare(a.seq, b.seq))
	})
	return rank, events
}
