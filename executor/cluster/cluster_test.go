package cluster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

type piped struct{ C chan int }

var errOwn = errors.New("own")

var (
	double = executor.Define("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	echo   = executor.Define("echo", func(_ context.Context, b []byte) ([]byte, error) { return b, nil })
	blow   = executor.Define("blow", func(_ context.Context, n int) ([]byte, error) { return make([]byte, n), nil })
	fails  = executor.Define("fails", func(_ context.Context, which string) (int, error) {
		switch which {
		case "eof":
			return 0, fmt.Errorf("eof: %w", io.EOF)
		case "panic":
			panic(errOwn)
		case "goexit":
			runtime.Goexit()
		}
		return 0, fmt.Errorf("own: %w", errOwn)
	}, errOwn)
	waits = executor.Define("waits", func(ctx context.Context, _ int) (int, error) {
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	// a channel cannot be encoded
	channel = executor.Define("channel", func(_ context.Context, in piped) (piped, error) { return in, nil })
)

// start returns an executor with a server and workers in this process.
func start(t *testing.T, c cluster.Config) *cluster.Executor {
	t.Helper()
	ex, err := cluster.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ex.Shutdown(within(t)); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
	return ex
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		config cluster.Config
		said   string
	}{
		{cluster.Config{Workers: -1}, "-1 Workers: want at least 1"},
		{cluster.Config{AckWait: -1}, "want at least 100ms"},
		{cluster.Config{AckWait: time.Millisecond}, "1ms: want at least 100ms"},
		{cluster.Config{Deliveries: -1}, "-1 Deliveries: want at least 1"},
		{cluster.Config{URL: "nats://127.0.0.1:1"}, "cannot connect to nats://127.0.0.1:1"},
		{cluster.Config{URL: "nats://me:secret@127.0.0.1:1"}, "cannot connect to nats://me:xxxxx@127.0.0.1:1"},
	} {
		if _, err := cluster.New(tt.config); err == nil || !strings.Contains(err.Error(), tt.said) {
			t.Errorf("%+v: got %v, want %q", tt.config, err, tt.said)
		}
	}
	for _, tt := range []struct {
		config cluster.WorkerConfig
		said   string
	}{
		{cluster.WorkerConfig{Slots: -1}, "-1 Slots: want at least 1"},
		{cluster.WorkerConfig{Definitions: []executor.Definition{double, double}}, `are named "double"`},
		{cluster.WorkerConfig{URL: "nats://127.0.0.1:1"}, "cannot connect to nats://127.0.0.1:1"},
	} {
		if err := cluster.Work(t.Context(), tt.config); err == nil || !strings.Contains(err.Error(), tt.said) {
			t.Errorf("%+v: got %v, want %q", tt.config, err, tt.said)
		}
	}
}

func TestClosure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		f := executor.Submit(t.Context(), start(t, cluster.Config{}), func(context.Context) (int, error) {
			t.Error("a closure ran")
			return 0, nil
		})
		if _, err := f.Result(within(t)); !errors.Is(err, executor.ErrUndefined) {
			t.Errorf("got %v", err)
		}
	})
}

func TestErrors(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, ex := within(t), start(t, cluster.Config{Workers: 2})
		for which, kind := range map[string]error{"eof": io.EOF, "own": errOwn} {
			_, err := fails.Submit(ctx, ex, which).Result(ctx)
			if !errors.Is(err, kind) || !strings.HasPrefix(err.Error(), which+": ") {
				t.Errorf("%s: got %v", which, err)
			}
		}
		_, err := fails.Submit(ctx, ex, "panic").Result(ctx)
		if p, ok := errors.AsType[*executor.PanicError](err); !ok || !errors.Is(err, errOwn) ||
			!strings.Contains(p.Stack(), "cluster_test.go:") {
			t.Errorf("a panic: got %+v", err)
		}
		if _, err := fails.Submit(ctx, ex, "goexit").Result(ctx); !errors.Is(err, executor.ErrGoexit) {
			t.Errorf("a Goexit: got %v", err)
		}
		if _, err := channel.Submit(ctx, ex, piped{}).Result(ctx); err == nil ||
			!strings.Contains(err.Error(), `"channel" cannot be encoded`) {
			t.Errorf("a channel: got %v", err)
		}
		if v, err := double.Submit(ctx, ex, 4).Result(ctx); v != 8 || err != nil {
			t.Error(v, err)
		}
	})
}

// What the server does not take in one message is an error with its size.
func TestTooLarge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, ex := within(t), start(t, cluster.Config{Workers: 1})
		const most = 1<<20 - 4<<10
		f := echo.Submit(ctx, ex, make([]byte, 1<<20))
		_, err := f.Result(ctx)
		if f.State() != executor.Finished || err == nil || !strings.Contains(err.Error(),
			fmt.Sprintf("has 1048606 bytes: want at most %d", most)) {
			t.Errorf("an input: got %v", err)
		}
		if _, err := blow.Submit(ctx, ex, 1<<20).Result(ctx); err == nil ||
			!strings.Contains(err.Error(), `the result of "blow" has 1048`) {
			t.Errorf("a result: got %v", err)
		}
		in := bytes.Repeat([]byte("x"), 1<<20-8<<10)
		if out, err := echo.Submit(ctx, ex, in).Result(ctx); err != nil || !bytes.Equal(in, out) {
			t.Errorf("a large one: got %d bytes, %v", len(out), err)
		}
	})
}

func TestMap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, ex := within(t), start(t, cluster.Config{Workers: 3})
		in := make([]int, 1000)
		for i := range in {
			in[i] = i
		}
		for _, how := range [][]executor.MapOptions{nil, {{Chunk: 7}}, {{Chunk: 3000}}, {{Ahead: 30}}} {
			i := 0
			for v, err := range double.Map(ctx, ex, slices.Values(in), how...) {
				if v != 2*i || err != nil {
					t.Fatalf("%+v: result %d: %d, %v", how, i, v, err)
				}
				i++
			}
			if i != len(in) {
				t.Errorf("%+v: %d results", how, i)
			}
		}
		var got []string
		words := slices.Values([]string{"eof", "own", "panic", "goexit"})
		for _, err := range fails.Map(ctx, ex, words, executor.MapOptions{Chunk: 4}) {
			is := func(kind error) bool { return errors.Is(err, kind) }
			got = append(got, fmt.Sprint(is(io.EOF), is(errOwn), is(executor.ErrGoexit)))
		}
		want := []string{"true false false", "false true false", "false true false", "false false true"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Tasks run at once on as many slots as there are, and waiting takes no time of
// the test.
func TestVirtualTime(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r starts
		task := sleeper(&r, 20*time.Second)
		began, ex := time.Now(), start(t, cluster.Config{Workers: 3})
		var fs []*executor.Future[int]
		for i := range 30 {
			fs = append(fs, task.Submit(within(t), ex, i))
		}
		for i, f := range fs {
			if v, err := f.Result(within(t)); v != i || err != nil {
				t.Fatal(i, v, err)
			}
		}
		if took := time.Since(began); took != 200*time.Second {
			t.Errorf("30 tasks of 20s on 3 slots took %v, want 3m20s", took)
		}
	})
}

// A task that submits with its own context would wait for its own slot.
func TestNested(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ex := start(t, cluster.Config{Workers: 1})
		nest := executor.Define("nest", func(ctx context.Context, n int) (int, error) {
			return double.Submit(ctx, ex, n).Result(ctx)
		})
		if _, err := nest.Submit(within(t), ex, 1).Result(within(t)); err == nil ||
			err.Error() != cluster.ErrNested.Error() {
			t.Errorf("got %v", err)
		}
	})
}

// A worker names a task that it does not know, or knows otherwise.
func TestUnknownTask(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, cluster.Config{})
		w.work(1, []executor.Definition{
			executor.Define("double", func(context.Context, string) (int, error) { return 0, nil }),
		})
		_, err := echo.Submit(within(t), w.ex, nil).Result(within(t))
		if err == nil || !strings.Contains(err.Error(), `does not know the task "echo"`) {
			t.Errorf("a name: got %v", err)
		}
		_, err = double.Submit(within(t), w.ex, 1).Result(within(t))
		if err == nil || !strings.Contains(err.Error(), "is a func(int) int here and a func(string) int in worker") {
			t.Errorf("a signature: got %v", err)
		}
	})
}

// A worker of another build is refused, and both are told which.
func TestOtherBuild(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, cluster.Config{Patience: 10 * time.Second})
		f := double.Submit(within(t), w.ex, 1)
		nc := w.connect()
		beats := make(chan *nats.Msg, 100)
		sub, err := nc.ChanSubscribe("tp.*.beat", beats)
		if err != nil {
			t.Fatal(err)
		}
		run := strings.Split((<-beats).Subject, ".")[1]
		_ = sub.Unsubscribe()
		m, err := nc.RequestWithContext(within(t), "tp."+run+".hello", []byte(`{"worker":"w","slots":1,"build":"abc"}`))
		if err != nil {
			t.Fatal(err)
		}
		var said struct{ Refused string }
		const refusal = "the worker is build abc, the coordinator "
		if json.Unmarshal(m.Data, &said); !strings.HasPrefix(said.Refused, refusal) {
			t.Errorf("the worker hears %q", m.Data)
		}
		_, err = f.Result(within(t))
		if !errors.Is(err, executor.ErrBroken) ||
			!strings.Contains(err.Error(), "no worker for 10s: w was refused: "+refusal) {
			t.Errorf("the caller hears %v", err)
		}
	})
}

// A worker tells why a coordinator has refused it.
func TestRefused(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, cluster.Config{Workers: 1})
		nc := w.connect()
		refuse := func(m *nats.Msg) { m.Respond([]byte(`{"refused":"not you"}`)) }
		if _, err := nc.Subscribe("tp.OTHER.hello", refuse); err != nil {
			t.Fatal(err)
		}
		notes := make(chan string, 100)
		w.all.Go(func() {
			cluster.Work(w.life, cluster.WorkerConfig{
				Options: []nats.Option{nats.InProcessServer(w.s)}, Note: func(line string) { notes <- line },
			})
		})
		time.Sleep(time.Second)
		nc.Publish("tp.OTHER.beat", nil)
		const want = "run OTHER: cluster: the coordinator refuses the worker: not you"
		for line := range notes {
			if line == want {
				return
			}
		}
	})
}

// Every wait ends: an executor with no worker, or no server, breaks.
func TestBroken(t *testing.T) {
	for name, tt := range map[string]struct {
		breaks func(w *world)
		said   string
	}{
		"no worker": {func(*world) {}, "no worker for 20s: want processes that call cluster.Work"},
		"no server": {func(w *world) {
			w.work(1, []executor.Definition{waits})
			w.join(1)
			w.own.kill()
		}, "no connection to the server for 20s"},
		"no streams": {func(w *world) {
			w.work(1, []executor.Definition{waits})
			w.join(1)
			js, _ := jetstream.New(w.connect())
			for name := range js.StreamNames(within(w.t)).Name() {
				js.DeleteStream(within(w.t), name)
			}
		}, "the server has lost the run"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t, cluster.Config{Patience: 20 * time.Second})
				running := waits.Submit(within(t), w.ex, 0)
				tt.breaks(w)
				queued := double.Submit(within(t), w.ex, 1)
				for _, f := range []*executor.Future[int]{running, queued} {
					if _, err := f.Result(within(t)); !errors.Is(err, executor.ErrBroken) ||
						!strings.Contains(err.Error(), tt.said) {
						t.Errorf("got %v, want %q", err, tt.said)
					}
				}
				if f := double.Submit(within(t), w.ex, 1); f.State() != executor.Finished {
					t.Error("a broken executor accepts a task")
				}
			})
		})
	}
}

// Nothing is left of an executor: bubbles see to goroutines.
func TestNothingLeft(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	bubble(t, func(t *testing.T) {
		for range 3 {
			ex, err := cluster.New(cluster.Config{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := double.Submit(within(t), ex, 1).Result(within(t)); err != nil {
				t.Error(err)
			}
			if err := ex.Shutdown(within(t)); err != nil {
				t.Error(err)
			}
		}
	})
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left in %s: %v, %v", dir, left, err)
	}
}
