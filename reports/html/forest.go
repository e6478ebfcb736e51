package html

import (
	"fmt"
	"math"

	"github.com/teapot-go/teapot/reports/text"
)

// A forest draws changes with their intervals under each other on one axis,
// which is logarithmic: a half is as far from the middle as a double. The band
// is the tolerance.
type forest struct {
	reach      float64 // the logarithm at either end
	Band, Wide string  // in percent of the drawing
	Less, More string  // what the ends stand for
}

// A row is a change, and its drawing: a line for the interval and a dot, in
// percent of the drawing. X is "" where there is none.
type row struct {
	Change
	X, From, Wide string
	Beyond        string // "left" or "right" if the interval goes on beyond the axis
}

// newForest chooses the axis: as wide as the widest interval, within reason.
func newForest(found Judged) *forest {
	band := math.Log1p(found.Tolerance)
	f := &forest{reach: max(3*band, 0.01)}
	for _, list := range [][]Change{found.Changes, found.Together} {
		for _, c := range list {
			if c.drawn() {
				f.reach = max(f.reach, 1.1*math.Abs(logOf(c.Lo)), 1.1*math.Abs(logOf(c.Hi)))
			}
		}
	}
	f.reach = min(f.reach, math.Ln2)
	f.Band, f.Wide = percent(f.at(-band)), percent(f.at(band)-f.at(-band))
	f.Less, f.More = shareOf(-f.reach), shareOf(f.reach)
	return f
}

func shareOf(log float64) string {
	by := math.Expm1(log)
	return text.Change(by, by, by)
}

func percent(share float64) string { return fmt.Sprintf("%.2f%%", 100*share) }

// drawn reports whether the change has a place on the axis.
func (c Change) drawn() bool { return c.By > -1 && (c.By != 0 || c.Lo != c.Hi) }

// logOf is the logarithm of a change that may be to nothing.
func logOf(by float64) float64 { return math.Log(max(1+by, 1e-9)) }

// at is the place of a logarithm on the axis, from 0 to 1.
func (f *forest) at(log float64) float64 {
	return (min(max(log, -f.reach), f.reach) + f.reach) / (2 * f.reach)
}

func (f *forest) row(c Change) row {
	r := row{Change: c}
	if !c.drawn() {
		return r
	}
	lo, hi := logOf(c.Lo), logOf(c.Hi)
	r.X, r.From, r.Wide = percent(f.at(logOf(c.By))), percent(f.at(lo)), percent(max(f.at(hi)-f.at(lo), 0.002))
	switch {
	case lo < -f.reach:
		r.Beyond = "left"
	case hi > f.reach:
		r.Beyond = "right"
	}
	return r
}
