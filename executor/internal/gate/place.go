package gate

import "context"

// A Place is what a running task holds of its gate. It exists from the first
// time that the task waits for something with its own context. All fields but
// gate are guarded by the gate's mu.
type Place struct {
	gate  *Gate
	waits int     // goroutines of the task that wait with its context: while there are any, the task does not count as running
	lent  bool    // somebody else has the place
	claim Awaited // in which it is while one of them waits for that, to be given back after it
	over  bool    // the task has ended
}

// A PlaceKey is the key under which a task's context has its place.
type PlaceKey struct{}

// NewPlace makes the place of a task that the gate runs.
func (g *Gate) NewPlace() *Place { return &Place{gate: g} }

// PlaceOf returns the place of the task that ctx belongs to, or nil.
func PlaceOf(ctx context.Context) *Place {
	p, _ := ctx.Value(PlaceKey{}).(*Place)
	return p
}

// An Awaited is a task that somebody waits for.
type Awaited interface {
	Task
	Settled() bool          // it has ended
	PendingIn(g *Gate) bool // it is that gate's, and has not started
}

// Receive waits until something can be received from ch, or ctx is done, and
// reports whether it was ch. Every wait in this package that a task may be in
// comes here or to [Lending]: the place of the task that ctx belongs to is lent
// meanwhile. It goes first to awaited, if that is a task of the same gate that
// has not started: it runs ahead of those submitted before it, so that a queue
// full of tasks that wait for others costs one stack each for as many as are
// begun, and not for all.
//
// Running awaited right here, on the stack of the one that waits, would save
// two hand-overs. But runtime.Goexit in it would end both, and a wait could not
// end before it does. A coroutine, as iter.Pull has it, would contain Goexit,
// but the runtime throws when a task in it locks its thread.
func Receive[E any](ctx context.Context, ch <-chan E, awaited Awaited) (e E, ok bool) {
	select {
	case e = <-ch:
		return e, true
	default:
	}
	Lending(ctx, awaited, func() {
		select {
		case e = <-ch:
			ok = true
		case <-ctx.Done():
			select { // both may have been ready
			case e = <-ch:
				ok = true
			default:
			}
		}
	})
	return e, ok
}

// Lending waits, and lends the place of the task that ctx belongs to meanwhile.
func Lending(ctx context.Context, awaited Awaited, wait func()) {
	p := PlaceOf(ctx)
	if p == nil {
		wait()
		return
	}
	claimed := p.lend(awaited)
	wait()
	p.retake(ctx, claimed)
}

// lend gives the place away for as long as one goroutine of the task waits, and
// reports whether it went to awaited.
func (p *Place) lend(awaited Awaited) (claimed bool) {
	g := p.gate
	g.mu.Lock()
	defer g.unlock()
	p.waits++
	if p.lent || p.over {
		return false
	}
	p.lent = true
	if awaited == nil || !awaited.PendingIn(g) {
		g.pass()
		return false
	}
	p.claim = awaited
	if _, part := awaited.(*awaitedPart); !part { // in whose batch others take part
		g.waiting.unpush(awaited)
	}
	g.crew.begin(errand{task: awaited, owner: p, claim: awaited})
	return true
}

// retake ends a wait: it returns when the task has a place again. One whose
// context is done does not wait for it, as the wait must end, and the task that
// gave up is about to clean up. Until somebody's place is given back there is
// one more of them than the limit says, and no task starts.
func (p *Place) retake(ctx context.Context, claimed bool) {
	g := p.gate
	g.mu.Lock()
	defer g.unlock()
	p.waits--
	if claimed {
		p.claim = nil
	}
	if p.over || p.waits > 0 || !p.lent {
		p.keep()
		return
	}
	if g.free() {
		g.running++
	} else {
		a := &applicant{granted: make(chan struct{})}
		g.returning.push(a)
		g.unlock()
		granted := false
		select {
		case <-a.granted:
			granted = true
		case <-ctx.Done():
		}
		g.mu.Lock()
		select {
		case <-a.granted:
			granted = true
		default:
		}
		if !granted {
			a.gone = true
			g.running++
		}
		if p.over || !p.lent {
			g.pass() // the task has ended meanwhile, or another of its goroutines has come back with a place
			return
		}
	}
	p.lent = false
	p.keep()
}

// keep gives the place away again if other goroutines of the task still wait.
// The caller holds mu.
func (p *Place) keep() {
	if p.waits > 0 && !p.lent && !p.over {
		p.lent = true
		p.gate.pass()
	}
}

// End is called when the task has ended. The goroutine that ran it is owed a
// place, if only to give it back.
func (p *Place) End() {
	g := p.gate
	g.mu.Lock()
	defer g.unlock()
	p.over = true
	if p.lent {
		g.running++
	}
}
