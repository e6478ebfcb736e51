package fifo_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/fifo"
	"github.com/teapot-go/teapot/harness/record"
)

// A firstInFirstOut is an executor of so many workers that takes tasks up in
// order, on a machine that delays it as it likes: a worker takes up a task,
// notes its start, notes its end, and becomes free. Only the notes are known.
// swap is a task that it takes up one place too late, -1 for none.
func firstInFirstOut(random *rand.Rand, tasks, workers, swap int) []record.Sample {
	queue, samples := make([]int, tasks), make([]record.Sample, tasks)
	for i := range queue {
		queue[i], samples[i].Seq = i, i
	}
	if swap >= 0 {
		queue[swap], queue[swap+1] = queue[swap+1], queue[swap]
	}
	const free, taken, running, ended = 0, 1, 2, 3
	state, task := make([]int, workers), make([]int, workers)
	ticket := 0
	for left := tasks; left > 0; {
		w := random.IntN(workers)
		switch state[w] {
		case free:
			if len(queue) == 0 {
				continue
			}
			task[w], queue = queue[0], queue[1:]
			state[w] = taken
		case taken:
			ticket++
			samples[task[w]].Began = ticket
			state[w] = running
		case running:
			ticket++
			samples[task[w]].Ended = ticket
			state[w] = ended
		case ended:
			state[w] = free
			left--
		}
	}
	return samples
}

// certain reports whether no executor that takes tasks up in order can have
// left these tickets: whether more workers are needed than there are if each
// task is taken up as late as the order allows.
func certain(samples []record.Sample, workers int) bool {
	for now := range 2*len(samples) + 1 {
		held := 0
		for i, s := range samples {
			taken := s.Began
			for _, later := range samples[i:] {
				taken = min(taken, later.Began)
			}
			if taken <= now && now < s.Ended {
				held++
			}
		}
		if held > workers {
			return true
		}
	}
	return false
}

func TestCertain(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 12))
	found := map[int]int{}
	for range 20_000 {
		tasks, workers := 3+random.IntN(12), 1+random.IntN(4)
		right := &record.Recording{Workers: workers, Samples: firstInFirstOut(random, tasks, workers, -1)}
		if o, accused := fifo.Certain(right); accused {
			t.Fatalf("%d workers: got %+v of %+v, want none", workers, o, right.Samples)
		}
		swap := random.IntN(tasks - 1)
		wrong := &record.Recording{Workers: workers, Samples: firstInFirstOut(random, tasks, workers, swap)}
		o, accused := fifo.Certain(wrong)
		if want := certain(wrong.Samples, workers); accused != want {
			t.Fatalf("%d workers, %d swapped: got %+v, %v of %+v, want %v", workers, swap, o, accused,
				wrong.Samples, want)
		}
		if !accused {
			continue
		}
		found[workers]++
		if o.Count <= o.Slack() || o.Slack() < 0 || !slices.IsSorted(o.Ahead) || len(o.Ahead) != o.Count {
			t.Fatalf("%d workers, %d swapped: got %+v of %+v", workers, swap, o, wrong.Samples)
		}
	}
	for workers := 1; workers <= 4; workers++ {
		if found[workers] < 100 {
			t.Errorf("%d workers: found %d swaps of neighbours", workers, found[workers])
		}
	}
}

// TestSlack tries what is known of a swap of two neighbours.
func TestSlack(t *testing.T) {
	type ticks [][2]int // Began and Ended of each task
	for _, test := range []struct {
		name    string
		workers int
		ticks   ticks
		want    string // "" for none
	}{
		{"the only worker", 1, ticks{{3, 4}, {1, 2}}, "1 ahead of [0], 1 of 1 running"},
		{"the other worker may have it", 2, ticks{{3, 4}, {1, 2}}, ""},
		{"the other worker has another", 2, ticks{{1, 6}, {4, 5}, {2, 3}}, "2 ahead of [1], 2 of 2 running"},
		{"the other worker has it for long", 2, ticks{{7, 8}, {1, 2}, {3, 4}, {5, 6}}, ""},
		{
			"both run later ones while it waits", 2,
			ticks{{7, 8}, {1, 2}, {3, 5}, {4, 6}},
			"3 ahead of [0], 2 of 2 running",
		},
		{"no limit", 0, ticks{{3, 4}, {1, 2}}, ""},
		{"never started", 1, ticks{{0, 0}, {1, 2}}, ""},
		{"never ended", 2, ticks{{1, 0}, {4, 5}, {2, 3}}, "2 ahead of [1], 2 of 2 running"},
		{"more at once than the limit", 1, ticks{{1, 6}, {4, 5}, {2, 3}}, "2 ahead of [1], 2 of 2 running"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &record.Recording{Workers: test.workers}
			for seq, x := range test.ticks {
				r.Samples = append(r.Samples, record.Sample{Seq: seq, Began: x[0], Ended: x[1]})
			}
			o, found := fifo.Certain(r)
			got := ""
			if found {
				got = fmt.Sprintf("%d ahead of %v, %d of %d running", o.Seq, o.Ahead, o.Running, o.Workers)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if r.Elsewhere = true; found {
				if _, found = fifo.Certain(r); found {
					t.Error("found where tasks ran in other processes")
				}
			}
		})
	}
}

// TestTimes goes by times where there are no tickets, and takes
// events at one instant as they are right.
func TestTimes(t *testing.T) {
	at := func(times ...[2]time.Duration) *record.Recording {
		r := &record.Recording{Workers: 1}
		for seq, x := range times {
			r.Samples = append(r.Samples, record.Sample{Seq: seq, Started: x[0], Finished: x[1]})
		}
		return r
	}
	type span = [2]time.Duration
	if o, found := fifo.Certain(at(span{1, 1}, span{1, 1}, span{1, 2})); found {
		t.Errorf("got %+v of one instant, want none", o)
	}
	if _, found := fifo.Certain(at(span{2, 3}, span{1, 2})); !found {
		t.Error("got none of a swap")
	}
}

// TestScales judges very many tasks: quadratic work would take
// minutes.
func TestScales(t *testing.T) {
	const n = 500_000
	r := &record.Recording{Workers: 3, Samples: make([]record.Sample, n)}
	for i := range r.Samples {
		r.Samples[i] = record.Sample{Seq: i, Began: 2*(n-i) - 1, Ended: 2 * (n - i)}
	}
	if o, found := fifo.Certain(r); !found || o.Seq != n-1 || o.Count != n-1 || o.Slack() != 2 {
		t.Errorf("got %+v, %v", o, found)
	}
}
