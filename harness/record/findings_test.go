package record_test

import (
	"fmt"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

// TestFindings wants everything that makes a run not ok, and nothing of one
// that is.
func TestFindings(t *testing.T) {
	wrong := record.Violation{Check: "order", Got: "2", Want: "1", File: "a.yaml", Line: 3}
	open := record.Violation{Check: "limits", Got: "a lock", Want: "use clock: real", File: "a.yaml", Line: 4}
	for _, test := range []struct {
		name string
		rec  record.Recording
		want string
	}{
		{"ok", record.Recording{Warnings: []string{"p99 was not judged"}}, "[]"},
		{"a violation", record.Recording{Violations: []record.Violation{wrong}}, "[a.yaml:3: order: got 2, want 1]"},
		{
			"both",
			record.Recording{Violations: []record.Violation{wrong}, Inconclusive: []record.Violation{open}},
			"[a.yaml:3: order: got 2, want 1 a.yaml:4: limits: inconclusive: a lock; use clock: real]",
		},
		{
			"interrupted",
			record.Recording{File: "a.yaml", Interrupted: true},
			"[a.yaml:0: interrupted: inconclusive: a run that was stopped; let it come to its end]",
		},
	} {
		if got := fmt.Sprint(test.rec.Findings()); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

// TestWithoutFile: what is found of a run without a scenario names no place.
func TestWithoutFile(t *testing.T) {
	v := record.Violation{Check: "runs", Got: "a", Want: "b"}
	if got := v.String(); got != "runs: got a, want b" {
		t.Errorf("got %q", got)
	}
	v.Inconclusive = true
	if got := v.String(); got != "runs: inconclusive: a; b" {
		t.Errorf("got %q", got)
	}
}
