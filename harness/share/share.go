// Package share says which load generator has which arrivals of an open
// workload, where several share them.
//
// That is arithmetic, so that no generator waits for another: each computes the
// whole schedule and hands over what is its own. Together they hand over
// exactly what one would.
package share

import (
	"fmt"
	"time"
)

// A Part is what one of several load generators has: the tasks whose number,
// from 0, is Index modulo Of. The zero Part is all of them.
type Part struct{ Index, Of int }

// Has reports whether a task is of the part.
func (p Part) Has(seq int) bool { return p.Of < 2 || seq%p.Of == p.Index }

// Among returns which result of all generators the nth one of this generator
// is, both from 1, if each delivers in order.
func (p Part) Among(n int) int {
	if p.Of < 2 {
		return n
	}
	return p.Index + p.Of*(n-1) + 1
}

// Check returns an error for a part that cannot be.
func (p Part) Check() error {
	if p != (Part{}) && (p.Of < 1 || p.Index < 0 || p.Index >= p.Of) {
		return fmt.Errorf("share: part %d of %d: want one from 0 below the number of generators", p.Index, p.Of)
	}
	return nil
}

// A Generator is what is known of one of several load generators after a run.
type Generator struct {
	Host  string `json:"host,omitempty"` // the process that it was, "" for that of the run
	Tasks int    `json:"tasks"`          // of its part
	Sent  int    `json:"sent"`           // those that it handed to its executor
	Ended int    `json:"ended"`          // those of them that ended
	// how long after the start of the run its time began; 0 in the process of
	// the run, which has one clock
	Offset time.Duration `json:"offset_ns,omitempty"`
	// how far off that may be, either way
	Error time.Duration `json:"error_ns,omitempty"`
	// by how many millionths its clock was faster than that of the run
	Drift float64 `json:"drift_ppm,omitempty"`
	Lost  string  `json:"lost,omitempty"` // why it did not come to its end, and what is missing; "" if it did
}
