package servers_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/flags"
)

// wires are the ways in which a server can be spoken to.
func wires() map[string]servers.Config {
	return map[string]servers.Config{
		"http": {}, "https": {TLS: true}, "h2c": {HTTP2: true}, "h2": {TLS: true, HTTP2: true},
	}
}

// over runs a test over every wire: over loopback, where goleak sees what is
// left, and in memory in a bubble, which cannot end before all of its
// goroutines have.
func over(t *testing.T, f func(t *testing.T, c servers.Config)) {
	for name, c := range wires() {
		t.Run(name+"/loopback", func(t *testing.T) {
			none := goleak.IgnoreCurrent()
			f(t, c)
			goleak.VerifyNone(t, none)
		})
		t.Run(name+"/memory", func(t *testing.T) {
			c.Memory = true
			synctest.Test(t, func(t *testing.T) { f(t, c) })
		})
	}
}

func open(t *testing.T, c servers.Config) *servers.Server {
	t.Helper()
	s, err := servers.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustClose(t *testing.T, s *servers.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestCloseInFlight closes a server that many requests wait for, for an hour
// each. With TLS most have a handshake of their own, which costs 20 others.
func TestCloseInFlight(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		requests := 60
		if c.TLS {
			requests = 20
		}
		c.Plan.Latency = latency(t, "1h")
		s := open(t, c)
		var sent, ended sync.WaitGroup
		sent.Add(requests)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { sent.Done() },
		})
		for _, key := range flags.Every()[:requests] {
			ended.Go(func() {
				if a, err := ask(ctx, s, http.MethodGet, s.URL()+servers.FlagPath(key), 0); err == nil {
					t.Errorf("%s: got the answer %d", key, a.status)
				}
			})
		}
		sent.Wait()
		if c.Memory {
			synctest.Wait()
			time.Sleep(time.Minute)
		}
		begin := time.Now()
		mustClose(t, s)
		if c.Memory && !time.Now().Equal(begin) {
			t.Errorf("Close has taken %v", time.Since(begin))
		}
		journal := s.Journal()
		ended.Wait()
		if n := len(journal); n > requests || c.Memory && n != requests { // over loopback some may not have arrived
			t.Errorf("got %d entries, want %d", n, requests)
		}
		for _, e := range journal {
			if e.Status != 0 || e.Bytes != 0 || c.Memory && e.Waited != time.Minute {
				t.Errorf("%s: got status %d and %d bytes after %v, want none", e.Key, e.Status, e.Bytes, e.Waited)
			}
		}
	})
}

func TestCloseTwice(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		for _, closers := range []int{1, 2, 8} {
			s := open(t, c)
			mustAsk(t, s, http.MethodGet, servers.FlagPath("BR"))
			var wg sync.WaitGroup
			for range closers {
				wg.Go(func() { mustClose(t, s) })
			}
			wg.Wait()
			mustClose(t, s)
			if n := len(s.Journal()); n != 1 {
				t.Errorf("got %d entries, want 1", n)
			}
		}
	})
}

func TestStartAndStop(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		for i := range 40 {
			s := open(t, c)
			if i%2 == 1 {
				mustAsk(t, s, http.MethodGet, servers.FlagPath("BR"))
			}
			mustClose(t, s)
		}
	})
}

// TestCloseUnderFire closes servers at whatever point their clients have come
// to.
func TestCloseUnderFire(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		rounds := 20
		if c.TLS { // each with ten handshakes
			rounds = 8
		}
		for range rounds {
			s := open(t, c)
			transport := s.Client().Transport.(*http.Transport)
			var wg sync.WaitGroup
			begun := make(chan struct{}, 20)
			for i := range cap(begun) {
				wg.Go(func() {
					for {
						var err error
						if i%2 == 0 {
							_, err = ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("BR"), 0)
						} else {
							var conn net.Conn
							if conn, err = transport.DialContext(t.Context(), "tcp",
								"anywhere.invalid:80"); err == nil {
								select {
								case begun <- struct{}{}:
								default:
								}
								// the server says nothing until it closes the
								// connection
								_, err = io.Copy(io.Discard, conn)
								conn.Close()
							}
						}
						if err != nil {
							return
						}
						select {
						case begun <- struct{}{}:
						default:
						}
					}
				})
			}
			<-begun
			mustClose(t, s)
			entries := len(s.Journal())
			wg.Wait()
			if n := len(s.Journal()); n != entries {
				t.Errorf("%d requests have ended after Close", n-entries)
			}
		}
	})
}

// TestCloseUnread closes a server that cannot get rid of an answer.
func TestCloseUnread(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		s := open(t, c)
		conn := dial(t, s)
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET "+servers.FlagPath("BR")+" HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if c.Memory {
			synctest.Wait()
		}
		mustClose(t, s)
	})
}

func TestNothingAfterClose(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		s := open(t, c)
		mustAsk(t, s, http.MethodGet, servers.FlagPath("BR"))
		mustClose(t, s)
		for range 3 {
			if a, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("BR"), 0); err == nil {
				t.Errorf("got %d after Close", a.status)
			}
		}
		if n := len(s.Journal()); n != 1 {
			t.Errorf("got %d entries, want 1", n)
		}
	})
}

// TestSuccessor starts another server where one has been: the first one's
// client must not reach it.
func TestSuccessor(t *testing.T) {
	first := open(t, servers.Config{})
	mustClose(t, first)
	l, err := net.Listen("tcp", first.URL()[len("http://"):])
	if err != nil {
		t.Skipf("another program was faster: %v", err)
	}
	var wg sync.WaitGroup
	successor := &http.Server{Handler: http.NotFoundHandler()}
	wg.Go(func() { successor.Serve(l) })
	defer wg.Wait()
	defer successor.Close()
	if a, err := ask(t.Context(), first, http.MethodGet, first.URL()+"/", 0); err == nil {
		t.Errorf("the successor has answered %d", a.status)
	}
}

// TestDialGivesUp dials a server under a context that is over.
func TestDialGivesUp(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		s := open(t, c)
		defer mustClose(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := ask(ctx, s, http.MethodGet, s.URL()+"/", 0); err == nil {
			t.Error("got an answer")
		}
	})
}
