package scenarios_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A shelf keeps things under names, and does more: see [shelf.ServeHTTP].
type shelf struct {
	mu  sync.Mutex
	has map[string]bool
}

// ServeHTTP makes a thing by POST, changes it by PUT, which needs no answer,
// and removes it by DELETE once.
func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.has[r.URL.Path]
	switch s.has[r.URL.Path] = r.Method != http.MethodDelete; {
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "made")
	case r.Method == http.MethodPut, r.Method == http.MethodDelete && was:
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodDelete:
		http.NotFound(w, r)
	default:
		fmt.Fprint(w, "there it is")
	}
}

// fill has a thing at a path from the first request for it on.
func (s *shelf) fill(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, asked := s.has[path]; !asked {
		s.has[path] = true
	}
}

// mannered is the content of a kind.
func mannered(kind string) http.Handler {
	kept := &shelf{has: map[string]bool{}}
	return map[string]http.Handler{
		"new": kept,
		"full": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kept.fill(r.URL.Path)
			kept.ServeHTTP(w, r)
		}),
		"events": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "begun")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(500 * time.Millisecond):
				fmt.Fprintln(w, "done")
			}
		}),
		"parts": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			fmt.Fprintln(w, "a: 200, b: 500")
		}),
		"pending": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusAccepted)
		}),
		"echo": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "echo")
			w.WriteHeader(http.StatusSwitchingProtocols)
			c, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer c.Close()
			if line, err := rw.ReadString('\n'); err == nil {
				fmt.Fprint(c, line)
			}
		}),
	}[kind]
}

// A deed is a client that asks for what is at a URL.
type deed func(ctx context.Context, c *http.Client, url string) error

// sent sends a request of a method, and wants a status.
func sent(ctx context.Context, c *http.Client, method, url string, want int) error {
	var body io.Reader
	if method != http.MethodGet {
		body = strings.NewReader("tea")
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err = io.Copy(io.Discard, resp.Body); err == nil && resp.StatusCode != want {
		err = fmt.Errorf("%s: %s", method, resp.Status)
	}
	return err
}

// saga makes a thing, looks at it, and removes it if that fails, which it tells
// or not.
func saga(tells bool) deed {
	return func(ctx context.Context, c *http.Client, url string) error {
		if err := sent(ctx, c, http.MethodPost, url, http.StatusCreated); err != nil {
			return err
		}
		err := sent(ctx, c, http.MethodGet, url, http.StatusOK)
		if err == nil {
			return nil
		}
		if sent(ctx, c, http.MethodDelete, url, http.StatusNoContent) == nil && !tells {
			return nil
		}
		return err
	}
}

// upTo3 sends a request up to three times, and takes the statuses for a
// success that it is told, the second only if it is not the first attempt.
func upTo3(method string, want, then int) deed {
	return func(ctx context.Context, c *http.Client, url string) (err error) {
		for n := range 3 {
			if err = sent(ctx, c, method, url, want); err == nil {
				break
			}
			if n > 0 && strings.Contains(err.Error(), fmt.Sprint(then)) {
				return nil
			}
		}
		return err
	}
}

// replaced reads a thing, changes it, and reads it again on the connection.
func replaced(ctx context.Context, c *http.Client, url string) error {
	return errors.Join(sent(ctx, c, http.MethodPut, url, http.StatusNoContent),
		sent(ctx, c, http.MethodGet, url, http.StatusOK))
}

// begun sends a request and reports a success before it is answered.
func begun(ctx context.Context, c *http.Client, url string) error {
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 900*time.Millisecond)
		defer cancel()
		_ = sent(ctx, c, http.MethodGet, url, http.StatusOK)
	}()
	return nil
}

// listened reads a line, and another one if it wants both.
func listened(lines int) deed {
	return func(ctx context.Context, c *http.Client, url string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		resp, err := c.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		text := bufio.NewReader(resp.Body)
		for range lines {
			if _, err := text.ReadString('\n'); err != nil {
				return err
			}
		}
		return nil
	}
}

// upgraded speaks another protocol: it sends a line, and wants it back.
func upgraded(ctx context.Context, c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	upgrades := strings.EqualFold(resp.Header.Get("Connection"), "upgrade")
	if resp.StatusCode != http.StatusSwitchingProtocols || !upgrades {
		return errors.New("no echo")
	}
	conn, is := resp.Body.(io.ReadWriter)
	if !is {
		return errors.New("no connection")
	}
	fmt.Fprintln(conn, "tea")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "tea\n" {
		err = errors.New("another line: " + line)
	}
	return err
}

// polled asks for a thing until it is there, up to ten times, and tells if it
// is not.
func polled(ctx context.Context, c *http.Client, url string) (err error) {
	for range 10 {
		if err = sent(ctx, c, http.MethodGet, url, http.StatusOK); err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return err
}

// stays asks for a thing, and leaves after a time.
func stays(d time.Duration) deed {
	return func(ctx context.Context, c *http.Client, url string) error {
		ctx, cancel := context.WithTimeout(ctx, d)
		defer cancel()
		return sent(ctx, c, http.MethodGet, url, http.StatusOK)
	}
}

// uploaded sends three parts at once, and then what makes a whole of them or
// removes them, and tells of a part that failed or not.
func uploaded(tells bool) deed {
	return func(ctx context.Context, c *http.Client, url string) error {
		errs := make(chan error)
		for n := range 3 {
			go func() { errs <- sent(ctx, c, http.MethodPut, fmt.Sprint(url, "?part=", n), http.StatusNoContent) }()
		}
		failed := errors.Join(<-errs, <-errs, <-errs)
		if failed == nil || !tells {
			return sent(ctx, c, http.MethodPost, url+"?whole", http.StatusCreated)
		}
		_ = sent(ctx, c, http.MethodDelete, url, http.StatusNoContent)
		return failed
	}
}

// TestManners has clients that do more than ask for a file until they have it.
// None that is right is accused, whatever seed, and none that is wrong passes.
func TestManners(t *testing.T) {
	const right, wrong, doubt = "right", "wrong", "doubt"
	const within = "{kind: truncate, at: {key: /a, attempt: 1}}, " +
		"{kind: truncate_chunked, at: {key: /b, attempt: 1}}, {kind: reset_body, at: {key: /c, attempt: 1}}, " +
		"{kind: bad_chunk, at: {key: /d, attempt: 1}}, {kind: hang_body, attempts: 1}"
	looked := "{kind: status, status: 503, at: {key: /a, attempt: 2}}"
	lost := "{kind: reset, after: true, attempts: 1}"
	byPath := "latency: \"uniform(10ms, 100ms)\", key: path"
	halfFail := "{kind: status, status: 503, rate: 0.4}"
	failing := "{kind: status, status: 503, rate: 1}"
	well := "}\nexpect: {success: [207], classification: plain"
	for _, tt := range []struct {
		name, content, faults, more, server string
		do                                  deed
		want                                string
	}{
		{"saga", "new", looked, "", "", saga(true), right},
		{"saga that does not tell", "new", looked, "", "", saga(false), doubt},
		{"a body that is not there", "full", within, "", "", upTo3("PUT", 204, 204), right},
		{"a body that is not there, and another", "full", within, "", "", replaced, right},
		{"DELETE that was done", "full", lost, ", attempts: 3", "", upTo3("DELETE", 204, 404), right},
		{"DELETE of nothing", "new", "", ", attempts: 3", "", upTo3("DELETE", 404, 404), wrong},
		{
			"204 is no success", "new", "{kind: status, status: 204, attempts: 2}", ", attempts: 3", "",
			upTo3("POST", 201, 201), right,
		},
		{
			"204 is no success, of a policy", "new", "{kind: status, status: 204, attempts: 2}",
			", retry: {attempts: 3, methods: any}", "", upTo3("POST", 201, 201), right,
		},
		{
			"204 is no success, too often", "new", "{kind: status, status: 204, attempts: 3}", ", attempts: 2", "",
			upTo3("GET", 200, 200), wrong,
		},
		{
			"a redirect leads to a GET", "new", "{kind: redirect, hops: 1, rate: 1}", "", "", upTo3("POST", 201, 201),
			right,
		},
		{"reports before the answer", "new", "", "", "", begun, wrong},
		{"as long as its timeout", "events", "", "", "latency: 600ms", listened(2), right},
		{"leaves near its timeout", "events", "", "", "latency: 900ms", listened(1), right},
		{"a part that failed", "parts", "", "", "", upTo3("GET", 200, 999), doubt},
		{"a part that may have failed", "parts", "", "", "", upTo3("GET", 207, 999), doubt},
		{"parts that all went well", "parts", "", well, "", upTo3("GET", 207, 999), right},
		{"fails where all parts went well", "parts", "", well, "", stays(time.Second), wrong},
		{"leaves what was to fail", "full", failing, "", "", stays(time.Millisecond), doubt},
		{"leaves what was to break", "full", "{kind: reset, rate: 1}", "", "", stays(9 * time.Millisecond), doubt},
		{"leaves what was to go well", "full", "", "", "", stays(time.Millisecond), wrong},
		{"polls in vain", "pending", "", "", "latency: 10ms", polled, doubt},
		{"polls until its timeout", "pending", "", "", "latency: 200ms", polled, doubt},
		{"polls, and has it", "full", "{kind: status, status: 204, attempts: 2}", "", "", polled, right},
		{"leaves when its timeout is over", "full", "{kind: hang, rate: 1}", "", "", stays(time.Second), right},
		{"leaves where others come as late", "full", "", "", "latency: 2s", stays(time.Second), right},
		{"leaves after the head", "full", "{kind: hang_body, rate: 1}", "", "", stays(time.Second), right},
		{
			"another protocol", "echo", "{kind: slow_close, rate: 0.5}, {kind: go_away, rate: 1}", "", "", upgraded,
			right,
		},
		{"parts of an upload", "new", halfFail, "", "", uploaded(true), right},
		{"parts of an upload that all have one key", "new", halfFail, "", byPath, uploaded(true), right},
		{"parts of an upload, not told", "new", halfFail, "", "", uploaded(false), doubt},
		{"parts of an upload, not told, of one key", "new", halfFail, "", byPath, uploaded(false), doubt},
		{"another protocol, surplus", "echo", "{kind: surplus, rate: 0.5}", "", "", upgraded, right},
		{"another protocol, slow", "echo", "", "", "latency: 900ms", upgraded, right},
	} {
		for seed := range 5 {
			t.Run(fmt.Sprintf("%s/%d", tt.name, seed), func(t *testing.T) {
				server := "latency: \"uniform(10ms, 100ms)\""
				if tt.server != "" {
					server = tt.server
				}
				if tt.faults != "" {
					server += ", faults: [" + tt.faults + "]"
				}
				v := vocabularyOf(tt.content, tt.do)
				more := tt.more
				if more != well {
					more += "}\nexpect: {classification: plain"
				}
				rec := ran(t, v, fmt.Sprintf("name: manners\nseed: %d\nclock: virtual\nserver: {content: it, %s}\n"+
					"executors: [{kind: pool, workers: 2}]\n"+
					"workload: {task: it, keys: [/a, /b, /c, /d, /e], timeout: 1s%s}\n", seed, server, more))
				got := right
				switch {
				case len(rec.Violations) > 0:
					got = wrong
				case len(rec.Inconclusive) > 0:
					got = doubt
				}
				if got != tt.want {
					t.Errorf("got %s, want %s: %v", got, tt.want, rec.Findings())
				}
			})
		}
	}
}

// hedgedThrice sends a request up to three times, each with a hedge.
func hedgedThrice(ctx context.Context, c *http.Client, url string) (err error) {
	for range 3 {
		err = func() error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			errs, under := make(chan error, 2), 1
			ask := func() { errs <- sent(ctx, c, http.MethodGet, url, http.StatusOK) }
			go ask()
			hedge := time.NewTimer(100 * time.Millisecond)
			defer hedge.Stop()
			for {
				select {
				case <-hedge.C:
					under++
					go ask()
				case err := <-errs:
					if under--; err == nil || under == 0 {
						return err
					}
				}
			}
		}()
		if err == nil {
			break
		}
	}
	return err
}

// TestHedged has a client that hedges. What its transport sends again, of its
// own accord, may be any of the attempts that were under way, and the server
// takes redirects for attempts. It is not accused of too many, though it may be
// in doubt, also if its requests do not tell of their connections.
func TestHedged(t *testing.T) {
	const mostDoubtful = 10 // of 30
	bare := func(ctx context.Context, c *http.Client, url string) error {
		return hedgedThrice(context.WithoutCancel(ctx), &http.Client{Transport: c.Transport}, url)
	}
	for _, fault := range []string{"redirect_loop", "empty", "reset", "empty, after: true", "status, status: 503"} {
		for name, do := range map[string]deed{"task's context": hedgedThrice, "own client": bare} {
			doubtful := 0
			for seed := range 30 {
				rec := ran(t, vocabularyOf("new", do), fmt.Sprintf("name: hedged\nseed: %d\nclock: virtual\n"+
					"server: {content: it, latency: \"uniform(10ms, 300ms)\", faults: [{kind: %s, rate: 0.4}]}\n"+
					"workload: {task: it, keys: {count: 8, prefix: /}, timeout: 1s, attempts: 3}\n"+
					"executors: [{kind: pool, workers: 4}]\nexpect: {classification: plain}\n", seed, fault))
				if len(rec.Violations) > 0 {
					t.Errorf("%s, %s, seed %d: %v", fault, name, seed, rec.Violations)
				}
				doubtful += min(len(rec.Inconclusive), 1)
			}
			if doubtful > mostDoubtful {
				t.Errorf("%s, %s: %d of 30 runs are inconclusive", fault, name, doubtful)
			}
		}
	}
}

// refreshed reports what it has, and asks for it again, which its task does not
// wait for. It has something of each key, or of any.
func refreshed(any bool) deed {
	var mu sync.Mutex
	has := map[string]bool{}
	return func(ctx context.Context, c *http.Client, url string) error {
		mu.Lock()
		kept := has[url] || any && len(has) > 0
		mu.Unlock()
		ask := func(ctx context.Context) error {
			err := sent(ctx, c, http.MethodGet, url, http.StatusOK)
			mu.Lock()
			defer mu.Unlock()
			has[url] = has[url] || err == nil
			return err
		}
		if !kept {
			return ask(ctx)
		}
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 800*time.Millisecond)
			defer cancel()
			_ = ask(ctx)
		}()
		return nil
	}
}

// TestRefreshed has a cache that asks again while it reports what it has, and
// one that reports what it has of another key.
func TestRefreshed(t *testing.T) {
	for _, any := range []bool{false, true} {
		for _, fault := range []string{"", "hang", "reset", "status, status: 503"} {
			faults := ""
			if fault != "" {
				faults = ", faults: [{kind: " + fault + ", from: 250ms}]"
			}
			rec := ran(t, vocabularyOf("new", refreshed(any)), "name: refreshed\nclock: virtual\n"+
				"server: {content: it, latency: 100ms"+faults+"}\n"+
				"workload: {task: it, keys: [/a, /b, /a, /b, /a], timeout: 1s, unasked: cache}\n"+
				"executors: [{kind: sequential}]\nexpect: {classification: plain}\n")
			if got := len(rec.Violations) > 0; got != any || len(rec.Inconclusive) > 0 {
				t.Errorf("of any key: %t, %s: accused: %t: %v", any, fault, got, rec.Findings())
			}
		}
	}
}

// TestBatchShares has a program that sends one request for all of its keys, to
// an address that is no key.
func TestBatchShares(t *testing.T) {
	for _, tt := range []struct{ faults, unasked, want string }{
		{"", "shared", ""},
		{"{kind: status, status: 503, rate: 1}", "shared", ""},
		{"", "unknown", "a request for a key that no task has"},
	} {
		v := vocabularyOf("new", nil)
		v.Batches = map[string]func(int) (harness.Batch, error){"all": func(int) (harness.Batch, error) {
			return func(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
				seen := record.Seen{Class: record.OK}
				if err := sent(ctx, s.Client(), http.MethodGet, s.URL()+"/all", http.StatusOK); err != nil {
					seen = record.Seen{Class: record.Status, Error: err.Error()}
				}
				for _, key := range keys {
					emit(key, seen)
				}
				return nil
			}, nil
		}}
		rec := ran(t, v, "name: shares\nclock: virtual\nserver: {content: it, latency: 10ms, faults: ["+tt.faults+
			"]}\nworkload: {batch: all, keys: [/a, /b, /c], unasked: "+tt.unasked+"}\n"+
			"executors: [{kind: own, workers: 1}]\n")
		said := fmt.Sprint(rec.Findings())
		if tt.want == "" && said != "[]" || !strings.Contains(said, tt.want) {
			t.Errorf("%s, %s: got %s, want %q", tt.faults, tt.unasked, said, tt.want)
		}
	}
}

// vocabularyOf has a client as a task, and what it asks for.
func vocabularyOf(content string, do deed) scenarios.Vocabulary {
	return scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"it": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
				if err := do(ctx, s.Client(), s.URLOf(ctx, key, n)+key); err != nil {
					class := classify.Class(nil, err)
					return record.Seen{Class: class, Error: err.Error()}
				}
				return record.Seen{Class: record.OK}
			})},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"it": func(*scenarios.Scenario) (http.Handler, error) { return mannered(content), nil },
		},
	}
}
