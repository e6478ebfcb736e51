package servers_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/flags"
)

// start starts a server that the test's end closes.
func start(t *testing.T, c servers.Config) *servers.Server {
	t.Helper()
	s, err := servers.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// An answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends one request with the server's own client. An attempt of 0 goes
// without the header.
func ask(ctx context.Context, s *servers.Server, method, url string, attempt int) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return answer{}, err
	}
	if attempt > 0 {
		req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, err
}

func mustAsk(t *testing.T, s *servers.Server, method, path string) answer {
	t.Helper()
	a, err := ask(t.Context(), s, method, s.URL()+path, 0)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return a
}

// dial opens a connection to the server, for what no client would send.
func dial(t *testing.T, s *servers.Server) net.Conn {
	t.Helper()
	c, err := s.Client().Transport.(*http.Transport).DialContext(t.Context(), "tcp", "anywhere.invalid:80")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestServer holds a server to the same laws over loopback and in memory.
func TestServer(t *testing.T) {
	checks := []struct {
		name  string
		plan  servers.Plan
		check func(t *testing.T, s *servers.Server)
	}{
		{"serves every flag and no other", servers.Plan{}, servesFlags},
		{"does not find anything else", servers.Plan{}, findsNothingElse},
		{"allows GET and HEAD", servers.Plan{}, allowsMethods},
		{"answers HEAD without a body", servers.Plan{}, answersHead},
		{"answers HEAD where the body would fail", servers.Plan{Faults: inBodies()}, answersHead},
		{"answers with the status of a fault", servers.Plan{Faults: []servers.Fault{teapots(1)}}, answersStatus},
		{"keeps a journal", servers.Plan{Seed: 418, Faults: []servers.Fault{teapots(0.5)}}, keepsJournal},
		{"reads the attempt's header", servers.Plan{}, readsAttempt},
		{"is all that its client can reach", servers.Plan{}, isolates},
		{"serves many at once", servers.Plan{}, servesMany},
	}
	for wire, on := range wires() {
		for _, on.Memory = range []bool{false, true} {
			for _, c := range checks {
				on.Plan = c.plan
				t.Run(fmt.Sprintf("%s/memory=%t/%s", wire, on.Memory, c.name), func(t *testing.T) {
					none := goleak.IgnoreCurrent()
					t.Cleanup(func() { goleak.VerifyNone(t, none) }) // after the server's own
					c.check(t, start(t, on))
				})
			}
		}
	}
}

// codes are an even sample of the 676 that there are. The servers differ only
// in how the bytes travel, and TestEveryFlag asks one of them for all.
func codes() []string {
	all := flags.Every()
	var sample []string
	for i := 0; i < len(all); i += 13 {
		sample = append(sample, all[i])
	}
	return sample
}

func TestEveryFlag(t *testing.T) {
	servesAll(t, start(t, servers.Config{Memory: true}), flags.Every())
}

func servesFlags(t *testing.T, s *servers.Server) { servesAll(t, s, codes()) }

func servesAll(t *testing.T, s *servers.Server, codes []string) {
	t.Helper()
	for _, code := range codes {
		a := mustAsk(t, s, http.MethodGet, servers.FlagPath(code))
		image, ok := flags.GIF(code)
		switch {
		case !ok:
			if a.status != http.StatusNotFound {
				t.Errorf("%s: got %d, want 404", code, a.status)
			}
		case a.status != http.StatusOK, a.header.Get("Content-Type") != "image/gif", !bytes.Equal(a.body, image):
			t.Errorf("%s: got %d, %s and %d bytes, want 200, image/gif and the %d of its flag",
				code, a.status, a.header.Get("Content-Type"), len(a.body), len(image))
		case a.header.Get("Content-Length") != strconv.Itoa(len(image)):
			t.Errorf("%s: got the length %q, want %d", code, a.header.Get("Content-Length"), len(image))
		}
	}
	if a := mustAsk(t, s, http.MethodGet, "/flags/br/br.gif?size=600"); a.status != http.StatusOK {
		t.Errorf("with a query: got %d, want 200", a.status)
	}
}

func findsNothingElse(t *testing.T, s *servers.Server) {
	for _, path := range []string{
		"", "/", "/flags", "/flags/", "/flags/br", "/flags/br/", "/flags/br/br", "/flags/br/br.gif/",
		"/flags/br/br.png",
		"/flags/BR/BR.gif", "/flags/br/BR.gif", "/flags/br/br.GIF", "/flags/br/cn.gif", "/flags/zz/zz.gif",
		"/flags/bra/bra.gif",
		"/flags/../flags/br/br.gif", "/flags/./br/br.gif", "//flags/br/br.gif", "/flags//br/br.gif",
		"/../../etc/passwd", "/flags/../...gif",
		"/flags/br/%2e%2e/br/br.gif", "/%00", "/flags/%c4%b1/%c4%b1.gif", "/robots.txt", "/" +
			strings.Repeat("x", 10_000),
	} {
		if a := mustAsk(t, s, http.MethodGet, path); a.status != http.StatusNotFound {
			t.Errorf("%.40q: got %d, want 404", path, a.status)
		}
	}
}

func allowsMethods(t *testing.T, s *servers.Server) {
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
		a := mustAsk(t, s, method, servers.FlagPath("BR"))
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: got %d and Allow %q, want 405 and GET, HEAD", method, a.status, a.header.Get("Allow"))
		}
	}
}

// inBodies are faults that strike within every body. One connection carries all
// requests of [answersHead], which none of them may harm.
func inBodies() (faults []servers.Fault) {
	for _, kind := range fault.Kinds() {
		if kind.Body() == fault.PartialBody {
			faults = append(faults, servers.Fault{Kind: kind, Rate: 0.3})
		}
	}
	return append(faults, servers.Fault{Kind: fault.HangBody, Rate: 1})
}

func answersHead(t *testing.T, s *servers.Server) {
	image, _ := flags.GIF("BR")
	a := mustAsk(t, s, http.MethodHead, servers.FlagPath("BR"))
	if a.status != http.StatusOK || len(a.body) != 0 || a.header.Get("Content-Length") != strconv.Itoa(len(image)) {
		t.Errorf("got %d, %d bytes and the length %q, want 200, none and %d", a.status, len(a.body),
			a.header.Get("Content-Length"), len(image))
	}
	if a := mustAsk(t, s, http.MethodHead, "/flags/zz/zz.gif"); a.status != http.StatusNotFound || len(a.body) != 0 {
		t.Errorf("no such flag: got %d and %d bytes, want 404 and none", a.status, len(a.body))
	}
	s.Close()
	want := []int{http.StatusOK, http.StatusNotFound}
	for i, e := range s.Journal() {
		if e.Status != want[i] || e.Bytes != 0 {
			t.Errorf("the journal has %d and %d bytes for %s, want %d and none", e.Status, e.Bytes, e.Key, want[i])
		}
	}
}

func answersStatus(t *testing.T, s *servers.Server) {
	for _, path := range []string{servers.FlagPath("BR"), "/flags/zz/zz.gif", "/"} {
		a := mustAsk(t, s, http.MethodGet, path)
		if a.status != http.StatusTeapot || strings.TrimSpace(string(a.body)) != http.StatusText(http.StatusTeapot) {
			t.Errorf("%s: got %d %q, want 418", path, a.status, a.body)
		}
	}
}

// targetOf returns what the journal says that a request is for.
func targetOf(path, query string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(path + "?" + query))
	return h.Sum64()
}

// keepsJournal asks for every key, twice each, in order.
func keepsJournal(t *testing.T, s *servers.Server) {
	plan := servers.Plan{Seed: 418, Faults: []servers.Fault{teapots(0.5)}}
	var want []servers.Entry
	for _, key := range codes() {
		for _, attempt := range []int{1, 2} {
			a, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath(key), attempt)
			if err != nil {
				t.Fatal(err)
			}
			var flag content.Sum
			var asked servers.Part
			if image, ok := flags.GIF(key); ok {
				flag = content.Sum{Size: int64(len(image)), SHA256: sha256.Sum256(image)}
				asked.To = flag.Size
			}
			want = append(want, servers.Entry{
				Entity: flag, Asked: asked,
				Key: key, Occurrence: 1, Attempt: attempt, Method: http.MethodGet, Idempotent: true,
				Planned: plan.Fate(key, attempt), Status: a.status,
				Bytes: int64(len(a.body)),
				Met:   plan.Fate(key, attempt).Fault, Done: true,
				Target: targetOf(servers.FlagPath(key), ""),
			})
		}
	}
	mustAsk(t, s, http.MethodGet, "/tea?milk=no")
	want = append(want, servers.Entry{
		Key: "/tea", Occurrence: 1, Attempt: 1, Counted: true, Method: http.MethodGet, Idempotent: true,
		Planned: plan.Fate("/tea", 1), Done: true, Target: targetOf("/tea", "milk=no"),
	})
	last := &want[len(want)-1]
	last.Status, last.Met = last.Planned.Status, last.Planned.Fault

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	got := s.Journal()
	if len(got) != len(want) {
		t.Fatalf("got %d entries, want %d", len(got), len(want))
	}
	for i, e := range got {
		if e.Arrived < 0 || e.Waited < 0 || i > 0 && e.Arrived < got[i-1].Arrived {
			t.Errorf("%s: arrived at %v, waited %v", e.Key, e.Arrived, e.Waited)
		}
		if e.Connection < 1 || e.Connection > 2 { // the HEAD may have had one of its own
			t.Errorf("%s: came on connection %d", e.Key, e.Connection)
		}
		e.Arrived, e.Queued, e.Waited, e.Took, e.HTTP2, e.Connection = 0, 0, 0, 0, false, 0
		if i == len(got)-1 {
			e.Bytes = 0
		}
		if e != want[i] || e.Status != e.Planned.Status {
			t.Errorf("entry %d:\n got %+v\nwant %+v", i, e, want[i])
		}
	}
}

func readsAttempt(t *testing.T, s *servers.Server) {
	want := map[string]int{
		"": 1, "1": 1, "2": 2, "77": 77, "0": 1, "-3": 1, "many": 1, "1.5": 1,
		"99999999999999999999": 1,
	}
	var texts []string
	for text := range want {
		texts = append(texts, text)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(servers.AttemptHeader, text)
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	s.Close()
	for i, e := range s.Journal() {
		if e.Attempt != want[texts[i]] {
			t.Errorf("%s: %q is attempt %d, want %d", servers.AttemptHeader, texts[i], e.Attempt, want[texts[i]])
		}
	}
}

func isolates(t *testing.T, s *servers.Server) {
	scheme, _, _ := strings.Cut(s.URL(), ":")
	for _, host := range []string{"example.com", "teapot.invalid", "127.0.0.1:1", "[::1]:9", "localhost"} {
		a, err := ask(t.Context(), s, http.MethodGet, scheme+"://"+host+servers.FlagPath("BR"), 0)
		if image, _ := flags.GIF("BR"); err != nil || !bytes.Equal(a.body, image) {
			t.Errorf("%s: got %d, %v, want this server's flag", host, a.status, err)
		}
	}
	other := map[string]string{"http": "https", "https": "http"}[scheme]
	if a, err := ask(t.Context(), s, http.MethodGet, other+"://example.com/", 0); err == nil &&
		a.status != http.StatusBadRequest {
		t.Errorf("another server has answered %d over %s", a.status, other)
	}
}

// TestSurvival speaks what is not HTTP to servers that are spoken to in the
// clear. One that knows HTTP/2 waits for a minute whether too short a line
// becomes longer.
func TestSurvival(t *testing.T) {
	survives(t, start(t, servers.Config{}))
	for _, c := range []servers.Config{{Memory: true}, {HTTP2: true, Memory: true}} {
		synctest.Test(t, func(t *testing.T) { survives(t, start(t, c)) })
	}
}

// survives sends what no client would, and after each of these a request that
// must still be served.
func survives(t *testing.T, s *servers.Server) {
	tests := []struct {
		name, sent string
		want       string // the beginning of the answer; none where the server waits for more
	}{
		{"nothing", "", ""},
		{"an empty line", "\r\n", ""},
		{"half a request", "GET /flags/br/br.gif HTTP/1.1\r\nHost:", ""},
		{"noise", "\x00\xff\x16\x03\x01 tea\r\n\r\n", "HTTP/1.1 400 "},
		{"no version", "GET /\r\n\r\n", "HTTP/1.1 400 "},
		{"another version", "GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 505 "},
		{"no host", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
		{
			"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
			"HTTP/1.1 400 ",
		},
		{
			"a huge header", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 2<<20) + "\r\n\r\n",
			"HTTP/1.1 431 ",
		},
		{"a huge path", "GET /" + strings.Repeat("y", 2<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 431 "},
		{"a tunnel", "CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n", "HTTP/1.1 404 "},
		{"no target", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 "},
	}
	for _, test := range tests {
		conn := dial(t, s)
		var wg sync.WaitGroup
		wg.Go(func() { io.WriteString(conn, test.sent) }) // it fails where the server has had enough before the end
		if test.want != "" {
			line, err := bufio.NewReader(conn).ReadString('\n')
			if !strings.HasPrefix(line, test.want) {
				t.Errorf("%s: got %q, %v, want %s", test.name, line, err, test.want)
			}
			conn.Close()
		} else {
			t.Cleanup(func() { conn.Close() }) // it stays open until the server has been closed
		}
		wg.Wait()
		if a := mustAsk(t, s, http.MethodGet, servers.FlagPath("BR")); a.status != http.StatusOK {
			t.Errorf("after %s: got %d, want 200", test.name, a.status)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	strangers := 0
	for _, e := range s.Journal() {
		if e.Key != "BR" {
			strangers++
		}
	}
	if strangers != 2 { // no target and the tunnel are requests; the others are none
		t.Errorf("got %d entries for what is no flag, want 2:\n%v", strangers, s.Journal())
	}
}

// servesMany asks for all flags at once. With TLS it asks for every fifth: the
// client makes a handshake for each before it knows of HTTP/2.
func servesMany(t *testing.T, s *servers.Server) {
	var asked []string
	for i, code := range flags.Codes() {
		if s.Certificate() == nil || i%5 == 0 {
			asked = append(asked, code)
		}
	}
	var wg sync.WaitGroup
	for _, code := range asked {
		wg.Go(func() {
			if a := mustAsk(t, s, http.MethodGet, servers.FlagPath(code)); a.status != http.StatusOK {
				t.Errorf("%s: got %d, want 200", code, a.status)
			}
		})
	}
	wg.Wait()
	s.Close()
	seen := map[string]int{}
	for _, e := range s.Journal() {
		seen[e.Key]++
	}
	for _, code := range asked {
		if seen[code] != 1 {
			t.Errorf("%s stands %d times in the journal", code, seen[code])
		}
	}
}
