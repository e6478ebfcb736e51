// Package checks has the checks that scenarios ask for: pure functions from a
// recording to its violations. Times that were never reached, which are -1, are
// the matter of [Exact]; the other checks ignore them.
package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/rounded"
)

func violation(check, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want}}
}

// by names the culprit of violations. What is inconclusive has none.
func by(culprit record.Culprit, found []record.Violation) []record.Violation {
	for i := range found {
		if !found[i].Inconclusive {
			found[i].Culprit = culprit
		}
	}
	return found
}

// timed is a violation of what was measured.
func timed(check, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want, Timed: true}}
}

// ratio is a violation of a ratio of times, which any delay can cause.
func ratio(check, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want, Noise: true, Timed: true}}
}

// Exact expects every task of the right class to report the value that its plan
// names. [Classification] judges the class.
func Exact(r *record.Recording) []record.Violation {
	var got, want []string
	for _, s := range r.Samples {
		if s.Class == s.PlannedClass && s.Value != s.PlannedValue {
			got = append(got, fmt.Sprintf("%s = %q", s.Key, s.Value))
			want = append(want, fmt.Sprintf("%s = %q", s.Key, s.PlannedValue))
		}
	}
	if got == nil {
		return nil
	}
	return by(record.ByClient, violation("outcomes", abridge(got), abridge(want)))
}

// Retries expects of every task that its requests follow the policy of retries.
// It is inconclusive about tasks of one key whose requests may be hedges.
// With a timeout, a busy machine can make it seem that they do not: the client
// may leave a request that the server has not yet begun.
func Retries(r *record.Recording) []record.Violation {
	got, want := alike(r, func(s record.Sample) string { return s.Misstep })
	doubts := doubtful("retries", r, func(s record.Sample) string { return s.RetryDoubt })
	doubts = append(doubts, unjoined("retries", r)...)
	if got == nil {
		return doubts
	}
	var astray []record.Sample
	for _, s := range r.Samples {
		if s.Misstep != "" {
			astray = append(astray, s)
		}
	}
	return append(doubts, record.Violation{
		Check: "retries", Got: abridge(got), Want: abridge(want), Culprit: record.ByClient, Requests: evidence(astray),
		Noise: r.Clock == record.Real && r.Timeout > 0,
	})
}

// Counts expects these numbers of outcomes, and 0 of one that is not named.
func Counts(want map[record.Outcome]int) Check {
	return func(r *record.Recording) []record.Violation {
		for _, o := range []record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError} {
			if r.Outcomes[o] != want[o] {
				return by(miscounted(r, want), violation("outcomes", tally(r.Outcomes), tally(want)))
			}
		}
		return nil
	}
}

func tally(n map[record.Outcome]int) string {
	return fmt.Sprintf("%d ok, %d not found, %d error", n[record.OutcomeOK], n[record.OutcomeNotFound],
		n[record.OutcomeError])
}

// Efficiency expects at least this share of the ideal makespan in the measured
// one. Where the plan does not say how long tasks take, as of work for a CPU,
// the ideal is max(longest, total / P) for the times that the tasks took on P
// workers, beside which no order of the tasks is faster.
func Efficiency(atLeast float64) Check {
	return func(r *record.Recording) []record.Violation {
		want := fmt.Sprintf(">= %v", atLeast)
		if max(r.Makespan, r.IdealMakespan) < leastJudged {
			return nil
		}
		if r.IdealMakespan == 0 && r.Makespan > 0 {
			longest, shared := leastMakespan(r)
			if e := float64(max(longest, shared)) / float64(r.Makespan); e < atLeast {
				lost := r.Makespan - max(longest, shared)
				return by(idle(r, lost), ratio("efficiency", fmt.Sprintf("%s (measured makespan %s, longest task %s, "+
					"all of them shared out among the workers %s)", rounded.Float(e, atLeast),
					rounded.Duration(r.Makespan, longest, shared), rounded.Duration(longest, r.Makespan),
					rounded.Duration(shared, r.Makespan)), want))
			}
			return nil
		}
		if e := r.Efficiency(); e < atLeast {
			ideal, took := rounded.Durations(r.IdealMakespan, r.Makespan)
			return by(delayed(r), ratio("efficiency", fmt.Sprintf("%s (ideal makespan %s, measured %s)",
				rounded.Float(e, atLeast), ideal, took), want))
		}
		return nil
	}
}

// leastJudged is the makespan from which on an efficiency is judged: that of
// no work says nothing.
const leastJudged = time.Microsecond

// leastMakespan returns two bounds of the makespan that the tasks allow, as
// they took their times: the last end of a task that had started when it was
// due, and the time of all tasks shared out among the workers.
func leastMakespan(r *record.Recording) (longest, shared time.Duration) {
	workers := r.Slots()
	if workers == 0 {
		workers = r.Tasks()
	}
	if left := r.LeftOut(); left != nil {
		longest, shared = left.Latest, left.Took
	}
	for _, s := range r.Samples {
		if took := s.Latency(); took >= 0 {
			longest, shared = max(longest, s.Due+took), shared+took
		}
	}
	return longest, shared / time.Duration(max(1, workers))
}

// Speedup expects the recording's speedup to be at least this.
func Speedup(over string, atLeast float64) Check {
	return func(r *record.Recording) []record.Violation {
		if r.Speedup < atLeast {
			got := fmt.Sprintf("%s over %s", rounded.Float(r.Speedup, atLeast), over)
			found := ratio("speedup", got, fmt.Sprintf(">= %v", atLeast))
			if ideal := r.Speedup / r.Efficiency(); r.Speedup > 0 && r.IdealMakespan > 0 && ideal < atLeast {
				found[0].Got += fmt.Sprintf(", where the ideal is %s", rounded.Float(ideal, atLeast))
				return by(record.ByFile, found)
			}
			return by(delayed(r), found)
		}
		return nil
	}
}

// Schedule expects every start and every finish within this of the ideal
// schedule's.
func Schedule(within time.Duration) Check {
	off := func(got, ideal time.Duration) bool { return got >= 0 && (got-ideal).Abs() > within }
	return func(r *record.Recording) []record.Violation {
		if r.LeftOut() != nil {
			return unkept("schedule")
		}
		var got, want []string
		for _, s := range r.Samples {
			if off(s.Started, s.IdealStarted) || off(s.Finished, s.IdealFinished) {
				started, from := rounded.Durations(s.Started, s.IdealStarted)
				finished, to := rounded.Durations(s.Finished, s.IdealFinished)
				got = append(got, fmt.Sprintf("%s from %s to %s", s.Key, started, finished))
				want = append(want, fmt.Sprintf("%s from %s to %s", s.Key, from, to))
			}
		}
		if got == nil {
			return nil
		}
		return by(delayed(r), timed("schedule", abridge(got), fmt.Sprintf("within %v: %s", within, abridge(want))))
	}
}

// unkept is inconclusive about what takes all samples, of a run that has left
// out some.
func unkept(check string) []record.Violation {
	return []record.Violation{{
		Check: check, Inconclusive: true, Want: "keep all of them",
		Got: "the samples of most tasks were left out while the run went on",
	}}
}

// Concurrency expects no more tasks under way at once than the executor has
// workers. Of a batch, it goes by requests: a program may do another task while
// one waits before it tries again.
func Concurrency(r *record.Recording) []record.Violation {
	if r.Batch {
		return atOnce(r)
	}
	lanes := 0
	if left := r.LeftOut(); left != nil {
		lanes = left.Lanes
	}
	for _, share := range r.Shares() {
		if share != r && r.Workers > 0 {
			share.Summarize() // gives each task a lane among those of its generator
		}
		for _, s := range share.Samples {
			lanes = max(lanes, s.Worker+1)
		}
	}
	if r.Workers > 0 && lanes > r.Workers {
		got := fmt.Sprintf("%d tasks at once", lanes) // never 1
		return by(record.ByExecutor, violation("concurrency", got, fmt.Sprintf("<= %d", r.Workers)))
	}
	return nil
}

// atOnce is Concurrency of a batch.
func atOnce(r *record.Recording) []record.Violation {
	switch {
	case r.Workers == 0:
		return nil
	case r.LikelyAtOnce > r.Workers:
		return []record.Violation{{
			Check: "concurrency", Got: fmt.Sprintf("requests of %d tasks at once", r.LikelyAtOnce),
			Want: fmt.Sprintf("<= %d", r.Workers), Noise: r.AtOnce <= r.Workers, Culprit: record.ByClient,
		}}
	case r.MaybeAtOnce > r.Workers:
		return []record.Violation{{
			Check: "concurrency", Inconclusive: true,
			Got: fmt.Sprintf("%d requests at once, some of which "+ // never 1
				"may be of one of the tasks that share a key", r.MaybeAtOnce),
			Want: "give tasks keys of their own",
		}}
	}
	return nil
}

// Runs expects the executor to run every task that it accepts exactly once, and
// no other, and a map or a batch to deliver every task once. It is inconclusive
// about a batch that has given up.
func Runs(r *record.Recording) []record.Violation {
	var got, want []string
	if r.Misrun != "" {
		did, right := parted(r.Misrun)
		got, want = append(got, did), append(want, right)
	}
	did, right := alike(r, func(s record.Sample) string { return s.Misrun })
	got, want = append(got, did...), append(want, right...)
	doubts := doubtful("runs", r, func(s record.Sample) string { return s.RunDoubt })
	if got == nil {
		return doubts
	}
	return append(by(runner(r), violation("runs", abridge(got), abridge(want))), doubts...)
}

// alike returns what tasks did and what is right, each of a text with both.
// More than a few tasks whose texts differ in their times alone are told as
// one.
func alike(r *record.Recording, text func(record.Sample) string) (got, want []string) {
	type group struct {
		did, right string
		keys       []string
	}
	groups := map[string]*group{}
	var order []string
	for _, s := range r.Samples {
		if text(s) == "" {
			continue
		}
		name := durations.ReplaceAllString(text(s), "D")
		g := groups[name]
		if g == nil {
			did, right := parted(text(s))
			g = &group{did, right, nil}
			groups[name], order = g, append(order, name)
		}
		if g.keys = append(g.keys, s.Key); len(g.keys) <= few {
			did, right := parted(text(s))
			got, want = append(got, s.Key+" "+did), append(want, s.Key+" "+right)
		}
	}
	if !slices.ContainsFunc(order, func(name string) bool { return len(groups[name].keys) > few }) {
		return got, want
	}
	got, want = nil, nil
	for _, name := range order {
		g := groups[name]
		did, right := g.keys[0]+" "+g.did, g.keys[0]+" "+g.right
		if others := g.keys[1:]; len(others) > 0 {
			did += fmt.Sprintf(" (and %d like it: %s)", len(others), abridge(others))
		}
		got, want = append(got, did), append(want, right)
	}
	return got, want
}

// durations matches durations within a text.
var durations = regexp.MustCompile(`\b\d[\d.]*(ns|µs|ms|s|m|h)([\d.]+(ns|µs|ms|s|m))*`)

// parted returns what happened and what should have, of a text that has both
// with a colon between them. What happened may have colons too.
func parted(text string) (did, right string) {
	at := strings.LastIndex(text, ": ")
	if at < 0 {
		return text, ""
	}
	return text[:at], text[at+len(": "):]
}

// abridge lists words, the first ten of them.
func abridge(words []string) string {
	const most = 10
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}
