// Package checks has the checks that scenarios ask for: pure functions from a
// recording to its violations. Times that were never reached, which are -1, are
// the matter of [Exact]; the other checks ignore them.
package checks

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

func violation(check, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want}}
}

// ratio is a violation of a ratio of times, which any delay can cause.
func ratio(check, got, want string) []record.Violation {
	return []record.Violation{{Check: check, Got: got, Want: want, Noise: true}}
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
	return violation("outcomes", abridge(got), abridge(want))
}

// Classification expects every task to report the class that a correct client
// reports of what its plan made it meet, and to have been answered by the
// server, with the status that the client saw if it says one. Of a success it
// also expects as many bytes as the server sent, of a client that counts them.
// It is inconclusive about tasks that could have met different requests.
func Classification(r *record.Recording) []record.Violation {
	return slices.Concat(wrong(r), untimed(r), doubtful(r))
}

// Guard returns how close to a timeout the machine may miss what is planned:
// an answer that is planned within it may come on either side. It is 0 under
// the virtual clock, which is exact, and without a timeout.
func Guard(r *record.Recording) time.Duration {
	if r.Clock != record.Real || r.Timeout == 0 {
		return 0
	}
	return max(r.Timeout/5, 25*time.Millisecond)
}

// tooNear reports whether a sample contradicts the plan only by a timeout that
// is planned so near to an answer that the machine can have missed it.
func tooNear(r *record.Recording, s *record.Sample) bool {
	crossed := (s.Class == record.Timeout) != (s.PlannedClass == record.Timeout)
	answered := s.Class == record.OK || s.Class == record.NotFound || s.Class == record.Status
	invented := answered && s.Did != "" && s.Served == 0
	return crossed && !invented && s.PlannedMargin < Guard(r)
}

// untimed is inconclusive about the tasks that came out on the other side of
// their timeout than planned, near to it.
func untimed(r *record.Recording) []record.Violation {
	var keys []string
	var margin time.Duration
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Doubt == "" && tooNear(r, s) {
			keys, margin = append(keys, s.Key), max(margin, s.PlannedMargin)
		}
	}
	if keys == nil {
		return nil
	}
	return []record.Violation{{
		Check: "classification", Inconclusive: true, Noise: true, Margin: margin,
		Got: fmt.Sprintf("%d of %d tasks (%s): the answer is planned within %v of the timeout of %v, which this "+
			"machine cannot time", len(keys), len(r.Samples), abridge(keys), Guard(r), r.Timeout),
		Want: "use clock: virtual, or a timeout that is farther from every latency",
	}}
}

// doubtful groups the tasks that cannot be judged by the reason.
func doubtful(r *record.Recording) (found []record.Violation) {
	keys := map[string][]string{}
	for _, s := range r.Samples {
		if s.Doubt != "" {
			keys[s.Doubt] = append(keys[s.Doubt], s.Key)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(keys)) {
		reason, remedy, _ := strings.Cut(why, ": ")
		found = append(found, record.Violation{
			Check: "classification", Inconclusive: true, Want: remedy,
			Got: fmt.Sprintf("%d of %d tasks (%s): %s", len(keys[why]), len(r.Samples), abridge(keys[why]), reason),
		})
	}
	return found
}

// Retries expects of every task that its requests follow the policy of retries.
// With a timeout, a busy machine can make it seem that they do not: the client
// may leave a request that the server has not yet begun.
func Retries(r *record.Recording) []record.Violation {
	var got, want []string
	for _, s := range r.Samples {
		if s.Misstep != "" {
			did, right, _ := strings.Cut(s.Misstep, ": ")
			got, want = append(got, s.Key+" "+did), append(want, s.Key+" "+right)
		}
	}
	if got == nil {
		return nil
	}
	return []record.Violation{{
		Check: "retries", Got: abridge(got), Want: abridge(want), Noise: r.Clock == record.Real && r.Timeout > 0,
	}}
}

// wrong is the violation of the tasks that report what they did not meet.
func wrong(r *record.Recording) []record.Violation {
	var got, want []string
	var late lateness
	for _, s := range r.Samples {
		known := len(got)
		switch {
		case s.Doubt != "", tooNear(r, &s):
		case s.Class != s.PlannedClass:
			got = append(got, s.Key+" "+string(cmp.Or(s.Class, "no class"))+because(s.Error))
			want = append(want, s.Key+" "+string(s.PlannedClass)+again(s.Attempt)+after(s.Did))
		case !s.Asked():
			got = append(got, s.Key+" "+string(s.Class)+after(s.Did))
			want = append(want, s.Key+" "+string(s.PlannedClass)+again(s.Attempt)+" of a request")
		case !s.StatusServed():
			got = append(got, fmt.Sprintf("%s %d", s.Key, s.Status))
			want = append(want, s.Key+" "+served(s.Served))
		case !s.BytesServed():
			got = append(got, fmt.Sprintf("%s %d bytes", s.Key, s.Bytes))
			want = append(want, fmt.Sprintf("%s %d bytes, which the server sent", s.Key, s.PlannedBytes))
		}
		if len(got) > known {
			late.add(s)
		}
	}
	if got == nil {
		return nil
	}
	return []record.Violation{{
		Check: "classification", Got: abridge(got), Want: abridge(want),
		Noise: r.Timeout > 0 && !late.other, Margin: late.margin,
	}}
}

// A lateness collects the samples that contradict the plan. All of them can be
// a busy machine's doing if each reports a timeout in place of an answer, or an
// answer in place of a timeout.
type lateness struct {
	other  bool // one contradicts the plan in another way
	margin time.Duration
}

func (l *lateness) add(s record.Sample) {
	if (s.Class == record.Timeout) == (s.PlannedClass == record.Timeout) {
		l.other = true
		return
	}
	l.margin = max(l.margin, s.PlannedMargin)
}

// again names the attempt that decides, where it is not the first.
func again(attempt int) string {
	if attempt <= 1 {
		return ""
	}
	return fmt.Sprintf(" at attempt %d", attempt)
}

// after describes what the server did, where the class does not.
func after(did string) string {
	switch did {
	case "", "none", "status":
		return ""
	case record.ActionClientLeft, record.ActionNoRequest, record.ActionTurnedAway:
		return " (" + record.DescribeAction(did) + ")"
	}
	return " (after " + did + ")"
}

func served(status int) string {
	if status == 0 {
		return "nothing, as the server sent no answer"
	}
	return fmt.Sprintf("%d, which the server sent", status)
}

func because(err string) string {
	if err == "" {
		return ""
	}
	return " (" + err + ")"
}

// Counts expects these numbers of outcomes, and 0 of one that is not named.
func Counts(want map[record.Outcome]int) Check {
	return func(r *record.Recording) []record.Violation {
		for _, o := range []record.Outcome{record.OutcomeOK, record.OutcomeNotFound, record.OutcomeError} {
			if r.Outcomes[o] != want[o] {
				return violation("outcomes", tally(r.Outcomes), tally(want))
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
// one.
func Efficiency(atLeast float64) Check {
	return func(r *record.Recording) []record.Violation {
		if e := r.Efficiency(); e < atLeast {
			return ratio("efficiency",
				fmt.Sprintf("%.3f (ideal makespan %v, measured %v)", e, r.IdealMakespan, r.Makespan),
				fmt.Sprintf(">= %v", atLeast))
		}
		return nil
	}
}

// Speedup expects the recording's speedup to be at least this.
func Speedup(over string, atLeast float64) Check {
	return func(r *record.Recording) []record.Violation {
		if r.Speedup < atLeast {
			return ratio("speedup", fmt.Sprintf("%.2f over %s", r.Speedup, over), fmt.Sprintf(">= %v", atLeast))
		}
		return nil
	}
}

// Percentile expects a percentile of the service time, one of
// [record.Percentiles], to be no more than this.
func Percentile(name string, atMost time.Duration) Check {
	return func(r *record.Recording) []record.Violation {
		got, ok := r.Percentiles[name]
		switch {
		case !ok:
			return violation(name, "no task that ended", fmt.Sprintf("<= %v", atMost))
		case got > atMost:
			return violation(name, got.String(), fmt.Sprintf("<= %v", atMost))
		}
		return nil
	}
}

// Schedule expects every start and every finish within this of the ideal
// schedule's.
func Schedule(within time.Duration) Check {
	off := func(got, ideal time.Duration) bool { return got >= 0 && (got-ideal).Abs() > within }
	return func(r *record.Recording) []record.Violation {
		var got, want []string
		for _, s := range r.Samples {
			if off(s.Started, s.IdealStarted) || off(s.Finished, s.IdealFinished) {
				got = append(got, fmt.Sprintf("%s from %v to %v", s.Key, s.Started, s.Finished))
				want = append(want, fmt.Sprintf("%s from %v to %v", s.Key, s.IdealStarted, s.IdealFinished))
			}
		}
		if got == nil {
			return nil
		}
		return violation("schedule", abridge(got), fmt.Sprintf("within %v: %s", within, abridge(want)))
	}
}

// Concurrency expects no more tasks under way at once than the executor has
// workers.
func Concurrency(r *record.Recording) []record.Violation {
	lanes := 0
	for _, s := range r.Samples {
		lanes = max(lanes, s.Worker+1)
	}
	if r.Workers > 0 && lanes > r.Workers {
		return violation("concurrency", fmt.Sprintf("%d tasks at once", lanes), fmt.Sprintf("<= %d", r.Workers))
	}
	return nil
}

// abridge lists words, the first ten of them.
func abridge(words []string) string {
	const most = 10
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
	}
	return strings.Join(words, ", ")
}
