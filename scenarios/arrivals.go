package scenarios

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
)

const (
	arrivalsPath = "workload.arrivals"
	pickPath     = "workload.pick"
)

// drawn are the tasks of an open workload, or of users, for one seed. The
// copies of a scenario share it.
type drawn struct {
	mu       sync.Mutex
	done     bool
	seed     uint64
	rate     float64            // that is tried
	schedule *arrivals.Schedule // nil of users
	keys     []string           // of each arrival, or of all tasks that users may come to
}

// listed returns the keys that the file lists, makes or reads, cut to the
// limit.
func (s *Scenario) listed() []string {
	all := s.Workload.Keys.List
	if s.Workload.Flags != nil {
		all = s.Workload.Flags
	}
	if n := int(s.Workload.Limit); n > 0 && n < len(all) {
		all = all[:n]
	}
	return all
}

// keys returns the key of each task, and of each that a user may come to. Of a
// long workload it returns those of the first tasks.
func (s *Scenario) keys() []string {
	if s.Workload.Arrivals == nil && s.Workload.Users == nil {
		return s.listed()
	}
	keys, _, _ := s.draw()
	return keys
}

// draw returns the tasks of an open workload, or of users.
func (s *Scenario) draw() (keys []string, schedule *arrivals.Schedule, err error) {
	d := s.drawn
	d.mu.Lock()
	defer d.mu.Unlock()
	rate := cmp.Or(s.rate, s.low())
	if d.done && d.seed == s.Seed && d.rate == rate {
		return d.keys, d.schedule, nil
	}
	a := s.Workload.Arrivals
	if a == nil {
		if err := s.users().Check(); err != nil {
			return nil, nil, err
		}
		keys = s.Workload.Pick.KeysOfUsers(s.Seed, s.listed(), s.users())
		d.done, d.seed, d.rate, d.keys = true, s.Seed, rate, keys
		return keys, nil, nil
	}
	if schedule, err = s.schedule(rate); err != nil {
		return nil, nil, err
	}
	if schedule.Len() > arrivals.Limit {
		keys = s.firstKeys()
		d.done, d.seed, d.rate, d.schedule, d.keys = true, s.Seed, rate, schedule, keys
		return keys, schedule, nil
	}
	if keys, err = a.Keys(schedule, s.Seed, s.listed(), s.Workload.Pick); err == nil {
		d.done, d.seed, d.rate, d.schedule, d.keys = true, s.Seed, rate, schedule, keys
	}
	return keys, schedule, err
}

// validateSources reads the keys of a file and the arrivals, and reports what
// is wrong with them.
func validateSources(d *strict.Document, s *Scenario) {
	if source := s.Workload.Keys.Source; source != nil && source.Validate(d, keysPath) {
		var err error
		if s.Workload.Keys.List, err = source.Read(s.folder); err != nil {
			d.Errorf(keysPath, "%v", err)
		}
	}
	validateUsers(d, s)
	a := s.Workload.Arrivals
	if a == nil {
		if s.Workload.Users == nil {
			d.Reject(pickPath, "without arrivals and users each key is one task: want one of them")
		}
		return
	}
	d.Reject(batchPath, "a batch has all keys at once: remove arrivals, or want a task")
	if !a.Validate(d, arrivalsPath, s.folder) || !d.Valid(flagsPath) || !d.Valid(keysPath) || !d.Valid(pickPath) ||
		!d.Valid("workload.limit") || !d.Valid(findPath) {
		return
	}
	if a.Recorded() {
		const recorded = "the trace has the key of each task: remove this"
		for _, path := range []string{keysPath, flagsPath, pickPath, "workload.limit"} {
			d.Reject(path, recorded)
		}
	}
	switch keys, _, err := s.draw(); {
	case err != nil && (a.Recorded() || len(s.listed()) > 0):
		d.Errorf(arrivalsPath, "%s", strings.TrimPrefix(err.Error(), "arrivals: "))
	case err == nil && len(keys) == 0:
		d.Errorf(arrivalsPath, "no task falls due: want a higher rate, or a longer time")
	}
}

// keysRecorded reports whether a trace has the keys of all tasks, so that the
// file need not list any.
func (s *Scenario) keysRecorded() bool {
	return s.Workload.Arrivals != nil && s.Workload.Arrivals.Recorded()
}

// bodies reports whether the server has a text under the path of every key, in
// place of flags.
func (s *Scenario) bodies() bool {
	if s.Server == nil || s.Server.Body.Size == nil || s.Server.Content.foreign() {
		return false
	}
	return s.otherKeys()
}

// otherKeys reports whether any key is not the code of a flag.
func (s *Scenario) otherKeys() bool {
	return slices.ContainsFunc(s.keys(), func(key string) bool { return !isCode(key) })
}

// isCode reports whether a key is that of a flag, which need not exist.
func isCode(key string) bool { return keys.Path(key) == servers.FlagPath(key) }
