package scenarios_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// forgetsMain is the argument of a program that does not call Main.
const forgetsMain = "forgets-main"

// tasksHere counts the tasks that have run in this process.
var tasksHere atomic.Int32

// shared is a lock of the whole program.
var shared sync.Mutex

// isolated is a vocabulary that this program passes to its children.
var isolated = scenarios.Vocabulary{
	Tasks: map[string]scenarios.WorkloadFunc{
		"fetch": scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			tasksHere.Add(1)
			return scenarios.Downloader{}.Download(ctx, s, key, n)
		}),
		"crash": scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, _ string, _ int) record.Seen {
			go func() { panic("spilt") }()
			<-ctx.Done()
			return record.Seen{}
		}),
		"own": scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			return get(ctx, http.DefaultClient, s, key)
		}),
		"lock": scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			shared.Lock()
			defer shared.Unlock()
			return get(ctx, s.Client(), s, key)
		}),
		"wrong": scenarios.RequestWorkload(func(context.Context, *servers.Server, string, int) record.Seen {
			return record.Seen{Class: record.OK}
		}),
		"lost-signal": scenarios.RequestWorkload(func(context.Context, *servers.Server, string, int) record.Seen {
			c := sync.NewCond(new(sync.Mutex))
			c.L.Lock()
			defer c.L.Unlock()
			c.Wait()
			return record.Seen{}
		}),
		"refuse": func(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
			return nil, fmt.Errorf("no tea")
		},
	},
	Executors: map[string]func(int) (executor.Executor, error){"mine": executor.NewPool},
}

// forgetMain runs a case, as a program does that has not called Main.
func forgetMain() {
	s, _ := isolated.Parse("three.yaml", []byte(three))
	_, err := (&scenarios.Runner{Vocabulary: isolated, Isolate: true}).Run(context.Background(), s.Cases()[0])
	fmt.Fprintln(os.Stderr, err)
	os.Exit(0)
}

// interrupted is the argument of a program that a Ctrl-C ends before Main.
const interrupted = "interrupted"

func interruptMe() {
	fmt.Fprintln(os.Stderr, "here")
	self, err := os.FindProcess(os.Getpid())
	if err != nil || self.Signal(os.Interrupt) != nil {
		os.Exit(0) // the system has no interrupts
	}
	select {}
}

// A writing calls a function as something is written.
type writing func()

func (w writing) Write(p []byte) (int, error) { w(); return len(p), nil }

// TestIsolateInterrupted: a Ctrl-C that ends the process of a case, before this
// one hears of it or after, interrupts the run.
func TestIsolateInterrupted(t *testing.T) {
	for name, delay := range map[string]time.Duration{"before": 0, "after": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			s := parsed(t, isolated, three, "task: fetch", "task: fetch")
			r := &scenarios.Runner{
				Vocabulary: isolated, Isolate: true, ChildArgs: []string{interrupted},
				ChildStderr: writing(func() { time.AfterFunc(delay, stop) }),
			}
			rec, err := r.Run(ctx, s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			if !rec.Interrupted {
				t.Errorf("not interrupted: %v", rec.Findings())
			}
		})
	}
}

// TestIsolate wants cases of a program's own code run in another process, with
// the same recordings, and all others in this one.
func TestIsolate(t *testing.T) {
	seed := uint64(9)
	for _, tt := range []struct {
		name   string
		edit   []string
		change func(*scenarios.Scenario, *scenarios.Runner) *scenarios.Scenario
		here   bool
	}{
		{name: "own task"},
		{name: "own executor", edit: []string{"task: fetch", "task: download", "kind: pool", "kind: mine"}},
		{name: "faults, attempts and a timeout", edit: []string{
			"latency: 20ms",
			"latency: \"uniform(1s, 3s)\", faults: [{kind: truncate, rate: 0.5}, {kind: refuse, keys: [US]}]",
			"[BR, CN, US]", "[BR, CN, US], attempts: 3, timeout: 2s",
		}},
		{name: "another seed", change: func(s *scenarios.Scenario, _ *scenarios.Runner) *scenarios.Scenario {
			return s.With("", &seed)
		}, edit: []string{"latency: 20ms", "latency: \"uniform(1s, 3s)\""}},
		{name: "the other clock", change: func(s *scenarios.Scenario, _ *scenarios.Runner) *scenarios.Scenario {
			return s.With(record.Virtual, nil)
		}, edit: []string{"clock: virtual", "clock: real"}},
		{name: "built-in code", edit: []string{"task: fetch", "task: download"}, here: true},
		{name: "real clock", edit: []string{"clock: virtual", "clock: real"}, here: true},
		{name: "a changed scenario", change: func(s *scenarios.Scenario, _ *scenarios.Runner) *scenarios.Scenario {
			s.Workload.Limit = 2
			return s
		}, here: true},
		{name: "steps that are followed", change: func(s *scenarios.Scenario, r *scenarios.Runner) *scenarios.Scenario {
			r.Watch = func(scenarios.Case, harness.Step, record.Sample) {}
			return s
		}, here: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var texts []string
			for _, isolate := range []bool{true, false} {
				r := &scenarios.Runner{Vocabulary: isolated, Isolate: isolate}
				s := parsed(t, isolated, three, tt.edit...)
				if tt.change != nil {
					s = tt.change(s, r)
				}
				before := tasksHere.Load()
				rec, err := r.Run(t.Context(), s.Cases()[0])
				if err != nil {
					t.Fatal(err)
				}
				here := tt.here || !isolate
				own := s.Workload.Task.Name == "fetch"
				if ran := tasksHere.Load() > before; own && ran != here {
					t.Errorf("ran here: %v, want %v", ran, here)
				}
				text, err := json.Marshal(rec)
				if err != nil {
					t.Fatal(err)
				}
				if rec.Clock == record.Virtual {
					texts = append(texts, string(text))
				}
			}
			if len(texts) > 0 && texts[0] != texts[1] {
				t.Errorf("the recordings differ:\n%s\n%s", texts[0], texts[1])
			}
		})
	}
}

// TestIsolateFails wants what goes wrong in another process told in this one.
func TestIsolateFails(t *testing.T) {
	for _, tt := range []struct {
		name, task string
		args       []string
		err, stuck string
	}{
		{"a crash", "crash", nil, "", `the process died of "panic: spilt" at ` +
			"github.com/teapot-go/teapot/scenarios/internal/scenariostest_test.init.func"},
		{"a signal that never comes", "lost-signal", nil, "", "no task ended for 1m"},
		{"a set-up that fails", "refuse", nil, "ten.yaml: three on pool/2: no tea", ""},
		{"a program without Main", "fetch", []string{forgetsMain}, "ten.yaml: three/pool/2: the process of the " +
			"case did not run it (exit status 0): the program must call Vocabulary.Main first thing in main or " +
			"TestMain", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := parsed(t, isolated, three, "task: fetch", "task: "+tt.task)
			r := &scenarios.Runner{Vocabulary: isolated, Isolate: true, ChildArgs: tt.args}
			rec, err := r.Run(t.Context(), s.Cases()[0])
			if tt.err != "" {
				if err == nil || err.Error() != tt.err {
					t.Errorf("got %v, want %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(rec.Deadlock, tt.stuck) || len(rec.Violations) != 1 {
				t.Errorf("deadlock %q, violations %v, want %s", rec.Deadlock, rec.Violations, tt.stuck)
			}
			if err := rec.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}
