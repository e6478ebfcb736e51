package summary

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// Times returns the percentiles of the runs whose workload is open, three rows
// for each: the latency from when a task was due, the service time from its
// start, and how late teapot handed tasks over. The first two columns are the
// executor and what the row is of. It leaves out the percentiles for which
// every run has too few tasks, and returns nothing if no workload is open.
//
// The service time is what a closed loop would show: it hides how long a task
// waited, for the executor or behind a server that stood still.
func Times(recs ...*record.Recording) (head []string, rows [][]string) {
	var names []string
	for _, name := range record.Percentiles() {
		has := func(r *record.Recording) bool { _, has := r.Response[name]; return has }
		if slices.ContainsFunc(recs, has) {
			names = append(names, name)
		}
	}
	for _, r := range recs {
		if len(r.Response) == 0 {
			continue
		}
		for _, of := range []struct {
			what  string
			times map[string]time.Duration
			mark  func(*record.Recording, string) string
		}{
			{"latency, from due", r.Response, Measured},
			{"service time", r.Percentiles, Measured},
			{"lateness of teapot", r.Lateness, func(_ *record.Recording, figure string) string { return figure }},
		} {
			row := []string{r.Name(), of.what}
			for _, name := range names {
				figure := text.None
				if d, has := of.times[name]; has {
					figure = text.Short(d)
				}
				row = append(row, of.mark(r, figure))
			}
			rows = append(rows, row)
		}
	}
	if rows == nil {
		return nil, nil
	}
	return append([]string{"executor", "time"}, names...), rows
}
