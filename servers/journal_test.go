package servers

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// TestJournalRing fills a journal to its bound and beyond: what it keeps is the
// latest, oldest first.
func TestJournalRing(t *testing.T) {
	var j journal
	total := 0
	for _, upTo := range []int{0, 1, JournalLimit - 1, JournalLimit, JournalLimit + 1, 2*JournalLimit + 3} {
		for ; total < upTo; total++ {
			j.add(Entry{Attempt: total})
		}
		kept := j.entries()
		if want := min(total, JournalLimit); len(kept) != want {
			t.Fatalf("after %d requests: got %d entries, want %d", total, len(kept), want)
		}
		for i, e := range kept {
			if want := total - len(kept) + i; e.Attempt != want {
				t.Fatalf("after %d requests: entry %d is of request %d, want %d", total, i, e.Attempt, want)
			}
		}
	}
}

// TestJournalIsWhole has a journal keep more than its bound, unless it has
// dropped some already.
func TestJournalIsWhole(t *testing.T) {
	for _, before := range []int{0, 1, JournalLimit, JournalLimit + 1} {
		var j journal
		for n := range JournalLimit + 1000 {
			if n == before {
				j.extend()
			}
			j.add(Entry{Attempt: n})
		}
		first := 0
		if before > JournalLimit {
			first = 1000
		}
		kept := j.entries()
		if len(kept) != JournalLimit+1000-first || kept[0].Attempt != first || j.forgot() != (first > 0) {
			t.Errorf("extended after %d: %d entries from %d on, forgot: %v", before, len(kept), kept[0].Attempt,
				j.forgot())
		}
		for i, e := range kept {
			if e.Attempt != first+i {
				t.Fatalf("extended after %d: entry %d is of request %d, want %d", before, i, e.Attempt, first+i)
			}
		}
	}
	j := journal{long: true, total: longJournal - 1}
	if j.add(Entry{Attempt: 1}); j.forgot() {
		t.Error("a journal that is full has dropped nothing")
	}
	if j.add(Entry{Attempt: 2}); !j.forgot() || j.at(0).Attempt != 2 {
		t.Error("a journal that was full keeps more")
	}
}

// TestJournalIsHandedOver has a journal that hands all of its entries over, and
// keeps few.
func TestJournalIsHandedOver(t *testing.T) {
	const n = 3*shortJournal + 1
	var j journal
	next := 0
	j.handOver(func(e Entry) {
		if e.Attempt != next {
			t.Fatalf("got request %d, want %d", e.Attempt, next)
		}
		next++
	})
	for i := range n {
		j.add(Entry{Attempt: i})
	}
	kept := j.entries()
	if next != n || len(kept) != shortJournal || kept[0].Attempt != n-shortJournal || j.forgot() {
		t.Errorf("%d of %d handed over, %d kept, forgot: %v", next, n, len(kept), j.forgot())
	}
}

func TestJournalIsCopied(t *testing.T) {
	var j journal
	j.add(Entry{Key: "BR"})
	j.entries()[0].Key = "XX"
	if got := j.entries()[0].Key; got != "BR" {
		t.Errorf("a reader has changed the journal: %s", got)
	}
}

func TestJournalConcurrently(t *testing.T) {
	const writers, each = 8, 500
	var j journal
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				j.add(Entry{Attempt: w*each + i})
				if i%100 == 0 {
					j.entries()
				}
			}
		})
	}
	wg.Wait()
	seen := map[int]bool{}
	for _, e := range j.entries() {
		seen[e.Attempt] = true
	}
	if len(seen) != writers*each {
		t.Errorf("got %d different entries, want %d", len(seen), writers*each)
	}
}

// TestWitness has a handler that answers piece by piece, a second apart.
func TestWitness(t *testing.T) {
	for _, test := range []struct {
		name    string
		head    bool
		handler func(w http.ResponseWriter)
		want    Entry
	}{
		{"nothing", false, func(http.ResponseWriter) { time.Sleep(time.Second) }, Entry{Waited: time.Second}},
		{
			"a status", false,
			func(w http.ResponseWriter) { w.WriteHeader(418); time.Sleep(time.Second) },
			Entry{Status: 418},
		},
		{
			"the first of two statuses", false,
			func(w http.ResponseWriter) { w.WriteHeader(418); time.Sleep(time.Second); w.WriteHeader(200) },
			Entry{Status: 418},
		},
		{
			"a body alone", false,
			func(w http.ResponseWriter) {
				for range 3 {
					time.Sleep(time.Second)
					io.WriteString(w, "tea")
				}
			},
			Entry{Status: 200, Waited: time.Second, Bytes: 9},
		},
		{
			"a body that is not sent", true,
			func(w http.ResponseWriter) { w.WriteHeader(404); io.WriteString(w, "no tea") },
			Entry{Status: 404},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &recorder{ResponseWriter: httptest.NewRecorder(), head: test.head, arrived: time.Now()}
				test.handler(w)
				got := w.end()
				if got.Took < got.Waited {
					t.Errorf("took %v, and has waited %v", got.Took, got.Waited)
				}
				if got.Took = 0; got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			})
		})
	}
}

// TestHops follows a chain of redirects, a loop, and a client that counts hops
// which is not planned.
func TestHops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := Start(Config{Memory: true, Plan: Plan{Faults: []Fault{
			{Kind: fault.Redirect, Keys: []string{"BR"}, Hops: 2}, {Kind: fault.RedirectLoop, Keys: []string{"CN"}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{FlagPath("BR"), FlagPath("CN"), FlagPath("DE") + "?teapot-hop=3"} {
			if resp, err := s.Client().Get(s.URL() + path); err == nil {
				resp.Body.Close()
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		got := map[string][]int{}
		for _, e := range s.Journal() {
			got[e.Key] = append(got[e.Key], e.Hop)
		}
		want := map[string][]int{"BR": {0, 1, 2}, "CN": {0, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "DE": {0}}
		if !maps.EqualFunc(got, want, slices.Equal) {
			t.Errorf("got the hops %v, want %v", got, want)
		}
	})
}
