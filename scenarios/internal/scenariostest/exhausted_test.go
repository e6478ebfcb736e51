//go:build linux

package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// limitFiles lets the process open only so many more files, until the test is
// over.
func limitFiles(t *testing.T, more uint64) {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	now := was
	now.Cur = uint64(len(open)) + more
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
			t.Error(err)
		}
	})
}

// TestTooManyOpenFiles runs clients that need more files than there are, each
// beside one that does not.
func TestTooManyOpenFiles(t *testing.T) {
	apart := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		return fetchAll(ctx, c, s, key)
	}
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"apart": scenarios.RequestWorkload(apart)}}
	for _, tt := range []struct {
		name, task, executor string
		more                 uint64
		named                bool
	}{
		{"too many at once", "download", "kind: async", 40, true},
		{"two at once", "download", "kind: pool, workers: 2", 40, false},
		{"too many at once with transports of their own", "apart", "kind: async", 40, true},
		{"two at once with transports of their own", "apart", "kind: pool, workers: 2", 40, false},
		{"not enough for the server", "download", "kind: sequential", 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parsed(t, v, fmt.Sprintf(`name: files
server: {latency: 10ms}
workload: {task: %s, flags: all, limit: 100}
executors: [{%s}]
`, tt.task, tt.executor))
			limitFiles(t, tt.more)
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			switch {
			case !tt.named && (err != nil || len(rec.Violations)+len(rec.Inconclusive) > 0):
				t.Errorf("%v, %+v", err, rec)
			case tt.named && (err == nil || !strings.Contains(err.Error(), "too many open files: the process ")):
				t.Errorf("error %v, want one of too many open files", err)
			case tt.named && rec != nil:
				t.Error("a recording beside the error")
			}
		})
	}
}
