package main

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// country matches the code that begins the line of a flag.
var country = regexp.MustCompile(`^[A-Z]{2}$`)

// milli is the number of steps that the table can tell apart within one.
const milli = 1000

// A layer is one instruction of the table, ready to draw.
type layer struct {
	draw    func(view, layer)
	shades  []shade
	points  []point
	numbers []int64
	options map[string]int64
	inked   bool // needs the colour that $ stands for
}

// A shade is a colour, and the weight of a stripe that has it.
type shade struct {
	color.RGBA
	weight int64
}

// A parser knows the names that the table has defined so far.
type parser struct {
	colours map[string]color.RGBA
	ops     map[string]op
	emblems map[string]bool // whether they need the colour that $ stands for
	flags   map[string]*flag
}

// parse reads a table; flags.txt itself documents the language. The error lists
// every line that is wrong.
func parse(name, text string) (map[string]*flag, error) {
	p := parser{map[string]color.RGBA{"$": {}}, operations(), map[string]bool{}, map[string]*flag{}}
	var errs []error
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		number, line := i+1, lines[i]
		for i++; i < len(lines) && strings.HasPrefix(lines[i], " "); i++ {
			line += lines[i]
		}
		if line == "" || line[0] == '#' {
			continue
		}
		if err := p.line(line); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, number, err))
		}
	}
	return p.flags, errors.Join(errs...)
}

// line reads one definition: of a colour, an emblem or a country.
func (p parser) line(line string) error {
	kind, rest, _ := strings.Cut(line, " ")
	name, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
	switch kind {
	case "colour":
		col, err := hex(strings.TrimSpace(rest))
		p.colours[name] = col
		return err
	case "emblem":
		layers, err := p.layers(rest)
		p.ops[name] = op{draw: emblem(layers), shades: span{0, 1}, points: span{1, 2}, numbers: span{0, 1}}
		p.emblems[name] = slices.ContainsFunc(layers, func(l layer) bool { return l.inked })
		return err
	}
	if !country.MatchString(kind) {
		return fmt.Errorf("%q is neither colour, emblem nor a country code", kind)
	}
	if p.flags[kind] != nil {
		return fmt.Errorf("%s stands twice", kind)
	}
	f := &flag{}
	_, err := fmt.Sscanf(name, "%d:%d", &f.wide, &f.high)
	if err != nil || f.wide < 1 || f.high < 1 || f.wide > 4*f.high || f.high > 4*f.wide {
		return fmt.Errorf("%s: %q is not a ratio between 4:1 and 1:4", kind, name)
	}
	p.flags[kind] = f
	layers, err := p.layers(rest)
	if slices.ContainsFunc(layers, func(l layer) bool { return l.inked }) {
		return fmt.Errorf("%s: an emblem needs a colour, and $ is one within emblems only", kind)
	}
	f.layers = layers
	return err
}

func (p parser) layers(text string) ([]layer, error) {
	var layers []layer
	for one := range strings.SplitSeq(text, ";") {
		l, err := p.layer(strings.Fields(one))
		if err != nil {
			return nil, fmt.Errorf("in %q: %w", strings.TrimSpace(one), err)
		}
		layers = append(layers, l)
	}
	return layers, nil
}

func (p parser) layer(words []string) (layer, error) {
	if len(words) == 0 {
		return layer{}, errors.New("a layer is missing")
	}
	o, ok := p.ops[words[0]]
	if !ok {
		return layer{}, fmt.Errorf("no such layer %q", words[0])
	}
	l := layer{draw: o.draw, options: map[string]int64{}}
	for _, w := range words[1:] {
		if err := p.word(&l, w); err != nil {
			return layer{}, err
		}
	}
	for name := range l.options {
		if !slices.Contains(strings.Fields(o.options), name) {
			return layer{}, fmt.Errorf("no option %q, there are %q", name, o.options)
		}
	}
	inked, isEmblem := p.emblems[words[0]]
	l.inked = inked && len(l.shades) == 0 || slices.ContainsFunc(l.shades, func(s shade) bool { return s.A == 0 })
	if isEmblem && len(l.points)+len(l.numbers) != 2 {
		return layer{}, errors.New("an emblem takes two corners, or a centre and a size")
	}
	return l, errors.Join(
		o.shades.check("colours", len(l.shades)),
		o.points.check("points", len(l.points)),
		o.numbers.check("numbers", len(l.numbers)))
}

// word adds one argument, which is known by its form.
func (p parser) word(l *layer, word string) (err error) {
	if key, value, ok := strings.Cut(word, "="); ok {
		l.options[key], err = number(value)
		return err
	}
	if x, y, ok := strings.Cut(word, ","); ok {
		px, errX := number(x)
		py, errY := number(y)
		l.points = append(l.points, point{px, py})
		return errors.Join(errX, errY)
	}
	if strings.Contains("-.0123456789", word[:1]) {
		n, err := number(word)
		l.numbers = append(l.numbers, n)
		return err
	}
	s := shade{weight: milli}
	name, weight, ok := strings.Cut(word, ":")
	if ok {
		if s.weight, err = number(weight); err != nil || s.weight <= 0 {
			return fmt.Errorf("%q is not a weight", weight)
		}
	}
	if s.RGBA, ok = p.colours[name]; !ok {
		if s.RGBA, err = hex(name); err != nil {
			return err
		}
	}
	l.shades = append(l.shades, s)
	return nil
}

// number reads a decimal number into thousandths. The bound keeps products of
// two lengths on the canvas within 64 bits.
func number(s string) (int64, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(n) <= 1000) {
		return 0, fmt.Errorf("%q is not a number within ±1000", s)
	}
	return int64(math.Round(n * milli)), nil
}

func hex(s string) (color.RGBA, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil || len(s) != len("#RRGGBB") {
		return color.RGBA{}, fmt.Errorf("%q is not a colour: #RRGGBB or a name defined above", s)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, nil
}
