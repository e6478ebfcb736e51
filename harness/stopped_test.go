package harness

import "testing"

// TestStops counts looks at two processes, of which one goes on in between.
func TestStops(t *testing.T) {
	a, b := stopped{child{"1", "10"}, "a"}, stopped{child{"2", "10"}, "b"}
	counts := stops{}
	var soon, long []string
	for i := range 3 * stoppedLong {
		now := []stopped{a, b}
		if i%(stoppedLong-1) == 0 { // b goes on now and then
			now = now[:1]
		}
		s, l := counts.look(now)
		if s != nil {
			soon = append(soon, s.pid)
		}
		if l != nil {
			long = append(long, l.pid)
		}
	}
	if len(soon) != 5 || soon[0] != "1" || soon[1] != "2" || len(long) != 1 || long[0] != "1" {
		t.Errorf("announced %v, given up for %v; want the first once, and the second each time, and no end for it",
			soon, long)
	}
	if counts.look(nil); len(counts) != 0 {
		t.Errorf("%d processes are kept that go on", len(counts))
	}
}
