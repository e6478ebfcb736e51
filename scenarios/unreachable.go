package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/fault"
)

// maxMatches bounds the work of validateReachable: patterns times keys. A
// larger file is accepted without this check.
const maxMatches = 10_000_000

// validateReachable reports faults that no request of the workload can meet: a
// scenario with such a fault would pass without testing it.
//
// Of foreign content it is not known what is asked for.
//
// A fault is unreachable if no key meets its conditions, or if earlier faults
// in the list cover all of its requests. Only faults that always strike count
// as covering: those without a rate below 1, and without a time window.
func validateReachable(d *strict.Document, s *Scenario) {
	keys := s.keys()
	if s.Server == nil || s.Server.Content.foreign() || len(keys) == 0 || tooManyMatches(s, keys) {
		return
	}
	for _, key := range []string{"flags", "keys", "limit", "attempts", "retry"} {
		if !d.Valid("workload." + key) {
			return
		}
	}
	validateLatencies(d, s, keys)
	attempts := max(1, s.Workload.attempts())
	covered := make([]int, len(keys)) // for each task, how many attempts earlier faults cover
	taken := map[fault.At]bool{}      // single requests that earlier faults cover
	for i, f := range s.Server.Faults {
		at := itemPath("server.faults", i)
		if f.validateConditions(d, at, keys); !d.Valid(at) {
			continue
		}
		if f.At != nil && int(f.At.Attempt) > attempts {
			d.Errorf(at+".at.attempt", "%d: the client makes no such attempt: want 1 to %d, the attempts of the "+
				"workload", f.At.Attempt, attempts)
			continue
		}
		g, first, reach := f.fault(), 1, attempts
		if f.Attempts > 0 {
			reach = min(reach, int(f.Attempts))
		}
		if f.At != nil {
			g.At.Attempt = max(1, g.At.Attempt)
			first, reach = g.At.Attempt, g.At.Attempt
		}
		strikes, masked := false, true
		for k, key := range keys {
			if !g.Strikes(fault.Request{Key: key, Attempt: first, Position: k + 1, Since: g.From}, 0) {
				continue
			}
			strikes, masked = true, masked && (covered[k] >= reach || taken[g.At])
			if covered[k] >= first-1 && !g.Timed() && (f.Rate == 0 || f.Rate == 1) {
				covered[k] = max(covered[k], reach)
			}
		}
		taken[g.At] = g.At.Key != "" && !g.Timed()
		switch {
		case !strikes:
			d.Errorf(at, "the fault would never strike: no key meets all of its conditions: the keys are %s",
				firstKeys(keys))
		case masked:
			d.Errorf(at, "the fault would never strike: every request that it could strike meets an earlier fault "+
				"in the list")
		}
	}
}

// validateConditions reports conditions that no key of the workload meets.
func (f Fault) validateConditions(d *strict.Document, at string, keys []string) {
	validateMatches(d, at+".keys", f.Keys, keys)
	validateMatches(d, at+".except", f.Except, keys)
	if f.At != nil && !slices.Contains(keys, f.At.Key) {
		d.Errorf(at+".at.key", "%s is no key of the workload: the keys are %s%s", strict.Quote(f.At.Key),
			firstKeys(keys), didYouMean(f.At.Key, keys))
	}
	if int(f.Every) > len(keys) {
		d.Errorf(at+".every", "%d is more than the number of keys: want 1 to %d", f.Every, len(keys))
	}
}

// validateMatches reports patterns that match no key of the workload.
func validateMatches(d *strict.Document, at string, patterns []keyPattern, keys []string) {
	for j, p := range patterns {
		matches := func(key string) bool { ok, _ := fault.Match(string(p), key); return ok }
		if slices.ContainsFunc(keys, matches) {
			continue
		}
		d.Errorf(itemPath(at, j), "%s matches no key of the workload: the keys are %s%s",
			strict.Quote(string(p)), firstKeys(keys), didYouMean(string(p), keys))
	}
}

// didYouMean suggests the key that a text is but for upper and lower case.
func didYouMean(text string, keys []string) string {
	k := slices.IndexFunc(keys, func(key string) bool { return strings.EqualFold(key, text) })
	if k < 0 {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", keys[k])
}

// validateLatencies reports latencies that no request meets: their keys match
// none of the workload, or earlier latencies in the list match all that they
// do.
func validateLatencies(d *strict.Document, s *Scenario, keys []string) {
	taken := make([]bool, len(keys))
	for i, l := range s.Server.Latencies {
		at := itemPath("server.latencies", i)
		if validateMatches(d, at+".keys", l.Keys, keys); !d.Valid(at) {
			continue
		}
		met := false
		for k, key := range keys {
			if !taken[k] && slices.ContainsFunc(l.Keys, func(p keyPattern) bool {
				ok, _ := fault.Match(string(p), key)
				return ok
			}) {
				met, taken[k] = true, true
			}
		}
		if !met {
			d.Errorf(at, "no request would meet this latency: earlier ones in the list have all of its keys")
		}
	}
}

// tooManyMatches reports whether the check would exceed maxMatches.
func tooManyMatches(s *Scenario, keys []string) bool {
	n := 0
	for _, f := range s.Server.Faults {
		n += 1 + 2*len(f.Keys) + 2*len(f.Except)
	}
	for _, l := range s.Server.Latencies {
		n += 2 * len(l.Keys)
	}
	return n > maxMatches/len(keys)
}

// firstKeys lists the first keys for a message, and the number of the others.
func firstKeys(keys []string) string {
	const most = 5
	var words []string
	for _, key := range keys[:min(most, len(keys))] {
		words = append(words, strict.Quote(key))
	}
	if len(keys) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words, ", "), len(keys)-most)
	}
	return strings.Join(words, ", ")
}
