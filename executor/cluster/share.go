package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// A share is a worker's part in one run. It asks the consumer for as many tasks
// as it has free slots, one task a request, so that no task waits here while
// another worker is free.
//
//	from     event                                        to
//	joins    the coordinator says welcome                 works
//	joins    the coordinator refuses it, or is not there  (no share)
//	works    ctx is done                                  leaves
//	works    the run is over, or no beat for 3 AckWait    leaves; contexts end
//	leaves   the tasks have ended                         (no share), or gone
//	gone     a beat                                       joins
//	gone     no beat for twice the patience               (no streams)
//
// A slot is free, asked for (a pull), or held by a task:
//
//	from   event                          to
//	free   a pull is sent                 asked
//	asked  a task comes                   held
//	asked  the pull is over, or lost      free
//	held   the task has been answered     asked, by the same message
type share struct {
	w        *worker
	run      wire.Run
	ackWait  time.Duration
	patience time.Duration // of the coordinator
	next     string        // the subject of pulls
	inbox    string        // where tasks come
	pulls    *nats.Subscription
	subs     []*nats.Subscription
	life     context.Context // of the tasks
	end      context.CancelCauseFunc
	over     chan struct{} // closed when the run is over
	once     sync.Once
	hands    sync.WaitGroup // tasks

	mu      sync.Mutex
	held    map[uint64]*hand
	slots   sync.Cond // a slot may be free
	running int
	asked   int
	leaving bool
	ended   map[uint64]error // contexts that are done of tasks that have not come
	order   []uint64         // of ended
	heard   time.Time        // the last beat
	answer  time.Time        // the last answer to a pull
	said    wire.Alive
}

// pullTime is how long the server keeps a pull.
const pullTime = 10 * time.Second

// mostEnded bounds the contexts that a share remembers.
const mostEnded = 1024

// The causes of the contexts of tasks of a run that is left.
var (
	errCoordinatorGone = errors.New("cluster: the coordinator of the run is gone")
	errRunOver         = errors.New("cluster: the run is over")
)

// open joins a run.
func (w *worker) open(run wire.Run) (*share, error) {
	now := time.Now()
	s := &share{
		w: w, run: run, over: make(chan struct{}), held: map[uint64]*hand{}, ended: map[uint64]error{},
		next:  "$JS.API.CONSUMER.MSG.NEXT." + run.Stream(taskStream) + "." + consumerName,
		inbox: w.nc.NewInbox(), heard: now, answer: now, said: wire.Alive{Worker: w.name, Slots: w.slots},
	}
	s.slots.L = &s.mu
	s.life, s.end = context.WithCancelCause(context.WithValue(context.Background(), nestKey{}, w.nested))
	for subject, handle := range map[string]nats.MsgHandler{
		run.Subject("cancel"): s.cancel,
		run.Subject("stop"):   func(*nats.Msg) { s.once.Do(func() { close(s.over) }) },
	} {
		sub, err := w.nc.Subscribe(subject, handle)
		if err != nil {
			return nil, s.abandon(err)
		}
		s.subs = append(s.subs, sub)
	}
	hello, _ := json.Marshal(wire.Hello{Worker: w.name, Slots: w.slots, Build: w.build})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	m, err := w.nc.RequestWithContext(ctx, run.Subject("hello"), hello)
	if err != nil {
		return nil, s.abandon(fmt.Errorf("the coordinator does not answer: %w", err))
	}
	var welcome wire.Welcome
	if err := json.Unmarshal(m.Data, &welcome); err != nil {
		return nil, s.abandon(err)
	}
	if welcome.Refused != "" {
		return nil, s.abandon(fmt.Errorf("%w: %s", errRefused, welcome.Refused))
	}
	s.ackWait, s.patience = welcome.AckWait, welcome.Patience
	if s.pulls, err = w.nc.Subscribe(s.inbox, s.receive); err != nil {
		return nil, s.abandon(err)
	}
	w.mu.Lock()
	w.shares[run] = s
	w.mu.Unlock()
	return s, nil
}

// abandon undoes what open has done, and returns its error.
func (s *share) abandon(err error) error {
	s.unsubscribe()
	s.end(nil)
	return err
}

func (s *share) unsubscribe() {
	for _, sub := range s.subs {
		_ = sub.Unsubscribe()
	}
}

// work runs tasks until the run is over or ctx is done, and returns why it has
// ended. It waits for the tasks that it has, but not for ever if they do not
// heed that their contexts are done.
func (s *share) work(ctx context.Context) (why string) {
	alive, progress := time.NewTicker(s.ackWait/beatsPerWait), time.NewTicker(s.ackWait/3)
	defer alive.Stop()
	defer progress.Stop()
	asked, over := ctx.Done(), s.over
	var ended chan struct{}
	var late <-chan time.Time
	leave := func(reason string, cause error) {
		if why = cmp.Or(why, reason); ended == nil {
			ended = s.leave()
		}
		if cause != nil && late == nil {
			s.end(cause)
			late = time.After(goneAfter * s.ackWait)
		}
	}
	s.pull()
	for {
		select {
		case <-alive.C:
			s.sayAlive()
			s.pullLost()
			if s.silence() > goneAfter*s.ackWait {
				leave("the coordinator is gone", errCoordinatorGone)
			}
		case <-progress.C:
			s.sayProgress()
		case <-over:
			over = nil
			leave("the run is over", errRunOver)
		case <-asked:
			asked = nil
			leave("the worker was asked to leave", nil)
		case <-ended:
			s.close()
			return why
		case <-late:
			s.close()
			return why + ", and tasks do not end whose contexts are done"
		}
	}
}

// leave takes no more tasks. It returns a channel that is closed when the tasks
// that the worker has have ended.
func (s *share) leave() (ended chan struct{}) {
	s.mu.Lock()
	s.leaving = true
	s.mu.Unlock()
	_ = s.pulls.Unsubscribe()
	s.flush() // now the server sends no more
	ended = make(chan struct{})
	go func() {
		s.hands.Wait()
		close(ended)
	}()
	return ended
}

// close says goodbye.
func (s *share) close() {
	s.sayAlive()
	s.unsubscribe()
	s.end(nil)
	s.flush()
}

// flush waits until the server has what was published, or a while.
func (s *share) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), s.ackWait)
	defer cancel()
	_ = s.w.nc.FlushWithContext(ctx)
}

// isGone reports whether the worker has left because the coordinator is gone.
func (s *share) isGone() bool { return context.Cause(s.life) == errCoordinatorGone }

// bury waits until a coordinator that is gone has had time to come back. It
// returns false if it has. Else it deletes the streams of the run, which the
// coordinator can do no more.
func (s *share) bury(ctx context.Context) (over bool) {
	tick := time.NewTicker(s.ackWait / beatsPerWait)
	defer tick.Stop()
	for {
		switch silence := s.silence(); {
		case silence < s.ackWait:
			return false
		case silence > 2*s.patience:
			ctx, cancel := context.WithTimeout(context.Background(), s.ackWait)
			defer cancel()
			if isOrphan(ctx, s.w.nc.Conn, s.run) {
				deleteStreams(ctx, s.w.js, s.run)
			}
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return true
		}
	}
}

func (s *share) heardBeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = time.Now()
}

func (s *share) silence() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.heard)
}

func (s *share) doneTasks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Done
}

// sayAlive tells the coordinator that the worker lives, or leaves.
func (s *share) sayAlive() {
	s.mu.Lock()
	s.said.Running = len(s.held)
	s.said.Leaving = s.leaving
	b, _ := json.Marshal(s.said) // strings and numbers
	s.mu.Unlock()
	_ = s.w.nc.Publish(s.run.Subject("alive"), b)
}

// sayProgress keeps the server from giving the tasks to other workers.
func (s *share) sayProgress() {
	s.mu.Lock()
	var replies []string
	for _, h := range s.held {
		replies = append(replies, h.m.Reply)
	}
	s.mu.Unlock()
	for _, reply := range replies {
		_ = s.w.nc.Publish(reply, []byte("+WPI"))
	}
}

// pull asks for as many tasks as there are free slots.
func (s *share) pull() {
	s.mu.Lock()
	n := 0
	for ; !s.leaving && s.asked+len(s.held) < s.w.slots; s.asked++ {
		n++
	}
	s.mu.Unlock()
	for range n {
		_ = s.w.nc.PublishRequest(s.next, s.inbox, pullOne)
	}
}

var pullOne = fmt.Appendf(nil, `{"batch":1,"expires":%d}`, pullTime)

// pullAgain sends all pulls again.
func (s *share) pullAgain() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.asked = 0
	s.answer = time.Now()
	s.mu.Unlock()
	s.pull()
}

// pullLost sends the pulls again if the server has answered none of them in
// time: it has forgotten them.
func (s *share) pullLost() {
	s.mu.Lock()
	late := s.asked > 0 && time.Since(s.answer) > pullTime+5*time.Second
	s.mu.Unlock()
	if late {
		s.pullAgain()
	} else {
		s.pull()
	}
}

// receive takes the answer to a pull: a task, or that the pull is over.
func (s *share) receive(m *nats.Msg) {
	status := m.Header.Get("Status")
	h := newHand(s, m)
	s.mu.Lock()
	s.answer = time.Now()
	s.asked = max(s.asked-1, 0)
	if status == "" && h != nil {
		if old := s.held[h.seq]; old != nil {
			old.m = m // it was taken for lost, and given to this worker again
			s.mu.Unlock()
			return
		}
		s.held[h.seq] = h
		s.hands.Add(1)
	}
	s.mu.Unlock()
	switch {
	case status == "" && h != nil:
		go h.run()
	case status == "408": // its time is over
		s.pull()
	} // else there is no consumer: work asks again later, or hears that the run is over
}

// cancel hears that the context of a task is done. The task may come only now.
func (s *share) cancel(m *nats.Msg) {
	seq, cause := wire.ReadCancel(m.Data)
	s.mu.Lock()
	h := s.held[seq]
	if h == nil && s.ended[seq] == nil {
		if len(s.order) == mostEnded {
			delete(s.ended, s.order[0])
			s.order = s.order[1:]
		}
		s.ended[seq] = cause
		s.order = append(s.order, seq)
	}
	s.mu.Unlock()
	if h != nil {
		h.stop(cause)
	}
}

// stored asks a stream whether it has a message of a subject, which it returns.
func (s *share) stored(ctx context.Context, which, subject string) (*jetstream.RawStreamMsg, error) {
	stream, err := s.w.js.Stream(ctx, s.run.Stream(which))
	if err != nil {
		return nil, err
	}
	return stream.GetLastMsgForSubject(ctx, subject)
}
