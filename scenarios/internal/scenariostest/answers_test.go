package scenarios_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// TestCulpritOfAnswers blames a content of the user's program for its errors,
// and the file for those that it plans.
func TestCulpritOfAnswers(t *testing.T) {
	v := scenarios.Vocabulary{Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
		"sick": func(*scenarios.Scenario) (http.Handler, error) {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/1" {
					w.WriteHeader(http.StatusInternalServerError)
				}
			}), nil
		},
	}}
	for _, test := range []struct {
		server, keys, expect string
		want                 record.Culprit
	}{
		{"content: sick", "keys: [/1, /2]", `errors: "<= 0"`, record.ByServer},
		{"content: sick", "keys: [/1, /2]", "outcomes: {ok: 2}", record.ByServer},
		{"content: sick, faults: [{kind: status, status: 503, keys: [/2]}]", "keys: [/1, /2]", `errors: "<= 0"`, ""},
		{"content: sick, latency: 1s", "keys: [/2]", `p99: "<= 500ms"`, record.ByFile},
		{
			"content: {routes: [{path: /1, status: 500}, {path: /2}]}", "keys: [/1, /2]", `errors: "<= 0"`,
			record.ByFile,
		},
	} {
		s, mistakes := v.Parse("x.yaml", []byte("name: x\nclock: virtual\nserver: {"+test.server+"}\nworkload: "+
			"{task: download, "+test.keys+"}\nexecutors: [{kind: sequential}]\nexpect: {"+test.expect+"}\n"))
		if mistakes != nil {
			t.Errorf("%+v: %v", test, mistakes)
			continue
		}
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(rec.Violations) != 1 || rec.Violations[0].Culprit != test.want {
			t.Errorf("%+v: %+v, want one of the %s", test, rec.Violations, test.want)
		}
	}
}

// TestSlowContent has a content that takes a second to answer, which no plan
// knows: the client that waits for it is not to blame, and a run is not held to
// an ideal without it. An executor that is idle beside it is.
func TestSlowContent(t *testing.T) {
	v := scenarios.Vocabulary{
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"slow": func(*scenarios.Scenario) (http.Handler, error) {
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-time.After(time.Second) }), nil
			},
		},
		Executors: map[string]func(int) (executor.Executor, error){
			"late": func(workers int) (executor.Executor, error) {
				pool, err := executor.NewPool(workers)
				n := 0
				return wrapped{pool, func(task executor.Task) error {
					if n++; n == 4 {
						<-time.After(20 * time.Second)
					}
					return pool.Execute(task)
				}}, err
			},
		},
	}
	for _, test := range []struct {
		executor, expect string
		violated         bool
		want             record.Culprit
	}{
		{"pool", `efficiency: ">= 0.9"`, false, ""},
		{"pool", "schedule: {within: 1ms}", false, ""},
		{"pool", `p99: "<= 500ms"`, true, ""},
		{"pool", `latency: {p99: "<= 500ms"}`, true, ""},
		{"late", `efficiency: ">= 0.9"`, true, record.ByExecutor},
		{"late", `latency: {p99: "<= 5s"}`, true, record.ByExecutor},
	} {
		rec := ran(t, v, "name: x\nclock: virtual\nserver: {content: slow, latency: 100ms}\n"+
			"workload: {task: download, keys: [/1, /2, /3, /4]}\n"+
			"executors: [{kind: "+test.executor+", workers: 2}]\nexpect: {"+test.expect+"}\n")
		found := rec.Inconclusive
		if test.violated {
			found = rec.Violations
		}
		n := len(rec.Violations) + len(rec.Inconclusive)
		if n != 1 || len(found) != 1 || found[0].Culprit != test.want {
			t.Errorf("%+v: violations %+v, in doubt %+v", test, rec.Violations, rec.Inconclusive)
		}
	}
}

// wrapped is an executor with another way to take tasks.
type wrapped struct {
	executor.Executor
	execute func(executor.Task) error
}

func (w wrapped) Execute(t executor.Task) error { return w.execute(t) }
