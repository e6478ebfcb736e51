package scenarios_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// elsewheres has clients that keep connections to other hosts than the run's
// server.
var elsewheres = []leaky{
	{
		name: "idle connections to another host", clock: record.Real,
		client: toElsewhere(func(t *testing.T, url string) func() {
			c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}
			t.Cleanup(c.CloseIdleConnections)
			return func() { visit(t, c, url) }
		}),
	},
	{
		name: "idle connections to another host from before the run", clock: record.Real,
		client: toElsewhere(func(t *testing.T, url string) func() {
			c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}
			t.Cleanup(c.CloseIdleConnections)
			visit(t, c, url)
			return func() { visit(t, c, url) }
		}),
	},
	{
		name: "two idle connections to each of two hosts", clock: record.Real,
		client: toElsewhere(func(t *testing.T, url string) func() {
			var two [2]*http.Client
			for i := range two {
				two[i] = &http.Client{Transport: &http.Transport{}}
				t.Cleanup(two[i].CloseIdleConnections)
			}
			return func() { visit(t, two[0], url); visit(t, two[1], url) }
		}),
	},
	{
		name: "a transport for each request to another host", clock: record.Real,
		doubt: "20 idle connections to other hosts left open where at most ",
		client: toElsewhere(func(t *testing.T, url string) func() {
			return func() {
				c := &http.Client{Transport: &http.Transport{}}
				t.Cleanup(c.CloseIdleConnections)
				visit(t, c, url)
			}
		}),
	},
	{
		name: "a transport for each request to another host that is closed", clock: record.Real,
		client: toElsewhere(func(t *testing.T, url string) func() {
			return func() {
				c := &http.Client{Transport: &http.Transport{}}
				visit(t, c, url)
				c.CloseIdleConnections()
			}
		}),
	},
	{
		name: "bodies from another host not closed", clock: record.Real, want: "20 response bodies not closed",
		client: toElsewhere(func(t *testing.T, url string) func() {
			c := &http.Client{Transport: &http.Transport{}}
			return func() {
				resp, err := c.Get(url)
				if err != nil {
					t.Error(err)
					return
				}
				t.Cleanup(func() { resp.Body.Close(); c.CloseIdleConnections() })
			}
		}),
	},
	{
		name: "sockets dialed and forgotten", clock: record.Real,
		want:   "5 connections to other hosts left open (5 × 127.0.0.1:",
		client: dialing(func(*testing.T, net.Conn) {}),
	},
	{
		name: "sockets dialed and kept", clock: record.Real, want: ", 5 of which carried nothing",
		client: dialing(func(t *testing.T, c net.Conn) { t.Cleanup(func() { c.Close() }) }),
	},
	{
		name: "sockets used and forgotten", clock: record.Real, want: ", 5 of which nothing referred to any more",
		client: dialing(ping),
	},
	{
		name: "sockets used and kept", clock: record.Real,
		doubt:  "5 connections to other hosts left open (5 × 127.0.0.1:",
		client: dialing(func(t *testing.T, c net.Conn) { ping(t, c); t.Cleanup(func() { c.Close() }) }),
	},
	{
		name: "sockets used and closed", clock: record.Real,
		client: dialing(func(t *testing.T, c net.Conn) { ping(t, c); c.Close() }),
	},
	{
		name: "sockets dialed and forgotten beside idle connections", clock: record.Real,
		want: ", 5 of which carried nothing",
		client: toElsewhere(func(t *testing.T, url string) func() {
			c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}
			t.Cleanup(c.CloseIdleConnections)
			five := make(chan int, 5)
			for range cap(five) {
				five <- 1
			}
			return func() {
				visit(t, c, url)
				select {
				case <-five:
					c, err := net.Dial("tcp", url[len("http://"):])
					if err != nil {
						t.Error(err)
						return
					}
					t.Cleanup(func() { c.Close() })
				default:
				}
			}
		}),
	},
}

// toElsewhere is a client that also does in each task what open returns. open
// is called before the run with the URL of a server that is not the run's.
func toElsewhere(open func(t *testing.T, url string) func()) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "counted")
		}))
		t.Cleanup(s.CloseClientConnections)
		t.Cleanup(s.Close)
		more := open(t, s.URL)
		return every(func(*testing.T, *servers.Server) { more() })(t)
	}
}

// visit makes a request and closes what it opens.
func visit(t *testing.T, c *http.Client, url string) {
	resp, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

// dialing is a client that dials an echo server in its first five tasks.
func dialing(then func(*testing.T, net.Conn)) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		keepGarbage(t)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var served sync.WaitGroup
		t.Cleanup(served.Wait)
		t.Cleanup(func() { l.Close() })
		served.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				served.Go(func() {
					defer c.Close()
					io.Copy(c, c)
				})
			}
		})
		return once(func(t *testing.T, _ *servers.Server) {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			then(t, c)
		})(t)
	}
}

// keepGarbage has the garbage collector leave what a client forgets.
func keepGarbage(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
}

// ping uses a connection.
func ping(t *testing.T, c net.Conn) {
	if _, err := c.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
}

const (
	hangs  = ", {kind: hang, attempts: 1}"
	breaks = ", {kind: hang_body, attempts: 1}"
)

// behind has clients that leave a request under way when their tasks end: the
// end of the server must not hide that.
var behind = []leaky{
	{
		name: "requests that nothing ends", more: "timeout: 10s, ", faults: hangs,
		want: "16 requests still under way after all tasks (16 × ",
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.Background(), func() {}
		}),
	},
	{
		name: "bodies that nothing ends", more: "timeout: 10s, ", faults: breaks,
		want: "16 requests still under way after all tasks (16 × ",
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(ctx), func() {}
		}),
	},
	{
		name: "bodies that nothing ends, over HTTP/2", server: "protocol: h2c, ", more: "timeout: 10s, ",
		faults: breaks, want: "16 requests still under way after all tasks (16 × ",
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithoutCancel(ctx), func() {}
		}),
	},
	{
		name: "requests of another client that nothing ends", more: "timeout: 10s, ", faults: hangs,
		doubt:  "16 goroutines waited for an answer after all tasks (16 × ",
		client: besides(func(c net.Conn) net.Conn { return c }),
	},
	{
		name: "requests of another client with a timeout", more: "timeout: 10s, ", faults: hangs,
		client: besides(func(c net.Conn) net.Conn {
			_ = c.SetDeadline(time.Now().Add(100 * time.Millisecond))
			return c
		}),
	},
	{
		name: "requests in the context of the task", more: "timeout: 10s, ", faults: hangs,
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }),
	},
	{
		name: "bodies in the context of the task", more: "timeout: 10s, ", faults: breaks,
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) { return ctx, func() {} }),
	},
	{
		name: "requests with a timeout", more: "timeout: 10s, ", faults: hangs,
		client: leaving(func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.WithoutCancel(ctx), 100*time.Millisecond)
		}),
	},
}

// besides is a client that makes another request beside that of the task, for
// which it does not wait, over a connection of its own and without net/http's
// transport.
func besides(limit func(net.Conn) net.Conn) func(*testing.T) scenarios.RequestFunc {
	return func(t *testing.T) scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			host := strings.TrimPrefix(s.URL(), "http://")
			c, err := s.Client().Transport.(*http.Transport).DialContext(ctx, "tcp", host)
			if err != nil {
				t.Error(err)
				return record.Seen{Class: record.Failed}
			}
			go func() {
				defer c.Close()
				limit(c)
				fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\n%s: 1\r\n\r\n", servers.FlagPath(key), host,
					servers.AttemptHeader)
				if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
					io.Copy(io.Discard, resp.Body)
				}
			}()
			seen, _ := plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key), servers.AttemptHeader, "2")
			return seen
		}
	}
}

// leaving is a client that makes another request beside that of the task, for
// which it does not wait.
func leaving(limit func(context.Context) (context.Context, context.CancelFunc)) func(*testing.T) scenarios.RequestFunc {
	return func(*testing.T) scenarios.RequestFunc {
		return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			go func() {
				ctx, cancel := limit(ctx)
				defer cancel()
				plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key), servers.AttemptHeader, "1")
			}()
			seen, _ := plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key), servers.AttemptHeader, "2")
			return seen
		}
	}
}
