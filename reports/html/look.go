package html

import "github.com/teapot-go/teapot/reports/charts"

// A stroke draws the bars of a look. Its colours are those of a page whose
// style sheet is blocked; with it, the class sets them.
type stroke struct{ Class, Stroke, Width string }

var strokes = map[charts.Look]stroke{
	charts.LookOK:       {"ok", "#2f6fb7", "6"},
	charts.LookNotFound: {"", "url(#hollow)", "7"},
	charts.LookNone:     {"unended", "#8a929c", "6"},
	charts.LookError:    {"", "url(#hatch)", "9"},
	charts.LookWrong:    {"wrong", "#b3261e", "9"},
}

// strokeOf returns the stroke of a look, and lookNamed the look of a name: a
// template has no other way to write one.
func strokeOf(l charts.Look) stroke { return strokes[l] }

func lookNamed(name string) charts.Look { return charts.Look(name) }
