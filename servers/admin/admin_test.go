package admin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
	"github.com/teapot-go/teapot/servers/limits"
)

// start starts a server and its admin, which the test's end closes and finds
// nothing left of.
func start(t *testing.T, c servers.Config) (*servers.Server, *admin.Admin) {
	t.Helper()
	none := goleak.IgnoreCurrent()
	s, err := servers.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	a, err := admin.Start(s, admin.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := a.Close(); err != nil {
				t.Errorf("close of the admin: %v", err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("close of the server: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
		goleak.VerifyNone(t, none)
	})
	return s, a
}

func get(t *testing.T, client *http.Client, url string) (int, http.Header, []byte) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, resp.Header, body
}

func TestMetrics(t *testing.T) {
	plan := servers.Plan{Seed: 418, Faults: []servers.Fault{{Kind: servers.StatusFault, Rate: 0.5, Status: 503}}}
	s, a := start(t, servers.Config{Plan: plan, Rate: limits.Rate{PerSecond: 1e-9, Burst: 20}})
	want, sent := map[string]int{}, 0
	for i := range 25 {
		key := fmt.Sprintf("/%d", i)
		status, _, body := get(t, s.Client(), s.URL()+key)
		fate, by := plan.Fate(key, 1), ""
		if i >= 20 {
			by = "rate"
		}
		want[fmt.Sprintf(`teapot_requests_total{fault="%s",status="%d",turned_away="%s"}`, fate.Fault, status, by)]++
		sent += len(body)
	}
	want["teapot_body_bytes_total"] = sent
	want["teapot_clients_gone_total"], want["teapot_requests"], want["teapot_requests_queued"] = 0, 0, 0
	want["teapot_connections"] = 0
	want["teapot_late_seconds_count"] = 20
	if err := s.Close(); err != nil { // the last request has ended
		t.Fatal(err)
	}
	status, header, text := get(t, http.DefaultClient, a.URL()+"/metrics")
	if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), "text/plain") {
		t.Fatalf("got %d and %v", status, header)
	}
	for name, n := range want {
		if line := fmt.Sprintf("\n%s %d\n", name, n); !bytes.Contains(text, []byte(line)) {
			t.Errorf("want %s in\n%s", line, text)
		}
	}
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("what Prometheus thinks of it: %v, %v", problems, err)
	}
}

// TestJournal has a server that was asked before and after its admin came, and
// a client that did not wait.
func TestJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		latency, err := servers.ParseLatency("2s")
		if err != nil {
			t.Fatal(err)
		}
		s, err := servers.Start(servers.Config{
			Memory: true, Plan: servers.Plan{Latency: latency},
			Capacity: limits.Capacity{Concurrent: 1, Policy: limits.Wait},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		get(t, s.Client(), s.URL()+servers.FlagPath("BR"))
		a := admin.New(s, admin.Config{})
		defer a.Close()
		var wg sync.WaitGroup
		wg.Go(func() { get(t, s.Client(), s.URL()+"/tea") })
		synctest.Wait()
		impatient := http.Client{Transport: s.Client().Transport, Timeout: time.Second}
		if _, err := impatient.Get(s.URL() + "/milk"); err == nil {
			t.Error("got milk")
		}
		wg.Wait()
		synctest.Wait()

		var got struct {
			Format  string
			Limit   int
			Entries []map[string]any
		}
		body := visit(t, a, "/journal?last=2", http.StatusOK)
		if err := json.Unmarshal(body, &got); err != nil || got.Format != "teapot.journal/1" ||
			got.Limit != servers.JournalLimit || len(got.Entries) != 2 {
			t.Fatalf("got %v and\n%s", err, body)
		}
		milk, tea := got.Entries[0], got.Entries[1]
		offset := float64(servers.Plan{Latency: latency}.Fate("/tea", 1).Latency)
		for key, want := range map[string]any{
			"key": "/milk", "status": 0.0, "turned_away": "client", "queued_ns": 1e9,
			"gone_ns": 1e9, "took_ns": 1e9, "bytes": 0.0,
		} {
			if milk[key] != want {
				t.Errorf("milk: %s is %v, want %v", key, milk[key], want)
			}
		}
		for key, want := range map[string]any{
			"key": "/tea", "attempt": 1.0, "hop": 0.0, "status": 404.0, "planned_status": 404.0,
			"planned_fault": "none", "planned_latency_ns": offset,
			"queued_ns": 1.0, "waited_ns": 1 + offset, "took_ns": 1 + offset, "gone_ns": 0.0, "turned_away": "",
			"bytes": 19.0,
		} {
			if tea[key] != want {
				t.Errorf("tea: %s is %v, want %v", key, tea[key], want)
			}
		}
		if text := string(visit(t, a, "/metrics", http.StatusOK)); !strings.Contains(text,
			"teapot_clients_gone_total 1\n") || !strings.Contains(text, `status="200",turned_away=""} 1`) {
			t.Errorf("one client has gone, and Brazil was asked for before: got\n%s", text)
		}
	})
}

// TestRecorded has the journal show the header fields that it was asked for.
func TestRecorded(t *testing.T) {
	s, a := start(t, servers.Config{RecordHeaders: []string{"Accept"}})
	get(t, s.Client(), s.URL()+"/tea")
	req := httptest.NewRequest(http.MethodGet, s.URL()+"/milk", nil)
	req.Header["Accept"] = []string{"text/plain", "\xff"}
	s.ServeHTTP(httptest.NewRecorder(), req)
	body := string(visit(t, a, "/journal", http.StatusOK))
	// JSON has U+FFFD as it is, or as an escape: that depends on the Go.
	same := strings.ReplaceAll(body, `\ufffd`, "\ufffd")
	for _, want := range []string{`"connection":1`, `"headers":{"Accept":["text/plain","` + "\ufffd" + `"]}`} {
		if strings.Count(same, want) != 1 {
			t.Errorf("got %s, want %s once", body, want)
		}
	}
	if strings.Count(body, `"headers"`) != 1 {
		t.Errorf("got %s, want the fields of one request", body)
	}
}

// visit asks an admin that does not listen.
func visit(t *testing.T, h http.Handler, path string, status int) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil))
	if w.Code != status {
		t.Errorf("%s: got %d %s, want %d", path, w.Code, w.Body, status)
	}
	return w.Body.Bytes()
}

// TestVisitors are asked for what is not theirs.
func TestVisitors(t *testing.T) {
	s, a := start(t, servers.Config{})
	for _, test := range []struct {
		method, host, path string
		status             int
	}{
		{"GET", "", "/journal", 200},
		{"HEAD", "", "/journal", 200},
		{"GET", "localhost:1", "/metrics", 200},
		{"GET", "[::1]", "/metrics", 200},
		{"GET", "127.9.9.9:80", "/metrics", 200},
		{"GET", "", "/journal?last=0", 200},
		{"GET", "", "/journal?last=99999999", 200},
		{"GET", "", "/journal?last=-1", 400},
		{"GET", "", "/journal?last=" + strings.Repeat("9", 5000), 400},
		{"GET", "", "/journal?last=", 400},
		{"POST", "", "/journal", 405},
		{"DELETE", "", "/metrics", 405},
		{"GET", "", "/", 200},
		{"GET", "", "/tea", 404},
		{"GET", "", "/journal/../../etc/passwd", 404},
		{"GET", "", "/journal/%2e%2e/%2e%2e/etc/passwd", 404},
		{"GET", "", "/debug/pprof/", 404},
		{"GET", "", servers.FlagPath("BR"), 404},
		{"GET", "evil.example", "/journal", 403},
		{"GET", "127.0.0.1.evil.example:80", "/metrics", 403},
		{"GET", "10.0.0.1", "/metrics", 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, a.URL()+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != test.status {
			t.Errorf("%s %.60s of %q: got %d %.100s, want %d", test.method, test.path, test.host, resp.StatusCode,
				body, test.status)
		}
		if len(body) > 1<<16 {
			t.Errorf("%s %.60s: got %d bytes", test.method, test.path, len(body))
		}
	}
	_, _, index := get(t, http.DefaultClient, a.URL()+"/")
	for _, path := range []string{"/metrics", "/journal"} {
		if !strings.Contains(string(index), path) {
			t.Errorf("/ does not name %s: got %s", path, index)
		}
		if status, _, _ := get(t, s.Client(), s.URL()+path); status != http.StatusNotFound {
			t.Errorf("the serving port: %s: got %d, want 404", path, status)
		}
	}
}

func TestStart(t *testing.T) {
	for addr, want := range map[string]string{
		"0.0.0.0:0": "not a loopback address", ":0": "not a loopback address", "[::]:0": "not a loopback address",
		"example.com:80": "not a loopback address",
		"192.168.1.1:0":  "not a loopback address", "localhost": "missing port", "127.0.0.1:99999": "invalid port",
	} {
		a, err := admin.Start(nil, admin.Config{Address: addr})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, %v, want %s", addr, a, err, want)
		}
	}
}

// TestStubborn has visitors that do not go: an idle one, one in the middle of
// its header, and one that does not read.
func TestStubborn(t *testing.T) {
	_, a := start(t, servers.Config{})
	for _, sent := range []string{
		"", "GET /journal HTTP/1.1\r\nHost: loc",
		"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(a.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		io.WriteString(c, sent)
	}
	huge, err := net.Dial("tcp", strings.TrimPrefix(a.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer huge.Close()
	var wg sync.WaitGroup
	wg.Go(func() { io.WriteString(huge, "GET / HTTP/1.1\r\nHost: localhost\r\nX: "+strings.Repeat("y", 1<<20)) })
	if answer, _ := io.ReadAll(io.LimitReader(huge, 12)); string(answer) != "HTTP/1.1 431" {
		t.Errorf("a huge header: got %q", answer)
	}
	huge.Close()
	wg.Wait()
	if status, _, _ := get(t, http.DefaultClient, a.URL()+"/metrics"); status != http.StatusOK {
		t.Errorf("behind them: got %d", status)
	}
}
