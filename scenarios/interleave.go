package scenarios

import (
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/interleave"
)

const interleavePath = "interleave"

// Accepts implements [strict.Scalar].
func (interleaving) Accepts() string { return interleave.Forms }

// Parse implements [strict.Scalar].
func (i *interleaving) Parse(text string) (err error) {
	i.Way, err = interleave.Parse(text)
	return acceptIf(err == nil)
}

// validateInterleave reports an order of what happens at one instant under a
// clock that has none.
func validateInterleave(d *strict.Document, s *Scenario) {
	if s.Clock == clockReal && d.Valid("clock") {
		d.Reject(interleavePath, "under the real clock nothing happens at one instant: want clock: virtual or auto")
	}
}

// warnOfInterleave warns of a scenario that is to run under another clock than
// that of its file, which has no order to decide.
func (s *Scenario) warnOfInterleave(clock record.Clock) []string {
	if clock != record.Real || s.Interleave.Way == (interleave.Way{}) {
		return nil
	}
	return []string{"interleave holds under the virtual clock only: the Go scheduler decides"}
}
