package cluster_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster"
)

// bubble runs a test in a bubble. A client that connects again keeps a timer in
// a pool of its package, which another bubble must not use: two collections
// empty the pool.
func bubble(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	empty := func() {
		runtime.GC()
		runtime.GC()
	}
	empty()
	defer empty()
	synctest.Test(t, run)
}

// A world is a server with a coordinator and workers, whose connections can be
// cut. It runs in a bubble.
type world struct {
	t       *testing.T
	s       *server.Server
	ex      *cluster.Executor
	own     *link // of the coordinator
	workers []*link
	all     sync.WaitGroup
	life    context.Context
	leave   context.CancelFunc
}

// A link is the connection of one client to the server.
type link struct {
	s *server.Server

	mu   sync.Mutex
	cuts []cut
	dead bool              // from now on
	trip func([]byte) bool // kills the link instead of writing such bytes
	deaf func([]byte) bool // such messages do not arrive
}

// A cut is a time in which nothing passes.
type cut struct{ from, until time.Time }

var errDead = errors.New("the link is dead")

// state reports whether the link is dead, as it is once it has tripped over b,
// and until when it is cut.
func (l *link) state(b []byte) (dead bool, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trip != nil && l.trip(b) {
		l.dead = true
	}
	now := time.Now()
	for _, c := range l.cuts {
		if !now.Before(c.from) && now.Before(c.until) && c.until.After(until) {
			until = c.until
		}
	}
	return l.dead, until
}

// cutFor cuts the link after a while, for a while.
func (l *link) cutFor(after, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.cuts = append(l.cuts, cut{now.Add(after), now.Add(after + d)})
}

// tripOn kills the link when such bytes are to be sent.
func (l *link) tripOn(such func([]byte) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trip = such
}

// kill cuts the link for good. What runs at its end goes on, but nothing is
// ever heard of it.
func (l *link) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
}

// InProcessConn connects, unless the link is cut: a client that connects holds
// a lock, so it must not wait.
func (l *link) InProcessConn() (net.Conn, error) {
	if dead, until := l.state(nil); dead || !until.IsZero() {
		return nil, errDead
	}
	c, err := l.s.InProcessConn()
	if err != nil {
		return nil, err
	}
	w := &wired{
		Conn: c, l: l, in: bufio.NewReader(c),
		wake: make(chan struct{}, 1), over: make(chan struct{}),
	}
	go w.pump()
	return w, nil
}

// isDeafTo reports whether a message must not arrive.
func (l *link) isDeafTo(b []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deaf != nil && l.deaf(b)
}

// deafen keeps from the coordinator each message that has one of the texts.
func (w *world) deafen(texts ...string) {
	w.own.mu.Lock()
	defer w.own.mu.Unlock()
	w.own.deaf = func(b []byte) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return bytes.Contains(b, []byte(text)) })
	}
}

// wired is a connection over a link. As one over a network it takes what is
// written and sends it when it can: a client that waits for a write holds a
// lock, which would stop the clock of the bubble.
type wired struct {
	net.Conn
	l    *link
	in   *bufio.Reader
	rest []byte // of the message that Read has begun

	wake  chan struct{}
	over  chan struct{}
	close sync.Once

	mu  sync.Mutex
	buf []byte
}

// pass waits for the end of a cut. It returns an error if the link is dead, or
// the connection is closed.
func (w *wired) pass(b []byte) error {
	for {
		dead, until := w.l.state(b)
		switch {
		case dead:
			w.Close()
			return errDead
		case until.IsZero():
			return nil
		}
		select {
		case <-time.After(time.Until(until)):
		case <-w.over:
			return net.ErrClosed
		}
	}
}

func (w *wired) Write(b []byte) (int, error) {
	select {
	case <-w.over:
		return 0, net.ErrClosed
	default:
	}
	w.mu.Lock()
	w.buf = append(w.buf, b...)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return len(b), nil
}

// pump sends what was written.
func (w *wired) pump() {
	for {
		select {
		case <-w.wake:
		case <-w.over:
			return
		}
		w.mu.Lock()
		b := w.buf
		w.buf = nil
		w.mu.Unlock()
		if w.pass(b) != nil {
			return
		}
		if _, err := w.Conn.Write(b); err != nil {
			w.Close()
			return
		}
	}
}

func (w *wired) Close() error {
	w.close.Do(func() { close(w.over) })
	return w.Conn.Close()
}

func (w *wired) Read(b []byte) (int, error) {
	for len(w.rest) == 0 {
		m, err := w.message()
		if err != nil {
			return 0, err
		}
		if !w.l.isDeafTo(m) {
			w.rest = m
		}
	}
	if dead := w.pass(nil); dead != nil {
		return 0, dead
	}
	n := copy(b, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

// message reads one message of the protocol: a line, which for MSG and HMSG
// ends with the length of what comes behind it.
// https://docs.nats.io/reference/reference-protocols/nats-protocol
func (w *wired) message() ([]byte, error) {
	line, err := w.in.ReadBytes('\n')
	fields := bytes.Fields(line)
	if err != nil || len(fields) == 0 || !bytes.HasSuffix(fields[0], []byte("MSG")) {
		return line, err
	}
	n, err := strconv.Atoi(string(fields[len(fields)-1]))
	if err != nil {
		return nil, err
	}
	m := slices.Grow(line, n+2)[:len(line)+n+2]
	_, err = io.ReadFull(w.in, m[len(line):])
	return m, err
}

// newWorld makes a world without workers.
func newWorld(t *testing.T, c cluster.Config) *world {
	t.Helper()
	s := natsServer(t)
	w := &world{t: t, s: s, own: &link{s: s}}
	c.Options = append(c.Options, nats.InProcessServer(w.own))
	var err error
	if w.ex, err = cluster.New(c); err != nil {
		t.Fatal(err)
	}
	w.life, w.leave = context.WithCancel(context.Background())
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := w.ex.Shutdown(end); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		w.leave()
		w.all.Wait()
	})
	return w
}

// natsServer starts a server without a port, which ends with the test.
func natsServer(t *testing.T, users ...*server.User) *server.Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "world")
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{
		DontListen: true, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true, Users: users,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
		os.RemoveAll(dir)
	})
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	return s
}

// work starts a worker.
func (w *world) work(slots int, definitions []executor.Definition) *link {
	l := &link{s: w.s}
	w.workers = append(w.workers, l)
	w.all.Go(func() {
		err := cluster.Work(w.life, cluster.WorkerConfig{
			Slots: slots, Definitions: definitions,
			Options: []nats.Option{nats.InProcessServer(l)},
		})
		if err != nil {
			w.t.Errorf("a worker: %v", err)
		}
	})
	return l
}

// connect returns a client of the server.
func (w *world) connect() *nats.Conn {
	w.t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(w.s))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(nc.Close)
	return nc
}

// join waits until n workers have joined.
func (w *world) join(n int) {
	for range 1000 {
		if len(w.ex.Workers()) >= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Fatalf("%d workers have joined, want %d", len(w.ex.Workers()), n)
}

// sums adds up what the workers say.
func (w *world) sums() (refused, spared int) {
	time.Sleep(2 * time.Second) // they say it once a second
	for _, m := range w.ex.Workers() {
		refused += m.Refused
		spared += m.Spared
	}
	return refused, spared
}

// claims reports whether bytes have the claim of a task.
func claims(b []byte) bool { return bytes.Contains(b, []byte(".s.")) }

// acknowledges reports whether bytes tell the server that a task is done.
func acknowledges(b []byte) bool {
	return bytes.Contains(b, []byte("+NXT")) || bytes.Contains(b, []byte("+ACK"))
}

// answers reports whether bytes have the result of a task.
func answers(b []byte) bool { return bytes.Contains(b, []byte(".r.")) }
