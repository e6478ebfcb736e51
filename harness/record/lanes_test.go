package record

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// spans makes a sample of every start and finish.
func spans(times ...[2]time.Duration) []Sample {
	var samples []Sample
	for i, at := range times {
		samples = append(samples, Sample{Seq: i, Started: at[0], Finished: at[1], Worker: -1})
	}
	return samples
}

// giveLanes has each sample's Worker as [Recording.Summarize] would.
func giveLanes(samples []Sample) {
	r := Recording{Samples: samples}
	r.Summarize()
}

func TestLanes(t *testing.T) {
	tests := []struct {
		name    string
		samples []Sample
		want    []int
	}{
		{"none", nil, nil},
		{"one after another", spans([2]time.Duration{0, 1}, [2]time.Duration{2, 3}), []int{0, 0}},
		{"one begins as the other ends", spans([2]time.Duration{0, 1}, [2]time.Duration{1, 2}), []int{0, 0}},
		{"two at once", spans([2]time.Duration{0, 2}, [2]time.Duration{1, 3}), []int{0, 1}},
		{
			"three begin together", spans([2]time.Duration{0, 2}, [2]time.Duration{0, 1}, [2]time.Duration{0, 3}),
			[]int{0, 1, 2},
		},
		{
			"the lowest that is free, not the one free first",
			spans([2]time.Duration{0, 3}, [2]time.Duration{0, 1}, [2]time.Duration{0, 2}, [2]time.Duration{3, 4},
				[2]time.Duration{3, 4}),
			[]int{0, 1, 2, 0, 1},
		},
		{
			"last in, first out", spans([2]time.Duration{2, 3}, [2]time.Duration{1, 2}, [2]time.Duration{0, 1}),
			[]int{0, 0, 0},
		},
		{
			"no lane for what never ran",
			spans([2]time.Duration{0, 2}, [2]time.Duration{-1, -1}, [2]time.Duration{2, 3}),
			[]int{0, -1, 0},
		},
		{
			"what never ended keeps its lane",
			spans([2]time.Duration{0, -1}, [2]time.Duration{5, 6}, [2]time.Duration{7, 8}),
			[]int{0, 1, 1},
		},
		{
			"no time at all", spans([2]time.Duration{0, 0}, [2]time.Duration{0, 0}, [2]time.Duration{0, 5}),
			[]int{0, 0, 0},
		},
		{
			"no time at all, within another's", spans([2]time.Duration{0, 5}, [2]time.Duration{3, 3}), []int{0, 1},
		},
		{
			"beyond 32 bits of nanoseconds",
			spans([2]time.Duration{5 * time.Hour, 6 * time.Hour}, [2]time.Duration{0, 5 * time.Hour},
				[2]time.Duration{3 * time.Second, time.Minute}),
			[]int{0, 0, 1},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			giveLanes(test.samples)
			var got []int
			for _, s := range test.samples {
				got = append(got, s.Worker)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestLanesAreNoMoreThanTasksAtOnce counts the tasks under way at every
// instant, on random inputs.
func TestLanesAreNoMoreThanTasksAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 4))
	for round := range 2000 {
		samples := make([]Sample, random.IntN(15))
		for i := range samples {
			start := time.Duration(random.IntN(20) - 1)
			samples[i] = Sample{Seq: i, Started: start, Finished: start + 1 + time.Duration(random.IntN(8)), Worker: -1}
			switch {
			case start < 0:
				samples[i].Finished = -1
			case random.IntN(10) == 0:
				samples[i].Finished = -1
			}
		}
		giveLanes(samples)
		within := func(s Sample, at time.Duration) bool {
			return s.Started >= 0 && s.Started <= at && (s.Finished < 0 || s.Finished > at)
		}
		lanes, most := 0, 0
		for at := range time.Duration(30) {
			busy := map[int]bool{}
			under := 0
			for _, s := range samples {
				if !within(s, at) {
					continue
				}
				under++
				if busy[s.Worker] {
					t.Fatalf("round %d: two tasks in lane %d at %d: %+v", round, s.Worker, at, samples)
				}
				busy[s.Worker] = true
				lanes = max(lanes, s.Worker+1)
			}
			most = max(most, under)
		}
		if lanes != most {
			t.Fatalf("round %d: %d lanes for %d tasks at once: %+v", round, lanes, most, samples)
		}
		for _, s := range samples { // every lane below a task's is busy when it starts
			for lane := range s.Worker {
				if !slices.ContainsFunc(samples, func(o Sample) bool {
					return o.Worker == lane &&
						within(o, s.Started)
				}) {
					t.Fatalf("round %d: task %d is in lane %d while %d is free: %+v", round, s.Seq, s.Worker,
						lane, samples)
				}
			}
		}
	}
}

func TestLanesOfTasksThatTakeNoTime(t *testing.T) {
	samples := []Sample{{Seq: 0, Started: 0, Finished: 5}, {Seq: 1, Started: 0, Finished: 0}}
	giveLanes(samples)
	if samples[0].Worker != 0 || samples[1].Worker != 0 {
		t.Errorf("lanes %d and %d, want both on the first", samples[0].Worker, samples[1].Worker)
	}
}
