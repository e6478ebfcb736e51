package harness

import (
	"context"
	"time"

	"github.com/teapot-go/teapot/servers/timer"
)

// A sender hands tasks over on an absolute schedule: each at the start of the
// run plus its offset, never a gap after the one before. So a task that is late
// delays none that follow.
//
// It also tells whose doing a late task is. An Execute that runs the task, as
// that of a sequential executor, holds up the tasks that fall due while it
// runs. That is no fault of the generator. The sender keeps the time at which
// one that takes no time itself would hand over: not before the task is due,
// and not before the executor has spent on the tasks before it what it did
// spend. Whatever comes on top of that is the generator's lateness.
type sender struct {
	recorder *recorder
	timer    *timer.Timer
	paced    bool          // without a pacer or users all tasks are due at once, and none is late
	ideal    time.Duration // when the last task would have been handed over
	free     time.Duration // when Execute would have returned
}

func (r *run) newSender() *sender {
	return &sender{recorder: r.recorder, timer: r.timer, paced: r.trial.Pacer != nil || r.trial.Users != nil}
}

// openTimer gives a run under the real clock the most precise timer of the
// system, if tasks fall due over time. In a bubble, a goroutine that waits for
// the system would stop the clock.
func (r *run) openTimer() {
	if _, in := callersBubble(); r.trial.Pacer != nil && !in {
		r.timer = timer.New()
	}
}

// wait waits until a task is due, and returns false if ctx ends first.
func (s *sender) wait(ctx context.Context, seq int) bool {
	return s.timer.Wait(ctx, s.recorder.start.Add(s.recorder.due(seq))) == nil
}

// hand notes that a task is handed over.
func (s *sender) hand(seq int) { s.recorder.submitted(seq, s.held) }

// handed notes how long the executor has taken to take the task.
func (s *sender) handed(took time.Duration) { s.free = s.ideal + took }

// held returns how long a task that is due at one time and handed over at
// another was held up by the executor. Where that is the larger part of the
// delay, the generator's part counts with it: the few microseconds between two
// calls of an Execute that is always busy would add up over a run.
func (s *sender) held(due, at time.Duration) time.Duration {
	if !s.paced {
		return 0
	}
	s.ideal = max(due, s.free)
	if at-s.ideal <= s.ideal-due {
		s.ideal = at
	}
	return s.ideal - due
}
