package cluster_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// streams lists the streams of the server.
func (w *world) streams() (names []string) {
	w.t.Helper()
	js, err := jetstream.New(w.connect())
	if err != nil {
		w.t.Fatal(err)
	}
	all := js.StreamNames(within(w.t))
	for name := range all.Name() {
		names = append(names, name)
	}
	return names
}

// A worker that is asked to leave ends its task, and takes no other.
func TestDrain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r starts
		task := sleeper(&r, time.Minute) // for longer than a coordinator is silent that is gone
		all := []executor.Definition{task}
		w := newWorld(t, cluster.Config{})
		ctx, leave := context.WithCancel(within(t))
		left := make(chan time.Time, 1)
		w.all.Go(func() {
			if err := cluster.Work(ctx, cluster.WorkerConfig{
				Slots: 2, Definitions: all, Options: []nats.Option{nats.InProcessServer(w.s)},
			}); err != nil {
				t.Errorf("the worker: %v", err)
			}
			left <- time.Now()
		})
		w.join(1)
		began := time.Now()
		var fs []*executor.Future[int]
		for i := range 4 {
			fs = append(fs, task.Submit(within(t), w.ex, i))
		}
		time.Sleep(5 * time.Second)
		leave()
		if took := (<-left).Sub(began); took != time.Minute {
			t.Errorf("it left after %v, want 1m0s", took)
		}
		w.work(2, all)
		for i, f := range fs {
			if v, err := f.Result(within(t)); v != i || err != nil || r.of(i) != 1 {
				t.Errorf("task %d: got %d, %v after %d starts", i, v, err, r.of(i))
			}
		}
	})
}

// Two coordinators on one server have the same workers, and nothing else in
// common.
func TestTwoRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var r starts
		task := sleeper(&r, 3*time.Second)
		w := newWorld(t, cluster.Config{})
		other := start(t, cluster.Config{Options: []nats.Option{nats.InProcessServer(w.s)}})
		for range 2 {
			w.work(1, []executor.Definition{task})
		}
		var fs []*executor.Future[int]
		for i := range 20 {
			ex := executor.Executor(w.ex)
			if i%2 == 1 {
				ex = other
			}
			fs = append(fs, task.Submit(within(t), ex, i))
		}
		for i, f := range fs {
			if v, err := f.Result(within(t)); v != i || err != nil || r.of(i) != 1 {
				t.Errorf("task %d: got %d, %v after %d starts", i, v, err, r.of(i))
			}
		}
		if err := other.Shutdown(within(t)); err != nil {
			t.Error(err)
		}
		if v, err := task.Submit(within(t), w.ex, 50).Result(within(t)); v != 50 || err != nil {
			t.Errorf("after the other run: got %d, %v", v, err)
		}
		if got := w.streams(); len(got) != 2 {
			t.Errorf("streams of one run: got %q", got)
		}
	})
}

// Workers leave a run whose coordinator is gone, and remove what it has left. A
// coordinator that comes back in time goes on.
func TestCoordinatorGone(t *testing.T) {
	for _, back := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			var r starts
			task := sleeper(&r, time.Minute)
			w := newWorld(t, cluster.Config{Once: true, Patience: 30 * time.Second, Deliveries: 9})
			ended := make(chan error, 1)
			w.all.Go(func() {
				ended <- cluster.Work(w.life, cluster.WorkerConfig{
					Slots: 1, Definitions: []executor.Definition{task, double}, Runs: 1,
					Options: []nats.Option{nats.InProcessServer(w.s)},
				})
			})
			w.join(1)
			f := task.Submit(within(t), w.ex, 1)
			time.Sleep(time.Second)
			if back {
				w.own.cutFor(0, 25*time.Second)
				time.Sleep(40 * time.Second)
				if v, err := double.Submit(within(t), w.ex, 4).Result(within(t)); v != 8 || err != nil {
					t.Errorf("when the coordinator is back: got %d, %v", v, err)
				}
				return
			}
			w.own.kill()
			if err := <-ended; err != nil {
				t.Errorf("the worker: %v", err)
			}
			if got := w.streams(); len(got) != 0 {
				t.Errorf("left: %q", got)
			}
			if _, err := f.Result(within(t)); err == nil {
				t.Error("the coordinator has a result")
			}
		})
	}
}

// A long run needs no more room on the server than a short one.
func TestPurge(t *testing.T) {
	bubble(t, func(t *testing.T) {
		task := executor.Define("short", func(_ context.Context, n int) (int, error) {
			time.Sleep(10 * time.Millisecond)
			return n, nil
		})
		w := newWorld(t, cluster.Config{Workers: 10})
		for round := range 3 {
			var fs []*executor.Future[int]
			for i := range 5000 {
				fs = append(fs, task.Submit(within(t), w.ex, i))
			}
			for _, f := range fs {
				if _, err := f.Result(within(t)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(20 * time.Second)
			js, _ := jetstream.New(w.connect())
			left := uint64(0)
			for info := range js.ListStreams(within(t)).Info() {
				left += info.State.Msgs
			}
			if left > 4096 {
				t.Errorf("round %d: %d messages are left, want at most 4096", round, left)
			}
		}
	})
}

// A user of the server needs no more than these rights, which the docs name.
func TestPermissions(t *testing.T) {
	s, err := server.NewServer(&server.Options{
		DontListen: true, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Users: []*server.User{{Username: "teapot", Password: "secret", Permissions: &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: []string{"tp.>", "_INBOX.>", "$JS.API.>", "$JS.ACK.>"}},
			Subscribe: &server.SubjectPermission{Allow: []string{"tp.>", "_INBOX.>", "$JS.EVENT.ADVISORY.>"}},
		}}},
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
	var wrong []error
	options := []nats.Option{
		nats.InProcessServer(s), nats.UserInfo("teapot", "secret"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { wrong = append(wrong, err) }),
	}
	ex, err := cluster.New(cluster.Config{Workers: 2, Once: true, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	var fs []*executor.Future[int]
	for i := range 20 {
		fs = append(fs, double.Submit(t.Context(), ex, i))
	}
	for i, f := range fs {
		if v, err := f.Result(t.Context()); v != 2*i || err != nil {
			t.Errorf("task %d: got %d, %v", i, v, err)
		}
	}
	if err := ex.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for _, err := range wrong {
		t.Error(err)
	}
}
