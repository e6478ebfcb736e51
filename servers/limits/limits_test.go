package limits

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestCheck holds every mistake to a message that says what was wrong and what
// is accepted.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name     string
		capacity Capacity
		rate     Rate
		want     []string // parts of the message; none where nothing is wrong
	}{
		{"nothing", Capacity{}, Rate{}, nil},
		{"everything", Capacity{3, 5, TooMany, time.Minute}, Rate{100, 7}, nil},
		{"wait", Capacity{Concurrent: 1, Policy: Wait}, Rate{PerSecond: 0.5}, nil},
		{
			"policy",
			Capacity{Concurrent: 1, Policy: "418"},
			Rate{},
			[]string{`capacity: policy "418": want wait, unavailable, too_many or refuse`},
		},
		{"negative", Capacity{Concurrent: -1, Queue: -2}, Rate{}, []string{
			"concurrent -1: want 0",
			"queue -2: want 0 or more",
		}},
		{
			"retry",
			Capacity{Concurrent: 1, RetryAfter: 25 * time.Hour},
			Rate{},
			[]string{"retry after 25h0m0s: want 0s to 24h0m0s"},
		},
		{"unsaid", Capacity{Queue: 3}, Rate{}, []string{"concurrent is not said"}},
		{
			"two queues",
			Capacity{Concurrent: 1, Queue: 3, Policy: Wait},
			Rate{},
			[]string{"queue 3: the queue of policy wait has no end"},
		},
		{"no rate", Capacity{}, Rate{Burst: 3}, []string{"rate: per second 0: want above 0, to 1000000000"}},
		{"not a number", Capacity{}, Rate{PerSecond: math.NaN()}, []string{"per second NaN"}},
		{"infinite", Capacity{}, Rate{PerSecond: math.Inf(1)}, []string{"per second +Inf"}},
		{"burst", Capacity{}, Rate{PerSecond: 1, Burst: -1}, []string{"burst -1: want 1 or more"}},
		{"both", Capacity{Concurrent: -1}, Rate{PerSecond: -1}, []string{"capacity: ", "rate: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, err := NewGate(test.capacity, test.rate, false)
			if (err == nil) != (test.want == nil) || (g == nil) != (err != nil) {
				t.Fatalf("got %v, %v, want %q", g, err, test.want)
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %v, want %q in it", err, part)
				}
			}
		})
	}
}

// TestCapacity sends ten requests at once, of a second each, to gates of
// several kinds.
func TestCapacity(t *testing.T) {
	for _, test := range []struct {
		name     string
		capacity Capacity
		served   int
		ends     time.Duration // when the last one is over
		status   int           // of all others; 0 for none
		retry    string
	}{
		{"none", Capacity{}, 10, time.Second, 0, ""},
		{"wait", Capacity{Concurrent: 3, Policy: Wait}, 10, 4 * time.Second, 0, ""},
		{"unsaid", Capacity{Concurrent: 3}, 10, 4 * time.Second, 0, ""},
		{"unsaid with a queue", Capacity{Concurrent: 3, Queue: 3}, 6, 2 * time.Second, 503, "1"},
		{
			"503",
			Capacity{Concurrent: 3, Queue: 5, Policy: Unavailable, RetryAfter: 1500 * time.Millisecond},
			8,
			3 * time.Second, 503, "2",
		},
		{"429", Capacity{Concurrent: 3, Policy: TooMany, RetryAfter: time.Minute}, 3, time.Second, 429, "60"},
		{"refuse", Capacity{Concurrent: 3, Queue: 1, Policy: Refuse}, 4, 2 * time.Second, 0, ""},
		{"room for all", Capacity{Concurrent: 10, Policy: Refuse}, 10, time.Second, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, err := NewGate(test.capacity, Rate{}, false)
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				var wg sync.WaitGroup
				var mu sync.Mutex
				served := 0
				for range 10 {
					wg.Go(func() {
						if refusal := g.Enter(t.Context(), http.Header{}, 0); refusal != nil {
							checkRefusal(t, refusal, ByCapacity, test.status, test.retry)
							return
						}
						defer g.Leave()
						time.Sleep(time.Second)
						mu.Lock()
						served++
						mu.Unlock()
					})
				}
				wg.Wait()
				if took := time.Since(begin); served != test.served || took != test.ends || g.Waiting() != 0 {
					t.Errorf("got %d served in %v and %d waiting, want %d in %v and none", served, took, g.Waiting(),
						test.served, test.ends)
				}
			})
		})
	}
}

func checkRefusal(t *testing.T, refusal *Refusal, by Reason, status int, retry string) {
	t.Helper()
	w := httptest.NewRecorder()
	aborted := func() (aborted any) {
		defer func() { aborted = recover() }()
		refusal.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return nil
	}()
	if refusal.By != by || (aborted == http.ErrAbortHandler) != (status == 0) {
		t.Errorf("got %s, %v, want %s and %d", refusal.By, aborted, by, status)
	}
	if status != 0 && (w.Code != status || w.Header().Get("Retry-After") != retry) {
		t.Errorf("got %d and Retry-After %q, want %d and %q", w.Code, w.Header().Get("Retry-After"), status, retry)
	}
}

// TestQueueOrder lets requests wait that come a millisecond apart: they are
// served as they came, and one that gives up leaves its place.
func TestQueueOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, err := NewGate(Capacity{Concurrent: 1, Queue: 4, Policy: TooMany}, Rate{}, false)
		if err != nil {
			t.Fatal(err)
		}
		var served []int
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				ctx := t.Context()
				if i == 2 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
					defer cancel()
				}
				if refusal := g.Enter(ctx, http.Header{}, 0); refusal != nil {
					checkRefusal(t, refusal, ByClient, 0, "")
					if i != 2 {
						t.Errorf("%d was turned away", i)
					}
					return
				}
				defer g.Leave()
				time.Sleep(time.Second)
				served = append(served, i) // one at a time
			})
			time.Sleep(time.Millisecond)
		}
		time.Sleep(500 * time.Millisecond)
		if n := g.Waiting(); n != 3 {
			t.Errorf("got %d waiting, want 3", n)
		}
		wg.Wait()
		if want := []int{0, 1, 3, 4}; !slices.Equal(served, want) {
			t.Errorf("got %v, want %v", served, want)
		}
	})
}

// TestRate sends requests at given times to a bucket of two tokens that gets
// one back every four seconds.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, err := NewGate(Capacity{Concurrent: 1}, Rate{PerSecond: 0.25, Burst: 2}, false)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for _, test := range []struct {
			at    time.Duration
			limit string
			retry string // "" for one that is let in
		}{
			{0, `"requests";r=1;t=4`, ""},
			{0, `"requests";r=0;t=8`, ""},
			{0, `"requests";r=0;t=8`, "4"},
			{time.Second, `"requests";r=0;t=7`, "3"},
			{3500 * time.Millisecond, `"requests";r=0;t=5`, "1"},
			{4 * time.Second, `"requests";r=0;t=8`, ""},
			{time.Hour, `"requests";r=1;t=4`, ""},
		} {
			time.Sleep(test.at - time.Since(begin))
			h := http.Header{}
			refusal := g.Enter(t.Context(), h, 0)
			if (refusal == nil) != (test.retry == "") {
				t.Errorf("after %v: got %v, want Retry-After %q", test.at, refusal, test.retry)
			}
			if refusal != nil {
				checkRefusal(t, refusal, ByRate, http.StatusTooManyRequests, test.retry)
			} else {
				g.Leave()
			}
			if got, policy := h.Get("RateLimit"), h.Get("RateLimit-Policy"); got != test.limit ||
				policy != `"requests";q=2;w=8` {
				t.Errorf("after %v: got %s and %s, want %s", test.at, got, policy, test.limit)
			}
		}
	})
}

// TestRateUnsaid holds the size of a bucket that does not say its own.
func TestRateUnsaid(t *testing.T) {
	for perSecond, want := range map[float64]string{
		100: `"requests";q=100;w=1`, 0.1: `"requests";q=1;w=10`,
		2.5: `"requests";q=2;w=1`, 1e9: `"requests";q=1000000000;w=1`, 1e-9: `"requests";q=1;w=1000000000`,
	} {
		h := http.Header{}
		g, err := NewGate(Capacity{}, Rate{PerSecond: perSecond}, false)
		if err != nil {
			t.Fatal(err)
		}
		g.Enter(t.Context(), h, 0)
		if got := h.Get("RateLimit-Policy"); got != want {
			t.Errorf("%v a second: got %s, want %s", perSecond, got, want)
		}
	}
}

// TestSettled has requests come at the same instant, in whatever order the
// scheduler picks: the gate lets them in by their rank, and those of a later
// instant behind them.
func TestSettled(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			g, err := NewGate(Capacity{Concurrent: 1, Queue: 5, Policy: TooMany}, Rate{}, true)
			if err != nil {
				t.Fatal(err)
			}
			var served []uint64
			var wg sync.WaitGroup
			for _, rank := range []uint64{7, 2, 9, 4, 1, 8, 3} {
				wg.Go(func() {
					if rank == 1 || rank == 9 { // come later, when the others have taken all but one place
						time.Sleep(time.Millisecond)
					}
					refusal := g.Enter(t.Context(), http.Header{}, rank)
					if refusal == nil {
						defer g.Leave()
						time.Sleep(time.Second)
						served = append(served, rank)
					} else if rank != 9 {
						t.Errorf("%d was turned away", rank)
					}
				})
			}
			wg.Wait()
			if want := []uint64{2, 3, 4, 7, 8, 1}; !slices.Equal(served, want) {
				t.Errorf("got %v, want %v", served, want)
			}
		})
	}
}
