package totals

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBuckets wants each time in the bucket of all times up to its longest one,
// which is at most a thousandth longer.
func TestBuckets(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 0))
	for bits := range 62 {
		any := time.Duration(random.Int64N(1 << (bits + 1)))
		for _, d := range []time.Duration{1<<bits - 1, 1 << bits, 1<<bits + 1, any} {
			top := Longest(d)
			if top < d || float64(top) > float64(d)*(1+1.0/1024) && d >= 2048 || d < 2048 && top != d {
				t.Errorf("%d is in the bucket up to %d", d, top)
			}
			if Longest(top) != top || Longest(top+1) == top {
				t.Errorf("the bucket up to %d does not end there", top)
			}
		}
	}
}

// TestHistogramEqualsTimes wants percentiles to be those of the sorted times,
// as exact as a bucket is, of a histogram and of counts that were joined.
func TestHistogramEqualsTimes(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		a, b := counts{precision: precision}, counts{precision: precision}
		var times []time.Duration
		for range 1 + random.IntN(2000) {
			d := time.Duration(random.Int64N(1 << (1 + random.IntN(40))))
			if times = append(times, d); random.IntN(3) == 0 {
				b.add(d)
			} else {
				a.add(d)
			}
		}
		slices.Sort(times)
		merged := a.histogram().With(b.histogram())
		if a.join(&b); cmp.Diff(merged, a.histogram()) != "" {
			t.Fatalf("seed %d: the joined counts are not the joined histograms", seed)
		}
		if merged.N() != len(times) || a.n != len(times) {
			t.Errorf("seed %d: %d and %d times, want %d", seed, merged.N(), a.n, len(times))
		}
		for place := 1; place <= len(times); place++ {
			rank := float64(place) / float64(len(times))
			if want := Longest(times[place-1]); merged.At(rank) != want || place%50 == 0 && a.at(rank) != want {
				t.Fatalf("seed %d: time %d of %d is %v and %v, want %v", seed, place, len(times), merged.At(rank),
					a.at(rank), want)
			}
			if place > 50 {
				place += 20
			}
		}
	}
	if (Histogram{}).At(0.5) != 0 {
		t.Error("a percentile without times")
	}
}

// TestRows wants every task in the row of its end, however long the run is, and
// no more rows than there may be.
func TestRows(t *testing.T) {
	for _, tt := range []struct {
		long time.Duration
		row  time.Duration
	}{
		{time.Second - 1, time.Second},
		{time.Hour - 1, time.Second},
		{time.Hour, 2 * time.Second},
		{24 * time.Hour, 32 * time.Second},
	} {
		a := New(false)
		random := rand.New(rand.NewPCG(1, uint64(tt.long)))
		type row struct{ ok, notFound, errors int }
		all := map[time.Duration]row{}
		for i := range 20_000 {
			at := time.Duration(random.Int64N(int64(tt.long)))
			if i == 0 {
				at = tt.long
			}
			outcome := []string{"ok", "not_found", "error"}[random.IntN(3)]
			a.Add(Task{Outcome: outcome, Class: outcome, Planned: "ok", Finished: at, Service: time.Duration(i)})
			r := all[at/tt.row]
			switch outcome {
			case "ok":
				r.ok++
			case "not_found":
				r.notFound++
			default:
				r.errors++
			}
			all[at/tt.row] = r
		}
		got := a.Close()
		if got.Row != tt.row || len(got.Rows) != len(all) {
			t.Fatalf("%v: %d rows of %v, want %d of %v", tt.long, len(got.Rows), got.Row, len(all), tt.row)
		}
		for _, r := range got.Rows {
			if want := all[r.From/tt.row]; want != (row{r.OK, r.NotFound, r.Errors}) {
				t.Errorf("%v: from %v: %+v, want %+v", tt.long, r.From, r, want)
			}
			if !(0 <= r.P50 && r.P50 <= r.P99 && r.P99 <= r.Max && r.Max < 20_000) {
				t.Errorf("%v: from %v: times of %v, %v, %v", tt.long, r.From, r.P50, r.P99, r.Max)
			}
		}
	}
}
