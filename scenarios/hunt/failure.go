package hunt

import (
	"cmp"
	"context"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Failure is one kind of failure, and the smallest world that shows it.
type Failure struct {
	Kind   string `json:"kind"` // the check, and what it finds
	Check  string `json:"check"`
	Seed   uint64 `json:"seed"`   // of the first world that failed so
	Worlds int    `json:"worlds"` // of those tried, how many failed so
	// Again is how many runs of the world failed again, of Runs. A failure that
	// does not repeat each time is not made smaller.
	Again int `json:"again"`
	Runs  int `json:"runs"`
	// Text is the scenario file of the smallest world, and File its place in
	// the corpus. Both are "" if the world could not be made smaller.
	Text string `json:"text,omitempty"`
	File string `json:"file,omitempty"`
	// Tries is how many smaller worlds were tried.
	Tries     int               `json:"tries"`
	Old       bool              `json:"old,omitempty"`       // it comes from the corpus
	Recording *record.Recording `json:"-"`                   // of the smallest world
	Reproduce string            `json:"reproduce,omitempty"` // the command that runs the world again
	Story     Story             `json:"story"`

	kind  kind
	world *world // nil of one from the corpus
}

// Repeats reports whether the failure repeated in each run.
func (f *Failure) Repeats() bool { return f.Again == f.Runs }

// How often a failing world is run again, and the smallest one, which is to be
// a regression test.
const (
	repeats = 4
	proofs  = 20
)

// reduce makes the world of a failure smaller, if the failure repeats, and
// keeps it in the corpus. Its runs have the process to themselves.
func (h Hunt) reduce(ctx context.Context, from *source, f *Failure, taken map[string]bool) error {
	runner := h.Runner()
	again := func(c scenarios.Case, runs int) (n int, last *record.Recording, err error) {
		for range runs {
			rec, err := h.try(ctx, runner, c)
			if err != nil || rec.Interrupted {
				return n, last, err
			}
			if shows(rec, f.kind) {
				n, last = n+1, rec
			}
		}
		return n, last, nil
	}
	n, _, err := again(f.world.c, repeats)
	if ctx.Err() != nil {
		return nil // what was found is kept
	}
	if f.Again, f.Runs = n, repeats; err != nil || !f.Repeats() {
		return err
	}
	// One that fails in most runs only is made smaller again, with more runs of
	// each try.
	for _, confirm := range []int{1, repeats} {
		s := &shrinker{
			source: from, world: f.world, kind: f.kind, confirm: confirm, known: map[string]bool{},
			try: func(c scenarios.Case) (*record.Recording, error) { return h.try(ctx, runner, c) },
		}
		found := s.run()
		f.Tries += s.tries
		if !found {
			return nil
		}
		c, _ := from.parse(s.best)
		n, rec, err := again(c, proofs)
		if err != nil {
			return err
		}
		if n == proofs || ctx.Err() != nil {
			f.Recording = cmp.Or(rec, s.rec)
			return h.keep(from, f, s.best, taken, runner)
		}
	}
	return nil
}

// keepAsFound keeps the world of a failure as it was found, as the hunt was
// stopped before it was made smaller.
func (h Hunt) keepAsFound(from *source, f *Failure, taken map[string]bool) error {
	tree := from.alone(f.world)
	if _, valid := from.parse(tree); !valid {
		return nil // its command reproduces it
	}
	name := from.c.Scenario.Name + "-" + slug(f.kind)
	if f.Text = file(tree, name, f); h.Corpus == "" {
		return nil
	}
	return h.write(from, f, tree, name, taken)
}

// keep keeps the smallest world of a failure, in the corpus if there is one,
// and runs it from there.
func (h Hunt) keep(from *source, f *Failure, tree *strict.Node, taken map[string]bool, runner *scenarios.Runner) error {
	f.Story = storyOf(f.Recording, f.kind)
	name := from.c.Scenario.Name + "-" + slug(f.kind)
	f.Text = file(tree.Clone(), name, f)
	if h.Corpus == "" {
		return nil
	}
	if err := h.write(from, f, tree.Clone(), name, taken); err != nil {
		return err
	}
	s, mistakes := from.vocabulary.Parse(f.File, []byte(f.Text))
	if mistakes != nil {
		return mistakes
	}
	rec, err := h.try(context.Background(), runner, s.Cases()[0])
	if err == nil {
		f.Recording, f.Reproduce = rec, rec.Reproduce
	}
	return err
}
