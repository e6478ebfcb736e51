package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// shop is an API as programs have it. It knows nothing of teapot.
func shop() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) {
		if page, err := strconv.Atoi(r.URL.Query().Get("page")); err != nil || page < 1 {
			http.Error(w, "no page", http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"page": %q, "items": [%s]}`, r.URL.Query().Get("page"), strings.Repeat("1, ", 100)+"2")
	})
	mux.HandleFunc("GET /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"id": %q}`, r.PathValue("id"))
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) == 0 {
			http.Error(w, "no order", http.StatusUnprocessableEntity)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	})
	mux.Handle("GET /old", http.RedirectHandler("/items?page=1", http.StatusMovedPermanently))
	mux.HandleFunc("GET /slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Second):
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /aborts", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("GET /short", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "short")
	})
	mux.HandleFunc("GET /breaks", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "secret") })
	return mux
}

// send sends one request and returns what net/http says of it.
func send(ctx context.Context, c *http.Client, method, url, body string, headers ...string) record.Seen {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return record.Seen{Class: classify.Class(resp, err), Error: err.Error()}
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return record.Seen{Class: classify.Class(resp, err), Error: err.Error()}
	}
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
}

// buyer asks for a page and then orders. what reports of both what the task
// reports.
func buyer(what func(page, order record.Seen) record.Seen) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		page := send(ctx, s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "")
		if page.Class != record.OK {
			return what(page, record.Seen{})
		}
		return what(page, send(ctx, s.Client(), http.MethodPost, s.URL()+"/orders", "an order of "+key))
	}
}

// shoppers are clients of the shop, with keys from 1 to 20, and what the
// verdict on each must be.
var shoppers = map[string]struct {
	do      scenarios.RequestFunc
	verdict string // ok, found, or ? where it cannot be known
}{
	"a page for each key": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "")
	}, "ok"},
	"a lost error": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		send(ctx, s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "")
		return record.Seen{Class: record.OK}
	}, "found"},
	"another error": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		seen := send(ctx, s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "")
		if seen.Class != record.OK {
			return record.Seen{Class: record.Refused}
		}
		return seen
	}, "found"},
	"a page and an order": {buyer(func(page, order record.Seen) record.Seen {
		if page.Class != record.OK {
			return page
		}
		return order
	}), "ok"},
	"an order whose error is lost": {buyer(func(page, order record.Seen) record.Seen {
		return page
	}), "?"},
	"two errors that are lost": {buyer(func(page, order record.Seen) record.Seen {
		return record.Seen{Class: record.OK}
	}), "found"},
	"the bytes of both": {buyer(func(page, order record.Seen) record.Seen {
		if order.Class != record.OK {
			return record.Seen{Class: max(page.Class, order.Class)}
		}
		return record.Seen{Class: record.OK, Bytes: page.Bytes + order.Bytes}
	}), "?"},
	"a redirect of the content": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodGet, s.URL()+"/old?task="+key, "")
	}, "ok"},
	"what there is not": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodGet, s.URL()+"/nothing/"+key, "")
	}, "ok"},
	"what there is not, as a success": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		seen := send(ctx, s.Client(), http.MethodGet, s.URL()+"/nothing/"+key, "")
		if seen.Class == record.NotFound {
			return record.Seen{Class: record.OK}
		}
		return seen
	}, "found"},
	"a bad request": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodGet, s.URL()+"/items?page=x"+key, "")
	}, "ok"},
	"a method that is not allowed": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodDelete, s.URL()+"/items?page="+key, "")
	}, "ok"},
	"only heads": {func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(ctx, s.Client(), http.MethodHead, s.URL()+"/items?page="+key, "")
	}, "ok"},
	"no request": {func(context.Context, *servers.Server, string, int) record.Seen {
		return record.Seen{Class: record.OK}
	}, "found"},
	"without its context": {func(_ context.Context, s *servers.Server, key string, _ int) record.Seen {
		return send(context.Background(), s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "")
	}, "?"},
	"without its context, but with a name": {
		func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return send(context.Background(), s.Client(), http.MethodGet, s.URL()+"/items?page="+key, "",
				taskid.Header, strconv.Itoa(taskid.FromContext(ctx)))
		}, "ok",
	},
}

// TestShop has clients of an API under both clocks: a correct one is never
// accused, whatever its requests are for, and a wrong one is not acquitted.
func TestShop(t *testing.T) {
	var keys strings.Builder
	keys.WriteString("1")
	for n := 2; n <= 20; n++ {
		keys.WriteString(", " + strconv.Itoa(n))
	}
	for name, client := range shoppers {
		v := scenarios.Vocabulary{
			Tasks: map[string]scenarios.WorkloadFunc{"buy": scenarios.RequestWorkload(client.do)},
			Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
				"shop": func(*scenarios.Scenario) (http.Handler, error) { return shop(), nil },
			},
		}
		for _, how := range []string{"virtual http", "real http", "virtual h2c", "real h2"} {
			clock, protocol, _ := strings.Cut(how, " ")
			for seed := range 3 {
				s := parsed(t, v, fmt.Sprintf("name: shop\nseed: %d\nclock: %s\nserver: {content: shop, protocol: %s, "+
					"latency: 1ms, faults: [{kind: reset_body, rate: 0.1}, {kind: status, status: 503, rate: 0.2}]}\n"+
					"workload: {task: buy, keys: [%s]}\nexecutors: [{kind: pool, workers: 5}]\n", seed, clock, protocol,
					keys.String()))
				got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				verdict := verdictOf(recs[0])
				known := protocol == "http" // over HTTP/2 a context does not tell whose a request is
				if verdict != client.verdict && !(client.verdict == "?" && verdict == "ok") &&
					(known || verdict != "?") {
					t.Errorf("%s, %s, seed %d: got %s, want %s: %v", name, how, seed, got, client.verdict,
						recs[0].Findings())
				}
			}
		}
	}
}

// post sends an order.
func post(ctx context.Context, s *servers.Server, order string, headers ...string) record.Seen {
	return send(ctx, s.Client(), http.MethodPost, s.URL()+"/orders", order, headers...)
}

// orderTwice sends an order up to twice, until it is taken.
func orderTwice(withKey bool) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
		var headers []string
		if withKey {
			headers = []string{"Idempotency-Key", key}
		}
		for range 2 {
			if seen = post(ctx, s, "one of "+key, headers...); seen.Class == record.OK {
				break
			}
		}
		return seen
	}
}

// TestShopFails: where the service itself is slow or breaks, a client that says
// so is right, and one that reports a success is not.
func TestShopFails(t *testing.T) {
	for _, path := range []string{"/slow", "/aborts", "/short", "/breaks"} {
		for _, honest := range []bool{true, false} {
			ask := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				seen := send(ctx, s.Client(), http.MethodGet, s.URL()+path+"?"+key, "")
				if !honest {
					return record.Seen{Class: record.OK}
				}
				return seen
			}
			v := scenarios.Vocabulary{
				Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(ask)},
				Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
					"shop": func(*scenarios.Scenario) (http.Handler, error) { return shop(), nil },
				},
			}
			for _, how := range []string{"virtual http", "real http", "virtual h2c", "real h2"} {
				clock, protocol, _ := strings.Cut(how, " ")
				s := parsed(t, v, fmt.Sprintf("name: shop\nclock: %s\nserver: {content: shop, protocol: %s}\n"+
					"workload: {task: ask, keys: [1, 2, 3], timeout: 500ms}\nexecutors: [{kind: sequential}]\n", clock,
					protocol))
				_, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
				want := "ok"
				if !honest {
					want = "found"
				}
				if got := verdictOf(recs[0]); got != want {
					t.Errorf("%s, honest %v, %s: got %s, want %s: %v", path, honest, how, got, want, recs[0].Findings())
				}
			}
		}
	}
}

// TestShopRetries holds clients of an API to a policy of retries: what a task
// asks for again is not always the same.
func TestShopRetries(t *testing.T) {
	for name, test := range map[string]struct {
		fault   string
		do      scenarios.RequestFunc
		verdict string
	}{
		"two orders": {"", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			if seen := post(ctx, s, "one of "+key); seen.Class != record.OK {
				return seen
			}
			return post(ctx, s, "two of "+key)
		}, "ok"},
		"one order twice": {"", func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			post(ctx, s, "one of "+key)
			return post(ctx, s, "one of "+key)
		}, "found"},
		"a poll": {"", func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
			for range 3 {
				seen = send(ctx, s.Client(), http.MethodGet, s.URL()+"/items/"+key, "")
			}
			return seen
		}, "?"},
		"attempts with keys of their own": {
			"{kind: status, status: 503, rate: 0.9}",
			func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
				for n := range 3 {
					url := fmt.Sprintf("%s/items/%s?try=%d", s.URL(), key, n)
					if seen = send(ctx, s.Client(), http.MethodGet, url, ""); seen.Class == record.OK {
						break
					}
				}
				return seen
			}, "?",
		},
		"an order again after a 503": {
			"{kind: status, status: 503, attempts: 1}",
			orderTwice(false), "ok",
		},
		"an order again after a reset": {
			"{kind: reset, attempts: 1}",
			orderTwice(false), "found",
		},
		"an order again after a reset, with a key": {
			"{kind: reset, attempts: 1}",
			orderTwice(true), "ok",
		},
		"an order again with another key": {
			"{kind: reset, attempts: 1}",
			func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
				for n := range 2 {
					seen = post(ctx, s, "one of "+key, "Idempotency-Key", key+strconv.Itoa(n))
					if seen.Class == record.OK {
						break
					}
				}
				return seen
			}, "found",
		},
		"an order again without its body": {
			"{kind: status, status: 503, attempts: 1, after: true}",
			func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
				for n := range 2 {
					body := strings.Repeat("one of "+key, 1-n)
					if seen = post(ctx, s, body, "Idempotency-Key", key); seen.Class == record.OK {
						break
					}
				}
				return seen
			}, "found",
		},
		"a Retry-After that is ignored": {
			"{kind: status, status: 503, attempts: 1, retry_after: 2s}",
			orderTwice(false), "found",
		},
	} {
		v := scenarios.Vocabulary{
			Tasks: map[string]scenarios.WorkloadFunc{"buy": scenarios.RequestWorkload(test.do)},
			Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
				"shop": func(*scenarios.Scenario) (http.Handler, error) { return shop(), nil },
			},
		}
		for _, key := range []string{"uri", "method_uri", "header(Idempotency-Key)"} {
			s := parsed(t, v, fmt.Sprintf("name: shop\nclock: virtual\nserver: {content: shop, key: %s, latency: 1ms, "+
				"faults: [%s]}\nworkload: {task: buy, keys: [1, 2, 3, 4, 5], retry: {attempts: 3}}\n"+
				"executors: [{kind: pool, workers: 3}]\n", key, test.fault))
			_, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
			want := test.verdict
			if name == "an order again with another key" && strings.HasPrefix(key, "header(") {
				want = "?" // its attempts are two things
			}
			if got := verdictOf(recs[0]); got != want {
				t.Errorf("%s, %s: got %s, want %s: %v", name, key, got, want, recs[0].Findings())
			}
		}
	}
}

// verdictOf returns ok, found, or ? if that cannot be known.
func verdictOf(rec *record.Recording) string {
	switch {
	case len(rec.Violations) > 0:
		return "found"
	case len(rec.Inconclusive) > 0:
		return "?"
	}
	return "ok"
}

// TestNobodyAsked: a server that no task asks says so once, not once a task.
func TestNobodyAsked(t *testing.T) {
	client := shoppers["no request"]
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"buy": scenarios.RequestWorkload(client.do)}}
	s := parsed(t, v, "name: shop\nclock: virtual\nserver: {content: {routes: [{path: /}]}}\n"+
		"workload: {task: buy, keys: [1, 2, 3]}\nexecutors: [{kind: pool, workers: 5}]\n")
	_, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s)
	if n := len(recs[0].Violations); n != 1 || !strings.Contains(recs[0].Violations[0].Got, "no request") {
		t.Errorf("got %v, want one violation that says no request came", recs[0].Findings())
	}
}

// TestOwnJournal: what a task's own server saw counts, also beside the server
// of the scenario.
func TestOwnJournal(t *testing.T) {
	own := func(s *scenarios.Scenario, _ *servers.Server) (*harness.Workload, error) {
		server, err := servers.Start(servers.Config{Memory: s.Clock == "virtual", Plan: servers.Plan{
			Faults: []servers.Fault{{Kind: servers.StatusFault, Status: 503, Keys: []string{"CN"}}},
		}})
		if err != nil {
			return nil, err
		}
		return &harness.Workload{
			Oracle: oracle.Oracle{
				Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
				Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
			},
			Do: func(ctx context.Context, key string, n int) record.Seen {
				return send(ctx, server.Client(), http.MethodGet, server.URL()+servers.FlagPath(key), "")
			},
			Close: func() ([]servers.Entry, error) { err := server.Close(); return server.Journal(), err },
		}, nil
	}
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"own": own}}
	for _, server := range []string{"", "server: {latency: 1ms}\n"} {
		for _, clock := range []string{"virtual", "real"} {
			s := parsed(t, v, "name: own\nclock: "+clock+"\n"+server+"workload: {task: own, keys: [BR, CN, DE]}\n"+
				"executors: [{kind: pool, workers: 3}]\n")
			if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != "pool/3" {
				t.Errorf("%s %q: got %s: %v", clock, server, got, recs[0].Findings())
			}
		}
	}
}

// closing is content that notes when it is closed.
type closing struct {
	http.Handler
	mu     sync.Mutex
	closed int
}

func (c *closing) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
	return nil
}

// TestContentCloses: each run has a content of its own, which is closed once.
func TestContentCloses(t *testing.T) {
	var opened []*closing
	v := scenarios.Vocabulary{Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
		"shop": func(*scenarios.Scenario) (http.Handler, error) {
			opened = append(opened, &closing{Handler: shop()})
			return opened[len(opened)-1], nil
		},
		"broken": func(*scenarios.Scenario) (http.Handler, error) { return nil, io.ErrUnexpectedEOF },
		"absent": func(*scenarios.Scenario) (http.Handler, error) { return nil, nil },
	}}
	const text = "name: shop\nclock: virtual\nserver: {content: shop}\nworkload: {task: download, keys: " +
		"[/items?page=1, /items/7]}\nexecutors: [{kind: sequential}, {kind: pool, workers: 2}]\n"
	s := parsed(t, v, text)
	if got, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); got != "sequential pool/2" {
		t.Errorf("got %s: %v", got, recs[0].Findings())
	}
	if len(opened) != 2 || opened[0].closed != 1 || opened[1].closed != 1 {
		t.Errorf("%d contents: want 2, each closed once", len(opened))
	}
	for _, name := range []string{"broken", "absent"} {
		s := parsed(t, v, text, "content: shop", "content: "+name)
		if _, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, mistakes := v.Parse("ten.yaml", []byte(strings.ReplaceAll(text, "content: shop",
		"content: shpo"))); mistakes == nil || !strings.Contains(mistakes.Error(), "did you mean shop?") {
		t.Errorf("got %v", mistakes)
	}
}
