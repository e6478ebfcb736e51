package servers_test

import (
	"context"
	"crypto/x509"
	"io"
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/taskid"
)

// TestElsewhere asks a server through what another process has of it. The
// journal is that of the server alone, and tells the tasks.
func TestElsewhere(t *testing.T) {
	for name, c := range map[string]servers.Config{
		"HTTP": {}, "TLS": {TLS: true}, "h2": {TLS: true, HTTP2: true}, "h2c": {HTTP2: true},
	} {
		t.Run(name, func(t *testing.T) {
			c.Address = "127.0.0.1:0"
			c.Plan.Positions = map[string][]int{"BR": {1, 2}}
			s, err := servers.Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			there, err := c.Elsewhere(s.URL(), s.Certificate())
			if err != nil {
				t.Fatal(err)
			}
			for number := 1; number <= 2; number++ {
				ctx, end := there.BeginTask(taskid.NewContext(context.Background(), number), "BR")
				url := there.URLOf(ctx, "BR", 1) + servers.FlagPath("BR")
				req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
				if err != nil {
					t.Fatal(err)
				}
				taskid.Mark(req)
				seen, err := there.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, seen.Body)
				seen.Body.Close()
				end()
			}
			if load := there.Load(); load.Requests != 0 || there.Direct() || len(there.Journal()) != 0 {
				t.Errorf("it has a load of %+v, and %d entries", load, len(there.Journal()))
			}
			if err := there.Close(); err != nil {
				t.Error(err)
			}
			_ = s.Close()
			journal := s.Journal()
			if len(journal) != 2 || journal[0].Task != 1 || journal[1].Task != 2 || journal[1].Occurrence != 2 {
				t.Errorf("the journal is %+v", journal)
			}
		})
	}
}

// TestElsewhereRefused has servers that no other process can have.
func TestElsewhereRefused(t *testing.T) {
	refuse := servers.Config{Plan: servers.Plan{Faults: []servers.Fault{{Kind: fault.Refuse}}}}
	for name, tt := range map[string]struct {
		config servers.Config
		at     string
	}{
		"no URL":                   {servers.Config{}, ""},
		"no port":                  {servers.Config{}, "http://localhost"},
		"a fault before a request": {refuse, "http://127.0.0.1:1"},
		"no connections":           {servers.Config{Direct: true}, "http://127.0.0.1:1"},
		"in memory":                {servers.Config{Memory: true}, "http://127.0.0.1:1"},
	} {
		if _, err := tt.config.Elsewhere(tt.at, new(x509.Certificate)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
