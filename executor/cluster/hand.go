package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/cluster/internal/wire"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
)

// A hand is a task that a worker has. It is done in this order, so that a
// worker that is lost at any point loses nothing:
//
//	claim    if the task may start only once
//	serve    run the function
//	answer   send the result, until the stream has one
//	acknowledge
//
// A worker that is lost before the answer leaves the task to another one. One
// that is lost after it leaves a message that the next worker finds answered.
type hand struct {
	s          *share
	m          *nats.Msg // guarded by the share's mu: it may come again
	seq        uint64
	deliveries uint64
	task       wire.Task
	ctx        context.Context
	stop       context.CancelCauseFunc
	err        error // why the task cannot be read
	result     []byte
	encoder    codec.Encoder
	decoder    codec.Decoder
}

// newHand reads a task. It returns nil if the message is none.
func newHand(s *share, m *nats.Msg) *hand {
	meta, err := m.Metadata()
	if err != nil {
		return nil
	}
	h := &hand{s: s, m: m, seq: wire.Seq(m.Subject), deliveries: meta.NumDelivered}
	h.task, h.err = wire.ReadTask(m.Data)
	h.ctx, h.stop = context.WithCancelCause(h.task.Ctx)
	return h
}

// run does what is to be done with the task.
func (h *hand) run() {
	defer h.s.hands.Done()
	defer h.task.Cancel(nil)
	defer h.stop(nil)
	h.take()
	defer h.drop()
	if h.deliveries > 1 && h.isAnswered() {
		h.acknowledge()
		return
	}
	switch took, claimed := h.claim(); {
	case claimed:
		h.serve()
	case took != "":
		h.result = wire.AppendResult(nil, h.s.w.name, 0, h.task.Count)
		for range h.task.Count {
			h.result = wire.AppendLost(h.result, h.deliveries, took, true)
		}
	default:
		return // the run is over
	}
	if h.answer() {
		h.acknowledge()
	}
}

// take waits for a slot, which is free unless the server has answered more
// pulls than it was sent.
func (h *hand) take() {
	s := h.s
	s.mu.Lock()
	for s.running >= s.w.slots {
		s.slots.Wait()
	}
	s.running++
	cause := s.ended[h.seq]
	s.mu.Unlock()
	if cause != nil {
		h.stop(cause)
	}
}

// drop frees the slot.
func (h *hand) drop() {
	s := h.s
	s.mu.Lock()
	s.running--
	if s.held[h.seq] == h {
		delete(s.held, h.seq)
	}
	s.slots.Signal()
	s.mu.Unlock()
	s.pull()
}

// isAnswered reports whether a task that was given to a worker before has a
// result. If not, the coordinator hears who has the task now.
func (h *hand) isAnswered() bool {
	s := h.s
	ctx, cancel := context.WithTimeout(s.life, s.ackWait)
	defer cancel()
	if _, err := s.stored(ctx, resultStream, s.run.Result(h.seq)); err == nil {
		s.mu.Lock()
		s.said.Spared++
		s.mu.Unlock()
		return true
	}
	b, _ := json.Marshal(wire.Took{Worker: s.w.name, Seq: h.seq, Deliveries: h.deliveries})
	_ = s.w.nc.Publish(s.run.Subject("took"), b)
	s.flush() // before the task, which may be what kills workers
	return false
}

// claim reports whether the task may start. If not, it returns the worker that
// has started it, or "" when the run is over.
func (h *hand) claim() (by string, ok bool) {
	if !h.task.Once {
		return "", true
	}
	s := h.s
	// the number tells this delivery from an earlier one to the same worker
	own := fmt.Sprintf("%s#%d", s.w.name, h.deliveries)
	subject := s.run.Claim(h.seq)
	for {
		reply, err := h.store(subject, []byte(own))
		switch {
		case err != nil:
			return "", false
		case reply.Error == nil:
			return "", true
		}
		ctx, cancel := context.WithTimeout(s.life, s.ackWait)
		m, err := s.stored(ctx, claimStream, subject)
		cancel()
		if err == nil && string(m.Data) == own {
			return "", true // the answer to the first try was lost
		}
		if err == nil {
			return string(m.Data), false
		}
		if s.life.Err() != nil {
			return "", false
		}
	}
}

// store publishes to a stream until the stream answers. It gives up when the
// run is over.
func (h *hand) store(subject string, data []byte) (reply stored, err error) {
	s := h.s
	for {
		ctx, cancel := context.WithTimeout(s.life, s.ackWait)
		m, err := s.w.nc.RequestWithContext(ctx, subject, data)
		cancel()
		switch {
		case err == nil && json.Unmarshal(m.Data, &reply) == nil && (reply.Error == nil || reply.refusedSecond()):
			return reply, nil
		case s.life.Err() != nil:
			return reply, s.life.Err()
		case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrConnectionClosed):
			return reply, err
		}
		pause := time.NewTimer(s.ackWait / beatsPerWait) // such as no responders
		select {
		case <-pause.C:
		case <-s.life.Done():
		}
		pause.Stop()
	}
}

// serve runs the function for every input.
func (h *hand) serve() {
	began := time.Now()
	ctx := h.ctx
	over := context.AfterFunc(h.s.life, func() { h.stop(context.Cause(h.s.life)) })
	defer over()
	if h.s.w.nested != nil {
		ctx = context.WithValue(ctx, nestKey{}, h.s.w.nested)
	}
	def, err := h.definition()
	var answers []byte
	for range h.task.Count {
		how, data := h.task.Inputs.Byte(), h.task.Inputs.Bytes()
		switch {
		case err != nil:
			answers = codec.AppendOutcome(answers, err, nil)
		case how&^codec.Fresh != codec.Value: // it could not be encoded
			answers = codec.AppendBytes(append(answers, how), data)
		default:
			answers = h.call(ctx, def, how, data, answers)
		}
	}
	h.result = append(wire.AppendResult(nil, h.s.w.name, time.Since(began), h.task.Count), answers...)
}

// definition returns the function that the task names.
func (h *hand) definition() (executor.Definition, error) {
	if h.err != nil {
		return nil, fmt.Errorf("cluster: worker %s: %w", h.s.w.name, h.err)
	}
	def := h.s.w.lookup(h.task.Name)
	switch {
	case def == nil:
		return nil, fmt.Errorf("cluster: worker %s does not know the task %q: it must be among the definitions that "+
			"are given to cluster.Work", h.s.w.name, h.task.Name)
	case def.Signature() != h.task.Signature:
		return nil, fmt.Errorf("cluster: the task %q is a %s here and a %s in worker %s", h.task.Name, h.task.Signature,
			def.Signature(), h.s.w.name)
	}
	return def, nil
}

// call runs the function for one input, in a goroutine that the function may
// end.
func (h *hand) call(ctx context.Context, def executor.Definition, how byte, data, answers []byte) []byte {
	decode := func(in any) error {
		if err := h.decoder.Decode(how, data, in); err != nil {
			return fmt.Errorf("cluster: the input of %q cannot be decoded: %w", def.Name(), err)
		}
		return nil
	}
	encode := func(out any) (err error) {
		if answers, err = h.encoder.Append(answers, codec.Value, out); err != nil {
			return fmt.Errorf("cluster: the result of %q cannot be encoded: %w", def.Name(), err)
		}
		return nil
	}
	contain.Run(func() {
		def.Serve(ctx, decode, encode, func(err error) {
			if err != nil {
				answers = codec.AppendOutcome(answers, err, def.Kinds())
			}
		})
	})
	return answers
}

// answer sends the result, and reports whether the stream has one of the task.
func (h *hand) answer() bool {
	s := h.s
	if largest := int(s.w.nc.MaxPayload()); len(h.result) > largest-overhead {
		err := fmt.Errorf("cluster: the result of %q has %d bytes: want at most %d, which is what the server takes",
			h.task.Name, len(h.result), largest-overhead)
		h.result = wire.AppendResult(nil, s.w.name, 0, h.task.Count)
		for range h.task.Count {
			h.result = codec.AppendOutcome(h.result, err, nil)
		}
	}
	reply, err := h.store(s.run.Result(h.seq), h.result)
	if err != nil {
		return false
	}
	s.mu.Lock()
	s.said.Done++
	if reply.refusedSecond() {
		s.said.Refused++
	}
	s.mu.Unlock()
	return true
}

// acknowledge tells the server that the task is done, and asks for the next one
// in the same message.
func (h *hand) acknowledge() {
	s := h.s
	s.mu.Lock()
	reply := h.m.Reply
	delete(s.held, h.seq)
	more := !s.leaving && s.asked+len(s.held) < s.w.slots
	if more {
		s.asked++
	}
	s.mu.Unlock()
	if more {
		_ = s.w.nc.PublishRequest(reply, s.inbox, ackAndNext)
	} else {
		_ = s.w.nc.Publish(reply, []byte("+ACK"))
	}
}

var ackAndNext = append([]byte("+NXT "), pullOne...)
