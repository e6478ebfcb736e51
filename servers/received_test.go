package servers_test

import (
	"context"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// TestReceived has the journal say what a request was: its method, whether it
// may be sent again, what was read of its body, and what it was told.
func TestReceived(t *testing.T) {
	const body = "one lump or two"
	h := fnv.New64a()
	io.WriteString(h, body)
	digest := h.Sum64()
	reading := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Retry-After", r.Header.Get("Ask-Retry-After"))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for _, test := range []struct {
		method, body string
		header       []string
		want         servers.Entry
	}{
		{"GET", "", nil, servers.Entry{Method: "GET", Idempotent: true}},
		{"GET", "", []string{"Range", "bytes=1-2"}, servers.Entry{Method: "GET", Idempotent: true, Partial: true}},
		{"HEAD", "", []string{"If-None-Match", `"x"`}, servers.Entry{Method: "HEAD", Idempotent: true, Partial: true}},
		{"POST", body, nil, servers.Entry{Method: "POST", Received: int64(len(body)), Digest: digest}},
		{
			"POST", body,
			[]string{"Idempotency-Key", "7"},
			servers.Entry{Method: "POST", Idempotent: true, Received: int64(len(body)), Digest: digest},
		},
		{"PUT", body, nil, servers.Entry{Method: "PUT", Idempotent: true, Received: int64(len(body)), Digest: digest}},
		{"PATCH", "", nil, servers.Entry{Method: "PATCH"}},
		{
			"GET", "",
			[]string{"Ask-Retry-After", "3"},
			servers.Entry{Method: "GET", Idempotent: true, RetryAfter: 3 * time.Second},
		},
		{
			"GET", "", []string{"Ask-Retry-After", "Sat, 01 Jan 2000 00:00:10 GMT"}, // 10 s from now
			servers.Entry{Method: "GET", Idempotent: true, RetryAfter: 10 * time.Second},
		},
		{"GET", "", []string{"Ask-Retry-After", "soon"}, servers.Entry{Method: "GET", Idempotent: true}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, servers.Config{Memory: true, Content: reading})
			r, err := http.NewRequest(test.method, s.URL()+"/", strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i+1 < len(test.header); i += 2 {
				r.Header.Set(test.header[i], test.header[i+1])
			}
			resp, err := s.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			mustClose(t, s)
			e := s.Journal()[0]
			got := servers.Entry{
				Method: e.Method, Idempotent: e.Idempotent, Partial: e.Partial, Received: e.Received,
				Digest: e.Digest, RetryAfter: e.RetryAfter,
			}
			if got != test.want {
				t.Errorf("%s %v: got %+v, want %+v", test.method, test.header, got, test.want)
			}
		})
	}
}

// TestReceivedBeforeFault: the journal knows the body of a request whose answer
// the content has no part in, or whose content does not look at it.
func TestReceivedBeforeFault(t *testing.T) {
	const own = "own handler"
	for _, kind := range []string{
		own, "status", "redirect_loop", "empty", "reset", "reset_head", "garbage", "bad_length", "huge_head", "hang",
	} {
		for _, length := range []bool{true, false} {
			for _, spend := range []string{"", "before_body"} {
				answers := kind == own || kind == "status" || kind == "redirect_loop"
				known := length && kind != own || !answers || spend == ""
				c := servers.Config{Memory: true}
				c.Content = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
				c.Plan.Latency = latency(t, "20ms")
				if spend != "" {
					c.Plan.Spend = "before_body"
				}
				switch kind {
				case own:
				case "status":
					c.Plan.Faults = []servers.Fault{{Kind: "status", Rate: 1, Status: 503}}
				default:
					c.Plan.Faults = []servers.Fault{{Kind: servers.Kind(kind), Rate: 1}}
				}
				synctest.Test(t, func(t *testing.T) {
					received, unread := receivedOf(t, c, length)
					switch {
					case known && (received != int64(len(lumps)) || unread):
						t.Errorf("%s, length known: %t, %q: got %d bytes, unread %t, want %d", kind, length, spend,
							received, unread, len(lumps))
					case received == 0 && !unread:
						t.Errorf("%s, length known: %t, %q: took an unread body for none", kind, length, spend)
					}
				})
			}
		}
	}
}

const lumps = "one lump or two"

// receivedOf returns what the journal has of the body of a POST.
func receivedOf(t *testing.T, c servers.Config, length bool) (received int64, unread bool) {
	t.Helper()
	s := start(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var body io.Reader = strings.NewReader(lumps)
	if !length {
		body = io.NopCloser(body)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := s.Client().Do(r); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	mustClose(t, s)
	e := s.Journal()[0]
	return e.Received, e.Unread
}

// TestReceivedAwaited: a body that the client sends only when it is asked for
// is not asked for.
func TestReceivedAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Memory: true, Plan: servers.Plan{
			Faults: []servers.Fault{{Kind: "status", Status: 503, Rate: 1}},
		}})
		r, err := http.NewRequest(http.MethodPost, s.URL()+"/", strings.NewReader("tea"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Expect", "100-continue")
		resp, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		mustClose(t, s)
		if e := s.Journal()[0]; e.Received != 0 || !e.Unread {
			t.Errorf("got %d bytes, unread %t, want none", e.Received, e.Unread)
		}
	})
}

// TestReceivedHalf: a client that goes on with its body once it has an answer
// meets a fault when the plan says, under both clocks, and the journal does not
// take what has come for the whole.
func TestReceivedHalf(t *testing.T) {
	for _, kind := range []servers.Kind{"empty", "reset", "reset_head", "garbage", "bad_length", "huge_head", "hang"} {
		c := servers.Config{Memory: true, Plan: servers.Plan{
			Latency: latency(t, "20ms"), Faults: []servers.Fault{{Kind: kind, Rate: 1}},
		}}
		synctest.Test(t, func(t *testing.T) {
			e := halfSent(t, c)
			if late := e.Took - 20*time.Millisecond; kind != "hang" && (late < 0 || late > time.Microsecond) {
				t.Errorf("%s: took %v, want 20ms", kind, e.Took)
			}
			if e.Received != int64(len(lumps)) || !e.Unread && kind != "hang" { // which awaits its end
				t.Errorf("%s: got %d bytes, unread %t, want %d of a body that goes on", kind, e.Received, e.Unread,
					len(lumps))
			}
		})
		c.Memory = false
		if e := halfSent(t, c); e.Received != int64(len(lumps)) || !e.Unread && kind != "hang" {
			t.Errorf("%s over loopback: got %d bytes, unread %t", kind, e.Received, e.Unread)
		}
	}
}

// halfSent sends a POST whose body goes on when there is an answer, and returns
// what the journal has of it.
func halfSent(t *testing.T, c servers.Config) servers.Entry {
	t.Helper()
	s := start(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	body, more := io.Pipe()
	context.AfterFunc(ctx, func() { more.Close() }) // for which the transport waits even when the fault has come
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/", body)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.WriteString(more, lumps) }()
	resp, err := s.Client().Do(r)
	if err == nil {
		resp.Body.Close()
		t.Errorf("an answer of %s, want the fault", resp.Status)
	}
	mustClose(t, s)
	return s.Journal()[0]
}
