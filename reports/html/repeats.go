package html

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// mostFlawed is how many repeats with something wrong are shown beside the one
// that stands for all.
const mostFlawed = 2

// byExecutor groups a scenario's recordings by executor, in the order of their
// first appearance.
func byExecutor(group []*record.Recording) [][]*record.Recording {
	var groups [][]*record.Recording
	index := map[string]int{}
	for _, r := range group {
		i, known := index[r.Name()]
		if !known {
			i = len(groups)
			index[r.Name()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// representatives are the recordings of a scenario that the page shows, and
// what is to be said of each that stands for others.
func representatives(group []*record.Recording) (shown []*record.Recording, notes map[*record.Recording]string) {
	notes = map[*record.Recording]string{}
	for _, repeats := range byExecutor(group) {
		chosen := summary.Median(repeats)
		shown = append(shown, chosen)
		if len(repeats) == 1 {
			continue
		}
		shortest, longest, flawed := chosen.Makespan, chosen.Makespan, 0
		for _, r := range repeats {
			shortest, longest = min(shortest, r.Makespan), max(longest, r.Makespan)
			if summary.Verdict(r) == "ok" {
				continue
			}
			if flawed++; r != chosen && flawed <= mostFlawed {
				shown = append(shown, r)
			}
		}
		notes[chosen] = fmt.Sprintf(
			"The median of %s, with makespans from %s to %s.",
			text.Plural(len(repeats), "repeat"),
			text.Short(shortest),
			text.Short(longest),
		)
		if flawed > 0 {
			notes[chosen] += fmt.Sprintf(" %d of them failed.", flawed)
		}
	}
	return shown, notes
}
