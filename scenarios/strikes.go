package scenarios

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// maxMatches bounds the work of looking for faults that never strike: patterns
// times keys. A file that no person writes is not looked through.
const maxMatches = 10_000_000

// validateStrikes finds faults that no request of the workload can meet: a test
// of them would test nothing.
func validateStrikes(d *strict.Document, s *Scenario) {
	keys := s.keys()
	if s.Server == nil || len(keys) == 0 || tooMany(s, keys) {
		return
	}
	for _, key := range []string{"flags", "keys", "limit", "attempts"} {
		if !d.Sound("workload." + key) {
			return
		}
	}
	attempts, positions := max(1, int(s.Workload.Attempts)), servers.Positions(keys)
	taken := make([]int, len(keys)) // how many attempts at each key faults before this one strike for certain
	for i, f := range s.Server.Faults {
		at := item("server.faults", i)
		if f.validateKeys(d, at, keys); !d.Sound(at) {
			continue
		}
		g, reach := f.fault(), attempts
		if f.Attempts > 0 {
			reach = min(reach, int(f.Attempts))
		}
		meets, first := false, true
		for k, key := range keys {
			if g.Strikes(fault.Request{Key: key, Attempt: 1, Position: positions[key], Since: g.From}, 0) {
				meets, first = true, first && taken[k] >= reach
				if !g.Timed() && (f.Rate == 0 || f.Rate == 1) {
					taken[k] = max(taken[k], reach)
				}
			}
		}
		switch {
		case !meets:
			d.Wrong(at, "it would never strike: none of %s meets all of its conditions", some(keys))
		case first:
			d.Wrong(at, "it would never strike: each request that it could strike meets a fault before it in the list")
		}
	}
}

// validateKeys finds conditions that no key of the workload meets.
func (f Fault) validateKeys(d *strict.Document, at string, keys []string) {
	for j, p := range f.Keys {
		matches := func(key string) bool { ok, _ := path.Match(string(p), key); return ok }
		if slices.ContainsFunc(keys, matches) {
			continue
		}
		hint := ""
		if k := slices.IndexFunc(keys, func(key string) bool { return strings.EqualFold(key, string(p)) }); k >= 0 {
			hint = fmt.Sprintf(" (did you mean %s?)", keys[k])
		}
		d.Wrong(item(at+".keys", j), "%s would never strike: the workload's keys are %s%s", strict.Cite(string(p)), some(keys), hint)
	}
	if int(f.Every) > len(keys) {
		d.Wrong(at+".every", "%d would never strike: the workload has %d keys, %s", f.Every, len(keys), some(keys))
	}
}

func tooMany(s *Scenario, keys []string) bool {
	n := 0
	for _, f := range s.Server.Faults {
		n += 1 + 2*len(f.Keys)
	}
	return n > maxMatches/len(keys)
}

// some lists the first of many keys.
func some(keys []string) string {
	const most = 5
	var words []string
	for _, key := range keys[:min(most, len(keys))] {
		words = append(words, strict.Cite(key))
	}
	if len(keys) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words, ", "), len(keys)-most)
	}
	return strings.Join(words, ", ")
}
