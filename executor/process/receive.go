package process

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/teapot-go/teapot/executor/internal/codec"
	"github.com/teapot-go/teapot/executor/internal/contain"
	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// receiveLoop receives results until the end of file.
func (c *child) receiveLoop() {
	over := false
	defer func() {
		if over {
			close(c.receiveDone)
		} else {
			go c.receiveLoop()
		}
	}()
	for {
		for len(c.due) > 0 {
			c.settleNext()
		}
		c.due = nil
		if err := c.receive(); err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				c.e.mu.Lock()
				c.garbled = err
				c.e.mu.Unlock()
			}
			over = true
			return
		}
	}
}

// settleNext ends the next input that has an answer.
func (c *child) settleNext() {
	s := c.due[0]
	i := s.from
	if c.due[0].from++; c.due[0].from == s.to {
		c.due[0] = sentRange{}
		c.due = c.due[1:]
	}
	def := s.r.Definition()
	how, data := c.answers.Byte(), c.answers.Bytes()
	if c.answers.Bad {
		s.r.End(i, codec.ErrGarbled)
		return
	}
	if how&^codec.Fresh != codec.Value {
		s.r.End(i, codec.Outcome(how, data, def.Kinds()))
		return
	}
	d, out := &c.decoders[s.message.def], s.r.Output(i)
	var err error
	if codec.Plain(out) {
		err = d.Decode(how, data, out)
	} else {
		err = contain.Call(func() error { return d.Decode(how, data, out) })
	}
	if err != nil {
		err = fmt.Errorf("process: the result of %q cannot be decoded: %w", def.Name(), err)
	}
	s.r.End(i, err)
}

// receive reads one message.
func (c *child) receive() error {
	kind, body, err := wire.Read(c.reader, c.body)
	if err != nil {
		return err
	}
	c.body = body
	if cap(body) > codec.Spacious {
		c.body = nil
	}
	m := codec.Cursor{Rest: body}
	switch kind {
	case wire.Results:
		took, count := time.Duration(m.Uvarint()), m.Uvarint()
		c.answers = m
		return c.answeredAll(took, count)
	case wire.Returned:
		n := m.Uvarint()
		c.e.mu.Lock()
		ok := n <= uint64(c.inFlight) && c.e.takeBack(c, int(n))
		var dropped []job
		if c.e.broken != nil {
			dropped = c.e.drain()
		}
		c.e.mu.Unlock()
		contain.Run(func() { c.e.failAll(dropped) })
		if !ok {
			return codec.ErrGarbled
		}
		return nil
	}
	return fmt.Errorf("%w: kind %d", codec.ErrGarbled, kind)
}

// answeredAll moves the oldest inputs from sent to due, so that the child can
// get more while their results are made known.
func (c *child) answeredAll(took time.Duration, count uint64) error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if count == 0 || count > uint64(c.inFlight) {
		return codec.ErrGarbled
	}
	for n := int(count); n > 0; {
		if c.sent.len() == 0 {
			return codec.ErrGarbled
		}
		s := c.sent.at(0)
		k := min(n, s.to-s.from)
		part := *s
		part.to = s.from + k
		if s.from += k; s.from == s.to {
			c.sent.pop()
		}
		part.message.done(k)
		c.due = append(c.due, part)
		n -= k
	}
	c.e.removeInFlight(c, int(count))
	c.answered += int(count)
	c.e.rate(c.due[0].r.Definition().Name()).add(took, int(count))
	switch {
	case c.inFlight == 0 && c.life == serving && c.left > 0 && c.e.queue.len() == 0 && c.e.broken == nil && !c.e.shut:
		c.e.markIdle(c) // not in sendLoop, as the caller that gets the result may submit the next task at once
	case c.inFlight == 0 || c.e.queue.len() > 0:
		c.wakeSender()
	}
	return nil
}
