package reports

import (
	"fmt"
	"io"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// leaks are how many runs have left each thing, so many times. The text says it
// once, at the first of these runs.
type leaks map[text.Counted]int

func leaksOf(recs []*record.Recording) leaks {
	all := leaks{}
	for _, r := range recs {
		for _, left := range leaksIn(r) {
			all[left]++
		}
	}
	return all
}

func leaksIn(r *record.Recording) []text.Counted {
	return text.Count(slices.Concat(r.Leaks, r.Held))
}

// write writes what a run is the first to leave.
func (all leaks) write(w io.Writer, s Screen, r *record.Recording) {
	for _, left := range leaksIn(r) {
		var who, times string
		switch runs := all[left]; {
		case runs == 0:
			continue // the text says it already
		case runs == 2:
			who = " and 1 other run"
		case runs > 2:
			who = fmt.Sprintf(" and %d other runs", runs-1)
		}
		if left.N > 1 {
			times = fmt.Sprintf("%d × ", left.N)
		}
		fmt.Fprintf(w, "%s\n\n", s.Fold(fmt.Sprintf("%s%s: leaked: %s%s", where(r), who, times, line(left.Text))))
		delete(all, left)
	}
}
