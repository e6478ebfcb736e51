package scenarios_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestFlood has clients that try again at once for as long as they fail. Where
// no answer takes time the virtual clock never moves on, and so their timeout
// never ends. That is told, and not waited for.
func TestFlood(t *testing.T) {
	for _, fault := range []string{"status, status: 503", "redirect_loop", "refuse", "empty"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			v := vocabularyOf("new", func(ctx context.Context, c *http.Client, url string) error {
				hasty := *c
				hasty.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
				for {
					if err := sent(ctx, &hasty, http.MethodGet, url, http.StatusOK); err == nil || ctx.Err() != nil {
						return err
					}
				}
			})
			rec := ran(t, v, "name: flood\nclock: virtual\nserver: {content: it, latency: 0s, faults: [{kind: "+fault+
				", rate: 1}]}\nworkload: {task: it, keys: [/a], timeout: 1s}\nexecutors: [{kind: sequential}]\n")
			said := fmt.Sprint(rec.Findings())
			for _, want := range []string{"another and no time passes", "server.latency", "_test.go:"} {
				if !strings.Contains(said, want) {
					t.Errorf("got %s, want %q", said, want)
				}
			}
		})
	}
}
