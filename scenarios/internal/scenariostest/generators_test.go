package scenarios_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// sharedOut returns a workload whose arrivals n load generators share.
func sharedOut(n int, tasks string) string {
	return fmt.Sprintf("task: %s, generators: %d, keys: {count: 30, prefix: item-}, "+
		"arrivals: [{poisson: 300/s, for: 1s}, {burst: 9, every: 100ms, for: 1s}]", tasks, n)
}

const sharedWorld = "latency: 'uniform(1ms, 300ms)', body: 2KB, " +
	"faults: [{kind: status, status: 503, rate: 0.1}, {kind: truncate, rate: 0.1}, {kind: hang, rate: 0.01}]"

// TestGenerators has the arrivals of one generator shared by several. Under the
// virtual clock nothing in the recording differs but what says that.
func TestGenerators(t *testing.T) {
	var want string
	for _, n := range []int{1, 2, 3, 7} {
		rec := runOpen(t, scenarios.Vocabulary{}, record.Virtual, sharedWorld, sharedOut(n, "download")+
			", deliver: as_completed", "{kind: async}")
		if got := verdictOf(rec); got != "ok" {
			t.Fatalf("%d generators: %s: %v", n, got, rec.Findings())
		}
		tasks := 0
		for k, g := range rec.Generators {
			if tasks += g.Tasks; g.Sent != g.Tasks || g.Ended != g.Tasks || g.Lost != "" {
				t.Errorf("generator %d of %d: %+v", k+1, n, g)
			}
		}
		if n > 1 && (len(rec.Generators) != n || tasks != len(rec.Samples)) {
			t.Errorf("%d generators have %d of %d tasks", len(rec.Generators), tasks, len(rec.Samples))
		}
		if err := rec.Validate(); err != nil {
			t.Error(err)
		}
		rec.Generators, rec.Source, rec.Reproduce = nil, "", ""
		text, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			want = string(text)
		} else if string(text) != want {
			t.Errorf("%d generators make another recording than one", n)
		}
	}
}

// TestGeneratorsReal shares arrivals under the real clock, and over TLS.
func TestGeneratorsReal(t *testing.T) {
	for _, protocol := range []string{"http", "h2"} {
		rec := runOpen(t, scenarios.Vocabulary{}, record.Real,
			"latency: 'uniform(1ms, 30ms)', body: 2KB, protocol: "+protocol,
			"task: download, generators: 4, keys: {count: 30}, arrivals: {poisson: 200/s, for: 1s}", "{kind: async}")
		if got := verdictOf(rec); got != "ok" {
			t.Errorf("%s: %s: %v", protocol, got, rec.Findings())
		}
	}
}

// TestGeneratorsJudge has clients and executors that are right, and some that
// are wrong, run by each of several generators.
func TestGeneratorsJudge(t *testing.T) {
	fetch := func(says func(record.Seen) record.Seen) scenarios.Vocabulary {
		return item(func(_ string, seen record.Seen) record.Seen { return says(seen) })
	}
	right := fetch(func(seen record.Seen) record.Seen { return seen })
	with := func(open func(int) (executor.Executor, error)) scenarios.Vocabulary {
		v := right
		v.Executors = map[string]func(int) (executor.Executor, error){"mine": open}
		return v
	}
	for _, tt := range []struct {
		name, kind string
		v          scenarios.Vocabulary
		want       string // the check, "" for none
	}{
		{"right", "{kind: async}", right, ""},
		{"right, on pools", "{kind: pool, workers: 3}", right, ""},
		{"right, one after another", "{kind: sequential}", right, ""},
		{"an error is lost", "{kind: async}", fetch(func(seen record.Seen) record.Seen {
			if seen.Class == record.Truncated {
				seen.Class, seen.Error = record.OK, ""
			}
			return seen
		}), "classification"},
		{"a body is not read to its end", "{kind: async}", fetch(func(seen record.Seen) record.Seen {
			if seen.Class == record.OK {
				seen.Bytes--
			}
			return seen
		}), "classification"},
		{"pools that are too large", "{kind: mine, workers: 3}", with(func(n int) (executor.Executor, error) {
			return executor.NewPool(n + 1)
		}), "concurrency"},
		{"the last task goes first", "{kind: mine, workers: 1}", with(func(int) (executor.Executor, error) {
			return newStack(), nil
		}), "order"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := runOpen(t, tt.v, record.Virtual, sharedWorld, sharedOut(4, "fetch"),
				tt.kind+"]\nexpect: {order: submission}\n#")
			var checks []string
			for _, v := range rec.Violations {
				checks = append(checks, v.Check)
			}
			if tt.want == "" && verdictOf(rec) != "ok" || tt.want != "" && !slices.Contains(checks, tt.want) {
				t.Errorf("got %v, want %q", rec.Findings(), tt.want)
			}
			outOfTurn := func(s record.Sample) bool { return s.Turn > 0 } // each delivers in order
			if tt.want == "" && slices.ContainsFunc(rec.Samples, outOfTurn) {
				t.Error("the results of all generators together are out of turn")
			}
		})
	}
}

// A stack is an executor with one worker that runs the task first that came
// last.
type stack struct {
	tasks chan executor.Task
	done  chan struct{}
}

func newStack() *stack {
	s := &stack{make(chan executor.Task, 10_000), make(chan struct{})}
	go func() {
		defer close(s.done)
		var waiting []executor.Task
		for open := true; open || len(waiting) > 0; {
			if len(waiting) == 0 {
				first, more := <-s.tasks
				if open = more; !open {
					continue
				}
				waiting = append(waiting, first)
			}
			for some := true; some && open; {
				select {
				case next, more := <-s.tasks:
					if open = more; more {
						waiting = append(waiting, next)
					}
				default:
					some = false
				}
			}
			last := waiting[len(waiting)-1]
			waiting = waiting[:len(waiting)-1]
			last.Run(context.Background())
		}
	}()
	return s
}

func (s *stack) Execute(t executor.Task) error { s.tasks <- t; return nil }

func (s *stack) Shutdown(context.Context) error {
	close(s.tasks)
	<-s.done
	return nil
}

// TestGeneratorsApart wants each generator to have a client of its own, all of
// which are closed at the end, and the leak of one of them to be found.
func TestGeneratorsApart(t *testing.T) {
	clients := map[*http.Client]bool{}
	right := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return gotten(ctx, s.Client(), s.URL()+"/keys/"+key)
	}
	open := scenarios.RequestWorkload(right)
	v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{
		"fetch": func(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
			clients[server.Client()] = true
			return open(s, server)
		},
	}}
	rec := runOpen(t, v, record.Virtual, "latency: 5ms, body: 2KB", sharedOut(4, "fetch"), "{kind: async}")
	if got := verdictOf(rec); got != "ok" || len(clients) != 4 {
		t.Errorf("%s with %d clients, want 4: %v", got, len(clients), rec.Findings())
	}
	leaky := fetching(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		if strings.HasSuffix(key, "-29") {
			go func() { time.Sleep(time.Hour) }()
		}
		return gotten(ctx, s.Client(), s.URL()+"/keys/"+key)
	})
	rec = runOpen(t, leaky, record.Virtual, "latency: 5ms, body: 2KB", sharedOut(4, "fetch"), "{kind: async}")
	if got := verdictOf(rec); got == "ok" {
		t.Error("the goroutines that a generator leaves are not found")
	}
}

// TestGeneratorsElsewhere has scenarios whose load generators run on the
// workers of a NATS server, and some that no other process could generate.
func TestGeneratorsElsewhere(t *testing.T) {
	const url = "nats://127.0.0.1:4222"
	for _, tt := range []struct {
		name, clock, world string
		want               string // the error, "" for none
	}{
		{"the real clock", "real", "latency: 5ms", ""},
		{"any clock", "auto", "latency: 5ms", ""},
		{"the virtual clock", "virtual", "latency: 5ms", "does not reach other processes"},
		{"without connections", "real", "transport: handler", "server.transport: handler: it is of one process"},
		{
			"a fault before a request", "real", "faults: [{kind: refuse, rate: 0.5}]",
			"server.faults[0]: refuse strikes before a request",
		},
	} {
		text := "name: a\nclock: " + tt.clock + "\nserver: {" + tt.world + "}\nworkload: {task: download, " +
			"flags: [BR], arrivals: {rate: 10/s, for: 1s}, generators: 2}\nexecutors: [{kind: async}]\n"
		s, mistakes := scenarios.Vocabulary{}.Parse("a.yaml", []byte(text))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		on, found, err := s.OnCluster(url)
		if !found || (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: found %v, %v, want %q", tt.name, found, err, tt.want)
		}
		if tt.want != "" {
			continue
		}
		if line := on.Cases()[0].CommandLine("teapot"); !strings.Contains(line, "--cluster "+url) {
			t.Errorf("%s: %s", tt.name, line)
		}
		_, err = new(scenarios.Runner).Run(t.Context(), on.Cases()[0])
		if err == nil || !strings.Contains(err.Error(), "Vocabulary.Spread") {
			t.Errorf("%s: a program without it: %v", tt.name, err)
		}
	}
}

// The command that runs a case again does not tell how to be let in.
func TestSecretsOfCluster(t *testing.T) {
	s, mistakes := scenarios.Vocabulary{}.Parse("a.yaml", []byte(`
name: a
server: {latency: 1ms}
workload: {task: download, flags: [BR], arrivals: {rate: 10/s, for: 1s}, generators: 2}
executors: [{kind: async}]
`))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	for url, want := range map[string]string{
		"nats://host:4222":           "nats://host:4222",
		"tls://me:secret@host:4222":  "tls://me:xxxxx@host:4222",
		"nats://secret@host:4222":    "nats://xxxxx@host:4222",
		"wss://me:se%20cret@host:80": "wss://me:xxxxx@host:80",
	} {
		on, _, err := s.OnCluster(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if line := on.Cases()[0].CommandLine("teapot"); !strings.HasSuffix(line, " --cluster "+want) {
			t.Errorf("%s: %s, want --cluster %s", url, line, want)
		}
	}
}
