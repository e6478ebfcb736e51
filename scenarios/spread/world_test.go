package spread

import (
	"context"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// A world is a server with leaders and load generators, in a bubble. What is on
// its way takes as long as its links say.
type world struct {
	t     *testing.T
	s     *server.Server
	build string
	all   sync.WaitGroup
	life  context.Context
	leave context.CancelFunc
}

// bubble runs a test in a bubble with a server. A client of NATS keeps timers
// in a pool of its package, which a bubble must not use if they are of another
// bubble, or of none: such a timer never ends there. Two collections empty the
// pool.
func bubble(t *testing.T, run func(w *world)) {
	t.Helper()
	empty := func() {
		runtime.GC()
		runtime.GC()
	}
	empty()
	defer empty()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := server.NewServer(&server.Options{
			ServerName: "world", DontListen: true, NoLog: true, NoSigs: true, StoreDir: dir,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		if !s.ReadyForConnections(time.Minute) {
			t.Fatal("the server is not ready")
		}
		w := &world{t: t, s: s, build: "a"}
		w.life, w.leave = context.WithCancel(context.Background())
		run(w)
		w.leave()
		w.all.Wait()
		s.Shutdown()
		s.WaitForShutdown()
		time.Sleep(time.Minute) // what is on its way has come
	})
}

// A link is the connection of one client to the server.
type link struct {
	s         *server.Server
	way, back time.Duration // of what is on its way

	mu    sync.Mutex
	dead  bool
	until time.Time // when a standstill is over
	conns []*wire
}

// kill lets nothing pass any more.
func (l *link) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
	for _, c := range l.conns {
		c.Conn.Close()
	}
}

// stop lets nothing pass for a while, and everything then.
func (l *link) stop(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = time.Now().Add(d)
}

func (l *link) standstill() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.until)
}

// InProcessConn connects.
func (l *link) InProcessConn() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return nil, net.ErrClosed
	}
	c, err := l.s.InProcessConn()
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: c, link: l, out: make(chan parcelOf, 1<<12), in: make(chan parcelOf, 1<<12)}
	l.conns = append(l.conns, w)
	go w.send()
	go w.receive()
	return w, nil
}

// A parcelOf is bytes that are on their way.
type parcelOf struct {
	b  []byte
	at time.Time
}

// A wire is a connection whose bytes take a while.
type wire struct {
	net.Conn
	link    *link
	out, in chan parcelOf
	rest    []byte
	once    sync.Once
}

func (w *wire) send() {
	for p := range w.out {
		time.Sleep(time.Until(p.at))
		time.Sleep(w.link.standstill())
		if _, err := w.Conn.Write(p.b); err != nil {
			for range w.out { // until it is closed
			}
			return
		}
	}
}

func (w *wire) receive() {
	defer close(w.in)
	for {
		b := make([]byte, 1<<16)
		n, err := w.Conn.Read(b)
		if err != nil {
			return
		}
		time.Sleep(w.link.standstill())
		w.in <- parcelOf{b[:n], time.Now().Add(w.link.back)}
	}
}

func (w *wire) Write(b []byte) (n int, err error) {
	defer func() {
		if recover() != nil { // closed
			n, err = 0, net.ErrClosed
		}
	}()
	w.out <- parcelOf{append([]byte{}, b...), time.Now().Add(w.link.way)}
	return len(b), nil
}

func (w *wire) Read(b []byte) (int, error) {
	if len(w.rest) == 0 {
		p, more := <-w.in
		if !more {
			return 0, net.ErrClosed
		}
		time.Sleep(time.Until(p.at))
		w.rest = p.b
	}
	n := copy(b, w.rest)
	w.rest = w.rest[n:]
	return n, nil
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.out) })
	go func() {
		for range w.in { // so that receive can end
		}
	}()
	return w.Conn.Close()
}

func (*wire) SetDeadline(time.Time) error      { return nil }
func (*wire) SetReadDeadline(time.Time) error  { return nil }
func (*wire) SetWriteDeadline(time.Time) error { return nil }

// A fake is a load generator whose tasks take no client: it notes when its time
// has begun.
type fake struct {
	tasks int
	every time.Duration
	spoil func(rec *record.Recording)

	mu    sync.Mutex
	began time.Time
}

// generate hands over every nth task when it is due.
func (f *fake) generate(ctx context.Context, _ []byte, part share.Part,
	begin func(context.Context) (time.Time, error), watch func(harness.Step, record.Sample),
) (*record.Recording, error) {
	at, err := begin(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.began = at
	f.mu.Unlock()
	rec := &record.Recording{Interrupted: false}
	for seq := part.Index; seq < f.tasks; seq += part.Of {
		s := record.Sample{Seq: seq, Due: time.Duration(seq) * f.every, Submitted: -1, Started: -1, Finished: -1}
		timer := time.NewTimer(time.Until(at.Add(s.Due)))
		select {
		case <-timer.C:
			s.Submitted = time.Since(at)
			s.Started, s.Finished = s.Submitted, s.Submitted
			s.Class = record.OK
			watch(harness.Submitted, s)
			watch(harness.Finished, s)
		case <-ctx.Done():
			timer.Stop()
			rec.Interrupted = true
		}
		rec.Samples = append(rec.Samples, s)
	}
	if f.spoil != nil {
		f.spoil(rec)
	}
	return rec, nil
}

// generator starts a load generator with a link and a clock of its own.
func (w *world) generator(f *fake, l *link, ahead time.Duration) (said func() []string) {
	l.s = w.s
	var mu sync.Mutex
	var lines []string
	g := &worker{
		WorkConfig: WorkConfig{
			URL: nats.DefaultURL, Generate: f.generate,
			Options: []nats.Option{nats.InProcessServer(l)},
			Note: func(line string) {
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, line)
			},
		},
		name: rid(), build: w.build, clock: clock{time.Now(), ahead},
	}
	w.all.Go(func() {
		if err := g.work(w.life); err != nil {
			w.t.Error(err)
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, lines...)
	}
}

// leader connects a leader.
func (w *world) leader(n int, l *link) *leader {
	l.s = w.s
	lead := newLeader([]byte("job"), n, "a")
	var err error
	if lead.nc, err = cluster.Connect(nats.DefaultURL, "leader", nil, nats.InProcessServer(l)); err != nil {
		w.t.Fatal(err)
	}
	return lead
}

// lead leads a run to its end, and returns when it began.
func (w *world) lead(ctx context.Context, n int, l *link) (recs []*record.Recording, began time.Time, err error) {
	lead := w.leader(n, l)
	defer lead.nc.Close()
	recs, err = lead.lead(ctx, func(at time.Time) { began = at })
	return recs, began, err
}

var (
	ids   sync.Mutex
	lastN int
)

// rid returns another name of a worker.
func rid() string {
	ids.Lock()
	defer ids.Unlock()
	lastN++
	return "worker-" + string(rune('a'+lastN%26)) + time.Now().Format("150405.000000000")
}
