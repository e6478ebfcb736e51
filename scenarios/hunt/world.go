package hunt

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A source is a case that worlds are made from.
type source struct {
	vocabulary scenarios.Vocabulary
	c          scenarios.Case // under the virtual clock
	at         int            // the position of the case among those of the scenario
	name       string
	tree       *strict.Node // of the scenario's file
}

// newSource returns the source of a case's worlds.
func newSource(v scenarios.Vocabulary, c scenarios.Case) (*source, error) {
	s := c.Scenario.With(record.Virtual, nil)
	if record.Clock(s.Clock) != record.Virtual {
		return nil, fmt.Errorf("%s: %w", c.Name(), errReal)
	}
	tree, err := strict.ParseNode([]byte(s.Text()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File(), err)
	}
	at := slices.IndexFunc(s.Cases(), func(o scenarios.Case) bool { return o.Name() == c.Name() })
	return &source{v, s.Cases()[at], at, c.Name(), tree}, nil
}

// A world is what one run meets.
type world struct {
	index int // among the worlds of the hunt, from 0
	seed  uint64
	c     scenarios.Case
	tree  *strict.Node // of a file that has the world's seed
}

// world returns a world of the source: that of the seed, and what else varies
// drawn from it.
func (f *source) world(i int) (*world, error) {
	w := &world{index: i, seed: f.c.Scenario.Seed + uint64(i), tree: f.tree}
	if f.c.Scenario.Vary == nil {
		w.c = f.c.Scenario.With("", &w.seed).Cases()[f.at]
		return w, nil
	}
	w.tree = f.varied(w)
	s, mistakes := f.vocabulary.Parse(f.c.Scenario.File(), w.tree.YAML())
	if mistakes != nil { // bounds of figures that this world cannot meet
		for _, key := range w.tree.At("expect").Steps() {
			if !contract["expect."+key] && key != "leaks" && key != "order" {
				w.tree.Remove("expect", key)
			}
		}
		s, mistakes = f.vocabulary.Parse(f.c.Scenario.File(), w.tree.YAML())
	}
	if rates := f.c.Scenario.Vary.Arrivals; mistakes != nil && len(rates) == 2 { // no task may have fallen due
		varyArrivals(w.tree, func() float64 { return rates[1].PerSecond })
		s, mistakes = f.vocabulary.Parse(f.c.Scenario.File(), w.tree.YAML())
	}
	if mistakes != nil {
		return nil, fmt.Errorf("the world of seed %d: %w", w.seed, mistakes)
	}
	w.c = s.Cases()[0]
	return w, nil
}

// alone returns the file of a world that has nothing but this world, and
// explicit keys if those of an open workload are few.
func (f *source) alone(w *world) *strict.Node {
	tree := w.tree.Clone()
	tree.Set(w.seed, "seed")
	tree.Set(string(record.Virtual), "clock")
	for _, key := range []string{"about", "hunt", "vary"} {
		tree.Remove(key)
	}
	executor := strict.NewMapping()
	executor.Set(w.c.Kind, "kind")
	number := numberOf(w.c.Kind)
	for _, e := range tree.At("executors").Items() {
		if e.At("kind").Text() == w.c.Kind && e.At(number) != nil {
			executor.Set(w.c.Workers, number)
		}
	}
	tree.Set([]*strict.Node{executor}, "executors")
	return tree
}

// parse reads the file of a world. It reports whether that is a valid file of
// one case.
func (f *source) parse(tree *strict.Node) (c scenarios.Case, ok bool) {
	s, mistakes := f.vocabulary.Parse(f.c.Scenario.File(), tree.YAML())
	if mistakes != nil {
		return c, false
	}
	cases := s.Cases()
	return cases[0], len(cases) == 1
}

// itoa names an item of a list in a path.
func itoa(i int) string { return strconv.Itoa(i) }
