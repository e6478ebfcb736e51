package servers_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestCountAttempts asks for the same again and again, without a word of
// attempts: a server that counts them draws again for each, and the same for
// each as for a client that says its number.
func TestCountAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := servers.Plan{Seed: 1, Faults: []servers.Fault{teapots(0.5)}}
		s := start(t, servers.Config{Memory: true, CountAttempts: true, Plan: plan})
		statuses := map[int]int{}
		for n := 1; n <= 40; n++ {
			got := mustAsk(t, s, http.MethodGet, servers.FlagPath("BR")).status
			if want := plan.Fate("BR", n).Status; got != want {
				t.Errorf("request %d: got %d, want %d", n, got, want)
			}
			statuses[got]++
		}
		if len(statuses) != 2 {
			t.Errorf("got %v, want some of each", statuses)
		}
		mustAsk(t, s, http.MethodGet, servers.FlagPath("CN"))
		journal := s.Journal()
		for i, e := range journal[:40] {
			if e.Attempt != i+1 {
				t.Errorf("entry %d is of attempt %d", i, e.Attempt)
			}
		}
		if e := journal[40]; e.Key != "CN" || e.Attempt != 1 {
			t.Errorf("another key: got %s %d, want attempt 1", e.Key, e.Attempt)
		}
	})
}

// TestCountAttemptsOnce has requests that are no attempts of their own: the
// hops of a redirect, and those that say their number.
func TestCountAttemptsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Memory: true, CountAttempts: true, Plan: servers.Plan{
			Faults: []servers.Fault{
				{Kind: fault.Redirect, Hops: 3, Keys: []string{"BR"}},
				{Kind: fault.Empty, Keys: []string{"CN"}, Attempts: 2},
			},
		}})
		for range 2 {
			if got := mustAsk(t, s, http.MethodGet, servers.FlagPath("BR")).status; got != http.StatusOK {
				t.Errorf("got %d", got)
			}
		}
		for i, e := range s.Journal() {
			if want := 1 + i/4; e.Attempt != want || e.Hop != i%4 {
				t.Errorf("entry %d: got attempt %d, hop %d, want %d, %d", i, e.Attempt, e.Hop, want, i%4)
			}
		}
		for n := 7; n > 4; n-- {
			r, err := http.NewRequest(http.MethodGet, s.URL()+servers.FlagPath("FR"), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set(servers.AttemptHeader, strconv.Itoa(n))
			resp, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		mustAsk(t, s, http.MethodGet, servers.FlagPath("FR"))
		var got []int
		for _, e := range s.Journal()[8:] {
			got = append(got, e.Attempt)
		}
		if want := []int{7, 6, 5, 1}; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] ||
			got[3] != want[3] {
			t.Errorf("got the attempts %v, want %v", got, want)
		}
	})
}

// TestCountAttemptsResent has a transport send again what was closed without an
// answer: that is the same attempt still.
func TestCountAttemptsResent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Memory: true, CountAttempts: true, Plan: servers.Plan{
			Faults: []servers.Fault{{Kind: fault.Empty, Keys: []string{"CN"}, Attempts: 1}},
		}})
		mustAsk(t, s, http.MethodGet, servers.FlagPath("BR")) // which leaves a connection to be used again
		if _, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("CN"), 0); err == nil {
			t.Error("got an answer")
		}
		if got := mustAsk(t, s, http.MethodGet, servers.FlagPath("CN")).status; got != http.StatusOK {
			t.Errorf("the second attempt: got %d", got)
		}
		var got []int
		for _, e := range s.Journal()[1:] {
			got = append(got, e.Attempt)
		}
		if len(got) != 3 || got[0] != 1 || got[1] != 1 || got[2] != 2 {
			t.Errorf("got the attempts %v, want 1, 1 again, 2", got)
		}
	})
}

func TestAddress(t *testing.T) {
	first := start(t, servers.Config{})
	addr := first.URL()[len("http://"):]
	if _, err := servers.Start(servers.Config{Address: addr}); err == nil {
		t.Error("two servers at one address")
	}
	mustClose(t, first)
	again := start(t, servers.Config{Address: addr})
	if again.URL() != first.URL() {
		t.Errorf("got %s, want %s", again.URL(), first.URL())
	}
	mustAsk(t, again, http.MethodGet, servers.FlagPath("BR"))
	if _, err := servers.Start(servers.Config{Address: addr, Memory: true}); err == nil {
		t.Error("an address in memory")
	}
	if _, err := servers.Start(servers.Config{Address: "nonsense"}); err == nil {
		t.Error("an invalid address")
	}
}
