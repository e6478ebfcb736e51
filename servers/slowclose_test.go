package servers_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	waits "github.com/teapot-go/teapot/servers/latency"
)

// answers are contents that end in different ways, and what is left of their
// bodies.
func answers() map[string]struct {
	content http.HandlerFunc
	body    string
} {
	return map[string]struct {
		content http.HandlerFunc
		body    string
	}{
		"chunks": {func(w http.ResponseWriter, _ *http.Request) {
			for range 10 {
				io.WriteString(w, strings.Repeat("tea ", 250))
			}
		}, strings.Repeat("tea ", 2500)},
		"small":    {func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "404 page not found\n"},
		"nothing":  {func(http.ResponseWriter, *http.Request) {}, ""},
		"a status": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }, ""},
		"no body":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, ""},
		"a length": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "3")
			io.WriteString(w, "tea")
		}, "tea"},
		"no length": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") }, ""},
		"trailers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "Teapot-Milk")
			io.WriteString(w, "tea")
			w.Header().Set("Teapot-Milk", "no")
		}, "tea"},
	}
}

// TestSlowClose reads to the end of every answer, wherever a latency is spent:
// it is complete when the latency is over, and has all that it has without the
// fault.
func TestSlowClose(t *testing.T) {
	const wait = time.Second
	for name, answer := range answers() {
		for wire, c := range wires() {
			for _, place := range []waits.Phase{waits.BeforeHead, waits.BeforeBody, waits.OverBody} {
				t.Run(name+"/"+wire+"/"+string(place), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c.Memory, c.Content = true, answer.content
						c.Plan = servers.Plan{
							Latency: latencyOf(t, wait), Spend: place,
							Faults: []servers.Fault{{Kind: fault.SlowClose, Delay: time.Hour, Rate: 1}},
						}
						s, begin := start(t, c), time.Now()
						resp, err := s.Client().Get(s.URL() + "/tea")
						if err != nil {
							t.Fatal(err)
						}
						defer resp.Body.Close()
						body, err := io.ReadAll(resp.Body)
						if string(body) != answer.body || err != nil {
							t.Errorf("got %q, %v, want %q", body, err, answer.body)
						}
						if got, want := time.Since(begin), c.Plan.Fate("/tea", 1).Latency; got != want {
							t.Errorf("the answer was complete after %v, want %v", got, want)
						}
						if milk := resp.Trailer.Get("Teapot-Milk"); (milk == "no") != (name == "trailers") {
							t.Errorf("got the trailer %q", milk)
						}
						if close := resp.Close; close == c.HTTP2 {
							t.Errorf("the end of the connection is announced: %t, over %s", close, wire)
						}
					})
				})
			}
		}
	}
}

// TestSlowlyClosed has a client that does not close its end: the server closes
// the connection when the delay is over.
func TestSlowlyClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, answer := range answers() {
			s := start(t, servers.Config{
				Memory: true, Content: answer.content,
				Plan: servers.Plan{Faults: []servers.Fault{{Kind: fault.SlowClose, Delay: time.Minute, Rate: 1}}},
			})
			conn, begin := dial(t, s), time.Now()
			io.WriteString(conn, "GET /tea HTTP/1.1\r\nHost: tea\r\n\r\n")
			r := bufio.NewReader(conn)
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || time.Since(begin) != 0 {
				t.Errorf("%s: the body has ended after %v, %v", name, time.Since(begin), err)
			}
			if n, err := io.Copy(io.Discard, r); n != 0 || err != nil || time.Since(begin) != time.Minute {
				t.Errorf("%s: the connection has ended after %v, %d bytes, %v", name, time.Since(begin), n, err)
			}
			conn.Close()
		}
	})
}
