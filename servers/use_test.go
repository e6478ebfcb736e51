package servers_test

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/taskid"
)

// TestUse asks on connections that close without an answer. The server knows
// what the transport sends again, and which attempts are the client's own, also
// of a connection that was dialled for another request and never used, if the
// requests have the context of their task.
func TestUse(t *testing.T) {
	const lost = "DE" // is never answered
	type request struct {
		use     string // dialled or kept, "" if its client does not say
		attempt int
		resent  bool
	}
	for _, test := range []struct {
		name  string
		ready func(t *testing.T, s *servers.Server, client *http.Client, hold func() func())
		bare  bool // requests do not have the context
		want  []request
	}{
		{
			"a connection of its own", nil, false,
			[]request{{"dialled", 1, false}, {"dialled", 2, false}},
		},
		{
			"one that has had an answer", answered, false,
			[]request{{"kept", 1, false}, {"dialled", 1, true}, {"dialled", 2, false}},
		},
		{
			"one that has had none", dialled, false,
			[]request{
				{"kept", 1, false},
				{"kept", 1, true},
				{"dialled", 1, true},
				{"dialled", 2, false},
			},
		},
		{
			"a client that does not say", answered, true,
			[]request{{attempt: 1}, {attempt: 1, resent: true}, {attempt: 2}},
		},
		{
			"one that has had none, of a client that does not say", dialled, true,
			[]request{{attempt: 1}, {attempt: 2}, {attempt: 2, resent: true}, {attempt: 3}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := servers.Plan{
					Latency: latencyOf(t, time.Second),
					Faults:  []servers.Fault{{Kind: fault.Empty, Keys: []string{lost}}},
				}
				s := start(t, servers.Config{Memory: true, CountAttempts: true, Plan: plan})
				transport := s.Client().Transport.(*http.Transport).Clone()
				defer transport.CloseIdleConnections()
				var held chan struct{}
				dial := transport.DialContext
				transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
					if held != nil {
						<-held
					}
					return dial(ctx, network, address)
				}
				client := &http.Client{Transport: transport}
				if test.ready != nil {
					test.ready(t, s, client, func() (release func()) {
						held = make(chan struct{})
						return func() { close(held) }
					})
				}
				ctx, end := s.BeginTask(taskid.NewContext(t.Context(), 1), lost)
				defer end()
				if test.bare {
					ctx = t.Context()
				}
				for range 2 {
					if fetched(ctx, s, client, lost) == nil {
						t.Error("got an answer")
					}
				}
				mustClose(t, s)
				var got []request
				journal := s.Journal()
				slices.SortStableFunc(journal,
					func(a, b servers.Entry) int { return cmp.Compare(a.Arrived, b.Arrived) })
				for _, e := range journal {
					use := map[bool]string{e.Fresh: "dialled", e.Reused: "kept"}[true]
					if e.Key == lost {
						got = append(got, request{use, e.Attempt, e.Resent})
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			})
		})
	}
}

// fetched asks for a flag.
func fetched(ctx context.Context, s *servers.Server, client *http.Client, key string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// answered leaves the client with a connection that has had an answer.
func answered(t *testing.T, s *servers.Server, client *http.Client, _ func() func()) {
	if err := fetched(t.Context(), s, client, "BR"); err != nil {
		t.Error(err)
	}
	synctest.Wait()
}

// dialled leaves the client with a connection that has had an answer, and one
// that was dialled for a request which the first has carried.
func dialled(t *testing.T, s *servers.Server, client *http.Client, hold func() func()) {
	over := make(chan error, 2)
	go func() { over <- fetched(t.Context(), s, client, "BR") }()
	synctest.Wait()
	release := hold()
	go func() { over <- fetched(t.Context(), s, client, "CN") }()
	for range 2 {
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	release()
	synctest.Wait()
}
