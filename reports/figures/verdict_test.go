package figures

import (
	"testing"

	"github.com/teapot-go/teapot/harness"
)

func TestVerdict(t *testing.T) {
	two := make([]harness.Violation, 2)
	for _, c := range []struct {
		r    harness.Recording
		want string
	}{
		{harness.Recording{}, "ok"},
		{harness.Recording{Violations: two[:1]}, "1 violation"},
		{harness.Recording{Violations: two}, "2 violations"},
		{harness.Recording{Violations: two, Interrupted: true}, "interrupted"},
		{harness.Recording{Violations: two, Interrupted: true, Deadlock: "x"}, "deadlock"},
	} {
		if got := Verdict(&c.r); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
