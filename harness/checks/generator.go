package checks

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
)

// latest is the bound of [Generator] where a user sets none: the time slice
// after which Go's scheduler takes a processor from a goroutine. One that waits
// for a busy processor is late by as much.
const latest = 10 * time.Millisecond

// What the processors must not fall short of, and how long a run must take for
// that to be known: the system counts their time in hundredths of a second.
const (
	leastIdle = 0.1
	idleKnown = 2 * time.Second
)

const keepUp = "have the generator keep up: a lower rate, a machine with more idle processors, or clock: virtual"

// Generator expects the generator to have kept up: 99 of 100 tasks were handed
// over within most of when they were due. In an open workload, none was still
// owed that long after the last was due either, and the processors were idle
// for a tenth of the time. Otherwise the run is invalid: its times are those of
// the generator, and not of the client. A most of 0 stands for 10 ms.
//
// Users go on as their tasks end, so they may keep the processors busy, and owe
// nothing.
//
// A task that the executor held up is not late: see [record.Sample.Lateness].
//
// Of several load generators, none may be lost on the way.
func Generator(most time.Duration) Check {
	most = cmp.Or(most, latest)
	return func(r *record.Recording) []record.Violation {
		if !r.Paced() {
			return nil
		}
		var found []record.Violation
		invalid := func(check, got string) {
			found = append(found, record.Violation{
				Check: check, Got: got, Want: keepUp, Culprit: record.ByMachine,
				Invalid: true, Inconclusive: true, Noise: true,
			})
		}
		if lost := lostGenerators(r); lost != nil {
			return lost
		}
		if late := r.Lateness["p99"]; late > most {
			invalid("lateness", fmt.Sprintf("the generator was late: p99 %s where at most %v is allowed, max %s",
				rounded.Duration(late, most), most, rounded.Duration(r.Lateness["max"])))
		}
		if !r.Open() {
			return found
		}
		if n := owed(r, most); n > 0 {
			invalid("owed", fmt.Sprintf("the generator still owed %d of %d tasks %v after the last was due", n,
				r.Tasks(), most))
		}
		if idle := 1 - busy(r); idle < leastIdle && r.Makespan >= idleKnown {
			invalid("idle", fmt.Sprintf("the processors were idle for %.1f%% of the run, where at least %.0f%% is "+
				"wanted", 100*idle, 100*leastIdle))
		}
		return found
	}
}

// lostGenerators says which load generators did not come to their end. Their
// arrivals are missing, so that nothing else can be judged.
func lostGenerators(r *record.Recording) []record.Violation {
	var lost []string
	missing := 0
	for k, g := range r.Generators {
		if g.Lost != "" {
			lost = append(lost, fmt.Sprintf("load generator %d of %d is lost: %s", k+1, len(r.Generators), g.Lost))
			missing += g.Tasks
		}
	}
	if lost == nil {
		return nil
	}
	return []record.Violation{{
		Check: "generators", Got: fmt.Sprintf("%s; the results of %d of %d tasks are missing", strings.Join(lost, "; "),
			missing, r.Tasks()),
		Want: "run it again: the results of every load generator are needed", Culprit: record.ByMachine,
		Invalid: true, Inconclusive: true, Final: true,
	}}
}

// owed counts the tasks that the generator had not handed over so long after
// the last was due.
func owed(r *record.Recording, most time.Duration) (n int) {
	var end time.Duration
	for _, s := range r.Samples {
		end = max(end, s.Due)
	}
	if left := r.LeftOut(); left != nil {
		end = left.End
		if n = left.Overdue.Beyond(most); n == 0 && left.Overdue.Longest() > most {
			n = 1
		}
	}
	for _, s := range r.Samples {
		if s.Submitted < 0 || s.Due+s.Lateness() > end+most {
			n++
		}
	}
	return n
}

// busy returns the share of time in which the processors worked, or 0 if it is
// not known.
func busy(r *record.Recording) float64 {
	if r.Cost == nil || r.Clock != record.Real {
		return 0
	}
	return r.Cost.Busy
}
