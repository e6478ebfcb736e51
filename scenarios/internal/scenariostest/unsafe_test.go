package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// A orderer sends requests to the path that a key is.
type orderer struct {
	ctx  context.Context
	s    *servers.Server
	key  string
	seen record.Seen
}

// send sends one request and returns whether it was answered by a success.
func (p *orderer) send(ctx context.Context, method, body, idempotency string) (ok bool) {
	req, err := http.NewRequestWithContext(ctx, method, p.s.URL()+p.key, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	if idempotency != "" {
		req.Header.Set("Idempotency-Key", idempotency)
	}
	resp, err := p.s.Client().Do(req)
	if err != nil {
		p.seen = record.Seen{Class: record.Reset, Error: err.Error()}
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	p.seen = record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
	return p.seen.Class == record.OK
}

// twice sends equal requests one after the other, as until says.
func twice(method, idempotency string, until func(ok bool) bool) func(*orderer) {
	return func(p *orderer) {
		for range 2 {
			if until(p.send(p.ctx, method, "tea", idempotency)) {
				return
			}
		}
	}
}

func always(bool) bool { return false }

// atOnce sends two requests at once, with these bodies.
func atOnce(bodies ...string) func(*orderer) {
	return func(p *orderer) {
		var running sync.WaitGroup
		all := make([]orderer, len(bodies))
		for i, body := range bodies {
			all[i] = *p
			running.Go(func() { all[i].send(p.ctx, http.MethodPost, body, "") })
		}
		running.Wait()
		p.seen = all[0].seen
	}
}

// impatient leaves a request after a while and sends it again.
func impatient(p *orderer) {
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Millisecond)
	defer cancel()
	if !p.send(ctx, http.MethodPost, "tea", "") {
		p.send(p.ctx, http.MethodPost, "tea", "")
	}
}

// TestSentTwice: a request that is not idempotent, and that is sent again, is a
// violation of a policy of retries, and in doubt without one.
func TestSentTwice(t *testing.T) {
	const (
		reset    = ", faults: [{kind: reset, attempts: 1, keys: [/orders]}]"
		busy     = ", faults: [{kind: status, status: 503, attempts: 1, keys: [/orders]}]"
		slow     = ", latency: 60ms"
		policy   = ", retry: {attempts: 2}"
		whatever = ", retry: {attempts: 2, methods: any}"
		wrong    = "again"                        // a violation
		crossed  = "after"                        // a violation, and in doubt under the real clock
		doubt    = "may have had an effect twice" // inconclusive
	)
	success := func(ok bool) bool { return ok }
	for _, test := range []struct {
		name, server, workload, want string
		client                       func(*orderer)
	}{
		{"once", "", "", "", func(p *orderer) { p.send(p.ctx, http.MethodPost, "tea", "") }},
		{"after a success", "", "", doubt, twice("POST", "", always)},
		{"after a success, attempts", "", ", attempts: 3", doubt, twice("POST", "", always)},
		{"after a success, policy", "", policy, crossed, twice("POST", "", always)},
		{"after no answer", reset, ", attempts: 2", doubt, twice("POST", "", success)},
		{"after no answer, policy", reset, policy, wrong, twice("POST", "", success)},
		{"after no answer, any method", reset, whatever, "", twice("POST", "", success)},
		{"after no answer, a key", reset, policy, "", twice("POST", "tea-1", success)},
		{"after no answer, PUT", reset, policy, "", twice("PUT", "", success)},
		{"after an error", busy, ", attempts: 2", "", twice("POST", "", success)},
		{"after an error, policy", busy, policy, "", twice("POST", "", success)},
		{"at once", slow, "", doubt, atOnce("tea", "tea")},
		{"at once, policy", slow, policy, "while the first was under way", atOnce("tea", "tea")},
		{"at once, another", slow, policy, "", atOnce("tea", "milk")},
		{"at once, any method", slow, whatever, "", atOnce("tea", "tea")},
		{"left", slow, "", doubt, impatient},
		{"left, policy", slow, policy, wrong, impatient},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
				"order": scenarios.RequestWorkload(
					func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
						p := &orderer{ctx: ctx, s: s, key: key}
						test.client(p)
						return p.seen
					}),
			}}
			s, mistakes := v.Parse("x", fmt.Appendf(nil, "name: x\nclock: %s\nserver: {content: {routes: [{path: "+
				"/orders, method: POST, status: 201}, {path: /orders, method: PUT, status: 201}]}%s}\n"+
				"workload: {task: order, keys: [/orders]%s}\nexecutors: [{kind: sequential}]\n", clock, test.server,
				test.workload))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			var said strings.Builder
			for _, f := range rec.Findings() {
				said.WriteString(f.String() + "\n")
			}
			violated := len(rec.Violations) > 0
			if (said.String() == "") != (test.want == "") || !strings.Contains(said.String(), test.want) ||
				violated != (test.want != "" && test.want != doubt && (test.want != crossed || clock != record.Real)) {
				t.Errorf("%s, %s: got %q, want %q", test.name, clock, said.String(), test.want)
			}
		}
	}
}

// An asker asks a shop for several paths, one after the other.
type asker struct {
	method, idempotency string
	paths               []string
	pause               time.Duration
	named               bool // its requests have the context of their task
}

func (a asker) run(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
	if !a.named {
		ctx = context.Background()
	}
	for i, path := range a.paths {
		if i > 0 {
			time.Sleep(a.pause)
		}
		req, err := http.NewRequestWithContext(ctx, a.method, s.URL()+path, strings.NewReader("tea"))
		if err != nil {
			panic(err)
		}
		if a.method == http.MethodGet || a.method == http.MethodHead {
			req.Body, req.ContentLength = nil, 0
		}
		if a.idempotency != "" {
			req.Header.Set("Idempotency-Key", a.idempotency)
		}
		req.Header.Set("Order", key)
		resp, err := s.Client().Do(req)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		seen = record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
	}
	return seen
}

// orders answers 202 at /later, and 201 else.
var orders = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if r.URL.Path == "/later" {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	w.WriteHeader(http.StatusCreated)
})

// ask runs an asker that does the key of a workload, at a shop with faults.
func (a asker) ask(t *testing.T, clock record.Clock, faults, key, workload string) *record.Recording {
	t.Helper()
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(a.run)},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"shop": func(*scenarios.Scenario) (http.Handler, error) { return orders, nil },
		},
	}
	return ran(t, v, fmt.Sprintf(`
name: x
clock: %s
server: {content: shop, key: header(Order), faults: [%s]}
workload: {task: ask, keys: [%s], %s}
executors: [{kind: sequential}]
`, clock, faults, key, workload))
}

// askUntil is ask under the real clock, until a run is right, or shows a
// violation, or has been made ten times.
func (a asker) askUntil(
	t *testing.T, right func(*record.Recording) bool, faults, key, workload string,
) (rec *record.Recording) {
	t.Helper()
	for range 10 {
		if rec = a.ask(t, record.Real, faults, key, workload); right(rec) || len(rec.Violations) > 0 {
			break
		}
	}
	return rec
}

// TestAskedAgain: a client that may try again stops at a success. What it sends
// behind that is found, or in doubt if the answer may have changed.
//
// Under the virtual clock that is certain. Under the real one the machine may
// note the end of an answer when the client has paused already, and then it may
// be that the two have crossed. So a run that is in doubt is made again, and a
// machine that was late in every one of them may leave the doubt.
func TestAskedAgain(t *testing.T) {
	const (
		again   = "came after an answer of"
		doubt   = "came again after an answer"
		twice   = "may have had an effect twice"
		soon    = 10 * time.Millisecond
		patient = 150 * time.Millisecond // no answer of before can have crossed it, if the machine is not late
		late    = 25 * time.Millisecond  // of which six come to such a pause
	)
	for _, test := range []struct {
		key, method, idempotency, paths string
		attempts, policy                string // what is found with attempts, and with retry
	}{
		{"tea", "GET", "", "/tea /tea", doubt, doubt},
		{"tea", "HEAD", "", "/tea /tea", doubt, doubt},
		{"tea", "PUT", "", "/tea /tea", doubt, again},
		{"tea", "DELETE", "", "/tea /tea", doubt, again},
		{"tea", "POST", "", "/tea /tea", twice, again},
		{"tea", "POST", "1", "/tea /tea", again, again},
		{"tea", "PATCH", "1", "/tea /tea", again, again},
		{"tea", "POST", "1", "/later /later", doubt, again},
		{"tea", "POST", "1", "/tea", "", ""},
		{"tea", "GET", "", "/tea /tea?more", "", ""},
		{"busy", "GET", "", "/tea /tea", "", ""},
		{"busy", "POST", "1", "/tea /tea", "", ""},
		{"busy", "POST", "1", "/tea /tea /tea", again, again},
		{"busy", "GET", "", "/tea /tea /tea", doubt, doubt},
	} {
		faults := ""
		if test.key == "busy" {
			faults = "{kind: status, status: 503, attempts: 1}"
		}
		for workload, want := range map[string]string{
			"attempts: 4": test.attempts, "retry: {attempts: 4}": test.policy,
		} {
			if test.paths == "/tea /tea?more" && workload != "attempts: 4" {
				continue // a policy knows one request of each key
			}
			right := func(rec *record.Recording) bool {
				said := fmt.Sprint(rec.Findings())
				return strings.Contains(said, want) && (want == "") == (said == "[]") &&
					(want == again) == (len(rec.Violations) > 0)
			}
			for _, a := range []asker{{named: true, pause: soon}, {pause: soon}, {named: true, pause: patient}} {
				a.method, a.idempotency, a.paths = test.method, test.idempotency, strings.Fields(test.paths)
				if rec := a.ask(t, record.Virtual, faults, test.key, workload); !right(rec) {
					t.Errorf("%+v, pause %v, %s: got %v, want %q", test, a.pause, workload, rec.Findings(), want)
				}
				if a.pause != patient || test.idempotency == "" || test.method == "PATCH" {
					continue // takes time, and is judged alike
				}
				if rec := a.askUntil(t, right, faults, test.key, workload); !right(rec) &&
					(len(rec.Violations) > 0 || rec.Late < late) {
					t.Errorf("%+v, real, %s: got %v, want %q", test, workload, rec.Findings(), want)
				}
			}
		}
	}
}
