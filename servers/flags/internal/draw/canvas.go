package main

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"math"
	"slices"
)

const (
	longer = 600 // side of every flag, in pixels
	grain  = 2   // samples across a pixel: each pixel is the mean of grain² samples
	unit   = 256 // positions across a sample
)

// A point is a position: in the table thousandths of a percent of the view, on
// the canvas units of a sample. Both are integers, because a compiler may fuse
// floating-point operations on one platform and not on another.
type point struct{ x, y int64 }

// A canvas is a picture in the making, one palette index for each sample.
type canvas struct {
	wide, high int // in samples
	pix        []uint8
	palette    color.Palette
}

// A view is the rectangle of the canvas that layers are drawn on and clipped
// to.
type view struct {
	*canvas
	min, size point
	ink       color.RGBA // stands in for the colour $
}

func (f *flag) draw() *image.Paletted {
	side := max(f.wide, f.high)
	c := &canvas{wide: int(longer*f.wide/side) * grain, high: int(longer*f.high/side) * grain}
	c.pix = make([]uint8, c.wide*c.high)
	v := view{canvas: c, size: point{int64(c.wide) * unit, int64(c.high) * unit}}
	for _, l := range f.layers {
		l.draw(v, l)
	}
	return c.image()
}

// at places a point of the table on the canvas.
func (v view) at(p point) point {
	return point{v.min.x + p.x*v.size.x/(100*milli), v.min.y + p.y*v.size.y/(100*milli)}
}

// length scales a length of the table: a hundred is the height of the view.
func (v view) length(n int64) int64 { return n * v.size.y / (100 * milli) }

func (v view) index(col color.RGBA) uint8 {
	if col.A == 0 {
		col = v.ink
	}
	if i := slices.Index(v.palette, color.Color(col)); i >= 0 {
		return uint8(i)
	}
	v.palette = append(v.palette, col)
	return uint8(len(v.palette) - 1)
}

// paint fills the polygon, in canvas positions, with a colour.
func (v view) paint(col color.RGBA, polygon []point) {
	row := bytes.Repeat([]byte{v.index(col)}, v.wide)
	v.runs(polygon, func(from, to int) { copy(v.pix[from:to], row) })
}

// runs calls f for each row of samples whose centres lie inside the polygon, by
// the even-odd rule, inside the view and on the canvas.
func (v view) runs(polygon []point, f func(from, to int)) {
	left, right := max(v.min.x, 0), min(v.min.x+v.size.x, int64(v.wide)*unit)
	top, bottom := max(v.min.y, 0), min(v.min.y+v.size.y, int64(v.high)*unit)
	low, high := bottom, top
	for _, p := range polygon {
		low, high = min(low, p.y), max(high, p.y)
	}
	low, high = max(low, top), min(high, bottom)
	var cuts []int64
	for row := sample(low); row < sample(high); row++ {
		y := row*unit + unit/2
		cuts = cuts[:0]
		for i, p := range polygon {
			q := polygon[(i+1)%len(polygon)]
			if (p.y <= y) != (q.y <= y) {
				cuts = append(cuts, p.x+(y-p.y)*(q.x-p.x)/(q.y-p.y))
			}
		}
		slices.Sort(cuts)
		start := int(row) * v.wide
		for i := 0; i+1 < len(cuts); i += 2 {
			from := sample(max(cuts[i], left))
			if to := sample(min(cuts[i+1], right)); from < to {
				f(start+int(from), start+int(to))
			}
		}
	}
}

// sample is the first row or column whose centre is not before position n.
func sample(n int64) int64 { return (n + unit/2 - 1) / unit }

// image reduces samples to pixels. A pixel on an edge gets the mean of its
// samples as a new entry of the palette, as long as there is room.
func (c *canvas) image() *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, c.wide/grain, c.high/grain), nil)
	mixes := map[[grain * grain]uint8]uint8{}
	for i := range img.Pix {
		at := i/img.Stride*grain*c.wide + i%img.Stride*grain
		s := [grain * grain]uint8{c.pix[at], c.pix[at+1], c.pix[at+c.wide], c.pix[at+c.wide+1]}
		if s[0] == s[1] && s[1] == s[2] && s[2] == s[3] {
			img.Pix[i] = s[0]
			continue
		}
		slices.Sort(s[:])
		mix, ok := mixes[s]
		if !ok {
			mix = c.mix(s)
			mixes[s] = mix
		}
		img.Pix[i] = mix
	}
	img.Palette = c.palette
	return img
}

// mix returns the palette index of the mean of the sampled colours.
func (c *canvas) mix(s [grain * grain]uint8) uint8 {
	var r, g, b int
	for _, i := range s {
		col := c.palette[i].(color.RGBA)
		r, g, b = r+int(col.R), g+int(col.G), b+int(col.B)
	}
	mean := color.RGBA{uint8(r / len(s)), uint8(g / len(s)), uint8(b / len(s)), 255}
	if i := slices.Index(c.palette, color.Color(mean)); i >= 0 {
		return uint8(i)
	}
	if len(c.palette) == 256 {
		return s[len(s)/2]
	}
	c.palette = append(c.palette, mean)
	return uint8(len(c.palette) - 1)
}

func encode(img *image.Paletted) []byte {
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		panic(err) // a buffer takes everything, and a paletted picture needs no reduction
	}
	return b.Bytes()
}

// polar is the point at distance r from p, at so many degrees clockwise from
// the top. Sine and cosine are rounded to integers, which hides how a platform
// computes their last digits.
func polar(p point, r int64, degrees float64) point {
	const one = 1 << 20
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	dx, dy := int64(math.Round(sin*one)), int64(math.Round(cos*one))
	return point{p.x + r*dx/one, p.y - r*dy/one}
}
