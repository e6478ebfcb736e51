package record_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// seconds turns whole numbers into offsets.
func seconds(numbers []int) []time.Duration {
	var all []time.Duration
	for _, n := range numbers {
		all = append(all, time.Duration(n)*time.Second)
	}
	return all
}

// planned is a task for each service time, all of them ok.
func planned(services []time.Duration) []record.Planned {
	var plans []record.Planned
	for _, d := range services {
		plans = append(plans, record.Planned{PlannedLatency: d, PlannedService: d, PlannedClass: record.OK})
	}
	return plans
}

// TestIdeal holds the ideal against schedules that were drawn by hand.
func TestIdeal(t *testing.T) {
	tests := []struct {
		name                    string
		workers                 int
		due, services           []int
		starts, finishes, takes []int // takes: when results are delivered in order
	}{
		{
			"loiter on three workers", 3,
			[]int{0, 0, 0, 0, 0},
			[]int{0, 1, 2, 3, 4},
			[]int{0, 0, 0, 0, 1},
			[]int{0, 1, 2, 3, 5},
			[]int{0, 1, 2, 3, 5},
		},
		{
			"loiter on three workers, the longest first", 3,
			[]int{0, 0, 0, 0, 0},
			[]int{4, 3, 2, 1, 0},
			[]int{0, 0, 0, 2, 3},
			[]int{4, 3, 2, 3, 3},
			[]int{4, 4, 4, 4, 4},
		},
		{
			"one after another", 1,
			[]int{0, 0, 0},
			[]int{3, 1, 2},
			[]int{0, 3, 4},
			[]int{3, 4, 6},
			[]int{3, 4, 6},
		},
		{
			"one worker has time between arrivals", 1,
			[]int{0, 5, 6},
			[]int{3, 3, 1},
			[]int{0, 5, 8},
			[]int{3, 8, 9},
			[]int{3, 8, 9},
		},
		{
			"no limit", 0,
			[]int{0, 1, 1, 4},
			[]int{5, 1, 2, 1},
			[]int{0, 1, 1, 4},
			[]int{5, 2, 3, 5},
			[]int{5, 5, 5, 5},
		},
		{
			"more workers than tasks", 9,
			[]int{0, 0},
			[]int{2, 1},
			[]int{0, 0},
			[]int{2, 1},
			[]int{2, 2},
		},
		{
			"arrivals on two workers", 2,
			[]int{1, 1, 2, 3, 9},
			[]int{4, 2, 1, 1, 1},
			[]int{1, 1, 3, 4, 9},
			[]int{5, 3, 4, 5, 10},
			[]int{5, 5, 5, 5, 10},
		},
		{"nothing", 2, nil, nil, nil, nil, nil},
	}
	for _, test := range tests {
		for _, delivery := range []record.Delivery{record.InOrder, record.AsCompleted} {
			t.Run(test.name+" "+string(delivery), func(t *testing.T) {
				o := record.NewIdeal(planned(seconds(test.services)), seconds(test.due), test.workers, delivery)
				takes := test.finishes
				if delivery == record.InOrder {
					takes = test.takes
				}
				var starts, finishes, deliveries []time.Duration
				for _, task := range o.Tasks {
					starts, finishes, deliveries = append(starts, task.Started), append(finishes, task.Finished),
						append(deliveries, task.Delivered)
				}
				for _, row := range []struct {
					what      string
					got, want []time.Duration
				}{
					{"starts", starts, seconds(test.starts)},
					{"finishes", finishes, seconds(test.finishes)},
					{"deliveries", deliveries, seconds(takes)},
				} {
					if !slices.Equal(row.got, row.want) {
						t.Errorf("got the %s %v, want %v", row.what, row.got, row.want)
					}
				}
				var want time.Duration
				if len(finishes) > 0 {
					want = slices.Max(finishes)
				}
				if o.Makespan != want {
					t.Errorf("got the makespan %v, want %v", o.Makespan, want)
				}
			})
		}
	}
}

func TestIdealCounts(t *testing.T) {
	var plans []record.Planned
	for _, c := range []record.Class{
		record.OK, record.Timeout, record.OK, record.Status, record.NotFound,
		record.Status,
	} {
		plans = append(plans, record.Planned{PlannedClass: c})
	}
	o := record.NewIdeal(plans, make([]time.Duration, len(plans)), 2, record.AsCompleted)
	if want := map[record.Class]int{
		record.OK: 2, record.Timeout: 1, record.Status: 2,
		record.NotFound: 1,
	}; !maps.Equal(o.Classes, want) {
		t.Errorf("got %v, want %v", o.Classes, want)
	}
	if want := map[record.Outcome]int{
		record.OutcomeOK: 2, record.OutcomeNotFound: 1,
		record.OutcomeError: 3,
	}; !maps.Equal(o.Outcomes, want) {
		t.Errorf("got %v, want %v", o.Outcomes, want)
	}
	for i, task := range o.Tasks {
		if task.Class != plans[i].PlannedClass {
			t.Errorf("task %d: got %s, want %s", i, task.Class, plans[i].PlannedClass)
		}
	}
}

// tickByTick plays first in, first out as one would with a clock and a
// notebook: at every tick the workers that are done are sent home, then the
// first in the queue goes to any who is idle.
func tickByTick(due, services []int, workers int) (starts, finishes []int) {
	if workers == 0 {
		workers = len(due)
	}
	under := 0
	ends := map[int]int{} // how many tasks end at a tick
	for tick, next := 0, 0; next < len(due); tick++ {
		under -= ends[tick]
		for next < len(due) && due[next] <= tick && under < workers {
			starts, finishes = append(starts, tick), append(finishes, tick+services[next])
			if services[next] > 0 { // one that takes no time keeps no worker
				ends[tick+services[next]]++
				under++
			}
			next++
		}
	}
	return starts, finishes
}

func TestIdealTickByTick(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 2))
	for round := range 3000 {
		n, workers := random.IntN(12), random.IntN(6)
		due, services := make([]int, n), make([]int, n)
		for i := range n {
			due[i], services[i] = random.IntN(1+random.IntN(20)), random.IntN(8)
		}
		slices.Sort(due)
		o := record.NewIdeal(planned(seconds(services)), seconds(due), workers, record.InOrder)
		starts, finishes := tickByTick(due, services, workers)
		world := fmt.Sprintf("round %d: %d workers, due %v, services %v", round, workers, due, services)
		var makespan, delivered time.Duration
		for i, task := range o.Tasks {
			start, finish := seconds(starts)[i], seconds(finishes)[i]
			makespan, delivered = max(makespan, finish), max(delivered, finish)
			if task.Started != start || task.Finished != finish || task.Delivered != delivered {
				t.Fatalf("%s: task %d: got %+v, want %v to %v, delivered at %v", world, i, task, start,
					finish, delivered)
			}
		}
		if o.Makespan != makespan {
			t.Fatalf("%s: got the makespan %v, want %v", world, o.Makespan, makespan)
		}
	}
}

// TestIdealBounds holds the makespan to what is known of list scheduling
// (Graham 1969): no schedule is shorter than the longest task, nor than the
// work divided by the workers, and this one is less than twice as long as
// these.
func TestIdealBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 3))
	for range 1000 {
		services := make([]time.Duration, 1+random.IntN(60))
		var total, longest time.Duration
		for i := range services {
			services[i] = time.Duration(random.Int64N(int64(5 * time.Second)))
			total, longest = total+services[i], max(longest, services[i])
		}
		makespan := func(workers int) time.Duration {
			return record.NewIdeal(planned(services), make([]time.Duration, len(services)), workers,
				record.AsCompleted).Makespan
		}
		if got := makespan(1); got != total {
			t.Errorf("on one worker: got %v, want the sum, %v", got, total)
		}
		for _, workers := range []int{0, len(services), len(services) + 1} {
			if got := makespan(workers); got != longest {
				t.Errorf("%d tasks on %d workers: got %v, want the longest, %v", len(services), workers, got, longest)
			}
		}
		for workers := 2; workers < 10; workers++ {
			bound := max(longest, total/time.Duration(workers))
			if got := makespan(workers); got < bound || got > 2*bound {
				t.Errorf("%d tasks on %d workers: got %v, want %v to %v", len(services), workers, got, bound, 2*bound)
			}
		}
	}
}
