package servers_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/flags"
)

// TestExactLatency asks for every key at once under the virtual clock: what the
// client waits, and what the journal says that the server has waited, is what
// is planned, to the nanosecond.
func TestExactLatency(t *testing.T) {
	for _, text := range []string{"0s", "1ns", "2s", "uniform(500ms, 5s)", "uniform(0s, 24h)"} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := servers.Plan{Seed: 418, Latency: latency(t, text), Faults: []servers.Fault{teapots(0.25)}}
				s := start(t, servers.Config{Plan: plan, Memory: true})
				time.Sleep(time.Second)
				begin := time.Now()
				keys := codes()
				if text == "uniform(0s, 24h)" {
					keys = flags.Every()
				}
				waits := make([]time.Duration, len(keys))
				var wg sync.WaitGroup
				for i, key := range keys {
					wg.Go(func() {
						a := mustAsk(t, s, http.MethodGet, servers.FlagPath(key))
						waits[i] = time.Since(begin)
						if want := plan.Fate(key, 1).Status; a.status != want {
							t.Errorf("%s: got %d, want %d", key, a.status, want)
						}
					})
				}
				wg.Wait()
				for i, key := range keys {
					if want := plan.Fate(key, 1).Latency; waits[i] != want {
						t.Errorf("%s: the client has waited %v, want %v", key, waits[i], want)
					}
				}
				s.Close()
				if n := len(s.Journal()); n != len(keys) {
					t.Errorf("got %d entries, want %d", n, len(keys))
				}
				var last time.Duration
				for _, e := range s.Journal() {
					if e.Waited != e.Planned.Latency || e.Arrived != time.Second || e.Planned != plan.Fate(e.Key, 1) {
						t.Errorf("the journal has %+v", e)
					}
					if ended := e.Arrived + e.Waited; ended < last {
						t.Errorf("%s has ended at %v, and stands behind one of %v", e.Key, ended, last)
					} else {
						last = ended
					}
				}
			})
		})
	}
}

// TestClientGoesAway has clients that wait for a second, of answers that take
// two.
func TestClientGoesAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Plan: servers.Plan{Latency: latency(t, "2s")}, Memory: true})
		var wg sync.WaitGroup
		for _, code := range flags.Top20() {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := ask(ctx, s, http.MethodGet, s.URL()+servers.FlagPath(code), 0); !errors.Is(err,
					context.DeadlineExceeded) {
					t.Errorf("%s: got %v", code, err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		if n := len(s.Journal()); n != len(flags.Top20()) {
			t.Errorf("got %d entries before the answers were due, want %d", n, len(flags.Top20()))
		}
		for _, e := range s.Journal() {
			if e.Status != 0 || e.Bytes != 0 || e.Waited != time.Second {
				t.Errorf("%s: got status %d and %d bytes after %v, want none after 1s", e.Key, e.Status,
					e.Bytes, e.Waited)
			}
		}
	})
}

// TestSlowConnection sends a header byte by byte: the server's patience has an
// end.
func TestSlowConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Memory: true})
		conn := dial(t, s)
		defer conn.Close()
		begin := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"); err == nil; time.Sleep(10 * time.Second) {
				_, err = io.WriteString(conn, "X")
			}
		})
		io.Copy(io.Discard, conn)
		if took := time.Since(begin); took > 2*time.Minute {
			t.Errorf("the server has listened for %v", took)
		}
		wg.Wait()
	})
}
