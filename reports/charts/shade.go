package charts

import (
	"fmt"

	"github.com/teapot-go/teapot/harness/record"
)

// mostShaded is how many lanes get a shade: of more it would be as large as the
// bars that it stands for.
const mostShaded = 500

// busyLanes is a line along each lane for the time in which it was busy, by all
// samples, a cell of a strip at a time.
func busyLanes(r *record.Recording, s scale, lanes int) string {
	if lanes > mostShaded {
		return ""
	}
	busy := make([][stripCells]bool, lanes)
	for i := range r.Samples {
		sample := &r.Samples[i]
		if sample.Started < 0 || sample.Worker < 0 || sample.Worker >= lanes {
			continue
		}
		from, to := s.at(sample.Started)*stripCells/width, stripCells
		if sample.Finished >= 0 {
			to = s.at(sample.Finished) * stripCells / width
		}
		for c := min(from, stripCells-1); c < min(max(to, from+1), stripCells); c++ {
			busy[sample.Worker][c] = true
		}
	}
	var path []byte
	for lane := range busy {
		for from := 0; from < stripCells; from++ {
			to := from
			for to < stripCells && busy[lane][to] {
				to++
			}
			if to > from {
				path = fmt.Appendf(path, "M%d %dh%d", from*width/stripCells, lane*laneUnits+laneUnits/2,
					(to-from)*width/stripCells)
				from = to
			}
		}
	}
	return string(path)
}
