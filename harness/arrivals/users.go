package arrivals

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// Users are those of a closed workload: each does a task, thinks, and does the
// next one. Any number of goroutines may use them.
type Users struct {
	// From and To are the numbers of users at the start of the ramp and at its
	// end, between which their number goes linearly, rounded: of a ramp upward
	// they begin one after another, and of one downward they end. They are
	// equal without a ramp.
	From, To int
	Ramp     time.Duration
	// Tasks is how many tasks each user does, 0 for as many as fall due before
	// For.
	Tasks int
	// For is how long tasks fall due, 0 for as long as the users have tasks. A
	// task that is under way then is done.
	For time.Duration
	// Think, if not nil, draws how long a user thinks after a task. It is
	// called with a source of the seed, the user, and the task.
	Think func(rand.Source) time.Duration
	Seed  uint64
}

// Check returns an error for users who do nothing, or contradict themselves.
func (u Users) Check() error {
	switch {
	case u.From < 0 || u.To < 0 || u.Len() == 0:
		return fmt.Errorf("users from %d to %d: want at least one", u.From, u.To)
	case u.Len() > Limit:
		return fmt.Errorf("users: %d is too many, want at most %d", u.Len(), Limit)
	case u.Tasks < 0 || u.For < 0 || u.Tasks == 0 && u.For == 0:
		return fmt.Errorf("tasks of each user: %d for %v: want a number of tasks, or a time", u.Tasks, u.For)
	case (u.From != u.To) != (u.Ramp > 0):
		return fmt.Errorf("users from %d to %d in %v: want a ramp if they differ, and none if not", u.From, u.To,
			u.Ramp)
	case u.Tasks > Limit/u.Len():
		return fmt.Errorf("tasks: %d of each of %s are too many, want at most %d together", u.Tasks,
			plural(u.Len(), "user"), Limit)
	}
	return nil
}

// Len returns how many users there are at most.
func (u Users) Len() int { return max(u.From, u.To) }

// Next returns when a task of a user falls due, both counted from 0, if the
// user's last task ended at this time; the first falls due when the user
// begins. ok is false if the user does not do it.
func (u Users) Next(user, task int, ended time.Duration) (due time.Duration, ok bool) {
	begin, end := u.span(user)
	switch due = ended; {
	case u.Tasks > 0 && task >= u.Tasks:
		return 0, false
	case task == 0:
		due = begin
	case u.Think != nil:
		due += u.Think(sourceOf(u.Seed, user, task))
	}
	return due, end == 0 || due < end
}

// span returns when a user begins, and when the user ends, 0 for never. The
// users of a ramp change where their number, which goes linearly, is halfway
// between two whole ones.
func (u Users) span(user int) (begin, end time.Duration) {
	low := min(u.From, u.To)
	if end = u.For; user < low || u.From == u.To {
		return 0, end
	}
	change := time.Duration((float64(user-low) + 0.5) / float64(u.Len()-low) * float64(u.Ramp))
	if u.From < u.To {
		return change, end
	}
	if change = u.Ramp - change; end > 0 {
		change = min(change, end)
	}
	return 0, change
}

// Most returns how many tasks any user does at most, if none takes any time. It
// is no more than lets all users together have [Limit] tasks.
func (u Users) Most() (most int) {
	limit := Limit / u.Len()
	if u.Tasks > 0 {
		return min(u.Tasks, limit)
	}
	for user := range u.Len() {
		task, due := 0, time.Duration(0)
		for ok := true; task < limit; task++ {
			if due, ok = u.Next(user, task, due); !ok {
				break
			}
		}
		most = max(most, task)
	}
	return most
}

// String describes the users.
func (u Users) String() string {
	text := plural(u.To, "user")
	if u.From != u.To {
		text = fmt.Sprintf("users from %d to %d in %v", u.From, u.To, u.Ramp)
	}
	if u.Tasks > 0 {
		text += ", " + plural(u.Tasks, "task") + " each"
	}
	if u.For > 0 {
		text += fmt.Sprintf(" for %v", u.For)
	}
	return text
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sourceOf returns the source of what a user thinks before a task.
func sourceOf(seed uint64, user, task int) *rand.PCG {
	h := fnv.New64a()
	b := append(make([]byte, 0, 32), "think"...)
	b = binary.LittleEndian.AppendUint64(b, uint64(user))
	h.Write(binary.LittleEndian.AppendUint64(b, uint64(task)))
	return rand.NewPCG(seed, h.Sum64())
}
