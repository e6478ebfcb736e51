package scenarios_test

import (
	"context"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestPlantedBytes has clients that count the bytes of an answer, or do not, of
// flags and of texts that may come compressed.
func TestPlantedBytes(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		count      func(int64) int64
		wrong      bool
	}{
		{"right", "", func(n int64) int64 { return n }, false},
		{"does not count", "", func(int64) int64 { return 0 }, false},
		{"says seven", "", func(int64) int64 { return 7 }, true},
		{"says one more", "", func(n int64) int64 { return n + 1 }, true},
		{"right of a text", "body: 64KB, ", func(n int64) int64 { return n }, false},
		{"doubles a text", "body: 64KB, ", func(n int64) int64 { return 2 * n }, true},
		{"says one less of a text", "body: 64KB, ", func(n int64) int64 { return n - 1 }, true},
	} {
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(
			func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
				seen := scenarios.Downloader{}.Download(ctx, server, key, attempt)
				seen.Bytes = tt.count(seen.Bytes)
				return seen
			})}}
		s := parsed(t, v, `name: one
clock: virtual
server: {BODYlatency: 1s}
workload: {task: fetch, flags: [BR, CN, ZZ]}
executors: [{kind: sequential}]
`, "BODY", tt.body)
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if wrong := len(rec.Violations) == 1 && strings.Contains(rec.Violations[0].Want, "BR ") &&
			!strings.Contains(rec.Violations[0].Want, "ZZ"); wrong != tt.wrong || len(rec.Violations) > 1 {
			t.Errorf("%s: got %v", tt.name, rec.Violations)
		}
	}
}
