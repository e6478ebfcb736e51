package harness

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// TestShare shares arrivals out among several generators. Together they have
// the arrivals of one, each once, with the same times, plans and numbers.
func TestShare(t *testing.T) {
	schedule, err := arrivals.New(3,
		arrivals.Stage{Rate: 300, Poisson: true, For: time.Second},
		arrivals.Stage{Burst: 10, Every: 100 * time.Millisecond, For: time.Second},
		arrivals.Stage{Rate: 10, To: 500, Ramp: true, For: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]string, schedule.Len())
	for seq := range keys {
		keys[seq] = string(rune('a' + seq*seq%17))
	}
	w := &Workload{Oracle: oracle.Oracle{Plan: func(key string, occurrence, attempt int) record.Planned {
		latency := time.Duration(len(key) + occurrence*1000 + attempt)
		return record.Planned{PlannedClass: record.OK, PlannedLatency: latency}
	}}}
	all := func(part share.Part) []record.Sample {
		return newRecorder(&Trial{Keys: keys, Pacer: schedule, Share: part}, w).samples
	}
	want := all(share.Part{})
	if len(want) < 500 {
		t.Fatalf("only %d arrivals", len(want))
	}
	for _, n := range []int{1, 2, 3, 7} {
		var got []record.Sample
		for k := range n {
			part := share.Part{Index: k, Of: n}
			mine := all(part)
			for i, s := range mine {
				if at := part.Among(i + 1); at != s.Seq+1 {
					t.Fatalf("result %d of share %d of %d is result %d of all, want %d", i+1, k, n, at, s.Seq+1)
				}
			}
			got = append(got, mine...)
		}
		slices.SortFunc(got, func(a, b record.Sample) int { return a.Seq - b.Seq })
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d shares make %d arrivals, which are not the %d of one", n, len(got), len(want))
		}
	}
}

// TestSharesRefused has trials of generators that have nothing to share.
func TestSharesRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		trial Trial
	}{
		{"no arrivals", Trial{Generators: 2}},
		{"fewer than none", Trial{Generators: -1, Pacer: Closed(1)}},
		{"a share of what is no open workload", Trial{Share: share.Part{Index: 1, Of: 2}}},
		{"a share that there is not", Trial{Share: share.Part{Index: 2, Of: 2}, Pacer: Closed(3)}},
		{"a share below the first", Trial{Share: share.Part{Index: -1, Of: 2}, Pacer: Closed(3)}},
	} {
		trial := tt.trial
		trial.Clock, trial.Delivery = record.Virtual, record.InOrder
		trial.Executor = func() (executor.Executor, error) { return executor.NewSequential(), nil }
		trial.Workload = func() (*Workload, error) { return nil, nil }
		if err := trial.check(); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
}
