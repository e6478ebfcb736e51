package summary

import (
	"testing"

	"github.com/teapot-go/teapot/harness/record"
)

func TestVerdict(t *testing.T) {
	two := make([]record.Violation, 2)
	for _, c := range []struct {
		r    record.Recording
		want string
	}{
		{record.Recording{}, "ok"},
		{record.Recording{Limit: "the machine could not carry it out"}, "inconclusive"},
		{record.Recording{Violations: two[:1]}, "1 violation"},
		{record.Recording{Violations: two}, "2 violations"},
		{record.Recording{Violations: two, Interrupted: true}, "interrupted"},
		{record.Recording{Violations: two, Interrupted: true, Deadlock: "x"}, "deadlock"},
	} {
		if got := Verdict(&c.r); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
