package servers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	waits "github.com/teapot-go/teapot/servers/latency"
	"github.com/teapot-go/teapot/servers/limits"
)

// patience is how long a client waits: no piece of a body is due at its end.
const patience = 19995 * time.Millisecond

// directPlans are plans of every fault that a client without a connection can
// meet, and of every way to spend a latency.
func directPlans(t *testing.T) map[string]servers.Plan {
	plans := map[string]servers.Plan{
		"none":        {},
		"latency":     {Latency: latency(t, "uniform(1s, 2s)")},
		"bandwidth":   {Bandwidth: 1000},
		"over body":   {Spend: waits.OverBody, Latency: latency(t, "1s")},
		"before body": {Spend: waits.BeforeBody, Latency: latency(t, "1s")},
		"too slow":    {Latency: latency(t, "1h")},
	}
	for _, kind := range fault.Kinds() {
		f := servers.Fault{Kind: kind, Rate: 1}
		if kind == fault.Status {
			f.Status, f.RetryAfter = http.StatusServiceUnavailable, time.Second
		}
		if !kind.Connection() {
			plans[string(kind)] = servers.Plan{Faults: []servers.Fault{f}, Latency: latency(t, "1s")}
		}
	}
	return plans
}

// oddAnswers answers as handlers of users do.
func oddAnswers(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/empty":
	case "/none":
		w.WriteHeader(http.StatusNoContent)
	case "/sniffed":
		io.WriteString(w, "<html>")
		io.WriteString(w, "short and stout")
	case "/large":
		for range 100 {
			io.WriteString(w, strings.Repeat("tea and ", 1<<8))
		}
	case "/short":
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "tea")
	case "/long":
		w.Header().Set("Content-Length", "3")
		if _, err := io.WriteString(w, "teapot"); err == nil {
			panic("it is longer than it was said to be")
		}
		io.WriteString(w, "tea")
	case "/aborted":
		io.WriteString(w, "tea")
		panic(http.ErrAbortHandler)
	case "/flushed":
		io.WriteString(w, "tea")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/late-header":
		w.WriteHeader(http.StatusOK)
		w.Header().Set("Late", "too")
		io.WriteString(w, "tea")
	case "/trailer":
		w.Header().Set("Trailer", "After")
		io.WriteString(w, "tea")
		w.Header().Set("After", "pot")
		w.Header().Set(http.TrailerPrefix+"Unsaid", "pot")
	case "/echo":
		body, err := io.ReadAll(r.Body)
		fmt.Fprintln(w, r.Method, r.Host, r.RequestURI, r.ContentLength, r.Header, string(body), err,
			r.Context().Value(clientsOwn{}))
	}
}

// clientsOwn is the key of a value in the context of a client, which does not
// go over a wire.
type clientsOwn struct{}

// A direct case is a request, which is sent to servers with connections and
// without.
type directRequest struct{ method, path, body, header string }

// directAnswer is what a client sees of an answer, and what the journal says.
func directAnswer(t *testing.T, c servers.Config, q directRequest) (seen string, entries []servers.Entry) {
	s, err := servers.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), clientsOwn{}, "seen"), patience)
	defer cancel()
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, "http://tea.invalid"+q.path, body)
	if err != nil {
		t.Fatal(err)
	}
	if name, value, has := strings.Cut(q.header, ": "); has {
		r.Header.Set(name, value)
	}
	resp, err := s.Client().Do(r)
	seen = func() string {
		if err != nil {
			return "class " + string(classify.Class(resp, err))
		}
		defer resp.Body.Close()
		read, err := io.ReadAll(resp.Body)
		h := resp.Header.Clone()
		var fields []string
		for _, name := range slices.Sorted(maps.Keys(h)) {
			fields = append(fields, fmt.Sprint(name, h[name]))
		}
		if err != nil {
			read = nil // how much arrives of what is cut off is a matter of buffers
		}
		return fmt.Sprint("class ", classify.Class(resp, err), " ", resp.Status, " ", resp.Proto, resp.ContentLength,
			resp.TransferEncoding, fields, " trailer ", resp.Trailer, "\n", strconv.Quote(string(read)))
	}()
	synctest.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	entries = s.Journal()
	for i := range entries {
		entries[i].Connection = 0
		if entries[i].Met != servers.None || entries[i].Broken {
			entries[i].Bytes, entries[i].Done, entries[i].Gone = 0, false, 0 // of what is cut off
		}
	}
	return seen, entries
}

// TestDirectAgrees has every fault and every kind of answer end in the same
// way, with and without a connection: for the client, and in the journal.
func TestDirectAgrees(t *testing.T) {
	flag := servers.FlagPath("BR")
	requests := []directRequest{
		{"GET", flag, "", ""},
		{"HEAD", flag, "", ""},
		{"POST", flag, "tea", ""},
		{"GET", flag, "", "Range: bytes=10-99"},
		{"GET", "/flags/zz/zz.gif", "", ""},
		{"GET", flag + "?milk=no", "", "Accept-Encoding: gzip"},
	}
	own := []directRequest{
		{"POST", "/echo?a=b", "tea", "X-Milk: no"}, {"PUT", "/echo", strings.Repeat("tea", 1<<16), ""},
	}
	const paths = "empty none sniffed large short long aborted flushed late-header trailer echo"
	for path := range strings.FieldsSeq(paths) {
		own = append(own, directRequest{"GET", "/" + path, "", ""}, directRequest{"HEAD", "/" + path, "", ""})
	}
	try := func(t *testing.T, c servers.Config, requests []directRequest) {
		for _, q := range requests {
			t.Run(q.method+" "+q.path+" "+q.header, func(t *testing.T) {
				var seen [2]string
				var entries [2][]servers.Entry
				for i := range seen {
					synctest.Test(t, func(t *testing.T) {
						c.Memory, c.Direct = true, i == 1
						c.RecordHeaders = []string{"User-Agent", "Range"}
						seen[i], entries[i] = directAnswer(t, c, q)
					})
				}
				if seen[0] != seen[1] {
					t.Errorf("got  %.1000s\nwant %.1000s", seen[1], seen[0])
				}
				if !reflect.DeepEqual(entries[0], entries[1]) {
					t.Errorf("got  %+v\nwant %+v", entries[1], entries[0])
				}
			})
		}
	}
	for name, plan := range directPlans(t) {
		t.Run(name, func(t *testing.T) {
			try(t, servers.Config{Plan: plan}, requests)
			size, err := content.ParseSize("100KB")
			if err != nil {
				t.Fatal(err)
			}
			try(t, servers.Config{Plan: plan, Content: content.NewBodies(1, size)}, requests[:1])
		})
	}
	t.Run("own content", func(t *testing.T) {
		try(t, servers.Config{Plan: servers.Plan{Foreign: true}, Content: http.HandlerFunc(oddAnswers)}, own)
	})
	t.Run("no room", func(t *testing.T) {
		try(t, servers.Config{Rate: limits.Rate{PerSecond: 1, Burst: 1}}, requests)
	})
}

// TestDirectClose closes a server whose clients wait for an answer, or for the
// rest of one.
func TestDirectClose(t *testing.T) {
	for name, kind := range map[string]servers.Kind{
		"head": fault.Hang, "body": fault.HangBody, "latency": servers.None,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := servers.Plan{Faults: []servers.Fault{{Kind: kind, Rate: 1}}}
				if kind == servers.None {
					plan = servers.Plan{Latency: latency(t, "1h")}
				}
				s := open(t, servers.Config{Memory: true, Direct: true, Plan: plan})
				ended := make(chan error, 1)
				go func() {
					_, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("BR"), 0)
					ended <- err
				}()
				synctest.Wait()
				if n := s.Load().Requests; n != 1 {
					t.Errorf("%d requests are under way, want 1", n)
				}
				mustClose(t, s)
				if err := <-ended; err == nil {
					t.Error("got an answer after Close")
				}
				if _, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("BR"), 0); err == nil {
					t.Error("got an answer after Close")
				}
			})
		})
	}
}

// TestDirectUnread counts the bodies that a client does not close.
func TestDirectUnread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, plan := range map[string]servers.Plan{
			"at once": {}, "streamed": {Bandwidth: 100},
			"on a wire": {Faults: []servers.Fault{{Kind: fault.Surplus, Rate: 1}}},
		} {
			s := open(t, servers.Config{Memory: true, Direct: true, Plan: plan})
			ctx, cancel := context.WithCancel(t.Context())
			get := func() *http.Response {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath("BR"), nil)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := s.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				return resp
			}
			unread := func(want int) {
				t.Helper()
				if n := s.Load().Unread; n != want {
					t.Errorf("%s: %d bodies are unread, want %d", name, n, want)
				}
			}
			first, second, third := get(), get(), get()
			unread(3)
			first.Body.Close()
			unread(2)
			io.Copy(io.Discard, second.Body)
			unread(1)
			if _, err := first.Body.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) {
				t.Errorf("%s: a body can be read after its Close: %v", name, err)
			}
			cancel()
			unread(0)
			if _, err := io.Copy(io.Discard, third.Body); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want that the context is done", name, err)
			}
			mustClose(t, s)
		}
	})
}

// TestDirectRefused refuses what needs a connection.
func TestDirectRefused(t *testing.T) {
	for name, c := range map[string]servers.Config{
		"TLS": {TLS: true}, "HTTP2": {HTTP2: true}, "Park": {Park: true}, "Address": {Address: "127.0.0.1:0"},
		"fault 1": {Plan: servers.Plan{Faults: []servers.Fault{{Kind: fault.Refuse, Rate: 1}}}},
	} {
		c.Direct = true
		s, err := servers.Start(c)
		if err == nil {
			mustClose(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want an error that names %s", err, name)
		}
	}
}
