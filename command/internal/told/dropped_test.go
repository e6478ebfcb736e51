package told

import (
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestDropped wants nothing to be held against a client whose requests the
// journal may have dropped, and nothing to be in doubt that agrees with what is
// left.
func TestDropped(t *testing.T) {
	ok := record.Seen{Class: record.OK}
	for name, tt := range map[string]struct {
		s              record.Sample
		doubt, misstep string
	}{
		"right": {record.Sample{Seen: ok, Planned: record.Planned{PlannedClass: record.OK}}, "", ""},
		"wrong": {record.Sample{Seen: ok, Planned: record.Planned{PlannedClass: record.Reset}}, dropped, ""},
		"asked too often": {
			record.Sample{Seen: ok, Planned: record.Planned{PlannedClass: record.OK}, Misstep: "x: y"}, "", dropped,
		},
		"in doubt": {
			record.Sample{Seen: ok, Planned: record.Planned{PlannedClass: record.Reset}, Doubt: "z"}, "z", "",
		},
	} {
		j := &judgement{Ledger: new(Ledger), forgot: true}
		if j.doubt(&tt.s); tt.s.Doubt != tt.doubt || tt.s.RetryDoubt != tt.misstep || tt.s.Misstep != "" {
			t.Errorf("%s: %q, %q, %q", name, tt.s.Doubt, tt.s.RetryDoubt, tt.s.Misstep)
		}
	}
}
