package cluster

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// A member is a worker that has joined the run.
//
//	from   event                        to
//	–      hello                        lives
//	lives  nothing heard for 3 AckWait  lost
//	lost   it is heard                  lives
//	any    it leaves                    left
type member struct {
	wire.Alive
	heard time.Time
	state memberState
}

type memberState uint8

const (
	lives memberState = iota
	lost
	left
)

// listen subscribes to what workers say.
func (e *Executor) listen() error {
	e.acks = e.nc.NewInbox()
	for subject, handle := range map[string]nats.MsgHandler{
		e.acks + ".*":          e.accepted,
		e.run.Subject("hello"): e.hello,
		e.run.Subject("alive"): e.alive,
		e.run.Subject("took"):  e.tookAgain,
		wire.Here:              func(*nats.Msg) { e.beat() },
		e.exceededAdvisory():   e.exceeded,
	} {
		sub, err := e.nc.Subscribe(subject, handle)
		if err != nil {
			return err
		}
		// what comes is bounded by the flights and the workers
		_ = sub.SetPendingLimits(-1, -1)
		e.subs = append(e.subs, sub)
	}
	e.intake = &intake{e: e, again: make(chan struct{}, 1)}
	return e.intake.open()
}

// beat tells the workers that the coordinator lives.
func (e *Executor) beat() { _ = e.nc.Publish(e.run.Subject("beat"), nil) }

// hello answers a worker that wants to join. An empty request asks only whether
// the coordinator lives.
func (e *Executor) hello(m *nats.Msg) {
	var h wire.Hello
	if len(m.Data) == 0 || json.Unmarshal(m.Data, &h) != nil {
		_ = m.Respond(nil)
		return
	}
	answer := wire.Welcome{AckWait: e.config.AckWait, Patience: e.config.Patience}
	if h.Build != e.session { // which only the worker of this process knows
		if answer.Refused = otherBuild(h.Build); answer.Refused != "" {
			e.mu.Lock()
			e.refused = h.Worker + " was refused: " + answer.Refused
			e.mu.Unlock()
		}
	}
	if answer.Refused == "" {
		e.mu.Lock()
		e.members[h.Worker] = &member{Alive: wire.Alive{Worker: h.Worker, Slots: h.Slots}, heard: time.Now()}
		e.mu.Unlock()
		e.countSlots()
	}
	b, _ := json.Marshal(answer) // strings and numbers
	_ = m.Respond(b)
}

// otherBuild returns why a worker of that build cannot join, or "".
func otherBuild(theirs string) string {
	ours, err := build()
	switch {
	case err != nil:
		return fmt.Sprintf("the coordinator cannot read its executable: %v", err)
	case ours != theirs:
		return fmt.Sprintf("the worker is build %s, the coordinator %s: want the same build of the program",
			theirs, ours)
	}
	return ""
}

// alive notes that a worker lives, or leaves.
func (e *Executor) alive(m *nats.Msg) {
	var a wire.Alive
	if json.Unmarshal(m.Data, &a) != nil {
		return
	}
	e.mu.Lock()
	known := e.members[a.Worker]
	changed := false
	if known != nil {
		state := lives
		if a.Leaving {
			state = left
		}
		changed = known.state != state
		known.Alive, known.heard, known.state = a, time.Now(), state
	}
	e.mu.Unlock()
	if changed {
		e.countSlots()
	}
}

// tookAgain notes which worker has a task that another one had before.
func (e *Executor) tookAgain(m *nats.Msg) {
	var t wire.Took
	if json.Unmarshal(m.Data, &t) != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if f := e.flights[t.Seq]; f != nil && t.Deliveries >= f.took.Deliveries {
		f.took = t
	}
}

// countSlots counts the slots of the workers that live.
func (e *Executor) countSlots() {
	e.mu.Lock()
	e.slots = 0
	for _, m := range e.members {
		if m.state == lives {
			e.slots += m.Slots
		}
	}
	e.mu.Unlock()
	e.wakeSender()
	wakeUp(e.look)
}

// tellSlots tells the server how many tasks the workers hold at most, if that
// has changed. If the server does not answer, careLoop tells it again.
func (e *Executor) tellSlots() {
	e.mu.Lock()
	slots := max(e.slots, 1)
	e.mu.Unlock()
	if e.config.Slots > 0 {
		slots = min(slots, e.config.Slots)
	}
	if slots == e.told {
		return
	}
	ctx, cancel := e.soon()
	defer cancel()
	if e.limitPending(ctx, slots) == nil {
		e.told = slots
	}
}

// A WorkerState is what is known of a worker.
type WorkerState struct {
	Name    string
	Slots   int           // tasks that it runs at a time
	Running int           // tasks that it has
	Done    int           // tasks that it has run
	Refused int           // results that came after another result of the same task
	Spared  int           // tasks given to it again that had a result, and were not run again
	Heard   time.Duration // since it was heard the last time
	Lost    bool          // it has not been heard for a long time
	Left    bool          // it has said that it leaves
}

// Workers returns what is known of the workers that have joined.
func (e *Executor) Workers() []WorkerState {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []WorkerState
	for _, m := range e.members {
		all = append(all, WorkerState{
			m.Worker, m.Slots, m.Running, m.Done, m.Refused, m.Spared, time.Since(m.heard), m.state == lost,
			m.state == left,
		})
	}
	return all
}
