package main

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// An op says how a kind of layer is drawn and what it takes.
type op struct {
	draw                    func(view, layer)
	shades, points, numbers span
	options                 string
}

// A span is the least and the greatest number of arguments of one form.
type span struct{ min, max int }

func (s span) check(what string, n int) error {
	if n < s.min || n > s.max {
		return fmt.Errorf("%d %s, want %d to %d", n, what, s.min, s.max)
	}
	return nil
}

// operations is the vocabulary, to which a table adds its emblems.
func operations() map[string]op {
	const many = 200
	none, one, two := span{}, span{1, 1}, span{2, 2}
	return map[string]op{
		"h":        {horizontal, span{1, many}, none, none, ""},
		"v":        {vertical, span{1, many}, none, none, ""},
		"border":   {border, one, none, one, ""},
		"teeth":    {teeth, one, none, two, "n"},
		"rect":     {rects, one, span{2, many}, none, ""},
		"poly":     {polygon, one, span{3, many}, none, ""},
		"mirror":   {mirror, one, span{3, many}, none, ""},
		"line":     {line, one, span{2, many}, one, ""},
		"cross":    {cross, one, one, one, ""},
		"saltire":  {saltire, one, none, one, ""},
		"disc":     {discs, one, span{1, many}, span{1, 2}, ""},
		"arc":      {arc, one, one, two, "from to"},
		"crescent": {crescent, one, two, two, ""},
		"star":     {stars, one, span{1, many}, one, "n in turn"},
		"circle":   {circle, one, one, two, "count from to n in"},
		"grid":     {grid, one, two, one, "cols rows n in"},
		"spokes":   {spokes, one, one, two, "n"},
	}
}

// option returns an option in whole units, or what it is when not given.
func (l layer) option(name string, otherwise float64) float64 {
	if n, ok := l.options[name]; ok {
		return float64(n) / milli
	}
	return otherwise
}

// count is an option that says how many, at least one and at most 100.
func (l layer) count(name string, otherwise int) int {
	return min(max(int(l.option(name, float64(otherwise))), 1), 100)
}

// outline places points of the table on the canvas.
func (v view) outline(points ...point) []point {
	out := make([]point, len(points))
	for i, p := range points {
		out[i] = v.at(p)
	}
	return out
}

// box is the outline of a rectangle with these opposite corners.
func box(p, q point) []point { return []point{p, {q.x, p.y}, q, {p.x, q.y}} }

func (v view) box(p, q point) []point { return box(v.at(p), v.at(q)) }

// disk is the outline of an ellipse around p. With 96 corners, a disc as high
// as the flag is off by a fifth of a pixel at most.
func disk(p point, rx, ry int64) []point {
	out := make([]point, 0, 96)
	for i := range cap(out) {
		d := polar(point{}, unit*unit, float64(i)*360/float64(cap(out)))
		out = append(out, point{p.x + d.x*rx/(unit*unit), p.y + d.y*ry/(unit*unit)})
	}
	return out
}

func horizontal(v view, l layer) {
	stripes(l, func(s shade, from, to int64) { v.paint(s.RGBA, v.box(point{0, from}, point{100 * milli, to})) })
}

func vertical(v view, l layer) {
	stripes(l, func(s shade, from, to int64) { v.paint(s.RGBA, v.box(point{from, 0}, point{to, 100 * milli})) })
}

func stripes(l layer, f func(s shade, from, to int64)) {
	var sum, at int64
	for _, s := range l.shades {
		sum += s.weight
	}
	for _, s := range l.shades {
		f(s, 100*milli*at/sum, 100*milli*(at+s.weight)/sum)
		at += s.weight
	}
}

func border(v view, l layer) {
	t, far := v.length(l.numbers[0]), point{v.min.x + v.size.x, v.min.y + v.size.y}
	for _, to := range []point{{far.x, v.min.y + t}, {v.min.x + t, far.y}} {
		v.paint(l.shades[0].RGBA, box(v.min, to))
		v.paint(l.shades[0].RGBA, box(far, point{v.min.x + far.x - to.x, v.min.y + far.y - to.y}))
	}
}

// teeth fills from the hoist to a saw edge between two columns.
func teeth(v view, l layer) {
	n := int64(l.count("n", 5))
	edge := []point{{}, {l.numbers[0], 0}}
	for i := range n {
		edge = append(edge,
			point{l.numbers[1], 100 * milli * (2*i + 1) / (2 * n)},
			point{l.numbers[0], 100 * milli * (i + 1) / n})
	}
	v.paint(l.shades[0].RGBA, v.outline(append(edge, point{0, 100 * milli})...))
}

func rects(v view, l layer) {
	for i := 0; i+1 < len(l.points); i += 2 {
		v.paint(l.shades[0].RGBA, v.box(l.points[i], l.points[i+1]))
	}
}

func polygon(v view, l layer) { v.paint(l.shades[0].RGBA, v.outline(l.points...)) }

// mirror fills an outline and its reflection in the vertical axis of the view.
func mirror(v view, l layer) {
	whole := v.outline(l.points...)
	for _, p := range slices.Backward(l.points) {
		whole = append(whole, v.at(point{100*milli - p.x, p.y}))
	}
	v.paint(l.shades[0].RGBA, whole)
}

func line(v view, l layer) { v.stroke(l, l.numbers[0], v.outline(l.points...)) }

// stroke draws a line through the points, with round joints and square ends.
func (v view) stroke(l layer, thickness int64, path []point) {
	half := v.length(thickness) / 2
	for i, p := range path[1:] {
		q := path[i]
		dx, dy := p.x-q.x, p.y-q.y
		long := max(int64(math.Sqrt(float64(dx*dx+dy*dy))), 1)
		nx, ny := -dy*half/long, dx*half/long
		v.paint(l.shades[0].RGBA, []point{
			{q.x + nx, q.y + ny},
			{p.x + nx, p.y + ny},
			{p.x - nx, p.y - ny},
			{q.x - nx, q.y - ny},
		})
		if i > 0 {
			v.paint(l.shades[0].RGBA, disk(q, half, half))
		}
	}
}

func cross(v view, l layer) {
	c, half := v.at(l.points[0]), v.length(l.numbers[0])/2
	v.paint(l.shades[0].RGBA, box(point{v.min.x, c.y - half}, point{v.min.x + v.size.x, c.y + half}))
	v.paint(l.shades[0].RGBA, box(point{c.x - half, v.min.y}, point{c.x + half, v.min.y + v.size.y}))
}

// saltire draws both diagonals, beyond the corners so that they fill them.
func saltire(v view, l layer) {
	const near, far = -50 * milli, 150 * milli
	v.stroke(l, l.numbers[0], v.outline(point{near, near}, point{far, far}))
	v.stroke(l, l.numbers[0], v.outline(point{near, far}, point{far, near}))
}

func discs(v view, l layer) {
	rx, ry := v.length(l.numbers[0]), v.length(l.numbers[len(l.numbers)-1])
	for _, p := range l.points {
		v.paint(l.shades[0].RGBA, disk(v.at(p), rx, ry))
	}
}

// arc fills a part of a ring, or all of it.
func arc(v view, l layer) {
	const steps = 96
	p, outer, inner := v.at(l.points[0]), v.length(l.numbers[0]), v.length(l.numbers[1])
	from, to := l.option("from", 0), l.option("to", 360)
	edge := make([]point, 2*steps+2)
	for i := range steps + 1 {
		angle := from + (to-from)*float64(i)/steps
		edge[i], edge[len(edge)-1-i] = polar(p, outer, angle), polar(p, inner, angle)
	}
	v.paint(l.shades[0].RGBA, edge)
}

// crescent fills a first disc, less a second one, where what was there returns.
func crescent(v view, l layer) {
	before := bytes.Clone(v.pix)
	r, hole := v.length(l.numbers[0]), v.length(l.numbers[1])
	v.paint(l.shades[0].RGBA, disk(v.at(l.points[0]), r, r))
	v.runs(disk(v.at(l.points[1]), hole, hole), func(from, to int) { copy(v.pix[from:to], before[from:to]) })
}

func stars(v view, l layer) {
	for _, p := range l.points {
		v.star(l, v.at(p), v.length(l.numbers[0]))
	}
}

// star draws a star whose edges, unless told otherwise, run from point to point
// but one, as those of the pentagram do.
func (v view) star(l layer, p point, r int64) {
	n := l.count("n", 5)
	inner := 50.0
	if n > 4 {
		inner = 100 * math.Cos(2*math.Pi/float64(n)) / math.Cos(math.Pi/float64(n))
	}
	dent := r * int64(math.Round(milli*l.option("in", inner))) / (100 * milli)
	var edge []point
	for i := range n {
		turn := l.option("turn", 0) + float64(i)*360/float64(n)
		edge = append(edge, polar(p, r, turn), polar(p, dent, turn+180/float64(n)))
	}
	v.paint(l.shades[0].RGBA, edge)
}

// circle draws upright stars on a circle, or on the part of it between two
// angles.
func circle(v view, l layer) {
	n := l.count("count", 12)
	from, to := l.option("from", 0), l.option("to", 360-360/float64(n))
	for i := range n {
		angle := from + (to-from)*float64(i)/float64(max(n-1, 1))
		v.star(l, polar(v.at(l.points[0]), v.length(l.numbers[0]), angle), v.length(l.numbers[1]))
	}
}

// grid draws stars on the black squares of a chess board between two corners.
func grid(v view, l layer) {
	cols, rows := int64(l.count("cols", 5)), int64(l.count("rows", 5))
	p, q := v.at(l.points[0]), v.at(l.points[1])
	for i := range cols * rows {
		x, y := i%cols, i/cols
		if (x+y)%2 == 0 {
			v.star(l, point{p.x + (q.x-p.x)*(x+1)/(cols+1), p.y + (q.y-p.y)*(y+1)/(rows+1)}, v.length(l.numbers[0]))
		}
	}
}

func spokes(v view, l layer) {
	p, n := v.at(l.points[0]), l.count("n", 24)
	for i := range n {
		v.stroke(l, l.numbers[1], []point{p, polar(p, v.length(l.numbers[0]), float64(i)*360/float64(n))})
	}
}

// emblem draws layers in a rectangle of its own: between two corners, or in a
// square of a given height around a point.
func emblem(layers []layer) func(view, layer) {
	return func(v view, l layer) {
		p, q := v.at(l.points[0]), v.at(l.points[len(l.points)-1])
		if len(l.numbers) > 0 {
			half := v.length(l.numbers[0]) / 2
			p, q = point{p.x - half, p.y - half}, point{q.x + half, q.y + half}
		}
		sub := view{canvas: v.canvas, min: p, size: point{q.x - p.x, q.y - p.y}, ink: v.ink}
		if len(l.shades) > 0 && l.shades[0].A > 0 {
			sub.ink = l.shades[0].RGBA
		}
		for _, l := range layers {
			l.draw(sub, l)
		}
	}
}
