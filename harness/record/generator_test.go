package record_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// TestShares has the tasks of three generators with one worker each, which are
// judged and planned as those of three executors.
func TestShares(t *testing.T) {
	r := &record.Recording{Workers: 1, Delivery: record.InOrder, Generators: make([]share.Generator, 3)}
	for seq := range 8 {
		r.Samples = append(r.Samples, record.Sample{
			Seq: seq, Received: seq + 1, Planned: record.Planned{PlannedService: time.Second},
		})
	}
	if r.Slots() != 3 || (&record.Recording{Workers: 4}).Slots() != 4 {
		t.Errorf("got %d slots, want 3", r.Slots())
	}
	shares := r.Shares()
	for k, want := range []int{3, 3, 2} {
		if got := len(shares[k].Samples); got != want {
			t.Fatalf("share %d has %d samples, want %d", k, got, want)
		}
		for i, s := range shares[k].Samples {
			if s.Seq != i || s.Received != i+1 {
				t.Errorf("share %d: sample %d is number %d, received %d", k, i, s.Seq, s.Received)
			}
		}
	}
	ideal := r.Ideal()
	if ideal.Makespan != 3*time.Second || ideal.Tasks[7].Started != 2*time.Second || ideal.Classes[""] != 8 {
		t.Errorf("the ideal is %+v", ideal)
	}
	if one := (&record.Recording{Samples: r.Samples}); one.Shares()[0] != one {
		t.Error("a recording without generators is not its only share")
	}
}
