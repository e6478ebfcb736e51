package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// beginning is a client that reads so many bytes of a body, and counts them if
// it says so. It is careless if it takes any answer for a success.
func beginning(size int64, counts, careless bool) scenarios.RequestFunc {
	return func(ctx context.Context, server *servers.Server, key string, _ int) (seen record.Seen) {
		for _, ctx := range scenarios.Attempts(ctx) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
			if err != nil {
				return record.Seen{Class: record.Failed}
			}
			resp, err := server.Client().Do(req)
			if err != nil {
				seen = record.Seen{Class: classify.Class(resp, err)}
				continue
			}
			n, err := io.CopyN(io.Discard, resp.Body, size)
			resp.Body.Close()
			if errors.Is(err, io.EOF) {
				err = nil // a body may be shorter
			}
			seen = record.Seen{Class: classify.Class(resp, err), Status: resp.StatusCode}
			if careless {
				seen = record.Seen{Class: record.OK}
			}
			if seen.Class == record.OK && counts {
				seen.Bytes = n
			}
			if seen.Class == record.OK {
				break
			}
		}
		return seen
	}
}

// TestReads has clients that read the beginning of a body, and close it: none
// of them is accused by what breaks the rest. Wrong ones are found as ever.
func TestReads(t *testing.T) {
	var within []string
	for _, kind := range fault.Kinds() {
		if kind.Body() == fault.PartialBody {
			within = append(within, string(kind))
		}
	}
	if len(within) < 5 {
		t.Fatalf("faults within a body: %v", within)
	}
	const (
		part     = ", reads: part"
		retrying = ", attempts: 3"
	)
	try := func(client scenarios.RequestFunc, fault, size, clock, workload string) *record.Recording {
		t.Helper()
		return ran(t, asTask(client), fmt.Sprintf("name: reads\nclock: %s\n"+
			"server: {body: %s, faults: [{kind: %s, keys: [B*, D*]}]}\n"+
			"workload: {task: it, flags: [BR, CN, DE, FR], timeout: 1s%s}\nexecutors: [{kind: pool, workers: 2}]\n",
			clock, size, fault, workload))
	}
	for _, kind := range within {
		for _, size := range []string{"64B", "100KB", "2MB"} {
			for _, tt := range []struct {
				client   scenarios.RequestFunc
				workload string
			}{
				{beginning(16, false, false), part},
				{beginning(16, true, false), part},
				{beginning(16, true, false), part + retrying},
				{beginning(16, true, false), part + ", retry: {attempts: 3}"},
				{beginning(1<<30, true, false), part},
				{beginning(1<<30, true, false), part + retrying},
				{beginning(1<<30, true, false), ""},
			} {
				if rec := try(tt.client, kind, size, "virtual", tt.workload); len(rec.Findings()) > 0 {
					t.Errorf("%s, %s%s: %v", kind, size, tt.workload, rec.Findings())
				}
			}
		}
		if rec := try(beginning(16, true, false), kind, "100KB", "real", part); len(rec.Violations) > 0 {
			t.Errorf("%s: %v", kind, rec.Findings())
		}
	}
	for _, tt := range []struct {
		wrong           scenarios.RequestFunc
		fault, workload string
	}{
		{beginning(16, true, false), "truncate", ""}, // reads must be said
		{beginning(1<<30, false, true), "truncate", ""},
		{beginning(16, false, true), "status, status: 503", part},
		{beginning(16, false, true), "status, status: 503", part + retrying},
		{counted(1 << 20), "status, status: 503", part}, // more than there is
	} {
		if rec := try(tt.wrong, tt.fault, "100KB", "virtual", tt.workload); len(rec.Violations) == 0 {
			t.Errorf("%s%s: not found: %v", tt.fault, tt.workload, rec.Findings())
		}
	}
}

// counted is a client that reports another number of bytes than it has read.
func counted(bytes int64) scenarios.RequestFunc {
	whole := beginning(1<<30, true, false)
	return func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
		seen := whole(ctx, server, key, attempt)
		if seen.Class == record.OK {
			seen.Bytes = bytes
		}
		return seen
	}
}
