package scenarios

import (
	"math/rand/v2"
	"time"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
)

const (
	usersPath      = "workload.users"
	thinkPath      = "workload.think"
	iterationsPath = "workload.iterations"
	forPath        = "workload.for"
)

// users returns the users of a closed workload that has them.
func (s *Scenario) users() arrivals.Users {
	w := s.Workload
	var think func(rand.Source) time.Duration
	if w.Think.Latency != nil {
		think = w.Think.Draw
	}
	return w.Users.Of(s.Seed, int(w.Iterations), time.Duration(w.For), think)
}

// endless reports whether the number of tasks depends on the run: users do as
// many as they come to in a time, or leave.
func (s *Scenario) endless() bool {
	w := s.Workload
	if w.Users == nil {
		return false
	}
	users := s.users()
	return w.Iterations == 0 || w.For > 0 || users.From > users.To
}

// validateUsers reports keys of users that contradict each other or are without
// users.
func validateUsers(d *strict.Document, s *Scenario) {
	w := s.Workload
	if w.Users == nil {
		for path, what := range map[string]string{
			thinkPath: "users think between tasks", iterationsPath: "users do a number of tasks each",
			forPath: "users do tasks for a time, and a stage of arrivals has a for of its own",
		} {
			d.Reject(path, what+": want users")
		}
		return
	}
	d.Reject(batchPath, "a batch has all keys at once: remove users, or want a task")
	d.Reject(arrivalsPath, "both users and arrivals are present: want one of them")
	valid := w.Users.Validate(d, usersPath)
	for _, path := range []string{thinkPath, iterationsPath, forPath} {
		valid = valid && d.Valid(path)
	}
	if w.Users.Source == nil && !d.Has(iterationsPath) && !d.Has(forPath) {
		d.Errorf(usersPath, "it is not said when the users end: want workload.iterations or workload.for")
		return
	}
	if !valid {
		return
	}
	users := s.users()
	if d.Has(forPath) && users.For < users.Ramp {
		d.Errorf(forPath, "%v: want at least %v, the time of the ramp", users.For, users.Ramp)
	} else if err := users.Check(); err != nil {
		d.Errorf(usersPath, "%v", err)
	}
	if s.endless() {
		const depends = "the number of tasks depends on the run, as users end at a time: "
		if _, only := s.Expect.Outcomes.counts(); only && s.Expect.Outcomes != nil {
			d.Reject("expect.outcomes", depends+"want planned, bounds, or users with iterations alone")
		}
		d.Reject("expect.speedup", depends+"want users with iterations alone")
	}
}
