package process

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// sendLoop sends tasks until the child is gone or retired.
func (c *child) sendLoop() {
	over := false
	defer func() {
		if over {
			close(c.sendDone)
		} else {
			go c.sendLoop()
		}
	}()
	for {
		for len(c.taken) > 0 {
			j := c.taken[0]
			c.taken[0] = job{}
			c.taken = c.taken[1:]
			c.encodeTask(j)
		}
		c.flush()
		if !c.next() {
			over = true
			return
		}
	}
}

// next waits for tasks to send, which it puts in c.taken. It returns false when
// there will be no more.
func (c *child) next() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	defer func() { c.sender = sending }()
	c.taken = c.taken[:0]
	for {
		if c.demand == woken {
			c.demand = busy
			c.e.woken--
		}
		if c.resetEncoders {
			c.resetEncoders = false
			clear(c.encoders)
		}
		switch {
		case c.sender == lent:
			c.sender = missed
		case c.sender == missed:
		case c.life == gone:
			return false
		case c.recall == recallDue:
			c.recall = recallSent
			c.sender = sending
			c.e.mu.Unlock()
			c.write(wire.Message(wire.Recall))
			c.e.mu.Lock()
			continue
		case c.recall == recallSent:
		case c.life == preparing:
			if c.first.len() > 0 {
				j := c.first.pop()
				c.inFlight += j.r.Len()
				c.taken = append(c.taken, j)
				return true
			}
		case c.left <= 0 || c.e.broken != nil || c.e.shut && c.e.queue.len() == 0 && !c.e.backlogElsewhere(c):
			if c.inFlight == 0 {
				c.retire()
				return false
			}
		case c.e.take(c):
			c.e.unmarkIdle(c)
			return true
		case c.inFlight == 0:
			c.e.markIdle(c)
		}
		if c.sender == sending {
			c.sender = resting
		}
		c.e.mu.Unlock()
		<-c.wake
		c.e.mu.Lock()
	}
}

// sendDirect sends a task in place of sendLoop, after borrowSender.
func (c *child) sendDirect(j job) {
	defer func() {
		c.e.mu.Lock()
		defer c.e.mu.Unlock()
		if c.sender == missed || c.inFlight == 0 && c.demand != idle {
			c.wakeSender()
		}
		c.sender = resting
	}()
	c.encodeTask(j)
	c.flush()
}

// encodeTask puts a task into the buffer.
func (c *child) encodeTask(j job) {
	n := j.r.Len()
	if j.ctx == nil {
		ctx, ok := j.r.Begin()
		if !ok {
			c.skip(n, j.cost())
			return
		}
		j.ctx = ctx
	} else if j.ctx.Err() != nil {
		c.skip(n, 0)
		fail(j.r, 0, n, fmt.Errorf("%w: %w", executor.ErrCancelled, context.Cause(j.ctx)))
		return
	}
	def := j.r.Definition()
	k, ok := c.known[def.Name()]
	if !ok || k.signature != def.Signature() {
		c.skip(n, 0)
		fail(j.r, 0, n, c.mismatch(def, k.signature))
		return
	}
	from := 0
	for from < n {
		err := c.encode(j, k.index, &from, n)
		if err == nil {
			continue
		}
		at := from
		from++
		c.skip(1, 0)
		j.r.End(at, fmt.Errorf("process: the input of %q cannot be encoded: %w", def.Name(), err))
	}
}

func (c *child) mismatch(def executor.Definition, theirs string) error {
	if theirs == "" {
		return fmt.Errorf("process: the child does not know the task %q: it must be among the definitions that "+
			"are given to process.Main", def.Name())
	}
	return fmt.Errorf("process: the task %q is a %s here and a %s in the child", def.Name(), def.Signature(), theirs)
}

// encode stages inputs from *from on, up to the first that cannot be encoded.
// Plain inputs call no method of a user, and need no other goroutine.
func (c *child) encode(j job, def int, from *int, to int) error {
	run := func() error {
		for *from < to {
			c.openMessage(def, j.ctx)
			b, err := c.encoders[def].Append(c.buf, codec.Value, j.r.Input(*from))
			if err != nil {
				return err
			}
			c.buf = b
			c.count++
			if last := len(c.staged) - 1; last >= 0 && c.staged[last].r == j.r &&
				c.staged[last].message == c.open && c.staged[last].to == *from {
				c.staged[last].to++
			} else {
				c.staged = append(c.staged, sentRange{j.r, *from, *from + 1, j.whole, j.ctx, c.open})
			}
			*from++
			if len(c.buf) > wire.Plenty {
				c.flush()
			}
		}
		return nil
	}
	if codec.Plain(j.r.Input(*from)) {
		return run()
	}
	return contain.Call(run)
}

// skip subtracts inputs that are not sent after all.
func (c *child) skip(inputs, cost int) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	c.e.removeInFlight(c, inputs)
	c.left += cost
}

// openMessage makes sure that the message at the end of the buffer is for this
// definition and context.
func (c *child) openMessage(def int, ctx context.Context) {
	if c.open != nil && c.open.def == def && c.open.ctx.Done() == ctx.Done() {
		return
	}
	c.closeMessage()
	c.open = &tasksMessage{c: c, number: c.messages, def: def, ctx: ctx}
	c.messages++
	c.at = len(c.buf)
	if c.buf == nil {
		c.buf = make([]byte, 0, 1<<12)
	}
	c.buf = append(c.buf, make([]byte, wire.Header)...)
	c.buf = binary.AppendUvarint(binary.AppendUvarint(c.buf, uint64(c.open.number)), uint64(def))
	c.buf = codec.AppendEnd(c.buf, ctx)
	c.buf = append(c.buf, 0, 0, 0, 0)
	c.count = 0
}

// closeMessage completes the message at the end of the buffer.
func (c *child) closeMessage() {
	if c.open == nil {
		return
	}
	body := codec.Cursor{Rest: c.buf[c.at+wire.Header:]}
	body.Uvarint()
	body.Uvarint()
	body.Varint()
	binary.LittleEndian.PutUint32(body.Rest, uint32(c.count))
	c.open.left = c.count
	c.open = nil
	c.buf = wire.Seal(c.buf, c.at, wire.Tasks)
}

// flush sends what is staged.
func (c *child) flush() {
	c.closeMessage()
	if len(c.staged) == 0 {
		c.buf = c.buf[:0]
		return
	}
	c.writing.Lock() // so that a cancel message comes after the tasks that it is about
	defer c.writing.Unlock()
	var last *tasksMessage
	for _, s := range c.staged {
		if l := s.message; l != last && s.ctx.Done() != nil {
			c.cancels.Add(1)
			l.stop = context.AfterFunc(s.ctx, l.cancel)
		}
		last = s.message
	}
	c.e.mu.Lock()
	for _, s := range c.staged {
		c.sent.push(s)
	}
	c.e.mu.Unlock()
	c.to.Write(c.buf) // an error means that the child is gone, which receiveLoop sees
	clear(c.staged)
	c.staged = c.staged[:0]
	if c.buf = c.buf[:0]; cap(c.buf) > codec.Spacious {
		c.buf = nil
	}
}

// cancel tells the child that the context is done. The child sees a deadline
// without a message.
func (l *tasksMessage) cancel() {
	defer l.c.cancels.Done()
	if _, ok := l.ctx.Deadline(); ok && errors.Is(l.ctx.Err(), context.DeadlineExceeded) {
		return
	}
	b := binary.AppendUvarint(nil, uint64(l.number))
	l.c.write(wire.Message(wire.Cancel, codec.AppendError(b, context.Cause(l.ctx), nil)...))
}

func (c *child) write(b []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.to.Write(b)
}
