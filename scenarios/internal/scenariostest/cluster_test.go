package scenarios_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// naps is a task that can run anywhere and takes a second.
var naps = harness.Define("naps", func(ctx context.Context, key string, _ int) record.Seen {
	select {
	case <-time.After(time.Second):
		return record.Seen{Class: record.OK, Value: key}
	case <-ctx.Done():
		return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
	}
})

var clustered = scenarios.Vocabulary{
	Cluster: cluster.Open,
	Tasks: map[string]scenarios.WorkloadFunc{
		"naps": func(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
			plan := func(key string, _, _ int) record.Planned {
				return record.Planned{
					PlannedClass: record.OK, PlannedValue: key, PlannedFault: string(servers.None),
					PlannedService: time.Second,
				}
			}
			return &harness.Workload{Defined: naps, Oracle: oracle.Oracle{Plan: plan}}, nil
		},
	},
}

// A cluster of this process runs under both clocks, and is judged as any other
// executor.
func TestCluster(t *testing.T) {
	for _, clock := range []string{"virtual", "real"} {
		s := parsed(t, clustered, "name: naps\nclock: CLOCK\nworkload: {task: naps, keys: {count: 12, prefix: n}}\n"+
			"executors: [{kind: cluster, workers: 4}, {kind: pool, workers: 4}]\n"+
			"expect: {outcomes: planned, order: any, leaks: none}\n", "CLOCK", clock)
		for _, c := range s.Cases() {
			rec, err := (&scenarios.Runner{Vocabulary: clustered}).Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range append(rec.Violations, rec.Inconclusive...) {
				t.Errorf("%s: %s: got %s, want %s", c.Name(), v.Check, v.Got, v.Want)
			}
			took := rec.Makespan
			if clock == "virtual" && took.Round(10*time.Millisecond) != 3*time.Second {
				t.Errorf("%s: 12 tasks of 1s on 4 slots took %v", c.Name(), took)
			}
		}
	}
}

// A cluster is opened with what its executor in the file says.
func TestClusterOpened(t *testing.T) {
	type opened struct {
		workers int
		url     string
		once    bool
	}
	var got []opened
	v := clustered
	v.Cluster = func(workers int, url string, once bool) (executor.Executor, error) {
		got = append(got, opened{workers, url, once})
		return cluster.Open(workers, "", once)
	}
	s := parsed(t, v, `name: naps
clock: real
workload: {task: naps, keys: {count: 3, prefix: n}}
executors:
  - {kind: cluster, workers: 2, once: true}
  - {kind: cluster, workers: 3, nats: {url: "nats://localhost:4222"}}
expect: {outcomes: planned, order: any}
`)
	if words, recs := judged(t, &scenarios.Runner{Vocabulary: v}, s); strings.Contains(words, ":") {
		t.Errorf("%s: %v", words, recs[1].Findings())
	}
	if want := []opened{{2, "", true}, {3, "nats://localhost:4222", false}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A cluster elsewhere runs the tasks on workers that have joined its server.
func TestClusterElsewhere(t *testing.T) {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer func() {
		s.Shutdown()
		s.WaitForShutdown()
	}()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	ctx, leave := context.WithCancel(context.Background())
	left := make(chan error, 1)
	go func() {
		left <- cluster.Work(ctx, cluster.WorkerConfig{
			URL: s.ClientURL(), Slots: 3, Definitions: scenarios.Definitions(),
		})
	}()
	file := "name: primes\nworkload: {task: prime, keys: [1, 2, 3, 4, 5, 97, 142702110479723]}\n" +
		"executors: [{kind: cluster, workers: 3, nats: {url: \"" + s.ClientURL() + "\"}}]\n" +
		"expect: {outcomes: planned, order: any, leaks: any}\n" // the worker is in this process
	parsedFile, mistakes := clustered.Parse("x.yaml", []byte(file))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := (&scenarios.Runner{Vocabulary: clustered}).Run(t.Context(), parsedFile.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range append(rec.Violations, rec.Inconclusive...) {
		t.Errorf("%s: got %s, want %s", v.Check, v.Got, v.Want)
	}
	leave()
	if err := <-left; err != nil {
		t.Errorf("the worker: %v", err)
	}
}

// What a program must have for a cluster is said by name.
func TestClusterMistakes(t *testing.T) {
	const virtual = "name: x\nclock: virtual\nworkload: {task: naps, keys: [1]}\n" +
		"executors: [{kind: cluster, workers: 3, nats: {url: nats://localhost:4222}}]\n"
	without := clustered
	without.Cluster = nil
	for name, tt := range map[string]struct {
		v          scenarios.Vocabulary
		file, said string
	}{
		"virtual":   {clustered, virtual, "virtual: the virtual clock does not measure CPU time"},
		"none":      {without, strings.Replace(virtual, "virtual", "real", 1), "this program has no cluster"},
		"a closure": {clustered, strings.Replace(virtual, "naps", "loiter", 1), "cannot run in another process"},
	} {
		_, mistakes := tt.v.Parse("x.yaml", []byte(tt.file))
		if mistakes == nil || !strings.Contains(mistakes.Error(), tt.said) {
			t.Errorf("%s: got %v, want %q", name, mistakes, tt.said)
		}
	}
	if _, err := cluster.Open(-1, "", false); err == nil {
		t.Error("a negative number is accepted")
	}
	var _ executor.Executor = (*cluster.Executor)(nil)
}
