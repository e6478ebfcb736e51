package harness

import (
	"testing"
	"time"
)

// TestSteady has the rest of a process create goroutines at several rates.
func TestSteady(t *testing.T) {
	for name, tt := range map[string]struct {
		creates func(look int) bool
		want    bool
	}{
		"never":                 {func(int) bool { return false }, true},
		"once":                  {func(look int) bool { return look == 3 }, true},
		"once in 1000":          {func(look int) bool { return look%1000 == 999 }, true},
		"a burst":               {func(look int) bool { return look < 8 }, true},
		"once in 100":           {func(look int) bool { return look%100 == 99 }, false},
		"from the 1000th on":    {func(look int) bool { return look > 1000 }, true}, // it was quiet before
		"always":                {func(int) bool { return true }, false},
		"often, but in the end": {func(look int) bool { return look == 0 || look > 9000 }, false},
	} {
		looks := 0
		got := steady(func(time.Duration) int {
			looks++
			if tt.creates(looks - 1) {
				return 1
			}
			return 0
		})
		if got != tt.want {
			t.Errorf("%s: steady is %v after %d looks", name, got, looks)
		}
	}
}
