package hunt

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
)

// varied returns the file of a world: the source's, with what varies drawn from
// the world's seed.
func (f *source) varied(w *world) *strict.Node {
	v, draw := f.c.Scenario.Vary, rand.New(rand.NewPCG(w.seed, 0x76617279)) // "vary"
	tree := f.tree.Clone()
	tree.Set(w.seed, "seed")
	tree.Set("virtual", "clock")
	tree.Remove("vary")
	tree.Remove("hunt")
	executor := strict.NewMapping()
	executor.Set(f.c.Kind, "kind")
	workers := f.c.Workers
	if len(v.Workers) == 2 {
		workers = between(draw, int(v.Workers[0]), int(v.Workers[1]))
	}
	if number := numberOf(f.c.Kind); workers > 0 && number != "" {
		executor.Set(workers, number)
	}
	tree.Set([]*strict.Node{executor}, "executors")
	if len(v.Keys) == 2 {
		tree.Set(between(draw, int(v.Keys[0]), int(v.Keys[1])), "workload", "limit")
	}
	if len(v.Latency) == 2 {
		low := between(draw, millis(v.Latency[0]), millis(v.Latency[1]))
		high := between(draw, low, millis(v.Latency[1]))
		latency := fmt.Sprintf("uniform(%dms, %dms)", low, high)
		if low == high {
			latency = fmt.Sprintf("%dms", low)
		}
		tree.Set(latency, "server", "latency")
	}
	if len(v.Timeout) == 2 {
		tree.Set(fmt.Sprintf("%dms", between(draw, millis(v.Timeout[0]), millis(v.Timeout[1]))), "workload", "timeout")
	}
	if len(v.Arrivals) == 2 {
		low, high := v.Arrivals[0].PerSecond, v.Arrivals[1].PerSecond
		varyArrivals(tree, func() float64 { return low + draw.Float64()*(high-low) })
	}
	if len(v.Rate) == 2 {
		varyRates(tree, draw, w.index, float64(v.Rate[0]), float64(v.Rate[1]))
	}
	return tree
}

// varyArrivals draws the rate of each stage of the arrivals that has one, and
// both rates of a ramp.
func varyArrivals(tree *strict.Node, draw func() float64) {
	stages := tree.At("workload", "arrivals").Items()
	if stages == nil {
		stages = []*strict.Node{tree.At("workload", "arrivals")}
	}
	perSecond := func() string { return fmt.Sprintf("%.3g/s", draw()) }
	for _, stage := range stages {
		for _, key := range []string{"rate", "poisson"} {
			if at := stage.At(key); at != nil && at.Text() != "true" { // which is beside a ramp
				stage.Set(perSecond(), key)
			}
		}
		if stage.At("ramp") != nil {
			stage.Set([]string{perSecond(), perSecond()}, "ramp")
		}
	}
}

// swarm is of how many worlds one pushes rates up.
const swarm = 3

// varyRates draws the rate of each fault that has one. In a part of the worlds
// two faults have the highest rate, or a half, and all others the lowest, each
// two of them in turn, so that rare faults meet.
func varyRates(tree *strict.Node, draw *rand.Rand, index int, low, high float64) {
	var rated []*strict.Node
	for _, f := range tree.At("server", "faults").Items() {
		if f.At("rate") != nil {
			rated = append(rated, f)
		}
	}
	var pairs [][2]int
	for i := range rated {
		for j := range i {
			pairs = append(pairs, [2]int{j, i})
		}
	}
	for i, f := range rated {
		rate := low + draw.Float64()*(high-low)
		if index%swarm == swarm-1 {
			rate = low
			if len(pairs) == 0 {
				rate = high
			} else if pair := pairs[index/swarm%len(pairs)]; i == pair[0] || i == pair[1] {
				rate = min(high, 0.5) // a fault that always strikes hides those after it
			}
		}
		f.Set(round(min(rate, 0.99)), "rate")
	}
}

// round rounds a rate to three digits, so that people can read it.
func round(rate float64) float64 {
	var rounded float64
	_, _ = fmt.Sscan(fmt.Sprintf("%.3g", rate), &rounded)
	return rounded
}

func between(draw *rand.Rand, low, high int) int { return low + draw.IntN(high-low+1) }

// millis returns a duration in whole milliseconds, at least one.
func millis[T ~int64](d T) int { return max(1, int(time.Duration(d).Milliseconds())) }

// numberOf returns the key of the number of an executor, "" if it has none.
func numberOf(kind string) string {
	switch kind {
	case "sequential":
		return ""
	case "async":
		return "limit"
	}
	return "workers"
}
