package executor

import (
	"math/rand/v2"
	"testing"
)

func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q queue[int]
	in, out := 0, 0
	for range 2000 {
		grow := random.IntN(200)
		for range grow {
			in++
			q.push(in)
		}
		for range min(random.IntN(210), q.size) {
			out++
			if got := q.pop(); got != out {
				t.Fatalf("got %d, want %d", got, out)
			}
		}
		if q.size != in-out {
			t.Fatalf("got the size %d, want %d", q.size, in-out)
		}
	}
	for q.size > 0 {
		q.pop()
	}
	if q.head != nil || q.tail != nil || q.spare == nil || q.spare.next != nil {
		t.Errorf("an empty queue keeps more than one spare chunk: %+v", q)
	}
	for _, left := range q.spare.items {
		if left != 0 {
			t.Fatalf("the spare chunk keeps an item: %d", left)
		}
	}
}
