package servers_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
)

// TestParked asks for every key three times, over a few connections: what is
// parked meets what it would have met otherwise, to the nanosecond, and its
// connection lives on.
func TestParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := servers.Plan{Seed: 1, Latency: latency(t, "list(0s, 1ms, 49ms, 50ms, 2s)"), Faults: []servers.Fault{
			teapots(0.1),
			{Kind: fault.Redirect, Rate: 0.1},
			{Kind: fault.TruncateChunked, Rate: 0.1},
			{Kind: fault.Reset, Rate: 0.1},
		}}
		s := start(t, servers.Config{Plan: plan, Memory: true, Park: true})
		var wg sync.WaitGroup
		var dialed atomic.Int32
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
			if !c.Reused {
				dialed.Add(1)
			}
		}})
		keys, broken := flags.Every()[:300], 0
		for lane := range 5 {
			wg.Go(func() {
				for i := lane; i < 3*len(keys); i += 5 {
					key, attempt := keys[i/3], 1+i%3
					fate, begin := plan.Fate(key, attempt), time.Now()
					a, err := ask(ctx, s, http.MethodGet, s.URL()+servers.FlagPath(key), attempt)
					if got := time.Since(begin); got != fate.Latency {
						t.Errorf("%s %d: waited %v, want %v", key, attempt, got, fate.Latency)
					}
					if fails := fate.Fault == fault.Reset ||
						fate.Fault == fault.TruncateChunked; fails != (err != nil) || !fails &&
						a.status != fate.Status {
						t.Errorf("%s %d: got %d, %v, planned %+v", key, attempt, a.status, err, fate)
					}
				}
			})
		}
		wg.Wait()
		for i := range 3 * len(keys) {
			if f := plan.Fate(keys[i/3], 1+i%3).Fault; f == fault.Reset || f == fault.TruncateChunked {
				broken++
			}
		}
		// A reset is met on every idle connection in turn before the transport
		// believes it.
		if n := int(dialed.Load()); n > 5+5*broken {
			t.Errorf("%d connections were dialed for 5 lanes and %d that broke", n, broken)
		}
		for _, e := range s.Journal() {
			if want := e.Planned.Latency; e.Planned.Fault != fault.Redirect && !e.Resent && e.Waited != want ||
				e.Met != e.Planned.Fault {
				t.Errorf("the journal has %+v", e)
			}
		}
	})
}

// TestParkedPipeline sends three requests at once, of which the first is
// parked: the others are answered behind it, in order.
func TestParkedPipeline(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		if c.TLS || c.HTTP2 {
			return // nothing is parked, and no dialler speaks it
		}
		c.Plan, c.Park = servers.Plan{Latency: latency(t, "60ms")}, true
		s := open(t, c)
		defer mustClose(t, s)
		conn := dial(t, s)
		defer conn.Close()
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			for _, request := range []string{
				"GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\nRange: bytes=0-2\r\nUser-Agent: tea\r\n\r\n",
				"HEAD /flags/cn/cn.gif HTTP/1.1\r\nHost: x\r\n\r\n",
				"GET /nothing?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			} {
				io.WriteString(conn, request)
			}
		})
		r := bufio.NewReader(conn)
		for _, want := range []struct {
			method string
			status int
			body   string
		}{{"GET", 206, "GIF"}, {"HEAD", 200, ""}, {"GET", 404, "404 page not found\n"}} {
			resp, err := http.ReadResponse(r, &http.Request{Method: want.method})
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			if resp.StatusCode != want.status || string(body) != want.body || err != nil {
				t.Errorf("got %d %q, %v, want %d %q", resp.StatusCode, body, err, want.status, want.body)
			}
		}
		if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
			t.Errorf("%q follows, %v", rest, err)
		}
	})
}

// TestParkedClose closes a server whose requests are parked, before their time,
// around it, and with clients that have gone away.
func TestParkedClose(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		if c.TLS || c.HTTP2 {
			return // nothing is parked
		}
		for _, text := range []string{"1h", "uniform(50ms, 60ms)"} {
			c.Plan, c.Park = servers.Plan{Latency: latency(t, text)}, true
			s := open(t, c)
			const requests = 60
			var ended sync.WaitGroup
			sent := make(chan struct{}, 10*requests)
			trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
				WroteRequest: func(httptrace.WroteRequestInfo) { sent <- struct{}{} },
			})
			for i, key := range flags.Every()[:requests] {
				ended.Go(func() {
					ctx, cancel := context.WithTimeout(trace, time.Hour)
					if i%3 == 0 {
						ctx, cancel = context.WithTimeout(trace, 55*time.Millisecond)
					}
					defer cancel()
					_, _ = ask(ctx, s, http.MethodGet, s.URL()+servers.FlagPath(key), 0) // any end will do
				})
			}
			for range requests / 2 { // over loopback some may give up before
				<-sent
			}
			if c.Memory {
				synctest.Wait()
				time.Sleep(55 * time.Millisecond)
			}
			mustClose(t, s)
			if got := s.Load(); got.Requests != 0 || got.Connections != 0 {
				t.Errorf("after Close: %+v", got)
			}
			ended.Wait()
			if n := len(s.Journal()); c.Memory && n != requests {
				t.Errorf("got %d entries, want %d", n, requests)
			}
		}
	})
}
