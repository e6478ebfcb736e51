package process

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The deque does what a slice does.
func TestDeque(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d deque[int]
	var want []int
	for i := range 20_000 {
		switch op := r.IntN(5); {
		case op == 0:
			d.pushFront(i)
			want = slices.Insert(want, 0, i)
		case op < 3 || len(want) == 0:
			d.push(i)
			want = append(want, i)
		case op == 3:
			if got := d.pop(); got != want[0] {
				t.Fatalf("step %d: first is %d, want %d", i, got, want[0])
			}
			want = want[1:]
		default:
			if got := d.popBack(); got != want[len(want)-1] {
				t.Fatalf("step %d: last is %d, want %d", i, got, want[len(want)-1])
			}
			want = want[:len(want)-1]
		}
		if d.len() != len(want) || len(want) > 0 && *d.at(len(want) / 2) != want[len(want)/2] {
			t.Fatalf("step %d: %d elements, want %d", i, d.len(), len(want))
		}
	}
	for d.len() > 0 {
		d.pop()
	}
	if len(d.ring) > 1<<10 {
		t.Errorf("an empty deque keeps room for %d", len(d.ring))
	}
}
