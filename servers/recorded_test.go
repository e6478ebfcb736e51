package servers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/teapot-go/teapot/servers"
)

// TestRecordHeaders has the journal keep the header fields that it is asked
// for, and no other.
func TestRecordHeaders(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		c.RecordHeaders = []string{"x-request-id", "Authorization", "Host"}
		s := open(t, c)
		long := strings.Repeat("x", 2*servers.KeyLimit)
		for _, fields := range []http.Header{
			{"X-Request-Id": {"7"}, "Cookie": {"a=b"}},
			{"X-Request-Id": {"a: b", ""}, "Authorization": {long}},
			{},
			{"X-Request-Id": strings.Split("123456789", "")},
		} {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/", nil)
			req.Header, req.Host = fields, "tea.invalid"
			resp, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		mustClose(t, s)
		for i, want := range []http.Header{
			{"X-Request-Id": {"7"}},
			{"X-Request-Id": {"a: b", ""}, "Authorization": {long[:servers.KeyLimit]}},
			{},
			{"X-Request-Id": {"1", "2", "3", "4"}},
		} {
			got := s.Journal()[i].Header()
			if !slices.Equal(got["X-Request-Id"], want["X-Request-Id"]) || got.Get("Host") != "tea.invalid" ||
				got.Get("Authorization") != want.Get("Authorization") || got["Cookie"] != nil {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

// TestRecordHeadersWrong has names that no journal can record.
func TestRecordHeadersWrong(t *testing.T) {
	for want, names := range map[string][]string{
		`servers: header field "a b" to record: want a name such as X-Request-Id`: {"A", "a b"},
		`servers: header field "" to record: want a name such as X-Request-Id`:    {""},
		"servers: header field a to record: want it once":                         {"A", "a"},
		"servers: 9 header fields to record: want at most 8":                      strings.Split("ABCDEFGHI", ""),
	} {
		s, err := servers.Start(servers.Config{RecordHeaders: names})
		if err == nil {
			s.Close()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", names, err, want)
		}
	}
}

// TestConnectionNumbers has the journal number connections in the order in
// which they were opened.
func TestConnectionNumbers(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		c.Park = true
		s := open(t, c)
		entries := make(chan servers.Entry, 1)
		defer s.Observe(func(e servers.Entry) { entries <- e })()
		var want, got []int
		n, last := 0, 0
		ask := func() {
			mustAsk(t, s, http.MethodGet, servers.FlagPath("BR"))
			e := <-entries           // before the next request, which could end earlier
			if e.Connection > last { // a client may open a connection that it does not use
				n, last = n+1, e.Connection
			}
			got = append(got, n-last+e.Connection)
		}
		for n := 1; n <= 3; n++ {
			for range n {
				ask()
				want = append(want, n)
			}
			s.Client().CloseIdleConnections()
		}
		mustClose(t, s)
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestEntrySize bounds an entry, of which a journal may have 131,072.
func TestEntrySize(t *testing.T) {
	if got := unsafe.Sizeof(servers.Entry{}); got > 384 {
		t.Errorf("an entry has %d bytes, want at most 384", got)
	}
}
