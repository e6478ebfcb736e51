package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// accepting is a client that takes for a success what is says, and tries so
// often.
func accepting(attempts int, is func(status int) bool) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		path := servers.FlagPath(key)
		if strings.HasPrefix(key, "/") {
			path = key
		}
		for range attempts {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			n, _ := io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			seen = record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
			if is(resp.StatusCode) {
				seen.Class = record.OK
				return seen
			}
		}
		return seen
	}
}

// TestSuccess: a status that the scenario calls a success must be reported as
// one, and no other.
func TestSuccess(t *testing.T) {
	taking := func(statuses ...int) func(int) bool {
		return func(status int) bool {
			if slices.Contains(statuses, status) {
				return true
			}
			return status/100 == 2
		}
	}
	const there = "server: {content: {routes: [{path: /a, status: 409, body: there}, {path: /b}]}}"
	const conflict = "server: {faults: [{kind: status, status: 409, keys: [BR]}]}"
	for _, test := range []struct {
		name, world, workload, expect string
		client                        scenarios.RequestFunc
		want                          string // a part of the finding, "" for none
	}{
		{"a success", conflict, "flags: [BR, CN]", "success: [409]", accepting(1, taking(409)), ""},
		{"no success", conflict, "flags: [BR, CN]", "", accepting(1, taking(409)), "got BR ok, want BR status"},
		{
			"an error for a success", conflict, "flags: [BR, CN]", "success: [409]", accepting(1, taking()),
			"got BR status, want BR ok",
		},
		{
			"another status", conflict, "flags: [BR, CN]", "success: [412]", accepting(1, taking(409)),
			"got BR ok, want BR status",
		},
		{
			"not found", "server: {faults: [{kind: status, status: 404, keys: [BR]}]}", "flags: [BR, CN]",
			"success: [404]", accepting(1, taking(404)), "",
		},
		{
			"not modified", "server: {faults: [{kind: status, status: 304, keys: [BR]}]}", "flags: [BR, CN]",
			"success: [304]", accepting(1, taking(304)), "",
		},
		{
			"of the content", there,
			"keys: [/a, /b]", "success: [409]", accepting(1, taking(409)), "",
		},
		{
			"of the content, no success", there,
			"keys: [/a, /b]", "", accepting(1, taking(409)), "got /a ok, want /a status",
		},
		{
			"tried once", "server: {faults: [{kind: status, status: 503, keys: [BR], attempts: 2}]}",
			"flags: [BR, CN], retry: {attempts: 3}", "success: [503]", accepting(3, taking(503)), "",
		},
		{
			"tried again", "server: {faults: [{kind: status, status: 503, keys: [BR], attempts: 2}]}",
			"flags: [BR, CN], retry: {attempts: 3}", "success: [503]", accepting(3, taking()),
			"got BR",
		},
		{
			"broken", "server: {faults: [{kind: truncate, keys: [BR]}]}", "flags: [BR, CN]", "success: [409]",
			accepting(1, taking(409)), "want BR truncated",
		},
		{
			"download", conflict, "flags: [BR, CN]", "success: [409], outcomes: {ok: 2}",
			scenarios.Downloader{}.Download, "",
		},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"fetch": scenarios.RequestWorkload(test.client),
			}}
			s, mistakes := v.Parse("x", fmt.Appendf(nil, "name: x\nclock: %s\n%s\nworkload: {task: fetch, %s}\n"+
				"executors: [{kind: pool, workers: 2}]\nexpect: {%s}\n", clock, test.world, test.workload, test.expect))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, f := range rec.Findings() {
				said.WriteString(f.String())
			}
			if (said.String() == "") != (test.want == "") || !strings.Contains(said.String(), test.want) {
				t.Errorf("%s, %s: got %q, want %q", test.name, clock, said.String(), test.want)
			}
		}
	}
}
