package spread

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/teapot-go/teapot/harness/share"
)

// call says that the run wants generators.
func (l *leader) call() {
	l.mu.Lock()
	missing := len(l.members) < l.n
	l.mu.Unlock()
	if missing {
		_ = l.nc.Publish(calls, pack(call{l.run}))
	}
}

// hello gives a generator its part, the same if it asks again.
func (l *leader) hello(m *nats.Msg) {
	var h hello
	if !unpack(m, &h) {
		return
	}
	_ = m.Respond(pack(l.admit(h)))
}

func (l *leader) admit(h hello) welcome {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, known := range l.members {
		if known.worker == h.Worker {
			return welcome{Index: known.index, Of: l.n, Job: l.job}
		}
	}
	switch {
	case h.Build != l.build:
		w := welcome{Refused: fmt.Sprintf("the worker is build %s, the run %s: want the same build of the program",
			h.Build, l.build)}
		l.refused = h.Worker + " was refused: " + w.Refused
		return w
	case len(l.members) == l.n:
		return welcome{Refused: fmt.Sprintf("it has its %d load generators", l.n)}
	}
	l.members = append(l.members, &member{index: len(l.members), worker: h.Worker, heard: time.Now()})
	l.wake()
	return welcome{Index: len(l.members) - 1, Of: l.n, Job: l.job}
}

// tell notes how far a generator is. Rows may come twice or in another order,
// and none goes back.
func (l *leader) tell(m *nats.Msg) {
	var r row
	if !unpack(m, &r) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Index < 0 || r.Index >= len(l.members) {
		return
	}
	known := l.members[r.Index]
	known.heard = time.Now()
	if r.Phase < known.row.Phase || r.Sent < known.row.Sent || r.Ended < known.row.Ended {
		return
	}
	if known.row = r; r.Phase == failed && known.lost == "" {
		known.lost = r.Error
	}
	l.wake()
}

// piece keeps a piece of a recording, and says so.
func (l *leader) piece(m *nats.Msg) {
	var index int
	if json.Unmarshal([]byte(m.Header.Get(headerIndex)), &index) != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if index < 0 || index >= len(l.members) {
		return
	}
	known := l.members[index]
	known.heard = time.Now()
	if err := known.parcel.add(m); err != nil {
		known.lost = cmp.Or(known.lost, err.Error())
	}
	_ = m.Respond(nil)
	l.wake()
}

// wake lets what waits look again.
func (l *leader) wake() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// until waits until it is done what reports so, or ctx is. Every second it
// says that the leader lives, and looks for generators that were lost.
func (l *leader) until(ctx context.Context, reached func() bool) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	last := time.Now()
	for !reached() {
		select {
		case <-l.changed:
			continue
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		_ = l.nc.Publish(l.run.subject("beat"), nil)
		l.call()
		late := time.Since(last) > 3*every // this process stood still, and heard nothing
		last = time.Now()
		l.findLost(late)
	}
}

// findLost takes generators for lost that have not been heard for a while,
// unless the leader could not have heard them.
func (l *leader) findLost(deaf bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	deaf = deaf || !l.nc.IsConnected()
	for _, m := range l.members {
		switch {
		case deaf:
			m.heard = time.Now()
		case !m.ended() && time.Since(m.heard) > lostAfter:
			m.lost = fmt.Sprintf("nothing was heard from %s for %v, and by then it had sent %d of its tasks", m.worker,
				lostAfter, m.row.Sent)
		}
	}
}

// gather waits until all generators are ready.
func (l *leader) gather(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	l.call()
	l.until(soon, func() bool {
		joined, ready := l.joined()
		return ready == l.n || joined < 0
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.members {
		if m.lost != "" {
			return fmt.Errorf("load generator %d: %s", m.index+1, m.lost)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(l.members) < l.n {
		hint := cmp.Or(l.refused, "start more, such as with teapot worker --cluster")
		return fmt.Errorf("%d of %d load generators have joined within %v: %s", len(l.members), l.n, patience, hint)
	}
	for _, m := range l.members {
		if m.row.Phase < ready {
			return fmt.Errorf("load generator %d, %s, is not ready after %v", m.index+1, m.worker, patience)
		}
	}
	return nil
}

// joined returns how many generators have joined, which is -1 if one of them is
// lost, and how many are ready.
func (l *leader) joined() (n, prepared int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.members {
		if m.lost != "" {
			return -1, 0
		}
		if m.row.Phase >= ready {
			prepared++
		}
	}
	return len(l.members), prepared
}

// states returns what is known of the generators.
func (l *leader) states() (all []State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.members {
		s := State{
			Worker: m.worker, Phase: m.row.Phase.String(), Sent: m.row.Sent, Ended: m.row.Ended,
			Heard: time.Since(m.heard), Lost: m.lost,
		}
		if clock, known := share.Compare(m.asked...); known {
			s.Error = clock.Error
		}
		if m.lost == "" && m.ended() {
			s.Heard = 0 // it has nothing more to say
		}
		all = append(all, s)
	}
	return all
}
