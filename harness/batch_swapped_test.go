package harness

import (
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestSwappedReports has several tasks of one key: reports that are right if
// they are those of one another are in doubt, and a wrong one is not.
func TestSwappedReports(t *testing.T) {
	sample := func(key string, told, planned record.Class) record.Sample {
		return record.Sample{Key: key, Seen: record.Seen{Class: told}, Planned: record.Planned{PlannedClass: planned}}
	}
	for _, tt := range []struct {
		name    string
		samples []record.Sample
		doubts  int
	}{
		{"right", []record.Sample{sample("A", record.OK, record.OK), sample("A", record.Status, record.Status)}, 0},
		{"swapped", []record.Sample{sample("A", record.OK, record.Status), sample("A", record.Status, record.OK)}, 2},
		{"a lost error", []record.Sample{sample("A", record.OK, record.Status), sample("A", record.OK, record.OK)}, 0},
		{"two keys", []record.Sample{sample("A", record.OK, record.Status), sample("B", record.Status, record.OK)}, 0},
	} {
		doubtSwapped(tt.samples)
		doubts := 0
		for _, s := range tt.samples {
			if s.Doubt != "" {
				doubts++
			}
		}
		if doubts != tt.doubts {
			t.Errorf("%s: %d doubts, want %d", tt.name, doubts, tt.doubts)
		}
	}
}
