package charts

import (
	"fmt"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// A strip is so many cells long, and at most so many rows tall.
const (
	stripCells = 250
	stripRows  = 40
	mostLanes  = 1 << 20 // a recording from elsewhere may claim any number
)

// A Strip shows the lanes of a run in small, on a scale that it shares with
// other strips.
type Strip struct {
	Label  string
	Height int // in pixels
	Units  int // and in the strip's own
	Bars   []bars
	Ideal  string // where the ideal makespan is, in percent; empty for none
}

// NewStrip draws the lanes of a run on a scale from 0 to hi. If there are many
// lanes, several share a row, and a cell shows the outcome that most of its
// tasks had.
func NewStrip(r *record.Recording, hi time.Duration) *Strip {
	if r.Totals != nil {
		return &Strip{
			Label:  fmt.Sprintf("%s, finished after %s", text.Plural(r.Tasks(), "task"), text.Short(r.Makespan)),
			Height: 10, Units: laneUnits,
		}
	}
	lanes := 0
	for i := range r.Samples {
		if s := &r.Samples[i]; s.Started >= 0 {
			lanes = max(lanes, min(s.Worker, mostLanes)+1)
		}
	}
	lanes = max(lanes, min(r.Slots(), len(r.Samples))) // those that stood idle too
	rows := min(lanes, stripRows)
	p := &Strip{Height: max(10, min(6*rows, 64)), Units: max(rows, 1) * laneUnits}
	p.Label = fmt.Sprintf("%s on %s, finished after %s", text.Plural(len(r.Samples), "task"),
		text.Plural(lanes, "worker"), text.Short(r.Makespan))
	s := scale{hi: max(hi, 1)}
	if r.IdealMakespan > 0 {
		p.Ideal = fmt.Sprintf("%.2f%%", float64(s.at(r.IdealMakespan))*100/width)
	}
	if rows == 0 {
		return p
	}
	counts := make([][stripCells]tally, rows)
	for i := range r.Samples {
		sample := &r.Samples[i]
		if sample.Started < 0 || sample.Worker < 0 {
			continue
		}
		row := &counts[int(int64(min(sample.Worker, lanes-1))*int64(rows)/int64(lanes))]
		// so far, if it never ended
		from, to := s.at(sample.Started)*stripCells/width, s.at(r.Makespan)*stripCells/width
		if sample.Finished >= 0 {
			to = s.at(sample.Finished) * stripCells / width
		}
		kind := LookOf(r, sample).place()
		for c := min(from, stripCells-1); c < max(to, from+1) && c < stripCells; c++ {
			row[c][kind]++
		}
	}
	p.Bars = runs(counts)
	return p
}

// A tally counts the samples of a cell by the place of their look.
type tally [len(looks)]int32

// runs are the cells as lines, one path for each look. Where as many had
// another the worse one is shown.
func runs(counts [][stripCells]tally) []bars {
	all := make([]bars, len(looks))
	paths := make([][]byte, len(all))
	for y := range counts {
		var row [stripCells]int // 0 for idle, or one more than a look's place
		for c, n := range counts[y] {
			for kind := range n {
				if n[kind] > 0 && (row[c] == 0 || n[kind] >= n[row[c]-1]) {
					row[c] = kind + 1
				}
			}
		}
		for from := 0; from < stripCells; {
			to := from + 1
			for to < stripCells && row[to] == row[from] {
				to++
			}
			if kind := row[from]; kind > 0 {
				paths[kind-1] = fmt.Appendf(paths[kind-1], "M%d %dh%d", from*width/stripCells, y*laneUnits+laneUnits/2,
					(to-from)*width/stripCells)
			}
			from = to
		}
	}
	for i := range all {
		all[i] = bars{Look: looks[i], Rest: string(paths[i])}
	}
	return all
}
