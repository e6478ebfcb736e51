package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A pager reads the pages of a list, one after another, and tries each again as
// its policy says, but for what it does wrong at one of them.
type pager struct {
	wrong string // early, often, refused or twice; "" for nothing
	page  int    // where
}

const lastPage = 4

func (p pager) read(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
	var seen record.Seen
	for page := 1; page <= lastPage; page++ {
		wrong := ""
		if page == p.page {
			wrong = p.wrong
		}
		url := fmt.Sprintf("%s%s?page=%d", server.URL(), key, page)
		attempts := 3
		if wrong == "often" {
			attempts = 5
		}
		for n := range attempts {
			var after time.Duration
			seen, after = pageOf(ctx, server, url)
			again := seen.Status >= 500 || wrong == "refused" && seen.Status == 403
			if !again || n == attempts-1 {
				break
			}
			if wrong != "early" {
				<-time.After(max(after, 100*time.Millisecond))
			}
		}
		if wrong == "twice" {
			seen, _ = pageOf(ctx, server, url)
		}
		if seen.Class != record.OK && seen.Status != 403 {
			break
		}
	}
	return seen
}

func pageOf(ctx context.Context, server *servers.Server, url string) (seen record.Seen, after time.Duration) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, 0
	}
	resp, err := server.Client().Do(r)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.Header.Get("Retry-After") == "1" {
		after = time.Second
	}
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}, after
}

// TestPages: what a client does against its policy at one of several things
// that a task asks for is found, whichever that is, and a correct one passes.
func TestPages(t *testing.T) {
	faults := map[string]string{
		"":        "kind: status, status: 503, retry_after: 1s, attempts: 1",
		"early":   "kind: status, status: 503, retry_after: 1s, attempts: 1",
		"often":   "kind: status, status: 503, attempts: 4",
		"refused": "kind: status, status: 403, attempts: 1",
		"twice":   "kind: status, status: 503, attempts: 1",
	}
	for wrong, fault := range faults {
		for page := 1; page <= lastPage; page++ {
			p := pager{wrong, page}
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"pages": scenarios.RequestWorkload(p.read),
			}}
			text := fmt.Sprintf(`
name: pages
clock: virtual
server:
  content: {routes: [{path: "/list/{of}", json: [1, 2, 3]}]}
  latency: uniform(10ms, 50ms)
  faults: [{%s, keys: ["/list/*page=%d"]}]
workload: {task: pages, keys: [/list/a, /list/b, /list/c], retry: {attempts: 3, on: [5xx], wait: 100ms}}
executors: [{kind: pool, workers: [1, 3]}]
`, fault, page)
			s, mistakes := v.Parse("pages.yaml", []byte(text))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			for _, c := range s.Cases() {
				rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				found, retries := rec.Findings(), false
				for _, f := range found { // a page that is read twice may have been to change
					retries = retries || f.Check == "retries" && f.Inconclusive == (wrong == "twice")
				}
				if (wrong == "") != (found == nil) || retries != (wrong != "") {
					t.Errorf("%q at page %d on %s: %v", wrong, page, c.Executor(), found)
				}
			}
		}
	}
}
