package runs

import (
	"context"
	"fmt"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// How many samples of a run are kept, where nothing else is said, and the
// fewest that may be: of fewer there is nothing to choose.
const (
	mostSamples  = 1_000_000
	leastSamples = 100
)

// keepable returns an error for a number of --samples that cannot be kept.
func keepable(samples *int) error {
	if samples == nil || *samples >= leastSamples && *samples <= mostSamples {
		return nil
	}
	return fmt.Errorf("--samples %d: want a whole number from %d to %d", *samples, leastSamples, mostSamples)
}

// kept returns how many samples of each run are kept.
func (c *Run) kept() int {
	if c.Samples == nil {
		return mostSamples
	}
	return *c.Samples
}

// keeping plays as a player does, and keeps no more samples of a run than a
// limit. They are left out once a run is judged, and not at its end, so that
// the recordings of many runs fit into memory.
func keeping(limit int, play player) player {
	return func(ctx context.Context, k scenarios.Case, round int) (old, new *record.Recording, err error) {
		old, new, err = play(ctx, k, round)
		for _, r := range []*record.Recording{old, new} {
			if r != nil {
				r.Keep(limit)
			}
		}
		return old, new, err
	}
}
