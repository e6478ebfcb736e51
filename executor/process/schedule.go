package process

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/executor/internal/codec"
)

// stuck is how long a child may go without an answer until its waiting inputs
// are recalled for an idle child.
const stuck = time.Millisecond

func (e *Executor) rate(name string) *taskRate {
	r := e.rates[name]
	if r == nil {
		r = &taskRate{}
		e.rates[name] = r
	}
	return r
}

// take moves tasks of one definition from the queue to c, and reports whether
// there were any for it. The caller holds mu.
func (e *Executor) take(c *child) bool {
	if e.queue.len() == 0 {
		return false
	}
	def := e.queue.at(0).r.Definition()
	r := e.rate(def.Name())
	room := r.room(c.inFlight)
	if room > 0 && c.inFlight > 0 && c.rate != r {
		room = min(room, c.rate.room(c.inFlight)) // behind tasks of another kind
	}
	room = min(room, max(1, e.pending/(2*e.config.Workers)))
	for room > 0 && e.queue.len() > 0 && c.left > 0 {
		j := *e.queue.at(0)
		if j.r.Definition() != def {
			break
		}
		c.rate = r
		n := j.r.Len()
		switch {
		case n > room && j.whole && len(c.taken) > 0:
			return true
		case n <= room && j.cost() <= c.left || j.whole:
			e.queue.pop()
		default:
			n = min(room, c.left)
			head, rest := j.r.Split(n)
			*e.queue.at(0) = job{r: rest, ctx: j.ctx}
			j.r = head
		}
		e.pending -= n
		room -= n
		c.inFlight += n
		c.left -= j.cost()
		c.taken = append(c.taken, j)
	}
	return len(c.taken) > 0
}

// borrowSender returns an idle child to which the caller may write the task, or
// nil. The task must be so small that the write never waits. Handing it to
// sendLoop would cost a good part of a round trip. The caller holds mu.
func (e *Executor) borrowSender(j job) *child {
	if len(e.idle) == 0 || e.queue.len() > 0 || j.r.Len() > 1 || !codec.Small(j.r.Input(0)) {
		return nil
	}
	c := e.idle[len(e.idle)-1]
	if c.sender != resting || c.life == gone || c.resetEncoders {
		return nil
	}
	e.idle = e.idle[:len(e.idle)-1]
	c.demand, c.sender = busy, lent
	c.rate = e.rate(j.r.Definition().Name())
	c.inFlight++
	c.left -= j.cost()
	return c
}

// wakeChildren finds children for what is in the queue: idle ones, then new
// ones. The caller holds mu.
func (e *Executor) wakeChildren() {
	for len(e.idle) > 0 && e.pending > e.woken {
		c := e.idle[len(e.idle)-1]
		e.idle = e.idle[:len(e.idle)-1]
		c.demand = woken
		e.woken++
		c.wakeSender()
	}
	for e.live < e.config.Workers && e.pending > e.woken+e.starting && e.broken == nil {
		c := newChild(e)
		e.children[c] = struct{}{}
		e.live++
		e.starting++
		go e.run(c)
	}
}

// wakeAll lets every child see what has changed. The caller holds mu.
func (e *Executor) wakeAll() {
	for c := range e.children {
		c.wakeSender()
	}
}

// markIdle records that c has nothing to do. The caller holds mu.
func (e *Executor) markIdle(c *child) {
	if c.demand == idle {
		return
	}
	if c.demand == woken {
		e.woken--
	}
	c.demand = idle
	e.idle = append(e.idle, c)
	if e.backlogElsewhere(c) {
		e.rebalanceLater()
	}
}

// unmarkIdle is the inverse of markIdle. The caller holds mu.
func (e *Executor) unmarkIdle(c *child) {
	if c.demand == idle {
		c.demand = busy
		e.idle = slices.DeleteFunc(e.idle, func(d *child) bool { return c == d })
	}
}

// backlogElsewhere reports whether another child has an input that waits behind
// another input. The caller holds mu.
func (e *Executor) backlogElsewhere(but *child) bool {
	for c := range e.children {
		if c != but && c.inFlight > 1 && c.life != gone {
			return true
		}
	}
	return false
}

// removeInFlight subtracts inputs of c that are no longer in flight. The caller
// holds mu.
func (e *Executor) removeInFlight(c *child, inputs int) {
	full := c.inFlight > 1
	c.inFlight -= inputs
	if full && c.inFlight < 2 && e.shut {
		e.wakeAll() // idle children stay while inputs may be recalled
	}
}

// rebalanceLater calls rebalance after the time stuck. The caller holds mu.
func (e *Executor) rebalanceLater() {
	for c := range e.children {
		c.seen = c.answered
	}
	if e.balance == nil {
		e.balance = time.AfterFunc(stuck, e.rebalance)
	} else {
		e.balance.Reset(stuck)
	}
}

// rebalance recalls inputs that wait behind a long task, if a child is idle.
func (e *Executor) rebalance() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.idle) == 0 {
		return
	}
	again := false
	for c := range e.children {
		if c.inFlight < 2 || c.life != serving || c.recall != noRecall {
			continue
		}
		again = true
		if c.seen == c.answered {
			c.recall = recallDue
			c.wakeSender()
		}
	}
	if again {
		e.rebalanceLater()
	}
}

// takeBack puts the last n inputs that c was sent back into the queue. It
// reports false if c had fewer. The caller holds mu.
func (e *Executor) takeBack(c *child, n int) bool {
	for n > 0 {
		if c.sent.len() == 0 {
			return false
		}
		s := c.sent.popBack()
		k := min(n, s.to-s.from)
		if kept := s; k < s.to-s.from {
			kept.to -= k
			c.sent.push(kept)
			s.from = s.to - k
		}
		n -= k
		s.message.done(k)
		j := s.job()
		e.queue.pushFront(j)
		e.pending += k
		e.removeInFlight(c, k)
		c.left += j.cost()
	}
	c.recall, c.resetEncoders = noRecall, true
	e.wakeChildren()
	c.wakeSender()
	return true
}

// remove forgets a child. The caller holds mu.
func (e *Executor) remove(c *child) {
	delete(e.children, c)
	e.unmarkIdle(c)
	if c.demand == woken {
		c.demand = busy
		e.woken--
	}
	e.live--
	e.wakeChildren()
	if e.live == 0 && e.balance != nil {
		e.balance.Stop()
	}
	if e.live == 0 && e.shut {
		close(e.over)
	}
}
