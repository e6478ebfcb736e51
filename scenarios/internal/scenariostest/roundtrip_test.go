package scenarios_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestRoundTrip: the errors of a transport without an http.Client, which have
// no type, have the class of what the server did, and not that of an error that
// tells nothing.
func TestRoundTrip(t *testing.T) {
	wants := map[fault.End]record.Class{
		fault.EndReset: record.Reset, fault.EndTruncated: record.Truncated, fault.EndMalformed: record.Malformed,
	}
	for _, kind := range fault.Kinds() {
		want := wants[kind.End()]
		if want == "" || kind.BeforeRequest() || kind.Connection() {
			continue
		}
		for _, c := range []servers.Config{{}, {TLS: true}, {HTTP2: true}, {HTTP2: true, TLS: true}} {
			if c.HTTP2 && !kind.HTTP2() {
				continue
			}
			c.Plan.Faults = []servers.Fault{{Kind: kind, Rate: 1}}
			s, err := servers.Start(c)
			if err != nil {
				t.Fatal(err)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+servers.FlagPath("BR"), nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.Client().Transport.RoundTrip(r)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
			for name, of := range map[string]*http.Response{"with": resp, "without": nil} {
				if got := classify.Class(of, err); got != want && (of != nil || kind.Body() == fault.NoBody) {
					t.Errorf("%s, %s, %s the response: %s of %v, want %s", kind, form(c), name, got, err, want)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

func form(c servers.Config) string { return fmt.Sprintf("TLS %t, HTTP/2 %t", c.TLS, c.HTTP2) }
