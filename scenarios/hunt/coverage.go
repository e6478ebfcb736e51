package hunt

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// A Coverage says in how many worlds a request met which fault at which
// attempt.
type Coverage struct {
	Met []Met `json:"met"` // in order of the fault's kind and of the attempt
	// Never lists the faults of the scenario that no request has met, by the
	// number in the file, from 1, and the kind: "2 truncate".
	Never []string `json:"never"`

	planned []string
	struck  map[int]bool
	serves  bool // the scenario has a server
}

// Met is how many worlds had a request that met a fault at an attempt.
type Met struct {
	Fault   string `json:"fault"`
	Attempt int    `json:"attempt"`
	Worlds  int    `json:"worlds"`
}

// newCoverage returns the coverage of no world of a scenario.
func newCoverage(s *scenarios.Scenario) Coverage {
	c := Coverage{Met: []Met{}, struck: map[int]bool{}}
	if s.Server != nil {
		c.serves = true
		for _, f := range s.Server.Faults {
			c.planned = append(c.planned, string(f.Kind))
		}
	}
	c.judge()
	return c
}

// add counts a world.
func (c *Coverage) add(rec *record.Recording) {
	var here []Met
	for _, requests := range rec.Struck {
		for _, r := range requests {
			c.struck[r.Rule] = true
			if m := (Met{r.Did, r.Attempt, 1}); !slices.Contains(here, m) {
				here = append(here, m)
			}
		}
	}
	for _, m := range here {
		same := func(o Met) bool { return o.Fault == m.Fault && o.Attempt == m.Attempt }
		if i := slices.IndexFunc(c.Met, same); i >= 0 {
			c.Met[i].Worlds++
		} else {
			c.Met = append(c.Met, m)
		}
	}
	slices.SortFunc(c.Met, func(a, b Met) int {
		return cmp.Or(cmp.Compare(a.Fault, b.Fault), cmp.Compare(a.Attempt, b.Attempt))
	})
	c.judge()
}

// judge lists the faults that were never met.
func (c *Coverage) judge() {
	c.Never = []string{}
	for i, kind := range c.planned {
		if !c.struck[i+1] {
			c.Never = append(c.Never, fmt.Sprintf("%d %s", i+1, kind))
		}
	}
}

// Nothing reports whether faults were planned and no request has met any.
func (c Coverage) Nothing() bool { return len(c.planned) > 0 && len(c.Met) == 0 }

// Faultless reports whether the scenario has a server that plans no faults.
func (c Coverage) Faultless() bool { return c.serves && len(c.planned) == 0 }
