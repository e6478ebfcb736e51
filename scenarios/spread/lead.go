package spread

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor/cluster"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

// How often the clocks are compared: so many questions before and after the
// run, and a few in between.
const (
	manyQuestions = 16
	fewQuestions  = 4
	compareEvery  = 10 * time.Second
)

// soonest is how long before the start the generators hear of it at least.
const soonest = time.Second

// closing is how long the generators have to send what they have once the run
// was interrupted.
const closing = 8 * time.Second

// A Leader has load generators of a NATS server share the arrivals of a run.
// The zero value is valid.
type Leader struct {
	// Follow, if not nil, is called when a run begins, with a function that
	// tells of its generators as they were last heard. Any goroutine may call
	// that, also after the run.
	Follow func(generators func() []State)
}

// A State is what is known of a load generator.
type State struct {
	Worker      string
	Phase       string        // what it does, such as running
	Sent, Ended int           // tasks
	Heard       time.Duration // since it was heard
	Error       time.Duration // by how much its clock may be off, 0 before that is known
	Lost        string        // why it is lost, "" if it is not
}

// Lead has n generators share the arrivals. It is the Spread of a Vocabulary of
// package scenarios: the job is what their [WorkConfig].Generate gets. It calls
// begin with the time at which they begin, and told with the steps of their
// tasks, at most a second after each, of which some may never come. It returns
// what each has recorded, with one [share.Generator] that says whose it is.
// That of a generator that was lost has no samples.
//
// How to be let in by the server is in the URL, or in the environment: see
// [cluster.Access].
func (of Leader) Lead(ctx context.Context, url string, job []byte, n int, begin func(at time.Time),
	told func(harness.Step, record.Sample),
) ([]*record.Recording, error) {
	options, err := access()
	if err != nil {
		return nil, fmt.Errorf("spread: %w", err)
	}
	build, err := cluster.Build()
	if err != nil {
		return nil, fmt.Errorf("spread: the executable cannot be read, so no generator can be known: %w", err)
	}
	l := newLeader(job, n, build)
	l.told = told
	if of.Follow != nil {
		of.Follow(l.states)
	}
	if l.nc, err = cluster.Connect(url, "teapot "+string(l.run), nil, options...); err != nil {
		return nil, fmt.Errorf("spread: %w", err)
	}
	defer l.nc.Close()
	recordings, err := l.lead(ctx, begin)
	if err != nil {
		return nil, fmt.Errorf("spread: %w", l.nc.Explain(err))
	}
	return recordings, nil
}

// A leader leads one run.
type leader struct {
	run   runID
	n     int
	job   []byte
	build string
	told  func(harness.Step, record.Sample)
	clock clock
	nc    *cluster.Conn

	changed chan struct{} // holds one: something was heard

	mu      sync.Mutex
	members []*member
	refused string // why the last one was
}

// A member is a generator that has a part in the run.
type member struct {
	index  int
	worker string
	heard  time.Time
	row    row
	told   time.Duration // when it is to begin, by its clock
	asked  [][]share.Exchange
	parcel parcel
	lost   string // why, "" if it is not
}

// ended reports whether nothing more is to come. The caller holds the leader's
// mu.
func (m *member) ended() bool { return m.lost != "" || m.parcel.whole() && m.row.Phase == done }

func newLeader(job []byte, n int, build string) *leader {
	return &leader{
		run: runID(rand.Text()[:16]), n: n, job: job, build: build, told: func(harness.Step, record.Sample) {},
		clock: newClock(), changed: make(chan struct{}, 1),
	}
}

// lead leads the run.
func (l *leader) lead(ctx context.Context, begin func(at time.Time)) ([]*record.Recording, error) {
	if most := l.nc.MaxPayload(); int64(len(l.job))*4/3+1024 > most {
		return nil, fmt.Errorf("the scenario has %d bytes: the server takes messages of up to %d", len(l.job), most)
	}
	begun, left := make(chan struct{}), make(chan struct{})
	defer close(left)
	steps := func(m *nats.Msg) {
		select {
		case <-begun: // told comes after begin
			readSteps(m.Data, l.told)
		case <-left:
		}
	}
	for subject, handle := range map[string]nats.MsgHandler{
		l.run.subject("hello"): l.hello, l.run.subject("row"): l.tell, l.run.subject("piece"): l.piece,
		l.run.subject("steps"): steps, heres: func(*nats.Msg) { l.call() },
	} {
		sub, err := l.nc.Subscribe(subject, handle)
		if err != nil {
			return nil, err
		}
		_ = sub.SetPendingLimits(-1, -1) // a generator has one piece and one row on its way
		defer sub.Unsubscribe()
	}
	over := func() {
		_ = l.nc.Publish(l.run.subject("over"), nil)
		_ = l.nc.FlushTimeout(answering)
	}
	defer over()
	if err := l.gather(ctx); err != nil {
		return nil, err
	}
	l.compare(manyQuestions)
	at, err := l.start()
	if err != nil {
		return nil, err
	}
	begin(l.clock.at(at))
	close(begun)
	l.attend(ctx)
	l.compare(manyQuestions)
	return l.recordings(at), nil
}

// compare asks all generators that live what time it is.
func (l *leader) compare(questions int) {
	var all sync.WaitGroup
	for _, m := range l.living() {
		all.Go(func() {
			var batch []share.Exchange
			for range questions {
				e, err := l.ask(m)
				if err != nil {
					break // whether it is lost is for its rows to say
				}
				batch = append(batch, e)
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			m.asked = append(m.asked, batch)
		})
	}
	all.Wait()
}

// living returns the generators that are not lost.
func (l *leader) living() (all []*member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.members {
		if m.lost == "" {
			all = append(all, m)
		}
	}
	return all
}

// ask asks a generator what time it is.
func (l *leader) ask(m *member) (e share.Exchange, err error) {
	e.Asked = l.clock.now()
	answer, err := l.nc.Request(l.run.to(m.index, "clock"), nil, answering)
	e.Answered = l.clock.now()
	if err == nil && !unpack(answer, &e.Said) {
		err = errors.New("an answer that is no time")
	}
	return e, err
}

// start tells the generators when to begin, each by its own clock, and returns
// when that is by this one.
func (l *leader) start() (at time.Duration, err error) {
	lead := soonest
	l.mu.Lock()
	members := l.members
	for _, m := range members {
		for _, e := range m.asked[len(m.asked)-1] {
			lead = max(lead, 20*(e.Answered-e.Asked))
		}
	}
	l.mu.Unlock()
	at = l.clock.now() + lead
	var all sync.WaitGroup
	errs := make([]error, len(members))
	for i, m := range members {
		all.Go(func() { errs[i] = l.tellStart(m, at) })
	}
	all.Wait()
	return at, errors.Join(errs...)
}

func (l *leader) tellStart(m *member, at time.Duration) error {
	clock, known := share.Compare(m.asked...)
	if !known {
		return fmt.Errorf("load generator %d, %s, does not say what time it is", m.index+1, m.worker)
	}
	m.told = clock.There(at)
	answer, err := l.nc.Request(l.run.to(m.index, "go"), pack(start{m.told}), answering)
	var late lateness
	switch {
	case err != nil:
		return fmt.Errorf("load generator %d, %s, was told to begin: %w", m.index+1, m.worker, err)
	case !unpack(answer, &late):
		return fmt.Errorf("load generator %d, %s, was told to begin: an answer that is no time", m.index+1, m.worker)
	case late.By > 0:
		return fmt.Errorf("load generator %d, %s, was told to begin %v too late: want a nearer server", m.index+1,
			m.worker, late.By)
	}
	return nil
}

// attend waits until all generators have ended, or ctx is done, and then until
// they have sent what they have.
func (l *leader) attend(ctx context.Context) {
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	var clocks sync.WaitGroup
	clocks.Go(func() {
		tick := time.NewTicker(compareEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				l.compare(fewQuestions)
			case <-watch.Done():
				return
			}
		}
	})
	ended := func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, m := range l.members {
			if !m.ended() {
				return false
			}
		}
		return true
	}
	l.until(ctx, ended)
	if ctx.Err() != nil {
		_ = l.nc.Publish(l.run.subject("stop"), nil)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		l.until(last, ended)
		cancel()
	}
	stop()
	clocks.Wait()
}
