package servers_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestResent asks for a key that is never answered, on connections that are new
// and on ones that have been used: only what the transport sends again by
// itself, and as often as it does, is the request that came before, and does
// not wait again.
func TestResent(t *testing.T) {
	const wait = time.Second / 10
	for _, kind := range []servers.Kind{fault.Empty, fault.Reset} {
		for _, test := range []struct {
			name   string
			method string
			idle   int    // connections that have been used
			asks   int    // how many times a client asks, each at once after the other
			agent  bool   // whether each ask has headers of its own
			resent string // of the journal's entries, yes or no
		}{
			{"new connections", "GET", 0, 3, false, "nnn"},
			{"a used one", "GET", 1, 1, false, "ny"},
			{"three used ones", "HEAD", 3, 1, false, "nyyy"},
			{"a used one, and retries", "GET", 1, 3, false, "nynn"},
			{"a used one, and other clients", "GET", 1, 3, true, "nynn"},
			{"what may not be done twice", "POST", 1, 2, false, "nn"},
		} {
			t.Run(string(kind)+"/"+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					plan := servers.Plan{
						Latency: latencyOf(t, wait),
						Faults:  []servers.Fault{{Kind: kind, Keys: []string{"BR"}}},
					}
					s := start(t, servers.Config{Memory: true, Plan: plan})
					var used sync.WaitGroup
					for range test.idle { // at once, so that each has a connection of its own
						used.Go(func() { mustAsk(t, s, http.MethodGet, servers.FlagPath("CN")) })
					}
					used.Wait()
					for i := range test.asks {
						req, _ := http.NewRequestWithContext(t.Context(), test.method, s.URL()+servers.FlagPath("BR"),
							nil)
						if test.agent {
							req.Header.Set("User-Agent", strings.Repeat("tea", i+1))
						}
						begin := time.Now()
						if _, err := s.Client().Do(req); err == nil {
							t.Error("got an answer")
						}
						if got, want := time.Since(begin), plan.Fate("BR", 1).Latency; got != want {
							t.Errorf("ask %d has failed after %v, want %v", i+1, got, want)
						}
					}
					mustClose(t, s)
					var got strings.Builder
					journal := s.Journal()
					slices.SortStableFunc(journal,
						func(a, b servers.Entry) int { return cmp.Compare(a.Arrived, b.Arrived) })
					for _, e := range journal { // which may end in another order
						if e.Key == "BR" {
							got.WriteString(map[bool]string{false: "n", true: "y"}[e.Resent])
						}
					}
					if got.String() != test.resent {
						t.Errorf("sent again: got %s, want %s", got.String(), test.resent)
					}
				})
			})
		}
	}
}
