package interleave

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// MaxChanges is how many changes of priorities there may be.
const MaxChanges = 10

// A Way is a way to decide who goes on first. The zero Way leaves that to the
// Go scheduler.
type Way struct {
	kind    kind
	changes int
	seed    uint64
	seeded  bool // or by the seed of the run
}

type kind string

const (
	random     kind = "random"
	priorities kind = "priorities"
	mixed      kind = "mixed"
)

// Forms says how a [Way] is written.
const Forms = "random, priorities(CHANGES) with 0 to 10 changes such as priorities(2), mixed for one of them, or " +
	"a seed at the end such as random(7)"

// Parse parses a way, such as random, priorities(2) or random(7).
func Parse(text string) (Way, error) {
	bad := fmt.Errorf("%q: want %s", text, Forms)
	name, rest, called := strings.Cut(text, "(")
	w := Way{kind: kind(name)}
	var args []string
	if called {
		inside, closed := strings.CutSuffix(rest, ")")
		if args = strings.Split(inside, ","); !closed {
			return Way{}, bad
		}
	}
	switch w.kind {
	case random, mixed:
	case priorities:
		if len(args) == 0 {
			return Way{}, bad
		}
		n, err := strconv.Atoi(strings.TrimSpace(args[0]))
		if err != nil || n < 0 || n > MaxChanges {
			return Way{}, bad
		}
		w.changes, args = n, args[1:]
	default:
		return Way{}, bad
	}
	if len(args) == 1 {
		seed, err := strconv.ParseUint(strings.TrimSpace(args[0]), 10, 64)
		if err != nil {
			return Way{}, bad
		}
		return w.Seeded(seed), nil
	}
	if len(args) > 1 {
		return Way{}, bad
	}
	return w, nil
}

// Seeded returns the way with a seed in place of that of the run.
func (w Way) Seeded(seed uint64) Way {
	w.seed, w.seeded = seed, true
	return w
}

// In returns the way of a run with a seed, which draws it if this is mixed: in
// half of all runs at random, else by priorities with 1 to 4 changes.
func (w Way) In(seed uint64) Way {
	if w.kind != mixed {
		return w
	}
	if w.seeded {
		seed = w.seed
	}
	draw := rand.New(rand.NewPCG(seed, 0x6d69786564)) // "mixed"
	if w.kind = random; draw.IntN(2) == 0 {
		w.kind, w.changes = priorities, 1+draw.IntN(4)
	}
	return w
}

// String returns the way as [Parse] reads it, "" for the zero Way.
func (w Way) String() string {
	var args []string
	if w.kind == priorities {
		args = append(args, strconv.Itoa(w.changes))
	}
	if w.seeded {
		args = append(args, strconv.FormatUint(w.seed, 10))
	}
	if args == nil {
		return string(w.kind)
	}
	return fmt.Sprintf("%s(%s)", w.kind, strings.Join(args, ", "))
}
