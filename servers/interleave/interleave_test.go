package interleave_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers/interleave"
)

func TestParse(t *testing.T) {
	for _, text := range []string{
		"random", "random(7)", "priorities(0)", "priorities(10)", "priorities(2, 7)", "mixed",
		"mixed(18446744073709551615)",
	} {
		if w, err := interleave.Parse(text); err != nil || w.String() != text {
			t.Errorf("%s: got %q and %v", text, w, err)
		}
	}
	for _, text := range []string{
		"", "Random", "random()", "random(-1)", "random(7", "random(1, 2)", "random 7", "priorities", "priorities()",
		"priorities(11)", "priorities(-1)", "priorities(1, 2, 3)", "priorities(1.5)", "pct(3)",
		"random(18446744073709551616)",
	} {
		if w, err := interleave.Parse(text); err == nil || !strings.Contains(err.Error(), "want random") {
			t.Errorf("%s: got %v and %v, want an error", text, w, err)
		}
	}
	if got := (interleave.Way{}).String(); got != "" {
		t.Errorf("the zero way is %q", got)
	}
}

// parse returns a way that is known.
func parse(t *testing.T, text string) interleave.Way {
	t.Helper()
	w, err := interleave.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// order returns the order in which some goroutines pass their yield points,
// three each.
func order(t *testing.T, way string, seed uint64, names ...string) (passed []string) {
	t.Helper()
	w := parse(t, way)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		turns := interleave.New(w, seed, len(names), synctest.Wait)
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, name := range names {
			all.Go(func() {
				for range 3 {
					turns.Yield(name)
					mu.Lock()
					passed = append(passed, name)
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if turns.Steps() != len(passed) {
			t.Errorf("%d turns, want %d", turns.Steps(), len(passed))
		}
		turns.End()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v, want no time", took)
		}
	})
	return passed
}

// TestAgain wants equal seeds to give equal orders, whatever order the
// goroutines are started in, and other seeds other orders.
func TestAgain(t *testing.T) {
	for _, way := range []string{"random", "priorities(0)", "priorities(3)", "mixed", "random(7)"} {
		orders := map[string]bool{}
		for seed := range uint64(30) {
			want := order(t, way, seed, "a", "b", "c", "d")
			for range 5 {
				if got := order(t, way, seed, "d", "b", "a", "c"); !slices.Equal(got, want) {
					t.Fatalf("%s, seed %d: got %v, want %v", way, seed, got, want)
				}
			}
			orders[fmt.Sprint(want)] = true
		}
		if seeded := way == "random(7)"; seeded != (len(orders) == 1) || !seeded && len(orders) < 15 {
			t.Errorf("%s: %d orders of 30 seeds", way, len(orders))
		}
	}
}

// TestPriorities wants a goroutine of a higher priority to come first as long
// as it can, and more changes of that where there are to be more.
func TestPriorities(t *testing.T) {
	most := func(passed []string) (switches int) { // from one that could go on
		left := map[string]int{"a": 3, "b": 3, "c": 3}
		for i, name := range passed {
			left[name]--
			if i+1 < len(passed) && passed[i+1] != name && left[name] > 0 {
				switches++
			}
		}
		return switches
	}
	last := -1
	for _, changes := range []int{0, 1, 3, 9} {
		all := 0
		for seed := range uint64(300) {
			all += most(order(t, fmt.Sprintf("priorities(%d)", changes), seed, "a", "b", "c"))
		}
		if changes == 0 && all != 0 || all <= last {
			t.Errorf("priorities(%d): %d changes in 300 runs, and %d with fewer", changes, all, last)
		}
		last = all
	}
}

// TestEveryOrder wants each order of three goroutines from some seed.
func TestEveryOrder(t *testing.T) {
	for _, way := range []string{"random", "priorities(0)", "mixed"} {
		first := map[string]bool{}
		for seed := range uint64(100) {
			var names []string
			for _, name := range order(t, way, seed, "a", "b", "c") {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			first[strings.Join(names, "")] = true
		}
		if len(first) != 6 {
			t.Errorf("%s: got %v, want 6 orders", way, first)
		}
	}
}

// TestSmaller wants what is left of a world to keep its order.
func TestSmaller(t *testing.T) {
	for _, way := range []string{"random", "priorities(0)"} {
		for seed := range uint64(20) {
			want := slices.DeleteFunc(order(t, way, seed, "a", "b", "c"), func(name string) bool { return name == "b" })
			if got := order(t, way, seed, "a", "c"); way != "random" && !slices.Equal(got, want) {
				t.Errorf("%s, seed %d: got %v, want %v", way, seed, got, want)
			} else if got[0] != want[0] {
				t.Errorf("%s, seed %d: %s comes first, want %s", way, seed, got[0], want[0])
			}
		}
	}
}

// TestEnd wants those that wait to go on when the turns end, and no turns
// without a way.
func TestEnd(t *testing.T) {
	none := interleave.New(interleave.Way{}, 1, 1, nil)
	none.Yield("a")
	none.End()
	w := parse(t, "random")
	synctest.Test(t, func(t *testing.T) {
		turns := interleave.New(w, 1, 1, func() { time.Sleep(time.Hour) }) // never in time
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() { turns.Yield(fmt.Sprint(i)) })
		}
		synctest.Wait()
		turns.End()
		turns.End()
		all.Wait()
		turns.Yield("late")
		if turns.Steps() != 0 {
			t.Errorf("%d turns, want none", turns.Steps())
		}
		time.Sleep(2 * time.Hour) // until the last of all has ended
	})
}
