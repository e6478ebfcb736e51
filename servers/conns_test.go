package servers_test

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// TestConnections has clients that use connections in different ways.
func TestConnections(t *testing.T) {
	second := latency(t, "1s")
	get := func(s *servers.Server, c *http.Client) {
		resp, err := c.Get(s.URLFor("CN", 1) + servers.FlagPath("CN"))
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	for _, tt := range []struct {
		name string
		use  func(t *testing.T, s *servers.Server)
		want servers.Connections // and how many are open, with which requests
		open []servers.Connection
	}{
		{"none", func(*testing.T, *servers.Server) {}, servers.Connections{}, nil},
		{
			"one after another", func(t *testing.T, s *servers.Server) { get(s, s.Client()); get(s, s.Client()) },
			servers.Connections{Opened: 1, Peak: 1, Reused: 1, PeakRequests: 1},
			[]servers.Connection{{Requests: 2, Last: 2 * time.Second}},
		},
		{
			"two at once",
			func(t *testing.T, s *servers.Server) {
				var both sync.WaitGroup
				both.Go(func() { get(s, s.Client()) })
				both.Go(func() { get(s, s.Client()) })
				both.Wait()
			},
			servers.Connections{Opened: 2, Peak: 2, PeakRequests: 2},
			[]servers.Connection{{Requests: 1, Last: time.Second}, {Requests: 1, Last: time.Second}},
		},
		{
			"a transport for each request",
			func(t *testing.T, s *servers.Server) {
				for range 2 {
					own := s.Client().Transport.(*http.Transport).Clone()
					t.Cleanup(own.CloseIdleConnections)
					get(s, &http.Client{Transport: own})
				}
			},
			servers.Connections{Opened: 2, Peak: 2, PeakRequests: 1},
			[]servers.Connection{{Requests: 1, Last: time.Second}, {1, false, time.Second, 2 * time.Second}},
		},
		{
			"closed again",
			func(t *testing.T, s *servers.Server) { get(s, s.Client()); s.Client().CloseIdleConnections() },
			servers.Connections{Opened: 1, Peak: 1, PeakRequests: 1},
			nil,
		},
		{
			"a connection without a request",
			func(t *testing.T, s *servers.Server) {
				dial := s.Client().Transport.(*http.Transport).DialContext
				c, err := dial(context.Background(), "tcp", "")
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { c.Close() })
			},
			servers.Connections{Opened: 1, Peak: 1},
			[]servers.Connection{{}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := servers.Start(servers.Config{Plan: servers.Plan{Latency: second}, Memory: true})
				if err != nil {
					t.Fatal(err)
				}
				tt.use(t, s)
				synctest.Wait()
				got := s.Connections()
				open := got.Open
				got.Open = nil
				if got.Opened != tt.want.Opened || got.Peak != tt.want.Peak || got.Reused != tt.want.Reused ||
					got.PeakRequests != tt.want.PeakRequests || len(open) != len(tt.open) {
					t.Errorf("got %+v with %+v, want %+v with %+v", got, open, tt.want, tt.open)
				}
				for i := range min(len(open), len(tt.open)) {
					open[i].First = open[i].First.Truncate(time.Second)
					open[i].Last = open[i].Last.Truncate(time.Second)
					if open[i] != tt.open[i] {
						t.Errorf("connection %d is %+v, want %+v", i, open[i], tt.open[i])
					}
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				synctest.Wait()
			})
		})
	}
}
