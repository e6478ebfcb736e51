package scenarios

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// A run may take unhurried times as long as planned, and patience on top,
// before a fault begins too late for it.
const (
	unhurried = 10
	patience  = time.Minute
)

// validateBegins reports faults that begin after every run has ended. The
// longest run is that of one task after another. Where the plan does not say
// how long tasks take, or how many there are, it is not known.
func validateBegins(d *strict.Document, s *Scenario) {
	if s.Server == nil || d.Mistakes() != nil || !s.timesForetold() {
		return
	}
	last, known := s.lastDue()
	late := func(f Fault) bool { return time.Duration(f.From) > last+patience }
	if !known || s.tasks() > maxForeseen || !slices.ContainsFunc(s.Server.Faults, late) {
		return
	}
	total := s.plannedInAll()
	for i, f := range s.Server.Faults {
		if time.Duration(f.From) > last+unhurried*total+patience {
			d.Errorf(itemPath("server.faults", i)+".from", "%v: the fault would never strike: the last task falls due "+
				"at %v, and by the plan all tasks together take %v: want an earlier time", time.Duration(f.From), last,
				total.Round(time.Millisecond))
		}
	}
}

// timesForetold reports whether the plan says how long tasks take, up to what a
// machine and a queue add.
func (s *Scenario) timesForetold() bool {
	w, v := s.Workload, s.Server
	return w.Task.Name == "download" && w.attempts() <= 1 && v.RateLimit == nil && !v.Content.foreign()
}

// lastDue returns when the last task falls due at the latest, if the file says
// it.
func (s *Scenario) lastDue() (at time.Duration, known bool) {
	if s.Workload.Users != nil {
		at = s.users().For
		return at, at > 0
	}
	if s.long() {
		_, schedule, _ := s.draw()
		return schedule.Due(s.tasks() - 1)
	}
	due, known := s.dueTimes()
	if !known {
		return 0, false
	}
	return due[len(due)-1], true
}

// plannedInAll returns how long all tasks take one after another, by the plan.
// Of users it is the longest task of each, as the others have ended when the
// last one falls due.
func (s *Scenario) plannedInAll() (total time.Duration) {
	longest, truth, seen := time.Duration(0), s.oracle(), map[string]int{}
	for _, key := range s.keys() {
		seen[key]++
		_, planned := truth.Foretell(key, seen[key])
		total += planned.PlannedService
		longest = max(longest, planned.PlannedService)
	}
	if s.Workload.Users != nil {
		return longest * time.Duration(s.users().Len())
	}
	return total
}
