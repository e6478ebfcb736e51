package admin_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/admin"
)

// requests are bytes that a fuzzer begins with, as those of net/http are.
var requests = []string{
	"GET /flags/br/br.gif HTTP/1.1\r\nHost: h\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\nGET /a HTTP/1.1\r\nHost: \xff\r\n\r\n",
	"POST /a?b=c#d HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcHEAD /b HTTP/1.1\r\nHost: h\r\n\r\n",
	"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n",
	"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nffffffffffffffff\r\n",
	"PUT /%ff%00 HTTP/1.1\r\nHost: h\r\nTeapot-Attempt: 9999999999999999999\r\nTeapot-Task: -1\r\n\r\n",
	"GET /a HTTP/1.1\r\nHost: h\r\nRange: bytes=9223372036854775807-,-1,0-0\r\nX-Id: \x80\x00\r\n\r\n",
	"GET /a HTTP/1.1\r\nHost: h\r\nX-Id: </script>\u2028\r\nTraceparent: 00-0-0-0\r\nExpect: 100-continue\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nCONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
	"GET http://u:p@h/a HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
	"GET /a HTTP/1.1\r\nHost : h\r\n folded\r\n\r\n", "\x16\x03\x01\x02\x00\x01", "\r\n\r\n", "",
}

// FuzzBytes sends any bytes to a server whose plan has a fault, and holds its
// journal to the JSON of the admin port: it is valid, in UTF-8, and says of
// each request what the journal has. Nothing outlives the connection.
func FuzzBytes(f *testing.F) {
	for i, r := range requests {
		f.Add([]byte(r), uint8(i))
	}
	kinds := []servers.Kind{
		"", servers.StatusFault, "reset", "truncate", "garbage", "redirect_loop", "empty", "slow_close", "corrupt",
		"trailers", "surplus", "garbage", "close", "early_hints", "ignore_range", "bad_chunk",
	}
	f.Fuzz(func(t *testing.T, sent []byte, how uint8) {
		synctest.Test(t, func(t *testing.T) {
			config := servers.Config{
				Memory: true, HTTP2: how&0x80 != 0, CountAttempts: how&0x40 != 0, Patience: time.Minute,
				RecordHeaders: []string{"X-Id", "Host"},
			}
			if kind := kinds[int(how)%len(kinds)]; kind != "" {
				config.Plan.Faults = []servers.Fault{{Kind: kind, Rate: 1}}
				if kind == servers.StatusFault {
					config.Plan.Faults[0].Status = http.StatusTeapot
				}
			}
			s, err := servers.Start(config)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			talk(t, s, sent)
			a := admin.New(s, admin.Config{})
			defer a.Close()
			if load := s.Load(); load.Connections != 0 || load.Requests != 0 {
				t.Errorf("%d connections and %d requests are left", load.Connections, load.Requests)
			}
			agree(t, visit(t, a, "/journal", http.StatusOK), s.Journal())
			visit(t, a, "/metrics", http.StatusOK)
		})
	})
}

// talk sends bytes over a connection, reads for a while what comes, and closes
// it.
func talk(t *testing.T, s *servers.Server, sent []byte) {
	conn, err := s.Client().Transport.(*http.Transport).DialContext(context.Background(), "tcp", "h:80")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = conn.Write(sent) }()
	_ = conn.SetReadDeadline(time.Now().Add(time.Hour))
	_, _ = io.Copy(io.Discard, conn)
	conn.Close()
	time.Sleep(time.Hour) // what the server waits for is over
	synctest.Wait()
}

// agree holds the JSON of a journal to its entries.
func agree(t *testing.T, text []byte, want []servers.Entry) {
	var got struct {
		Entries []struct {
			Key     string
			Attempt int
			Status  int
			Bytes   int64
			Took    int64 `json:"took_ns"`
		}
	}
	if err := json.Unmarshal(text, &got); err != nil || !utf8.Valid(text) {
		t.Fatalf("not JSON in UTF-8: %v: %q", err, text)
	}
	if len(got.Entries) != len(want) {
		t.Fatalf("%d requests in the JSON, and %d in the journal", len(got.Entries), len(want))
	}
	for i, e := range got.Entries {
		w := want[i]
		said := utf8.ValidString(w.Key) && e.Key != w.Key
		if said || len(w.Key) > servers.KeyLimit || e.Attempt != w.Attempt || e.Attempt < 1 || e.Status != w.Status ||
			e.Status < 0 || e.Status > 999 || e.Bytes != w.Bytes || e.Bytes < 0 || e.Took < 0 {
			t.Errorf("request %s: the JSON has %+v, the journal %+v", strconv.Itoa(i), e, w)
		}
	}
}
