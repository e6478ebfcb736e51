package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/teapot-go/teapot/reports/text"
)

// A Worker is a process that runs tasks of a run, or hands them over as a load
// generator, as it was last heard.
type Worker struct {
	Name    string
	State   string        // what it does, or why it is lost
	Slots   int           // tasks that it runs at a time, 0 for no limit
	Running int           // tasks that it has
	Done    int           // tasks that it has run
	Heard   time.Duration // since it was heard
	Apart   time.Duration // by how much its clock may be off, 0 if that is of no use
	Lost    bool
}

// silent is how long a worker that lives is not heard at most, unless something
// is wrong: it speaks every second.
const silent = 3 * time.Second

// Follow has the meter show the workers that a function returns. The meter
// calls it from any goroutine, also after the run.
func (m *Meter) Follow(workers func() []Worker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.workers = workers
}

// workerHead is the head of the table of workers.
var workerHead = []string{"worker", "state", "slots", "running", "done", "last heard", "clock ±"}

// row returns what the table of workers has of one.
func (w Worker) row() []string {
	slots, apart := "no limit", "-"
	if w.Slots > 0 {
		slots = fmt.Sprint(w.Slots)
	}
	if w.Apart > 0 {
		apart = text.Short(w.Apart)
	}
	return []string{
		w.Name, w.State, slots, fmt.Sprint(w.Running), fmt.Sprint(w.Done),
		text.Short(w.Heard.Round(100*time.Millisecond)) + " ago", apart,
	}
}

// ill reports whether the worker is lost, or may be.
func (w Worker) ill() bool { return w.Lost || w.Heard > silent }

// Health says in a few words how many workers there are, and of the first that
// is ill how. It is "" if there are none.
func (r Reading) Health() (told string, ill bool) {
	if len(r.Workers) == 0 {
		return "", false
	}
	told = text.Plural(len(r.Workers), "worker")
	i := slices.IndexFunc(r.Workers, Worker.ill)
	switch {
	case i < 0:
		return told, false
	case r.Workers[i].Lost:
		return told + ", lost: " + r.Workers[i].Name, true
	}
	w := r.Workers[i]
	return fmt.Sprintf("%s, not heard for %v: %s", told, w.Heard.Round(time.Second), w.Name), true
}
