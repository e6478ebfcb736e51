package html

import (
	"fmt"
	"strconv"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// generators describes the load generators of a run in other processes, one row
// each: how many of its tasks it has sent, how many have ended, how long after
// the first it began, and how far off that may be. There are no rows if the
// generators were part of the process of the run.
func generators(r *record.Recording) (rows [][]string) {
	elsewhere := false
	for k, g := range r.Generators {
		elsewhere = elsewhere || g.Host != ""
		began := "+" + text.Short(g.Offset) + " ± " + text.Short(g.Error)
		if g.Lost != "" {
			began = "lost"
		}
		rows = append(rows, []string{
			strconv.Itoa(k + 1), text.Clip(text.Printable(g.Host), 40), fmt.Sprintf("%d of %d", g.Sent, g.Tasks),
			strconv.Itoa(g.Ended), began,
		})
	}
	if !elsewhere {
		return nil
	}
	return rows
}
