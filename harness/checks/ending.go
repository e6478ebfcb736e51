package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

// Leaks expects that no goroutine outlives the run.
func Leaks(r *record.Recording) []record.Violation {
	if len(r.Leaks) == 0 {
		return nil
	}
	return violation("leaks", goroutines(r.Leaks), "none")
}

// Deadlock expects that the run comes to its own end.
func Deadlock(r *record.Recording) []record.Violation {
	if r.Deadlock == "" {
		return nil
	}
	got := r.Deadlock
	if len(r.Stuck) > 0 {
		got += fmt.Sprintf("; %d of %d tasks had not ended: %s", len(r.Stuck), len(r.Samples), abridge(r.Stuck))
	}
	if len(r.Leaks) > 0 {
		got += "; " + goroutines(r.Leaks)
	}
	return []record.Violation{{Check: "deadlock", Got: got, Want: "every task ends", Final: true}}
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
