//go:build unix

package spread

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// role has the test binary be another process: a NATS server, or a load
// generator of the server whose URL it is.
const role = "TEAPOT_TEST_SPREAD"

func TestMain(m *testing.M) {
	switch what := os.Getenv(role); what {
	case "":
		os.Exit(m.Run())
	case "server":
		s, err := server.NewServer(&server.Options{
			Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		})
		if err != nil {
			panic(err)
		}
		s.Start()
		if !s.ReadyForConnections(time.Minute) {
			panic("the server is not ready")
		}
		fmt.Println(s.ClientURL())
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends
	default:
		panic(Work(context.Background(), WorkConfig{URL: what, Generate: announcing(vocabulary().Generate)}))
	}
}

// announcing has a load generator say that it has sent fifty tasks.
func announcing(generate generate) generate {
	return func(ctx context.Context, job []byte, part share.Part, begin func(context.Context) (time.Time, error),
		watch func(harness.Step, record.Sample),
	) (*record.Recording, error) {
		sent := 0
		return generate(ctx, job, part, begin, func(step harness.Step, s record.Sample) {
			if watch(step, s); step == harness.Submitted {
				if sent++; sent == 50 {
					fmt.Println("fifty")
				}
			}
		})
	}
}

// vocabulary has a client that is right, one that takes what is cut short for
// whole, and one that does not wait as long as it is told.
func vocabulary() scenarios.Vocabulary {
	ask := func(ctx context.Context, s *servers.Server, key string) (seen record.Seen) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/keys/"+key, nil)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		resp, err := s.Client().Do(req)
		if err == nil {
			defer resp.Body.Close()
			seen.Status = resp.StatusCode
			seen.Bytes, err = io.Copy(io.Discard, resp.Body)
		}
		if seen.Class = classify.Class(resp, err); err != nil {
			seen.Error = err.Error()
		}
		return seen
	}
	hasty := func(ctx context.Context, s *servers.Server, key string) (seen record.Seen) {
		for range scenarios.Attempts(ctx) {
			if seen = ask(ctx, s, key); seen.Class.Outcome() != record.OutcomeError {
				break
			}
		}
		return seen
	}
	tasks := map[string]scenarios.WorkloadFunc{}
	for name, client := range map[string]func(context.Context, *servers.Server, string) record.Seen{
		"right": ask, "hasty": hasty, "losing": func(ctx context.Context, s *servers.Server, key string) record.Seen {
			seen := ask(ctx, s, key)
			if seen.Class == record.Truncated {
				seen.Class, seen.Error = record.OK, ""
			}
			return seen
		},
	} {
		tasks[name] = scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
				return client(ctx, s, key)
			})
	}
	return scenarios.Vocabulary{Tasks: tasks, Spread: Leader{}.Lead}
}

// startAs starts this program in another role.
func startAs(t *testing.T, what string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env, cmd.Stderr = append(os.Environ(), role+"="+what), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

// startCluster starts a server and load generators, each in a process of its
// own. Each says so when it has sent fifty tasks.
func startCluster(t *testing.T, n int) (url string, generators []*exec.Cmd, said []*bufio.Reader) {
	t.Helper()
	_, out := startAs(t, "server")
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url = strings.TrimSpace(line)
	for range n {
		cmd, out := startAs(t, url)
		generators, said = append(generators, cmd), append(said, out)
	}
	return url, generators, said
}

// runOn runs a scenario with load generators of a server.
func runOn(t *testing.T, url, world, tasks string, beside func()) *record.Recording {
	t.Helper()
	text := "name: spread\nseed: 5\nserver: {body: 2KB, " + world + "}\nworkload: {" + tasks + ", timeout: 5s}\n" +
		"executors: [{kind: async}]\nexpect: {lateness: '<= 1h', leaks: none}\n" // this machine may be busy
	v := vocabulary()
	s, mistakes := v.Parse("spread.yaml", []byte(text))
	if mistakes != nil {
		t.Fatalf("%v\n%s", mistakes, text)
	}
	on, found, err := s.OnCluster(url)
	if err != nil || !found {
		t.Fatalf("found %v, %v", found, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if beside != nil {
			beside()
		}
	}()
	rec, err := (&scenarios.Runner{Vocabulary: v, Once: true}).Run(t.Context(), on.Cases()[0])
	<-ended
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Validate(); err != nil {
		t.Error(err)
	}
	return rec
}

// checksOf returns the names of violations.
func checksOf(rec *record.Recording) (names []string) {
	for _, v := range rec.Violations {
		names = append(names, v.Check)
	}
	return names
}

// TestProcesses has load generators in processes of their own. A client that is
// right is never accused, and one that is wrong is found.
func TestProcesses(t *testing.T) {
	url, _, _ := startCluster(t, 3)
	const faults = "latency: 'uniform(1ms, 60ms)', " +
		"faults: [{kind: truncate, rate: 0.2}, {kind: status, status: 503, rate: 0.1}]"
	const arrivals = "generators: 3, keys: {count: 20, prefix: item-}, arrivals: {poisson: 150/s, for: 1s}"
	for _, tt := range []struct {
		name, world, tasks string
		want               string // the check, "" for none
	}{
		{"download", faults, "task: download, " + arrivals, ""},
		{"over TLS", faults + ", protocol: https", "task: download, " + arrivals, ""},
		{
			"over HTTP/2", "latency: 20ms, protocol: h2, faults: [{kind: status, status: 503, rate: 0.1}]",
			"task: download, " + arrivals, "",
		},
		{"a client of its own", faults, "task: right, " + arrivals, ""},
		{"an error is lost", faults, "task: losing, " + arrivals, "classification"},
		{
			"a Retry-After is ignored", "faults: [{kind: status, status: 429, retry_after: 1s, rate: 0.3}]",
			"task: hasty, generators: 3, keys: {count: 200, prefix: item-}, arrivals: {rate: 100/s, for: 1s}, " +
				"retry: {attempts: 2, wait: 3s}", "retries",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := runOn(t, url, tt.world, tt.tasks, nil)
			found := checksOf(rec)
			for _, s := range rec.Samples {
				if s.Misstep != "" { // of which a single run under the real clock only warns
					found = append(found, "retries")
				}
			}
			if tt.want == "" && len(found) > 0 || tt.want != "" && !slices.Contains(found, tt.want) {
				t.Errorf("got %v, want %q: %v", found, tt.want, rec.Findings())
			}
			if len(rec.Generators) != 3 {
				t.Fatalf("%d generators", len(rec.Generators))
			}
			for k, g := range rec.Generators {
				if g.Lost != "" || g.Error <= 0 || g.Sent != g.Tasks || g.Ended != g.Tasks || g.Host == "" {
					t.Errorf("generator %d: %+v", k+1, g)
				}
			}
		})
	}
}

// TestKilled kills one of two load generators while the run goes on. The run is
// invalid, says which arrivals are missing, and does not accuse the client.
func TestKilled(t *testing.T) {
	url, generators, said := startCluster(t, 2)
	rec := runOn(t, url, "latency: 5ms", "task: download, generators: 2, keys: {count: 20, prefix: item-}, "+
		"arrivals: {rate: 100/s, for: 6s}", func() {
		_, _ = said[1].ReadString('\n')
		_ = generators[1].Process.Kill()
	})
	if found := checksOf(rec); len(found) > 0 || !rec.Invalid() {
		t.Fatalf("violations %v, invalid %v", found, rec.Invalid())
	}
	lost := 0
	for _, g := range rec.Generators {
		if g.Lost != "" {
			lost++
		}
	}
	got := rec.Inconclusive[0].Got
	if lost != 1 || !strings.Contains(got, "the results of 300 of 600 tasks are missing") {
		t.Errorf("%d are lost: %s", lost, got)
	}
}

// TestStopped stops a load generator for three seconds. Its tasks are late, and
// that is the machine's doing.
func TestStopped(t *testing.T) {
	url, generators, said := startCluster(t, 2)
	rec := runOn(t, url, "latency: 5ms", "task: download, generators: 2, keys: {count: 20, prefix: item-}, "+
		"arrivals: {rate: 100/s, for: 6s}", func() {
		_, _ = said[0].ReadString('\n')
		_ = generators[0].Process.Signal(syscall.SIGSTOP)
		<-time.After(3 * time.Second)
		_ = generators[0].Process.Signal(syscall.SIGCONT)
	})
	if found := checksOf(rec); len(found) > 0 {
		t.Errorf("violations %v: %v", found, rec.Findings())
	}
	for k, g := range rec.Generators {
		if g.Lost != "" {
			t.Errorf("generator %d: %s", k+1, g.Lost)
		}
	}
	if late := rec.Lateness["max"]; late < time.Second {
		t.Errorf("the latest task is late by %v", late)
	}
}

// TestArrivals compares the arrivals of four load generators with those of one,
// by the clock of the run: half of them are off by no more than twice as much,
// and what the clocks may be off. A machine that is late cannot tell.
func TestArrivals(t *testing.T) {
	url, _, _ := startCluster(t, 4)
	var late time.Duration
	off := func(n int) (half, may time.Duration) {
		rec := runOn(t, url, "latency: 5ms", fmt.Sprintf("task: download, generators: %d, ", n)+
			"keys: {count: 20, prefix: item-}, arrivals: {poisson: 100/s, for: 2s}", nil)
		if found := checksOf(rec); len(found) > 0 {
			t.Fatal(rec.Findings())
		}
		late = max(late, rec.Late)
		var all []time.Duration
		for _, s := range rec.Samples {
			all = append(all, s.Submitted-s.Due+rec.Generators[s.Seq%n].Offset)
		}
		for _, g := range rec.Generators {
			may = max(may, g.Error)
		}
		slices.Sort(all)
		return all[len(all)/2], may
	}
	one, _ := off(1)
	four, may := off(4)
	switch {
	case four <= 2*one+may:
	case late > 10*time.Millisecond:
		t.Skipf("half of the arrivals are off by %v and %v, but the machine was late by %v", four, one, late)
	default:
		t.Errorf("half of the arrivals of four are off by %v ± %v, those of one by %v", four, may, one)
	}
	t.Logf("one %v, four %v ± %v", one, four, may)
}
