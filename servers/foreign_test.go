package servers_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/taskid"
)

// TestOtherKeys has tasks ask for keys that they do not have. Each such request
// is its task's, if that is known, and an attempt of its own there: whatever
// the order in which tasks come, they meet the same.
func TestOtherKeys(t *testing.T) {
	uri, err := keys.Parse("uri")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name           string
		mark, context  bool
		http2, oneTask bool
		known          bool
	}{
		{name: "the header", mark: true, known: true},
		{name: "the header over HTTP/2", mark: true, http2: true, known: true},
		{name: "the context", context: true, known: true},
		{name: "the context over HTTP/2", context: true, http2: true},
		{name: "nothing"},
		{name: "nothing, one task at a time", oneTask: true, known: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			config := servers.Config{
				Memory: true, HTTP2: test.http2, CountAttempts: true, Key: uri,
				Content: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }),
				Plan: servers.Plan{
					Foreign: true, Positions: map[string][]int{"first": {1}, "second": {2}, "third": {3}},
					Faults: []servers.Fault{{Kind: servers.StatusFault, Status: 503, Every: 2, Attempts: 1}},
				},
			}
			s := start(t, config)
			var tasks, begun sync.WaitGroup
			begun.Add(3)
			for i, key := range []string{"first", "second", "third"} {
				number := i + 1
				run := func() {
					ctx, end := s.BeginTask(taskid.NewContext(t.Context(), number), key)
					defer end()
					if !test.oneTask {
						begun.Done()
						begun.Wait()
					}
					for range 2 {
						askAs(t, ctx, s, "/list?page=1", test.mark, test.context)
					}
				}
				if test.oneTask {
					run()
				} else {
					tasks.Go(run)
				}
			}
			tasks.Wait()
			mustClose(t, s)
			counts := map[[3]int]int{} // by task, attempt and status
			for _, e := range s.Journal() {
				if e.Key != "/list?page=1" || e.Guessed {
					t.Errorf("%s: got the key %q, guessed %v", test.name, e.Key, e.Guessed)
				}
				counts[[3]int{e.Task, e.Attempt, e.Status}]++
			}
			if !test.known {
				if counts[[3]int{0, 1, 200}] != 1 || counts[[3]int{0, 2, 200}] != 1 {
					t.Errorf("%s: got %v by task, attempt and status, want some of no task", test.name, counts)
				}
				return
			}
			for number := 1; number <= 3; number++ {
				first := 200
				if number == 2 {
					first = 503
				}
				if counts[[3]int{number, 1, first}] != 1 || counts[[3]int{number, 2, 200}] != 1 {
					t.Errorf("%s: task %d: got %v by task, attempt and status", test.name, number, counts)
				}
			}
		})
	}
}

// askAs sends a request, with the header of a task and with its context if mark
// and withContext say so.
func askAs(t *testing.T, ctx context.Context, s *servers.Server, path string, mark, withContext bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if mark {
		taskid.Mark(r)
	}
	if !withContext {
		r = r.WithContext(context.Background())
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Error(err)
	}
}
