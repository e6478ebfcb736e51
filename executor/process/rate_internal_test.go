package process

import (
	"testing"
	"time"
)

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		what   string
		took   []time.Duration // each by one task
		flight int
		want   int
	}{
		{"nothing is known", nil, 0, 1},
		{"nothing is known", nil, 1, 0},
		{"one was short", []time.Duration{time.Microsecond}, 1, 0},
		{"two were short", []time.Duration{time.Microsecond, time.Microsecond}, 1, 2},
		{"short ones fill the time", []time.Duration{
			50 * time.Microsecond, 50 * time.Microsecond,
			50 * time.Microsecond, 50 * time.Microsecond, 50 * time.Microsecond,
		}, 1, 4},
		{"enough is under way", []time.Duration{50 * time.Microsecond, 50 * time.Microsecond}, 5, 0},
		{"a long one", []time.Duration{time.Microsecond, time.Microsecond, time.Second}, 0, 1},
		{"a long one", []time.Duration{time.Microsecond, time.Microsecond, time.Second}, 1, 0},
	} {
		var r taskRate
		for _, d := range c.took {
			r.add(d, 1)
		}
		if got := r.room(c.flight); got != c.want {
			t.Errorf("%s, %d in flight: room for %d, want %d", c.what, c.flight, got, c.want)
		}
	}
	var r taskRate
	for range 1 << 14 {
		r.add(0, 1)
	}
	if got := r.room(1); got != maxAhead {
		t.Errorf("tasks without end that take no time: room for %d, want %d", got, maxAhead)
	}
}
