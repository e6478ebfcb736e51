package servers_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/limits"
)

// TestWires holds the client to the protocol that its server is asked to speak,
// and the connection to being kept.
func TestWires(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		s := open(t, c)
		defer mustClose(t, s)
		for range 3 {
			resp, err := s.Client().Get(s.URL() + servers.FlagPath("BR"))
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if want := map[bool]int{false: 1, true: 2}[c.HTTP2]; resp.ProtoMajor != want || (resp.TLS != nil) != c.TLS {
				t.Errorf("got %s with %v, want HTTP/%d and TLS %t", resp.Proto, resp.TLS, want, c.TLS)
			}
		}
		if n := s.Load().Connections; n != 1 {
			t.Errorf("three requests, one after the other, have taken %d connections", n)
		}
		if (s.Certificate() != nil) != c.TLS {
			t.Errorf("got the certificate %v", s.Certificate())
		}
	})
}

// TestCertificate has a client of the test's own, which trusts one server and
// not the other.
func TestCertificate(t *testing.T) {
	s, other := start(t, servers.Config{TLS: true}), start(t, servers.Config{TLS: true})
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.URL() + servers.FlagPath("BR"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	var unknown x509.UnknownAuthorityError
	if _, err := client.Get(other.URL()); !errors.As(err, &unknown) {
		t.Errorf("a stranger: got %v", err)
	}
}

// TestContent serves what a handler says, under a plan.
func TestContent(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		c.Plan = servers.Plan{Seed: 418, Faults: []servers.Fault{teapots(0.5)}}
		c.Content = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/early":
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusAccepted)
			case "/flushed":
				w.(http.Flusher).Flush()
				io.WriteString(w, "tea")
			case "/silent":
			case "/panic":
				panic(http.ErrAbortHandler)
			}
		})
		s := open(t, c)
		defer mustClose(t, s)
		want := map[string]int{"/early": 202, "/flushed": 200, "/silent": 200, "/panic": 0}
		for path, status := range want {
			attempt := 1
			for c.Plan.Fate(path, attempt).Fault != servers.None {
				attempt++
			}
			a, err := ask(t.Context(), s, http.MethodGet, s.URL()+path, attempt)
			if a.status != status || (err != nil) != (status == 0) {
				t.Errorf("%s: got %d and %v, want %d", path, a.status, err, status)
			}
		}
		mustClose(t, s)
		for _, e := range s.Journal() {
			if e.Status != want[e.Key] || e.Planned.Status != 0 || e.Gone != 0 {
				t.Errorf("%s: the journal has %+v, want %d, and nothing planned", e.Key, e, want[e.Key])
			}
		}
	})
}

// TestBodies holds what arrives to the digest, over every wire.
func TestBodies(t *testing.T) {
	size, err := content.ParseSize("doubling(1B, 200KB)")
	if err != nil {
		t.Fatal(err)
	}
	over(t, func(t *testing.T, c servers.Config) {
		c.Content = content.NewBodies(418, size)
		s := open(t, c)
		defer mustClose(t, s)
		for _, path := range []string{"/a", "/b", "/c", "/d"} {
			plain := mustAsk(t, s, http.MethodGet, path)
			verifyDigest(t, plain.header.Get("Repr-Digest"), plain.body)
			req, _ := http.NewRequest(http.MethodGet, s.URL()+path, nil)
			req.Header.Set("Accept-Encoding", "gzip")
			resp, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			zipped, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Error(err)
			}
			resp.Body.Close()
			// too small a body is not compressed
			digest := resp.Header.Get("Repr-Digest") + resp.Trailer.Get("Repr-Digest")
			verifyDigest(t, digest, zipped)
		}
	})
}

func verifyDigest(t *testing.T, field string, body []byte) {
	t.Helper()
	sum := sha256.Sum256(body)
	if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"; field != want {
		t.Errorf("got the digest %q of %d bytes, want %q", field, len(body), want)
	}
}

// TestQueue has a client that gives up while it waits to be let in, one that
// gives up during its latency, and one that is served.
func TestQueue(t *testing.T) {
	for name, c := range wires() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.Memory, c.Plan.Latency = true, latency(t, "10s")
				c.Capacity = limits.Capacity{Concurrent: 1, Queue: 2, Policy: limits.Refuse}
				s := start(t, c)
				var wg sync.WaitGroup
				for _, test := range []struct {
					path    string
					timeout time.Duration
				}{{"/gone", 2 * time.Second}, {"/served", time.Hour}, {"/queued", time.Second}} {
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
						defer cancel()
						if _, err := ask(ctx, s, http.MethodGet, s.URL()+test.path,
							0); (err == nil) != (test.path == "/served") {
							t.Errorf("%s: got %v", test.path, err)
						}
					})
					time.Sleep(time.Millisecond)
				}
				if got := s.Load(); got.Requests != 3 || got.Queued != 2 {
					t.Errorf("got %+v, want 3 requests, 2 of them queued", got)
				}
				if _, err := ask(t.Context(), s, http.MethodPost, s.URL()+"/refused", 0); err == nil {
					t.Error("a fourth was answered")
				}
				wg.Wait()
				mustClose(t, s)
				fate := s.Journal()[3].Planned.Latency
				const queued = 2*time.Second - time.Millisecond // it came a millisecond behind the one that gave up
				want := map[string]servers.Entry{
					// the nanosecond that settles who came first
					"/refused": {TurnedAway: limits.ByCapacity, Queued: 1, Waited: 1, Took: 1},
					"/queued": {
						TurnedAway: limits.ByClient, Queued: time.Second, Waited: time.Second,
						Took: time.Second, Gone: time.Second,
					},
					"/gone": {Queued: 1, Waited: 2 * time.Second, Took: 2 * time.Second, Gone: 2 * time.Second},
					"/served": {
						Queued: queued, Waited: queued + fate, Took: queued + fate, Status: 404, Bytes: 19,
						Met: servers.None, Done: true,
					},
				}
				for _, e := range s.Journal() {
					w := want[e.Key]
					w.Key, w.Occurrence, w.Attempt, w.Arrived, w.Planned = e.Key, 1, 1, e.Arrived, e.Planned
					w.Counted, w.Method, w.Idempotent = true, e.Method, e.Method != http.MethodPost
					w.HTTP2, w.Connection, w.Target = c.HTTP2, 1, targetOf(e.Key, "")
					if !c.HTTP2 { // one connection for each request, a millisecond after the last
						w.Connection = int(1 + e.Arrived/time.Millisecond)
					}
					if e != w {
						t.Errorf("%s:\n got %+v\nwant %+v", e.Key, e, w)
					}
				}
			})
		})
	}
}

// TestObserve watches a journal from its middle: nothing is told twice or left
// out.
func TestObserve(t *testing.T) {
	s := start(t, servers.Config{Memory: true})
	ask3 := func() {
		for _, path := range []string{"/a", "/b", "/c"} {
			mustAsk(t, s, http.MethodGet, path)
		}
	}
	ask3()
	var seen []string
	stop := s.Observe(func(e servers.Entry) { seen = append(seen, e.Key) })
	stopOther := s.Observe(func(servers.Entry) {})
	ask3()
	stopOther()
	mustClose(t, s)
	stop()
	if len(seen) != 6 {
		t.Errorf("got %v, want six", seen)
	}
	for i, e := range s.Journal() {
		if seen[i] != e.Key {
			t.Errorf("got %v, want the journal's order", seen)
		}
	}
}

// TestLongKeys asks for what is longer than a journal keeps.
func TestLongKeys(t *testing.T) {
	s := start(t, servers.Config{Memory: true})
	long := "/" + strings.Repeat("x", 3*servers.KeyLimit)
	mustAsk(t, s, http.MethodGet, long)
	mustClose(t, s)
	if got := s.Journal()[0].Key; got != long[:servers.KeyLimit] {
		t.Errorf("got a key of %d bytes, want %d", len(got), servers.KeyLimit)
	}
}

func TestStartRefuses(t *testing.T) {
	for want, c := range map[string]servers.Config{
		"servers: capacity: queue -1: want 0 or more": {Capacity: limits.Capacity{
			Concurrent: 1,
			Queue:      -1,
		}},
		"servers: rate: per second -1: want above 0, to 1000000000": {Rate: limits.Rate{PerSecond: -1}},
	} {
		if s, err := servers.Start(c); err == nil || err.Error() != want {
			t.Errorf("got %v, %v, want %s", s, err, want)
		}
	}
}
