// Package checks has the checks that scenarios ask for: pure functions that
// hold a recording against its oracle. Times that were never reached, which are
// -1, are for [Exact] to complain of; the other checks pass them over.
package checks

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness"
)

func violation(check, got, want string) []harness.Violation {
	return []harness.Violation{{Check: check, Got: got, Want: want}}
}

// Exact expects every task of the right class to come to the value that its
// plan says. The class is [Classification]'s matter.
func Exact(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
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
func Classification(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
	var got, want []string
	for _, s := range r.Samples {
		switch {
		case s.Class != s.PlannedClass:
			got = append(got, s.Key+" "+string(cmp.Or(s.Class, "no class"))+because(s.Error))
			want = append(want, s.Key+" "+string(s.PlannedClass)+again(s.Attempt)+after(s.Did))
		case s.Did == harness.Unasked && s.Class != harness.Timeout: // which may be over before anything is sent
			got = append(got, s.Key+" "+string(s.Class)+after(s.Did))
			want = append(want, s.Key+" "+string(s.PlannedClass)+again(s.Attempt)+" of a request")
		case s.Status != 0 && s.Status != s.Served:
			got = append(got, fmt.Sprintf("%s %d", s.Key, s.Status))
			want = append(want, s.Key+" "+served(s.Served))
		case s.Class == harness.OK && miscounted(s):
			got = append(got, fmt.Sprintf("%s %d bytes", s.Key, s.Bytes))
			want = append(want, fmt.Sprintf("%s %d bytes, which the server sent", s.Key, s.PlannedBytes))
		}
	}
	if got == nil {
		return nil
	}
	return violation("classification", abridge(got), abridge(want))
}

// miscounted says whether a client that counts bytes has not read what was
// sent.
func miscounted(s harness.Sample) bool {
	counted := s.Bytes != 0 && s.PlannedBytes != 0
	return counted && (s.Bytes < s.PlannedBytes || s.Bytes > s.PlannedBytes && !s.Inflates)
}

// again says which attempt decides, where it is not the first.
func again(attempt int) string {
	if attempt <= 1 {
		return ""
	}
	return fmt.Sprintf(" at attempt %d", attempt)
}

// after says what the server did, where the class does not.
func after(did string) string {
	switch did {
	case "", "none", "status":
		return ""
	case harness.Nothing, harness.Unasked, harness.TurnedAway:
		return " (" + harness.Deed(did) + ")"
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

// Counts expects so many of each outcome; an outcome that is not named is not
// expected at all.
func Counts(want map[harness.Outcome]int) harness.Check {
	return func(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
		for _, o := range []harness.Outcome{harness.OutcomeOK, harness.OutcomeNotFound, harness.OutcomeError} {
			if r.Outcomes[o] != want[o] {
				return violation("outcomes", tally(r.Outcomes), tally(want))
			}
		}
		return nil
	}
}

func tally(n map[harness.Outcome]int) string {
	return fmt.Sprintf("%d ok, %d not found, %d error", n[harness.OutcomeOK], n[harness.OutcomeNotFound], n[harness.OutcomeError])
}

// Efficiency expects at least this share of the ideal makespan in the measured
// one.
func Efficiency(atLeast float64) harness.Check {
	return func(r *harness.Recording, o *harness.Oracle) []harness.Violation {
		if e := r.Efficiency(); e < atLeast {
			return violation("efficiency",
				fmt.Sprintf("%.3f (ideal makespan %v, measured %v)", e, o.Makespan, r.Makespan), fmt.Sprintf(">= %v", atLeast))
		}
		return nil
	}
}

// Speedup expects the recording's speedup to be at least this.
func Speedup(over string, atLeast float64) harness.Check {
	return func(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
		if r.Speedup < atLeast {
			return violation("speedup", fmt.Sprintf("%.2f over %s", r.Speedup, over), fmt.Sprintf(">= %v", atLeast))
		}
		return nil
	}
}

// Percentile expects a percentile of the service time, one of
// [harness.Percentiles], to be no more than this.
func Percentile(name string, atMost time.Duration) harness.Check {
	return func(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
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
func Schedule(within time.Duration) harness.Check {
	off := func(got, ideal time.Duration) bool { return got >= 0 && (got-ideal).Abs() > within }
	return func(r *harness.Recording, o *harness.Oracle) []harness.Violation {
		var got, want []string
		for i, s := range r.Samples {
			ideal := o.Tasks[i]
			if off(s.Started, ideal.Started) || off(s.Finished, ideal.Finished) {
				got = append(got, fmt.Sprintf("%s from %v to %v", s.Key, s.Started, s.Finished))
				want = append(want, fmt.Sprintf("%s from %v to %v", s.Key, ideal.Started, ideal.Finished))
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
func Concurrency(r *harness.Recording, _ *harness.Oracle) []harness.Violation {
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
