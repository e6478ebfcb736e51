package command

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// clustered is a scenario for workers of this process, which it must not take
// for leaks.
const clustered = `name: clustered
workload: {task: prime, keys: [1, 2, 3, 4, 5, 97]}
executors: [{kind: cluster, workers: 2}]
expect: {outcomes: planned, leaks: any}
`

// natsServer starts a NATS server and returns its URL.
func natsServer(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	return s.ClientURL()
}

// working runs a worker while a scenario runs on it, and returns what the
// worker has said. It ends the worker, unless that ends after a run.
func working(t *testing.T, command string, runs ...string) (status int, said string) {
	t.Helper()
	url := natsServer(t)
	command = regexp.MustCompile(`(nats|tls)://\S+`).ReplaceAllString(command, url)
	inFolder(t, map[string]string{"clustered.yaml": clustered})
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() { ended <- calling(ctx, words(command), strings.NewReader(""), &out, &errs) }()
	for _, args := range runs {
		args = "run clustered.yaml --report= --cluster " + url + args
		if status, stdout, stderr := teapot(t, strings.Fields(args)...); status != cli.StatusHolds {
			t.Errorf("teapot %s: status %d\n%s%s", args, status, stdout, stderr)
		}
	}
	if !strings.Contains(command, "--runs") {
		interrupt()
	}
	select {
	case status = <-ended:
	case <-time.After(2 * time.Minute): // far more than it takes
		t.Fatal("the worker does not end")
	}
	return status, out.String() + errs.String()
}

// worksOn returns a test that wants a worker with so many slots to do all tasks
// of one run.
func worksOn(slots int) func(*testing.T, string) {
	return func(t *testing.T, command string) {
		status, said := working(t, command, "")
		want := fmt.Sprintf(`: joined with %d slots\n.*: left, tasks done: 6: the run is over\n`, slots)
		if status != cli.StatusHolds || !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("teapot %s: status %d\n%s", command, status, said)
		}
	}
}

// A worker that is interrupted says what it does, and ends.
func TestWorkerInterrupted(t *testing.T) {
	status, said := working(t, "teapot worker --slots 2 --cluster nats://SERVER", "", "")
	if status != cli.StatusHolds || strings.Count(said, "tasks done: 6") != 2 ||
		!strings.Contains(said, "takes no more tasks") {
		t.Errorf("status %d\n%s", status, said)
	}
}

// TestClusterMistakes has what cannot be meant by --cluster.
func TestClusterMistakes(t *testing.T) {
	inFolder(t, map[string]string{
		"clustered.yaml": clustered, "little.yaml": scenario,
		"unsized.yaml": strings.Replace(clustered, ", workers: 2", "", 1),
	})
	for _, tt := range []struct{ args, said string }{
		{"run little.yaml --cluster nats://127.0.0.1:1", "no effect: no scenario has an executor of kind cluster"},
		{"run clustered.yaml --cluster http://x", `"http://x": want the URL of a NATS server`},
		{"run unsized.yaml --cluster nats://127.0.0.1:1", "unsized.yaml: executors[0]: want workers"},
		{"run clustered.yaml --cluster nats://me:secret@127.0.0.1:1 --report=", "nats://me:xxxxx@127.0.0.1:1"},
		{"run clustered.yaml --cluster nats://127.0.0.1:1 --against ./x", "--cluster and --against"},
		{"worker --cluster nats://127.0.0.1:1", "cannot connect to nats://127.0.0.1:1"},
		{"worker", "--cluster"},
	} {
		args, said := tt.args, tt.said
		status, stdout, stderr := teapot(t, strings.Fields(args)...)
		if status != cli.StatusBadInput || !strings.Contains(stderr, said) || strings.Contains(stderr, "secret") {
			t.Errorf("teapot %s: status %d\n%s%s\nwant %q", args, status, stdout, stderr, said)
		}
	}
}
