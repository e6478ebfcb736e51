package summary

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// mostKept is how many runs the notes of a table name that do not keep all of
// their samples.
const mostKept = 3

// keptOf says it of runs, and of the first of many alone.
func keptOf(recs []*record.Recording) (notes []string) {
	more := 0
	for _, r := range recs {
		said := r.Kept()
		switch {
		case said == "":
		case len(notes) == mostKept:
			more++
		default:
			notes = append(notes, text.Clip(text.Printable(r.Case()), 100)+": "+said)
		}
	}
	if more > 0 {
		notes = append(notes, fmt.Sprintf("and %s that keep some of their samples", text.Plural(more, "other run")))
	}
	return notes
}
