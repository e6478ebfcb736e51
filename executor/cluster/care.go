package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// The rhythm of a run: how often in an AckWait the coordinator and the workers
// say that they live, and after how many the other side takes them for gone.
const (
	beatsPerWait = 5
	goneAfter    = 3
)

func (e *Executor) beatEvery() time.Duration { return e.config.AckWait / beatsPerWait }

// keptResults is how many results stay in the stream after their tasks are
// gone, for workers that come back late with another one.
const keptResults = 4096

// beatLoop does, until the executor is done, what must be done in time.
func (e *Executor) beatLoop() {
	tick := time.NewTicker(e.beatEvery())
	defer tick.Stop()
	for {
		e.beat()
		e.watchMembers()
		e.recancel()
		e.watchPatience()
		select {
		case <-tick.C:
		case <-e.life.Done():
			return
		}
	}
}

// careLoop asks the server, until the executor is done, what has become of
// tasks. It may have to wait for the answers.
func (e *Executor) careLoop() {
	tick := time.NewTicker(e.config.AckWait)
	defer tick.Stop()
	if e.config.URL != "" {
		e.deleteOrphans()
	}
	for {
		select {
		case <-e.look:
			e.tellSlots()
			continue
		case <-tick.C:
		case <-e.life.Done():
			return
		}
		e.tellSlots()
		e.publishAgain()
		e.findExhausted()
		e.giveUpLost()
		e.purge()
	}
}

// soon bounds a call of the server that is made again if it fails.
func (e *Executor) soon() (context.Context, context.CancelFunc) {
	return context.WithTimeout(e.life, e.config.AckWait)
}

// watchMembers takes workers for lost that have not been heard.
func (e *Executor) watchMembers() {
	e.mu.Lock()
	changed := false
	for _, m := range e.members {
		if m.state == lives && time.Since(m.heard) > goneAfter*e.config.AckWait {
			m.state, changed = lost, true
		}
	}
	e.mu.Unlock()
	if changed {
		e.countSlots()
	}
}

// recancel tells workers that were not there before which contexts are done.
func (e *Executor) recancel() {
	causes := map[uint64]error{}
	e.mu.Lock()
	for seq, f := range e.flights {
		if f.cancelled {
			causes[seq] = context.Cause(f.ctx)
		}
	}
	e.mu.Unlock()
	for seq, cause := range causes {
		e.publishCancel(seq, cause)
	}
}

// publishAgain sends tasks again that the stream has not answered for, unless
// it has them: a lost answer does not make a task run twice.
func (e *Executor) publishAgain() {
	bodies := map[uint64][]byte{}
	e.mu.Lock()
	for seq, f := range e.flights {
		if f.body != nil && time.Since(f.sent) > e.config.AckWait {
			bodies[seq] = f.body
		}
	}
	e.mu.Unlock()
	for seq, body := range bodies {
		ctx, cancel := e.soon()
		has, number, err := e.has(ctx, seq)
		cancel()
		switch {
		case err != nil:
			return // the server is away, or slow: the next time
		case !has:
			e.publish(seq, body)
			continue
		}
		e.mu.Lock()
		if f := e.flights[seq]; f != nil {
			f.body, f.stream = nil, max(f.stream, number)
		}
		e.mu.Unlock()
	}
}

// has reports whether a task is in its stream, or has been there and has a
// result.
func (e *Executor) has(ctx context.Context, seq uint64) (has bool, number uint64, err error) {
	m, err := e.tasks.GetLastMsgForSubject(ctx, e.run.Task(seq))
	if err == nil {
		return true, m.Sequence, nil
	}
	if !errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, 0, err
	}
	_, err = e.results.GetLastMsgForSubject(ctx, e.run.Result(seq))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, 0, nil
	}
	return err == nil, 0, err
}

func (e *Executor) exceededAdvisory() string {
	return "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES." + e.run.Stream(taskStream) + "." + consumerName
}

// exceeded hears from the server that a task was delivered for the last time
// and has not come back.
func (e *Executor) exceeded(m *nats.Msg) {
	var advisory struct {
		Number uint64 `json:"stream_seq"`
	}
	if json.Unmarshal(m.Data, &advisory) == nil {
		e.giveUp(advisory.Number)
	}
}

// findExhausted looks for tasks that were delivered for the last time, of which
// nothing was heard because the advisory was lost.
func (e *Executor) findExhausted() {
	e.mu.Lock()
	waiting := len(e.flights)
	e.mu.Unlock()
	if waiting == 0 {
		return
	}
	ctx, cancel := e.soon()
	defer cancel()
	c, err := e.tasks.Consumer(ctx, consumerName)
	if e.lost(err) || err != nil {
		return
	}
	state, err := c.Info(ctx)
	if err != nil || state.NumPending > 0 || state.NumAckPending > 0 {
		return
	}
	info, err := e.tasks.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return
	}
	// Nothing waits and nothing is held: what is left was given up.
	for number := info.State.FirstSeq; number <= state.Delivered.Stream; number++ {
		if _, err := e.tasks.GetMsg(ctx, number); err == nil {
			e.giveUp(number)
		}
	}
}

// giveUpLost ends tasks that were delivered for the last time, to a worker that
// is lost. The server tells of them only once another worker asks for a task,
// and there may be none: the task may have killed them all.
func (e *Executor) giveUpLost() {
	var numbers []uint64
	e.mu.Lock()
	for _, f := range e.flights {
		m := e.members[f.took.Worker]
		if int(f.took.Deliveries) >= e.config.Deliveries && f.stream > 0 && (m == nil || m.state != lives) {
			numbers = append(numbers, f.stream)
		}
	}
	e.mu.Unlock()
	for _, number := range numbers {
		e.giveUp(number)
	}
}

// giveUp makes an error the result of a task, by its number in the stream. If
// there is a result, the stream refuses the error.
func (e *Executor) giveUp(number uint64) {
	ctx, cancel := e.soon()
	defer cancel()
	m, err := e.tasks.GetMsg(ctx, number)
	if err != nil {
		return // it is gone, or the server is: findExhausted comes again
	}
	seq := wire.Seq(m.Subject)
	e.mu.Lock()
	f := e.flights[seq]
	e.mu.Unlock()
	if f != nil {
		b := wire.AppendResult(nil, "", 0, f.r.Len())
		for range f.r.Len() {
			b = wire.AppendLost(b, uint64(e.config.Deliveries), f.took.Worker, false)
		}
		if _, err := e.js.Publish(ctx, e.run.Result(seq), b); err != nil && !isSecond(err) {
			return
		}
	}
	_ = e.tasks.DeleteMsg(ctx, number)
}

// isSecond reports whether a stream has refused a message because there is one
// of its subject.
func isSecond(err error) bool {
	api, ok := errors.AsType[*jetstream.APIError](err)
	return ok && api.ErrorCode == secondOfSubject
}

// purge removes results from the stream that no worker can repeat, because the
// task is gone, so that a long run needs no more memory than a short one.
func (e *Executor) purge() {
	e.mu.Lock()
	n := len(e.trail)
	e.mu.Unlock()
	if n <= keptResults {
		return
	}
	ctx, cancel := e.soon()
	defer cancel()
	info, err := e.tasks.Info(ctx)
	if err != nil {
		return
	}
	e.mu.Lock()
	var until uint64
	for len(e.trail) > keptResults && e.trail[0].task < info.State.FirstSeq {
		until = e.trail[0].result
		e.trail = e.trail[1:]
	}
	e.mu.Unlock()
	if until > 0 {
		_ = e.results.Purge(ctx, jetstream.WithPurgeSequence(until+1))
	}
}

// setParted notes when the connection was lost, or that it is there again.
func (e *Executor) setParted(parted bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.parted = (time.Time{}); parted {
		e.parted = time.Now()
	} else if e.intake != nil {
		wakeUp(e.intake.again) // what was on its way is lost
	}
}

// watchPatience breaks the executor when it waits in vain.
func (e *Executor) watchPatience() {
	e.mu.Lock()
	work := e.queued + len(e.flights)
	if work == 0 || e.slots > 0 || e.draining() {
		e.alone = time.Time{}
	} else if e.alone.IsZero() {
		e.alone = time.Now()
	}
	late := func(since time.Time) bool { return !since.IsZero() && time.Since(since) > e.config.Patience }
	parted, alone := late(e.parted), late(e.alone)
	hint := cmp.Or(e.refused, "want processes that call cluster.Work, or Config.Workers")
	e.mu.Unlock()
	switch {
	case work == 0:
	case parted:
		e.breakWith(fmt.Errorf("cluster: no connection to the server for %v", e.config.Patience))
	case alone:
		e.breakWith(fmt.Errorf("cluster: no worker for %v: %s", e.config.Patience, hint))
	}
}

// draining reports whether a worker that leaves still has tasks. The caller
// holds mu.
func (e *Executor) draining() bool {
	for _, m := range e.members {
		if m.state == left && m.Running > 0 && time.Since(m.heard) < goneAfter*e.config.AckWait {
			return true
		}
	}
	return false
}

// lost breaks the executor, and reports true, if an error says that the streams
// are gone.
func (e *Executor) lost(err error) bool {
	gone := errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, jetstream.ErrConsumerNotFound)
	if gone {
		e.breakWith(fmt.Errorf("cluster: the server has lost the run: %w", err))
	}
	return gone
}
