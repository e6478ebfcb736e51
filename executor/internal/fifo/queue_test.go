package fifo

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
)

func TestQueue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var q Queue[int]
	in, out := 0, 0
	for range 2000 {
		grow := random.IntN(200)
		for range grow {
			in++
			q.Push(in)
		}
		for range random.IntN(210) {
			got, ok := q.Take()
			if ok != (out < in) {
				t.Fatalf("got an item: %v, of %d", ok, in-out)
			}
			if !ok {
				break
			}
			out++
			if got != out {
				t.Fatalf("got %d, want %d", got, out)
			}
		}
		if q.Len() != in-out {
			t.Fatalf("got the size %d, want %d", q.Len(), in-out)
		}
	}
}

func TestQueueUnpush(t *testing.T) {
	var q Queue[int]
	for range 3 * blockLen { // the newest comes and goes, and needs no room
		q.Push(1)
		q.Unpush(2)
		if q.Len() != 1 {
			t.Fatal("an item is gone that is another")
		}
		q.Unpush(1)
	}
	if _, ok := q.Take(); ok || q.tail.prior > 0 {
		t.Errorf("got an item %v, and %d items in blocks that were full, want none", ok, q.tail.prior)
	}
	q.Unpush(1)
}

// What was taken is not kept.
func TestQueueForgets(t *testing.T) {
	var q Queue[int]
	for i := range blockLen + 1 {
		q.Push(i + 1)
	}
	first := q.head.Load()
	for range blockLen + 1 {
		q.Take()
	}
	if q.head.Load() != q.tail {
		t.Error("the queue keeps a block that is used up")
	}
	q.Push(1)
	q.Unpush(1)
	for _, b := range []*block[int]{first, q.tail} {
		if slices.Max(b.items[:]) != 0 {
			t.Errorf("a block keeps items: %v", b.items)
		}
	}
}

// Every item is taken once, and each taker gets them in their order, while one
// goroutine pushes, and unpushes what is still there.
func TestQueueOfMany(t *testing.T) {
	const items, takers = 100_000, 4
	var (
		q     Queue[int]
		all   sync.WaitGroup
		taken [takers][]int
	)
	for i := range takers {
		all.Go(func() {
			for {
				switch item, ok := q.Take(); {
				case !ok:
					runtime.Gosched()
				case item < 0:
					return
				default:
					taken[i] = append(taken[i], item)
				}
			}
		})
	}
	for item := range items {
		q.Push(item)
		if item%3 == 0 {
			q.Unpush(item)
			q.Push(item)
		}
	}
	for range takers {
		q.Push(-1)
	}
	all.Wait()
	for i := range takers {
		if !slices.IsSorted(taken[i]) {
			t.Errorf("taker %d was not served in order", i)
		}
	}
	got := slices.Sorted(slices.Values(slices.Concat(taken[:]...)))
	twice := 0
	for i := 1; i < len(got); i++ {
		if got[i] == got[i-1] {
			twice++
		}
	}
	// An item that was unpushed too late has been taken, and is pushed again.
	if distinct := slices.Compact(got); len(distinct) != items || twice > items/3+1 {
		t.Errorf("got %d items, %d of them twice, want %d", len(distinct), twice, items)
	}
}
