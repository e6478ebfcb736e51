package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A sendFunc sends a request for what a path leads to, and returns nil if and
// only if it has the whole of a success.
type sendFunc func(method, path string, header ...string) error

// sender returns what sends the requests of a task.
func sender(ctx context.Context, s *servers.Server) sendFunc {
	return func(method, path string, header ...string) error {
		req, err := http.NewRequestWithContext(ctx, method, s.URL()+path, strings.NewReader("{}"))
		if err != nil {
			return err
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= 300 {
			return errors.New(resp.Status)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}

// A flow is what a client does for one task: what it asks for, and what it says
// of that.
type flow struct {
	name string
	do   func(a sendFunc, key string) error
	may  string // what it may be besides right, of a correct one: inconclusive
}

var rightFlows = []flow{
	{"reads", func(a sendFunc, key string) error { return a("GET", key) }, ""},
	{"creates", func(a sendFunc, key string) error { return a("POST", key) }, ""},
	{"removes", func(a sendFunc, key string) error { return a("DELETE", key) }, ""},
	{"reads the head, then the body", func(a sendFunc, key string) error {
		if err := a("HEAD", key); err != nil {
			return err
		}
		return a("GET", key)
	}, ""},
	{"reads a list, then its pages", func(a sendFunc, key string) error {
		err := a("GET", key)
		for page := 0; err == nil && page < 3; page++ {
			err = a("GET", fmt.Sprintf("%s?page=%d", key, page))
		}
		return err
	}, ""},
	{"creates, then reads", func(a sendFunc, key string) error {
		if err := a("POST", key); err != nil {
			return err
		}
		return a("GET", key)
	}, ""},
	{"tries three times", func(a sendFunc, key string) error {
		return thrice(func() error { return a("GET", key) })
	}, ""},
	{"creates with a key, up to three times", func(a sendFunc, key string) error {
		return thrice(func() error { return a("POST", key, "Idempotency-Key", key) })
	}, ""},
	{"writes up to three times", func(a sendFunc, key string) error {
		return thrice(func() error { return a("PUT", key) })
	}, ""},
	{"reads, or else from a mirror", func(a sendFunc, key string) error {
		if a("GET", key) == nil {
			return nil
		}
		return a("GET", key+"?mirror")
	}, "inconclusive"},
	{"reads what it needs, and what it does not", func(a sendFunc, key string) error {
		err := a("GET", key)
		_ = a("GET", key+"?extra")
		return err
	}, "inconclusive"},
	{"reads, and later whether that has changed", func(a sendFunc, key string) error {
		if err := a("GET", key); err != nil {
			return err
		}
		_ = a("GET", key)
		return nil
	}, "inconclusive"},
}

// Each of the wrong ones loses an error, or reports one that was not there.
var wrongFlows = []flow{
	{"reads, and says it has", func(a sendFunc, key string) error { _ = a("GET", key); return nil }, ""},
	{"creates, and says it has", func(a sendFunc, key string) error { _ = a("POST", key); return nil }, ""},
	{"reads, and fails", func(a sendFunc, key string) error {
		_ = a("GET", key)
		return errors.New("failed")
	}, ""},
	{"reads the head, and says it has the body", func(a sendFunc, key string) error {
		if err := a("HEAD", key); err != nil {
			return err
		}
		_ = a("GET", key)
		return nil
	}, ""},
	{"creates, and says it has read", func(a sendFunc, key string) error {
		if err := a("POST", key); err != nil {
			return err
		}
		_ = a("GET", key)
		return nil
	}, ""},
	{"keeps its first error", func(a sendFunc, key string) error {
		err := a("GET", key)
		if err != nil {
			_ = a("GET", key)
		}
		return err
	}, ""},
	{"does nothing", func(sendFunc, string) error { return nil }, ""},
}

func thrice(do func() error) (err error) {
	for range 3 {
		if err = do(); err == nil {
			return nil
		}
	}
	return err
}

// flowFaults strike requests at random; those of hang take until the timeout.
var flowFaults = []string{
	"status, status: 503", "status, status: 404", "status, status: 503, after: true", "reset, after: true",
	"truncate", "truncate_chunked", "reset", "reset_head", "empty", "hang",
}

// TestFlows has clients of an API that make several requests for a task. A
// correct one is never accused, and a wrong one never acquitted, whatever the
// API: what its answers bring is not known.
func TestFlows(t *testing.T) {
	for _, fault := range flowFaults {
		for _, f := range rightFlows {
			t.Run(f.name+"/"+fault, func(t *testing.T) {
				if got := f.verdict(t, fault); got != "" && got != f.may {
					t.Errorf("got %s", got)
				}
			})
		}
		for _, f := range wrongFlows {
			t.Run(f.name+"/"+fault, func(t *testing.T) {
				if f.name == "keeps its first error" && fault == "hang" {
					t.Skip("its second request comes after the timeout of the task")
				}
				if got := f.verdict(t, fault); got != "violated" {
					t.Errorf("got %q", got)
				}
			})
		}
	}
}

// verdict returns the verdict of a client that does this for 20 tasks: "" if it
// is right.
func (f flow) verdict(t *testing.T, fault string) string {
	t.Helper()
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(r.URL.String(), 20)) // the client may have gone
	})
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"flow": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				if err := f.do(sender(ctx, s), key); err != nil {
					return record.Seen{Class: record.Failed, Error: err.Error()}
				}
				return record.Seen{Class: record.OK}
			})},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"api": func(*scenarios.Scenario) (http.Handler, error) { return api, nil },
		},
	}
	s, mistakes := v.Parse("flow.yaml", fmt.Appendf(nil, `name: flow
seed: 1
clock: virtual
server: {content: api, latency: "uniform(50ms, 100ms)", faults: [{kind: %s, rate: 0.3}]}
workload: {task: flow, keys: {count: 20, prefix: /x/}, timeout: 5s}
executors: [{kind: pool, workers: 10}]
expect: {classification: plain}
`, fault))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	switch {
	case err != nil:
		t.Fatal(err)
	case len(rec.Violations) > 0:
		return "violated"
	case len(rec.Inconclusive) > 0:
		return "inconclusive"
	}
	return ""
}
