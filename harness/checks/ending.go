package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

// Leaks expects that no goroutine outlives the run, and that the client has
// closed what it opened. It is inconclusive about what a correct client may
// keep.
func Leaks(r *record.Recording) (found []record.Violation) {
	var got []string
	if len(r.Leaks) > 0 {
		got = append(got, goroutines(r.Leaks))
	}
	if got = append(got, r.Held...); len(got) > 0 {
		found = violation("leaks", strings.Join(got, "; "), "none")
	}
	for _, doubt := range r.MaybeHeld {
		what, remedy, _ := strings.Cut(doubt, ": ")
		found = append(found, record.Violation{
			Check: "leaks", Inconclusive: true, Got: what + ", which a client may keep on purpose", Want: remedy,
		})
	}
	return found
}

// Deadlock expects that the run comes to its own end.
func Deadlock(r *record.Recording) []record.Violation {
	if r.Deadlock == "" {
		return nil
	}
	got := r.Deadlock
	if len(r.Stuck) > 0 {
		got += fmt.Sprintf("; %d of %d tasks had not ended: %s", len(r.Stuck), r.Tasks(), abridge(r.Stuck))
	}
	if len(r.Leaks) > 0 {
		got += "; " + goroutines(r.Leaks)
	}
	want := "every task ends"
	if r.Unshut {
		want = "Shutdown returns nil when every task has ended"
	}
	return []record.Violation{{Check: "deadlock", Got: got, Want: want, Final: true, Culprit: stuck(r)}}
}

// Shutdown expects the executor to have shut down, or the iteration of a map to
// have ended, only when every task has.
func Shutdown(r *record.Recording) []record.Violation {
	if len(r.Outlived) == 0 {
		return nil
	}
	got, want := "Shutdown returned nil", "Shutdown waits until every task has ended"
	if r.Mapped {
		got, want = "the iteration ended", "the iteration ends when every call has returned"
	}
	got += fmt.Sprintf(" while %d of %d tasks ran: %s", len(r.Outlived), r.Tasks(), abridge(r.Outlived))
	return by(runner(r), violation("shutdown", got, want))
}

// Limits expects that the clock and the machine could carry out the run.
func Limits(r *record.Recording) []record.Violation {
	if r.Limit == "" {
		return nil
	}
	why, remedy, _ := strings.Cut(r.Limit, ": ")
	return []record.Violation{{Check: "limits", Got: why, Want: remedy, Final: true, Inconclusive: true}}
}

// goroutines counts equal descriptions together.
func goroutines(places []string) string {
	var parts []string
	for i := 0; i < len(places); {
		same := i + 1
		for same < len(places) && places[same] == places[i] {
			same++
		}
		parts = append(parts, fmt.Sprintf("%d × %s", same-i, places[i]))
		i = same
	}
	noun := "goroutines"
	if len(places) == 1 {
		noun = "goroutine"
	}
	more := ""
	if len(parts) > 5 {
		parts, more = slices.Clip(parts[:5]), "; …"
	}
	return fmt.Sprintf("%d %s left: %s%s", len(places), noun, strings.Join(parts, "; "), more)
}
