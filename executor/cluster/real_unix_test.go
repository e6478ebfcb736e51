//go:build unix

package cluster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/executor/executortest"
)

// These variables make the test program another one: a worker or a coordinator.
const (
	workerVariable      = "TEAPOT_TEST_WORKER"
	coordinatorVariable = "TEAPOT_TEST_COORDINATOR"
)

var (
	pid = executor.Define("pid", func(context.Context, struct{}) (int, error) { return os.Getpid(), nil })
	// appends adds a line to a file, so that a test sees each start, and waits
	// until there is a file of that name with .go behind it.
	appends = executor.Define("appends", func(ctx context.Context, name string) (int, error) {
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		_, err = fmt.Fprintln(f, os.Getpid())
		if err := errors.Join(err, f.Close()); err != nil {
			return 0, err
		}
		return os.Getpid(), exists(ctx, name+".go")
	})
	ends = executor.Define("ends", func(context.Context, struct{}) (int, error) {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	})
)

// exists waits until there is a file.
func exists(ctx context.Context, name string) error {
	return eventually(ctx, func() bool {
		_, err := os.Stat(name)
		return err == nil
	})
}

// eventually waits until something holds.
func eventually(ctx context.Context, holds func() bool) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // panics of callbacks are reported there, as they should be
	url, task := os.Getenv(workerVariable), os.Getenv(coordinatorVariable)
	os.Unsetenv(workerVariable)
	switch {
	case task != "":
		ex, err := cluster.New(cluster.Config{URL: url, AckWait: wait, Patience: 2 * time.Second})
		if err == nil {
			_, err = appends.Submit(context.Background(), ex, task).Result(context.Background())
		}
		fmt.Fprintln(os.Stderr, "coordinator:", err)
		os.Exit(3)
	case url != "":
		err := cluster.Work(context.Background(), cluster.WorkerConfig{
			URL: url, Slots: 1, Runs: 1,
			Definitions: append(executortest.Definitions(), double, pid, appends, ends),
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, "worker:", err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	// wait is so long that a busy machine beats in time.
	wait = time.Second

	// patience is far more than any wait takes on a busy machine.
	patience = 2 * time.Minute
)

// reach bounds the waits of a test under the real clock.
func reach(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("hangs"))
	t.Cleanup(cancel)
	return ctx
}

// serve starts a server that listens. stop ends it.
func serve(t *testing.T, dir string, port int) (s *server.Server, stop func()) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server is not ready")
	}
	return s, func() {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// spawn starts the test program as another one.
func spawn(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(env, "GORACE=atexit_sleep_ms=0")...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// joined waits until n workers live.
func joined(t *testing.T, ex *cluster.Executor, n int) {
	t.Helper()
	if err := eventually(reach(t), func() bool {
		live := 0
		for _, w := range ex.Workers() {
			if !w.Lost && !w.Left {
				live++
			}
		}
		return live >= n
	}); err != nil {
		t.Fatalf("no %d workers: %v", n, err)
	}
}

// lines returns how often the task appends has started.
func lines(name string) int {
	text, _ := os.ReadFile(name)
	return bytes.Count(text, []byte("\n"))
}

// A worker that is killed or stopped loses its task to another one. When it
// goes on after that, its result is refused.
func TestSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		t.Run(sig.String(), func(t *testing.T) {
			s, stop := serve(t, t.TempDir(), server.RANDOM_PORT)
			defer stop()
			ex := start(t, cluster.Config{URL: s.ClientURL(), AckWait: wait})
			first := spawn(t, workerVariable+"="+s.ClientURL())
			joined(t, ex, 1)
			name := t.TempDir() + "/task"
			f := appends.Submit(reach(t), ex, name)
			if err := exists(reach(t), name); err != nil {
				t.Fatal(err)
			}
			first.Process.Signal(sig)
			second := spawn(t, workerVariable+"="+s.ClientURL())
			if err := eventually(reach(t), func() bool { return lines(name) == 2 }); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name+".go", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if by, err := f.Result(reach(t)); by != second.Process.Pid || err != nil {
				t.Errorf("got %d, %v, want the process %d", by, err, second.Process.Pid)
			}
			if sig == syscall.SIGSTOP {
				first.Process.Signal(syscall.SIGCONT)
				if err := eventually(reach(t), func() bool { return refused(ex) == 1 }); err != nil {
					t.Errorf("the late result is not refused: %v", err)
				}
			}
			if v, err := double.Submit(reach(t), ex, 4).Result(reach(t)); v != 8 || err != nil {
				t.Errorf("the next task: got %d, %v", v, err)
			}
		})
	}
}

func refused(ex *cluster.Executor) (n int) {
	for _, w := range ex.Workers() {
		n += w.Refused
	}
	return n
}

// A task that kills its process is lost alone, after three processes.
func TestKiller(t *testing.T) {
	s, stop := serve(t, t.TempDir(), server.RANDOM_PORT)
	defer stop()
	ex := start(t, cluster.Config{URL: s.ClientURL(), AckWait: wait})
	f := ends.Submit(reach(t), ex, struct{}{})
	for range 3 {
		if err := spawn(t, workerVariable+"="+s.ClientURL()).Wait(); err == nil {
			t.Fatal("a worker has ended in peace")
		}
	}
	_, err := f.Result(reach(t))
	lost, ok := errors.AsType[*cluster.LostError](err)
	if !ok || lost.Deliveries != 3 || !strings.Contains(err.Error(), "3 times") {
		t.Errorf("got %v", err)
	}
	spawn(t, workerVariable+"="+s.ClientURL())
	if v, err := double.Submit(reach(t), ex, 4).Result(reach(t)); v != 8 || err != nil {
		t.Errorf("the next task: got %d, %v", v, err)
	}
}

// A server that is started again with the files of the one before loses
// nothing.
func TestServerRestarted(t *testing.T) {
	dir := t.TempDir()
	s, stop := serve(t, dir, server.RANDOM_PORT)
	ex := start(t, cluster.Config{URL: s.ClientURL(), AckWait: wait, Durable: true})
	url := s.ClientURL()
	spawn(t, workerVariable+"="+url)
	joined(t, ex, 1)
	name := t.TempDir() + "/task"
	f := appends.Submit(reach(t), ex, name)
	if err := exists(reach(t), name); err != nil {
		t.Fatal(err)
	}
	port := s.Addr().(*net.TCPAddr).Port
	stop()
	_, stop = serve(t, dir, port)
	defer stop()
	if err := os.WriteFile(name+".go", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Result(reach(t)); err != nil {
		t.Error(err)
	}
	for i := range 20 {
		if v, err := double.Submit(reach(t), ex, i).Result(reach(t)); v != 2*i || err != nil {
			t.Fatalf("a task afterwards: got %d, %v", v, err)
		}
	}
}

// When the coordinator is killed, workers end and nothing stays on the server.
func TestCoordinatorKilled(t *testing.T) {
	s, stop := serve(t, t.TempDir(), server.RANDOM_PORT)
	defer stop()
	name := t.TempDir() + "/task"
	worker := spawn(t, workerVariable+"="+s.ClientURL())
	coordinator := spawn(t, workerVariable+"="+s.ClientURL(), coordinatorVariable+"="+name)
	if err := exists(reach(t), name); err != nil {
		t.Fatal(err)
	}
	coordinator.Process.Kill()
	if err := worker.Wait(); err != nil {
		t.Errorf("the worker: %v", err)
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for name := range js.StreamNames(reach(t)).Name() {
		t.Errorf("the stream %s is left", name)
	}
}

// withWorkers is an executor whose workers are processes that end with it.
type withWorkers struct {
	*cluster.Executor
	stop    func()
	workers []*exec.Cmd
}

func (w *withWorkers) Shutdown(ctx context.Context) error {
	if err := w.Executor.Shutdown(ctx); err != nil {
		return err
	}
	defer w.stop()
	var errs []error
	for _, cmd := range w.workers {
		errs = append(errs, cmd.Wait()) // the run is over, and it was for one
	}
	return errors.Join(errs...)
}

// The rows of other processes that apply to workers.
func TestLawOfProcesses(t *testing.T) {
	except := excepted(t)
	for _, c := range executortest.Processes(nil) {
		if except[c.Row] != "" {
			continue
		}
		t.Run(fmt.Sprint(c.Row, " ", c.Name), func(t *testing.T) {
			open := func(o executortest.Options) (executor.Executor, error) {
				s, stop := serve(t, t.TempDir(), server.RANDOM_PORT)
				ex, err := cluster.New(cluster.Config{URL: s.ClientURL()})
				if err != nil {
					return nil, err
				}
				w := &withWorkers{Executor: ex, stop: stop}
				for range o.Workers {
					w.workers = append(w.workers, spawn(t, workerVariable+"="+s.ClientURL()))
				}
				joined(t, ex, o.Workers) // one that comes later would wait for another run
				return w, nil
			}
			for _, check := range executortest.Processes(open) {
				if check.Row != c.Row {
					continue
				}
				if err := check.Run(reach(t), nil); err != nil {
					t.Errorf("%v\n\tlaw: %s", err, c.Law)
				}
			}
		})
	}
}
