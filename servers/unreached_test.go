package servers_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/taskid"
)

// TestRedial has a client try again at the URL that it was given, at which no
// request gets through. It meets what the plan has for its next attempts, if
// the server knows whose they are.
func TestRedial(t *testing.T) {
	const key = "BR"
	for _, kind := range []servers.Kind{fault.Refuse, fault.Close} {
		for _, memory := range []bool{true, false} {
			for _, test := range []struct {
				name     string
				bare     bool // requests do not have the context
				renews   bool // the client asks for the URL of the same attempt again
				asks     int
				got      int   // how many of them had an answer
				attempts []int // in the journal, without those that a transport made
			}{
				{"one", false, false, 1, 0, []int{1}},
				{"up to an answer", false, false, 3, 1, []int{1, 2, 3}},
				{"and on", false, false, 5, 3, []int{1, 2, 3, 4, 5}},
				{"with a new URL each time", false, true, 4, 2, []int{1, 2, 3, 4}},
				{"without the context", true, false, 3, 0, []int{1}},
			} {
				s := start(t, servers.Config{Memory: memory, CountAttempts: true, Plan: servers.Plan{
					Faults: []servers.Fault{{Kind: kind, Attempts: 2}},
				}})
				ctx := taskid.NewContext(t.Context(), 1)
				at, got := s.URLOf(ctx, key, 1), 0
				for n := range test.asks {
					if test.renews && n > 0 {
						at = s.URLOf(ctx, key, 1)
					}
					asking := ctx
					if test.bare {
						asking = context.Background()
					}
					req, err := http.NewRequestWithContext(asking, http.MethodGet, at+servers.FlagPath(key), nil)
					if err != nil {
						t.Fatal(err)
					}
					switch resp, err := s.Client().Do(req); {
					case err == nil:
						got++
						resp.Body.Close()
					case kind == fault.Refuse && !errors.Is(err, syscall.ECONNREFUSED):
						t.Errorf("%s: %v", test.name, err)
					}
				}
				mustClose(t, s)
				var attempts []int
				for _, e := range s.Journal() {
					attempts = append(attempts, e.Attempt)
				}
				slices.Sort(attempts)
				if got != test.got || !slices.Equal(attempts, test.attempts) {
					t.Errorf("%s, %s, memory %v: got %d answers, attempts %v, want %d, %v", kind, test.name, memory,
						got, attempts, test.got, test.attempts)
				}
			}
		}
	}
}

// TestRedialShares has another task use the URL at which one was answered in
// the end: it is refused all the same.
func TestRedialShares(t *testing.T) {
	s := start(t, servers.Config{Memory: true, CountAttempts: true, Plan: servers.Plan{
		Faults: []servers.Fault{{Kind: fault.Refuse, Attempts: 1}},
	}})
	for task, key := range []string{"BR", "CN"} {
		ctx := taskid.NewContext(t.Context(), task+1)
		at := s.URLOf(ctx, key, 1) + servers.FlagPath(key)
		for n, want := range []bool{false, true} {
			if _, err := ask(ctx, s, http.MethodGet, at, 0); (err == nil) != want {
				t.Errorf("%s, attempt %d: got %v, want an answer: %v", key, n+1, err, want)
			}
		}
	}
}
