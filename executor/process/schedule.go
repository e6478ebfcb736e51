package process

import (
	"slices"
	"time"

	"github.com/teapot-go/teapot/executor/process/internal/wire"
)

// stuck is for how long a child may be without a result before another one,
// which has nothing to do, gets what waits there.
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
	room := r.room(c.flying)
	if room > 0 && c.flying > 0 && c.rate != r {
		room = min(room, c.rate.room(c.flying)) // behind tasks of another kind
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
		c.flying += n
		c.left -= j.cost()
		c.taken = append(c.taken, j)
	}
	return len(c.taken) > 0
}

// lend gives the caller the place of the feed of a child that has nothing to
// do, if the task is small enough never to make it wait: the hand-over to
// another goroutine costs a good part of a round trip. The caller holds mu.
func (e *Executor) lend(j job) *child {
	if len(e.idle) == 0 || e.queue.len() > 0 || j.r.Len() > 1 || !wire.Small(j.r.Input(0)) {
		return nil
	}
	c := e.idle[len(e.idle)-1]
	if !c.resting || c.lent || c.gone || c.anew {
		return nil
	}
	e.idle = e.idle[:len(e.idle)-1]
	c.idle, c.lent = false, true
	c.rate = e.rate(j.r.Definition().Name())
	c.flying++
	c.left -= j.cost()
	return c
}

// rouse finds children for what is in the queue: idle ones, then new ones. The
// caller holds mu.
func (e *Executor) rouse() {
	for len(e.idle) > 0 && e.pending > e.woken {
		c := e.idle[len(e.idle)-1]
		e.idle = e.idle[:len(e.idle)-1]
		c.idle, c.woken = false, true
		e.woken++
		c.nudge()
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
		c.nudge()
	}
}

// rest notes that c has nothing to do. The caller holds mu.
func (e *Executor) rest(c *child) {
	if c.idle {
		return
	}
	c.idle = true
	e.idle = append(e.idle, c)
	if e.crowded(c) {
		e.soon()
	}
}

// unrest is the inverse of rest. The caller holds mu.
func (e *Executor) unrest(c *child) {
	if c.idle {
		c.idle = false
		e.idle = slices.DeleteFunc(e.idle, func(d *child) bool { return c == d })
	}
}

// crowded reports whether a child but this one has an input that waits behind
// another. The caller holds mu.
func (e *Executor) crowded(but *child) bool {
	for c := range e.children {
		if c != but && c.flying > 1 && !c.gone {
			return true
		}
	}
	return false
}

// landed takes inputs of c out of flight. The caller holds mu.
func (e *Executor) landed(c *child, inputs int) {
	full := c.flying > 1
	c.flying -= inputs
	if full && c.flying < 2 && e.shut {
		e.wakeAll() // which have stayed for what may be recalled
	}
}

// soon has a look at the children in a while. The caller holds mu.
func (e *Executor) soon() {
	for c := range e.children {
		c.seen = c.answered
	}
	if e.balance == nil {
		e.balance = time.AfterFunc(stuck, e.rebalance)
	} else {
		e.balance.Reset(stuck)
	}
}

// rebalance recalls what waits behind a long task while a child has nothing to
// do.
func (e *Executor) rebalance() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.idle) == 0 {
		return
	}
	again := false
	for c := range e.children {
		if c.flying < 2 || c.gone || c.recalling || !c.ready {
			continue
		}
		again = true
		if c.seen == c.answered {
			c.recalling, c.recall = true, true
			c.nudge()
		}
	}
	if again {
		e.soon()
	}
}

// returned takes back the last n inputs that c was sent, and reports whether it
// had as many. The caller holds mu.
func (e *Executor) returned(c *child, n int) bool {
	for n > 0 {
		if c.flight.len() == 0 {
			return false
		}
		s := c.flight.popBack()
		k := min(n, s.to-s.from)
		if kept := s; k < s.to-s.from {
			kept.to -= k
			c.flight.push(kept)
			s.from = s.to - k
		}
		n -= k
		s.letter.done(k)
		j := s.job()
		e.queue.pushFront(j)
		e.pending += k
		e.landed(c, k)
		c.left += j.cost()
	}
	c.recalling, c.anew = false, true
	e.rouse()
	c.nudge()
	return true
}

// remove forgets a child. The caller holds mu.
func (e *Executor) remove(c *child) {
	delete(e.children, c)
	e.unrest(c)
	if c.woken {
		e.woken--
	}
	e.live--
	e.rouse()
	if e.live == 0 && e.balance != nil {
		e.balance.Stop()
	}
	if e.live == 0 && e.shut {
		close(e.over)
	}
}
