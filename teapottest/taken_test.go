package teapottest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestTakenForSuccess: a client that takes a failure for a success is told what
// it met, also where it should have tried again, and one that gives up is told
// that.
func TestTakenForSuccess(t *testing.T) {
	for fault, class := range map[string]string{
		"truncate": "truncated", "truncate_chunked": "truncated", "reset_body": "reset",
		"status, status: 503": "status", "reset": "reset", "empty": "reset", "garbage": "malformed",
	} {
		for _, retry := range []string{
			"", ", attempts: 3", ", retry: {attempts: 3}", ", retry: {attempts: 3, on: [refused]}",
		} {
			kind, _, _ := strings.Cut(fault, ",")
			world := fmt.Sprintf(`
server: {faults: [{kind: %s, rate: 0.5}]}
workload: {task: check, flags: top20, timeout: 2s%s}`, fault, retry)
			said := checked(t, world, func(ctx context.Context, client *http.Client, url string) error {
				_ = get(ctx, client, url) // the mistake
				return nil
			})
			if met := kind + ": "; !strings.Contains(said, "got  "+met) || !strings.Contains(said, "want "+met+class) ||
				strings.Contains(said, "gave up") {
				t.Errorf("%s%s: %s", fault, retry, said)
			}
			if !strings.Contains(retry, "3") || strings.Contains(retry, "refused") {
				continue
			}
			said = checked(t, world, get)
			if !strings.Contains(said, "client gave up: ") {
				t.Errorf("%s%s, gives up: %s", fault, retry, said)
			}
		}
	}
}
