package charts

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/reports/text"
)

// A Flow counts what happens in a run that is under way, by moments of equal
// length. When the run outgrows them, each becomes twice as long: a Flow takes
// the same room whatever the run's length. It must not be used by two
// goroutines at the same time.
type Flow struct {
	Moment time.Duration // the length of one, above 0
	Tasks  int           // how many tasks the run has

	ended, errors, under [moments]int
	now, last            int // tasks under way, and the moment of the last step
	done                 int
}

// Add notes a step at a time of the run: whether a task ended by it and failed,
// and how many are under way from then on.
func (f *Flow) Add(at time.Duration, ended, failed bool, under int) {
	for at/f.Moment >= moments {
		f.double()
	}
	i := max(int(at/f.Moment), 0)
	for ; f.last < i; f.last++ {
		f.under[f.last+1] = f.now
	}
	f.now = under
	f.under[i] = max(f.under[i], under)
	if !ended {
		return
	}
	f.done++
	f.ended[i]++
	if failed {
		f.errors[i]++
	}
}

// double makes one moment of two.
func (f *Flow) double() {
	for i := range moments / 2 {
		f.ended[i] = f.ended[2*i] + f.ended[2*i+1]
		f.errors[i] = f.errors[2*i] + f.errors[2*i+1]
		f.under[i] = max(f.under[2*i], f.under[2*i+1])
	}
	clear(f.ended[moments/2:])
	clear(f.errors[moments/2:])
	clear(f.under[moments/2:])
	f.Moment *= 2
	f.last /= 2
}

// Course draws the run so far, or returns nil before its first step.
func (f *Flow) Course() *Course {
	if f.now == 0 && f.done == 0 {
		return nil
	}
	n := f.last + 1
	c := &Course{hi: f.Moment * time.Duration(n), moment: f.Moment, Tasks: max(f.Tasks, f.done)}
	c.Ticks = scale{hi: c.hi}.across()
	c.Grid = grid(c.Ticks, 100)
	c.rates(f.ended[:n], f.errors[:n], make([]int, n)) // what is wrong is known at the end
	c.Most = slices.Max(f.under[:n])
	c.Under = area(f.under[:n], c.Most)
	so := make([]int, n)
	for i := range so {
		so[i] = f.ended[i]
		if i > 0 {
			so[i] += so[i-1]
		}
	}
	c.Done = line(so, c.Tasks)
	c.Label = fmt.Sprintf("The run so far: %s finished, at most %s, %d running.",
		text.Plural(f.done, "task"), c.Peak, f.now)
	return c
}
