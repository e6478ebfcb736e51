package scenarios_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// bare asks with net/http, and says what came with a function of the test.
func bare(class func(*http.Response, error) record.Class) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, attempt int) record.Seen {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URLFor(key, attempt)+servers.FlagPath(key), nil)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		resp, err := s.Client().Do(req)
		var n int64
		if err == nil {
			defer resp.Body.Close()
			n, err = io.Copy(io.Discard, resp.Body)
		}
		if err != nil {
			return record.Seen{Class: class(resp, err), Error: err.Error()}
		}
		return record.Seen{Class: class(resp, nil), Status: resp.StatusCode, Bytes: n}
	}
}

// plainErrors is how a client classifies that knows only the usual errors.
func plainErrors(resp *http.Response, err error) record.Class {
	switch {
	case err == nil:
		return record.ClassOf(resp.StatusCode)
	case errors.Is(err, context.DeadlineExceeded):
		return record.Timeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return record.Refused
	case errors.Is(err, syscall.ECONNRESET):
		return record.Reset
	case errors.Is(err, io.ErrUnexpectedEOF):
		return record.Truncated
	}
	return record.Failed
}

// TestBareClients accuses no client that goes by the errors of net/http, of any
// fault and under either clock, and finds each that is wrong.
func TestBareClients(t *testing.T) {
	both := func(resp *http.Response, err error) record.Class { return classify.Class(resp, err) }
	lax := func(resp *http.Response, err error) record.Class {
		if resp != nil && err != nil {
			return record.ClassOf(resp.StatusCode) // a body that breaks off is good enough
		}
		return plainErrors(resp, err)
	}
	gloomy := func(resp *http.Response, err error) record.Class {
		if err == nil && resp.StatusCode < 300 {
			return record.Failed
		}
		return plainErrors(resp, err)
	}
	for _, test := range []struct {
		name, rule string
		class      func(*http.Response, error) record.Class
		but        func(servers.Kind) bool // the kinds that it is wrong about
	}{
		{"classify", "exact", both, func(k servers.Kind) bool { return k.End() == fault.EndWrongType }},
		{"classify", "coarse", both, func(servers.Kind) bool { return false }},
		{"plain errors", "coarse", plainErrors, func(servers.Kind) bool { return false }},
		{"any class", "any", gloomy, func(servers.Kind) bool { return false }},
		{
			"takes what it has of a body", "coarse", lax, func(k servers.Kind) bool {
				part := k.Body() == fault.PartialBody && k != fault.Surplus
				return part || k.End() == fault.EndRedirects || k == fault.BadChunk
			},
		},
		{"fails always", "coarse", gloomy, func(servers.Kind) bool { return true }},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
			"ask": scenarios.RequestWorkload(bare(test.class)),
		}}
		for _, kind := range append(fault.Kinds(), fault.None) {
			for _, clock := range []string{"virtual", "real"} {
				if test.name != "plain errors" && (clock == "real" || kind == fault.HugeHead) ||
					clock == "real" && few(kind) {
					continue // their time is better spent on others
				}
				protocol := "http"
				if !kind.HTTP1() {
					protocol = "h2c"
				}
				s := meeting(t, v, kind, clock, protocol)
				switch test.rule {
				case "coarse":
					s.Expect.Classification = "coarse"
				case "any":
					s.Expect.Classification = "any"
				}
				got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				wrong := test.but(kind)
				if strings.Contains(got, "?") || strings.Contains(got, ":classification") != wrong ||
					!wrong && strings.Contains(got, ":") {
					t.Errorf("%s, %s, %s, %s: got %s, wrong %v: %v", test.name, test.rule, kind, clock, got, wrong,
						recs[0].Violations)
				}
			}
		}
	}
}
