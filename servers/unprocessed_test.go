package servers_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// unprocessed are the faults by which a server refuses a request unprocessed.
var unprocessed = []servers.Kind{fault.RefusedStream, fault.GoAwayUnprocessed}

// overHTTP2 calls f with a server of HTTP/2, with TLS and without, in memory
// and over loopback.
func overHTTP2(t *testing.T, f func(t *testing.T, c servers.Config)) {
	for _, wire := range []string{"h2c", "h2"} {
		for _, memory := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, memory %v", wire, memory), func(t *testing.T) {
				c := wires()[wire]
				if c.Memory = memory; !memory {
					f(t, c)
					return
				}
				synctest.Test(t, func(t *testing.T) { f(t, c) })
			})
		}
	}
}

// echo is content that answers with the body of the request.
func echo(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }

// TestUnprocessed has net/http's transport send a request again that was
// refused, if it has the body once more.
func TestUnprocessed(t *testing.T) {
	const wait = 20 * time.Millisecond
	long := strings.Repeat("t", 1<<18) // four times what HTTP/2 may send at first
	for _, kind := range unprocessed {
		for _, test := range []struct {
			method string
			body   func() io.Reader
			entity string // of the answer
			fails  bool
		}{
			{method: "GET", body: func() io.Reader { return nil }},
			{method: "POST", body: func() io.Reader { return strings.NewReader("green") }, entity: "green"},
			{
				method: "POST", body: func() io.Reader { return strings.NewReader(long) }, entity: long,
			},
			{method: "POST", body: func() io.Reader { return io.MultiReader(strings.NewReader("x")) }, fails: true},
		} {
			name := fmt.Sprintf("%s/%s %d, fails %v", kind, test.method, len(test.entity), test.fails)
			t.Run(name, func(t *testing.T) {
				overHTTP2(t, func(t *testing.T, c servers.Config) {
					c.Content, c.CountAttempts = http.HandlerFunc(echo), true
					c.Plan.Latency = latencyOf(t, wait)
					c.Plan.Faults = []servers.Fault{{Kind: kind, Keys: []string{"/x"}}}
					s := start(t, c)
					for _, path := range []string{"/y", "/x", "/z"} { // so that there is a connection
						req, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+path, test.body())
						if err != nil {
							t.Fatal(err)
						}
						begin := time.Now()
						resp, err := s.Client().Do(req)
						if failed := err != nil; failed != (test.fails && path == "/x") {
							t.Fatalf("%s: got %v", path, err)
						}
						if err != nil {
							continue
						}
						body, err := io.ReadAll(resp.Body)
						resp.Body.Close()
						if err != nil || string(body) != test.entity && !test.fails {
							t.Errorf("%s: got %d bytes, %v", path, len(body), err)
						}
						want := c.Plan.FateOf(fault.Request{Key: path, Attempt: 1, Refused: true}).Latency
						if took := time.Since(begin); took < want || c.Memory && took > want {
							t.Errorf("%s: took %v, want %v", path, took, want)
						}
					}
					mustClose(t, s)
					verifyRefused(t, s, kind, !test.fails)
				})
			})
		}
	}
}

// verifyRefused verifies that the journal has /x as refused, and, if it came
// again, that as well.
func verifyRefused(t *testing.T, s *servers.Server, kind servers.Kind, again bool) {
	t.Helper()
	var x []servers.Entry
	for _, e := range s.Journal() {
		if e.Key == "/x" {
			x = append(x, e)
		}
	}
	want := 1
	if again {
		want = 2
	}
	if len(x) != want {
		t.Fatalf("got %d requests, want %d: %+v", len(x), want, x)
	}
	if e := x[0]; e.Met != kind || e.Status != 0 || e.Resent || e.Gone != 0 || e.Planned.Latency != 0 {
		t.Errorf("got %+v, want a request that was refused", e)
	}
	if !again {
		return
	}
	if e := x[1]; e.Met != servers.None || e.Status != 200 || !e.Resent || e.Attempt != 1 || !e.Done {
		t.Errorf("got %+v, want the same request, answered", e)
	}
}

// TestUnprocessedBeside has many requests at once on few connections, some of
// which are refused: each of those comes again once, and no other does.
func TestUnprocessedBeside(t *testing.T) {
	for _, kind := range unprocessed {
		t.Run(string(kind), func(t *testing.T) {
			overHTTP2(t, func(t *testing.T, c servers.Config) {
				c.Content = http.HandlerFunc(echo)
				c.Plan = servers.Plan{
					Latency: latency(t, "uniform(0s, 20ms)"),
					Faults:  []servers.Fault{{Kind: kind, Rate: 0.2}, {Kind: fault.Reset, Rate: 0.1}},
				}
				if kind == fault.GoAwayUnprocessed && !c.Memory {
					c.Plan.Faults[0].Rate = 0.03 // where it meets several, net/http waits for seconds
				}
				s := start(t, c)
				var all sync.WaitGroup
				for worker := range 15 {
					all.Go(func() {
						for i := range 12 {
							key := fmt.Sprintf("/%d/%d", worker, i)
							req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+key,
								strings.NewReader(key))
							fate := c.Plan.FateOf(fault.Request{Key: key, Attempt: 1, Refused: true})
							resp, err := s.Client().Do(req)
							if failed := err != nil; failed != (fate.Fault == fault.Reset) {
								t.Errorf("%s: got %v, planned %s", key, err, fate.Fault)
							}
							if err != nil {
								continue
							}
							if body, err := io.ReadAll(resp.Body); err != nil || string(body) != key {
								t.Errorf("%s: got %q, %v", key, body, err)
							}
							resp.Body.Close()
						}
					})
				}
				all.Wait()
				mustClose(t, s)
				met := map[string][]servers.Kind{}
				for _, e := range s.Journal() {
					met[e.Key] = append(met[e.Key], e.Met)
				}
				for key, got := range met {
					want := []servers.Kind{c.Plan.FateOf(fault.Request{Key: key, Attempt: 1}).Fault}
					if want[0] == kind {
						want = append(want, c.Plan.FateOf(fault.Request{Key: key, Attempt: 1, Refused: true}).Fault)
					}
					if fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s: met %v, want %v", key, got, want)
					}
				}
			})
		})
	}
}
