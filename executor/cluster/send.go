package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
)

// A flight is a task that has been sent and has no result yet.
//
//	sent      the message is on its way to the stream; body is kept
//	accepted  the stream has it under the number stream; body is nil
//
//	from      event                                        to
//	sent      the stream answers                           accepted
//	sent      no answer for AckWait, and it is not there   sent, again
//	any       the result comes                             (no flight)
//	any       the executor breaks                          (no flight)
type flight struct {
	r         executor.Remote
	ctx       context.Context
	body      []byte
	sent      time.Time
	stream    uint64
	stop      func() bool // ends the watch on the context
	cancelled bool        // the workers must be told
	took      wire.Took   // the last worker that got it after another one
}

// sendLoop sends tasks until the executor is done. If a callback of a task ends
// the goroutine, a new one goes on.
func (e *Executor) sendLoop() {
	over := false
	defer func() {
		if !over {
			e.loops.Go(e.sendLoop)
		}
	}()
	for {
		j := e.next()
		if j == nil {
			over = true
			return
		}
		e.send(j)
	}
}

// next waits for a task that may be sent. It returns nil when there will be no
// more.
func (e *Executor) next() *job {
	for {
		e.mu.Lock()
		e.checkIdle()
		if e.queued > 0 && e.broken == nil && len(e.flights) < e.room() {
			j, _ := e.queue.Take()
			e.queued--
			e.seq++
			e.flights[e.seq] = &flight{r: j.r, sent: time.Now()} // so that it is not idle in between
			e.mu.Unlock()
			return j
		}
		e.mu.Unlock()
		select {
		case <-e.wake:
		case <-e.life.Done():
			return nil
		}
	}
}

// room returns how many tasks may be in flight: as many as the workers have
// slots, and more while tasks are short. The caller holds mu.
func (e *Executor) room() int {
	if e.config.Slots > 0 {
		return min(e.slots, e.config.Slots) // none ahead: the workers may have more slots
	}
	ahead := 0
	for _, r := range e.rates {
		n := r.ahead(e.slots)
		if n == 0 {
			return e.slots // behind a long one the others would wait
		}
		ahead = max(ahead, n)
	}
	return e.slots + ahead
}

// checkIdle notes that nothing is left to do after Shutdown. The caller holds
// mu.
func (e *Executor) checkIdle() {
	if e.shut && e.queued == 0 && len(e.flights) == 0 && !e.isIdle {
		e.isIdle = true
		close(e.idle)
	}
}

// send starts a task that next has returned: it is running from now on.
func (e *Executor) send(j *job) {
	e.mu.Lock()
	seq := e.seq // only sendLoop changes it
	e.mu.Unlock()
	begun := false
	defer func() {
		if !begun {
			e.land(seq)
		}
	}()
	ctx, ok := j.r.Begin()
	if !ok {
		return
	}
	def := j.r.Definition()
	body := wire.AppendTask(make([]byte, 0, 64+len(j.inputs)), ctx, def.Name(), def.Signature(), e.config.Once)
	body = append(body, j.inputs...)

	e.mu.Lock()
	f := e.flights[seq]
	if f == nil { // broken since
		e.mu.Unlock()
		fail(j.r, e.breakage())
		return
	}
	f.ctx, f.body = ctx, body
	if ctx.Done() != nil {
		e.loops.Add(1)
		f.stop = context.AfterFunc(ctx, func() {
			defer e.loops.Done()
			e.cancel(seq, ctx)
		})
	}
	begun = true
	e.mu.Unlock()
	e.publish(seq, body)
}

// publish sends a task to the stream, which answers to accepted. An error shows
// itself by the missing answer.
func (e *Executor) publish(seq uint64, body []byte) {
	_ = e.nc.PublishRequest(e.run.Task(seq), fmt.Sprintf("%s.%d", e.acks, seq), body)
}

// accepted notes the stream's answer to a task.
func (e *Executor) accepted(m *nats.Msg) {
	var s stored
	if json.Unmarshal(m.Data, &s) != nil || s.Error != nil && !s.refusedSecond() {
		return // such as no responders: careLoop sends it again
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if f := e.flights[wire.Seq(m.Subject)]; f != nil {
		f.body, f.stream = nil, max(f.stream, s.Sequence)
	}
}

// cancel tells the workers that the context of a task is done. One that has not
// started the task yet will not. careLoop tells those that join later.
func (e *Executor) cancel(seq uint64, ctx context.Context) {
	e.mu.Lock()
	f := e.flights[seq]
	if f != nil {
		f.cancelled = true
	}
	e.mu.Unlock()
	if f != nil {
		e.publishCancel(seq, context.Cause(ctx))
	}
}

func (e *Executor) publishCancel(seq uint64, cause error) {
	_ = e.nc.Publish(e.run.Subject("cancel"), wire.AppendCancel(nil, seq, cause))
}

// land removes a flight, so that its slot is free.
func (e *Executor) land(seq uint64) *flight {
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.flights[seq]
	delete(e.flights, seq)
	if f != nil {
		e.unwatch(f)
	}
	e.checkIdle()
	e.wakeSender()
	return f
}

// unwatch ends the watch on the context of a task that is no longer in flight.
func (e *Executor) unwatch(f *flight) {
	if f.stop != nil && f.stop() {
		e.loops.Done()
	}
}

// fail ends all inputs of a task that has begun.
func fail(r executor.Remote, err error) {
	for i := range r.Len() {
		r.End(i, err)
	}
}
