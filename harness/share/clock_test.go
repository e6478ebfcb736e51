package share_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/share"
)

// TestCompare plants clocks that are ahead or behind, by up to an hour, and run
// faster or slower, over ways that take longer there than back. What is found
// is off by no more than it says.
func TestCompare(t *testing.T) {
	const ms = time.Millisecond
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 1))
		ahead := time.Duration(r.Int64N(int64(2*time.Hour))) - time.Hour
		drift := (r.Float64() - 0.5) * 200e-6
		there := func(at time.Duration) time.Duration {
			return at + ahead + time.Duration(drift*float64(at))
		}
		var batches [][]share.Exchange
		end := time.Minute
		for at := time.Duration(0); at <= end; at += 10 * time.Second {
			var batch []share.Exchange
			for i := range 16 {
				asked := at + time.Duration(i)*ms
				way, back := time.Duration(r.Int64N(int64(ms))), time.Duration(r.Int64N(int64(ms)))
				said := there(asked + way)
				batch = append(batch, share.Exchange{Asked: asked, Answered: asked + way + back, Said: said})
			}
			batches = append(batches, batch)
		}
		clock, known := share.Compare(batches...)
		if !known || clock.Error > 2*ms {
			t.Fatalf("seed %d: %v, known %v", seed, clock.Error, known)
		}
		for at := time.Duration(0); at <= end; at += time.Second {
			if off := (clock.Here(there(at)) - at).Abs(); off > clock.Error+time.Microsecond {
				t.Fatalf("seed %d: %v here is off by %v, and said to be by %v at most", seed, at, off, clock.Error)
			}
			if off := (clock.There(at) - there(at)).Abs(); off > clock.Error+time.Microsecond {
				t.Fatalf("seed %d: %v there is off by %v, and said to be by %v at most", seed, at, off, clock.Error)
			}
		}
		if off := math.Abs(clock.Drift() - drift*1e6); off > 2*float64(clock.Error)/float64(end-time.Second)*1e6 {
			t.Fatalf("seed %d: a drift of %v is off by %v", seed, clock.Drift(), off)
		}
	}
}

// TestCompareFew has no exchange, and one alone, which says nothing of a drift.
func TestCompareFew(t *testing.T) {
	if _, known := share.Compare(nil, []share.Exchange{}); known {
		t.Error("a clock is known of which nothing was asked")
	}
	one, known := share.Compare([]share.Exchange{{Asked: 10, Answered: 20, Said: 115}})
	if !known || one.Here(115) != 15 || one.There(15) != 115 || one.Error != 5 || one.Drift() != 0 {
		t.Errorf("got %+v", one)
	}
}

func TestCheck(t *testing.T) {
	for _, part := range []share.Part{{}, {Index: 0, Of: 1}, {Index: 6, Of: 7}} {
		if err := part.Check(); err != nil {
			t.Errorf("%+v: %v", part, err)
		}
	}
	for _, part := range []share.Part{{Index: 1, Of: 1}, {Index: -1, Of: 2}, {Index: 0, Of: -1}, {Index: 3}} {
		if part.Check() == nil {
			t.Errorf("%+v is taken", part)
		}
	}
}
