package harness

import (
	"container/heap"
	"context"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
)

// Users are those of a closed workload. Each does one task after another: at
// most one task of a user is under way.
type Users interface {
	// Len returns how many users there are.
	Len() int
	// Next returns when a task of a user falls due, which is counted from 0, as
	// the user's last one ended, or as the run began. ok is false if the user
	// makes no more. Equal arguments give equal times.
	Next(user, task int, ended time.Duration) (due time.Duration, ok bool)
	String() string
}

// A next is the next task of a user.
type next struct {
	user, task int // from 0
	due, think time.Duration
}

// A crowd is the users of a run, of whom some have a next task. It is a heap:
// the task that falls due first, or is the first user's, is on top. The order
// is the same in every run, however the ends came of what ended at one time.
type crowd struct {
	users    Users
	keys     []string
	waiting  []next
	seqs     []int          // of each user's last task
	made     []int          // how many tasks each user has made
	tasks    map[string]int // how many of each key are among occurred
	occurred []int32        // which of its key each task is, by number from 0
}

var _ heap.Interface = new(crowd)

// Len implements [heap.Interface].
func (c *crowd) Len() int { return len(c.waiting) }

// Less implements [heap.Interface].
func (c *crowd) Less(i, j int) bool {
	a, b := c.waiting[i], c.waiting[j]
	return a.due < b.due || a.due == b.due && a.user < b.user
}

// Swap implements [heap.Interface].
func (c *crowd) Swap(i, j int) { c.waiting[i], c.waiting[j] = c.waiting[j], c.waiting[i] }

// Push implements [heap.Interface].
func (c *crowd) Push(x any) { c.waiting = append(c.waiting, x.(next)) }

// Pop implements [heap.Interface].
func (c *crowd) Pop() any {
	last := c.waiting[len(c.waiting)-1]
	c.waiting = c.waiting[:len(c.waiting)-1]
	return last
}

func newCrowd(t *Trial) *crowd {
	n := t.Users.Len()
	c := &crowd{
		users: t.Users, keys: t.Keys, seqs: make([]int, n), made: make([]int, n), tasks: map[string]int{},
	}
	for user := range n {
		c.goOn(user, 0)
	}
	return c
}

// goOn has a user, whose last task has ended, think about the next one, unless
// that was the last.
func (c *crowd) goOn(user int, ended time.Duration) {
	task := c.made[user]
	if due, ok := c.users.Next(user, task, ended); ok {
		c.made[user]++
		heap.Push(c, next{user, task, due, due - ended})
	}
}

// number returns the number of a task in the plan, from 0: the first tasks of
// all users come first, then the second ones. So the key of a user's task, and
// what it meets, do not depend on how fast the executor is.
func (c *crowd) number(n next) int { return n.task*c.users.Len() + n.user }

// occurrence returns which task of its key a task is, from 1.
func (c *crowd) occurrence(number int) int {
	for i := len(c.occurred); i <= number; i++ {
		c.tasks[c.keys[i]]++
		c.occurred = append(c.occurred, int32(c.tasks[c.keys[i]]))
	}
	return int(c.occurred[number])
}

// sample returns the sample of a task.
func (c *crowd) sample(w *Workload, n next) record.Sample {
	number := c.number(n)
	s := foretold(w, c.keys[number], c.occurrence(number))
	s.User, s.Think, s.Due, s.Number = n.user+1, n.think, n.due, number+1
	return s
}

// longestAtFirst is the longest planned task among the first of all users.
func longestAtFirst(t *Trial, w *Workload) (longest time.Duration) {
	c := newCrowd(t)
	for _, n := range c.waiting {
		if c.number(n) < len(c.keys) {
			s := c.sample(w, n)
			longest = max(longest, atMost(&s))
		}
	}
	return longest
}

// submitUsers hands to ex the next task of each user when it falls due, until
// no user makes another, or ctx is done. It returns how many it has handed
// over, and, if the users would make more than there may be, why the run cannot
// be judged.
//
// An executor that runs a task within its submission keeps all other users
// waiting.
func (r *run) submitUsers(ctx context.Context, ex executor.Executor, results *queue) (n int, limit string) {
	c, ended := newCrowd(r.trial), make(chan int, r.trial.Users.Len()) // each user has one task under way
	sender := r.newSender()
	for underWay := 0; c.Len()+underWay > 0; {
		switch {
		case r.turns != nil: // which alone may call Wait
			r.turns.Yield(submitter)
		case r.trial.Clock == record.Virtual:
			synctest.Wait() // all that ends now has ended
		}
		wait := time.Duration(-1) // forever
		if c.Len() > 0 {
			wait = max(0, c.waiting[0].due-time.Since(r.recorder.start))
		}
		if user, some := firstEnd(ctx, ended, wait); some {
			underWay--
			c.goOn(user, r.recorder.endOf(c.seqs[user]))
			continue
		}
		if ctx.Err() != nil {
			return n, ""
		}
		next := heap.Pop(c).(next)
		if c.number(next) >= len(c.keys) {
			return n, "cannot be judged, a user has made " + plural(next.task, "task") +
				", and there may be no more: fewer users, a longer think or a shorter for"
		}
		seq := r.recorder.add(c.sample(r.workload, next))
		c.seqs[next.user] = seq
		n, underWay = n+1, underWay+1
		s := r.give(ctx, ex, seq, results, sender)
		if s.future == nil {
			ended <- next.user
			continue
		}
		s.future.OnDone(func(*executor.Future[Ran]) { ended <- next.user })
	}
	r.recorder.allExecuted()
	return n, ""
}

// firstEnd waits for the end of a task of any user, and returns whose it was,
// or false after a time, unless that is below 0, or as soon as ctx is done.
func firstEnd(ctx context.Context, ended <-chan int, wait time.Duration) (user int, some bool) {
	select {
	case user = <-ended:
		return user, true
	default:
	}
	var over <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case user = <-ended:
		return user, true
	case <-over:
	case <-ctx.Done():
	}
	return 0, false
}

// endOf returns when a task ended. One that the executor did not run ends when
// that is known.
func (r *recorder) endOf(seq int) time.Duration {
	if s := r.sample(seq); s.Finished >= 0 {
		return s.Finished
	}
	return time.Since(r.start)
}
