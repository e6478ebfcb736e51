package harness

import (
	"context"
	"fmt"
	"time"
)

// A child is a child process of this one. Its name changes when it executes
// another program, and its number may be that of an ended process before it.
type child struct{ pid, started string }

// How often the child processes are looked at, after how many looks one that
// does not go on is announced, and after how many the run is given up for it.
const (
	lookAtChildren = time.Second
	stoppedSoon    = 2
	stoppedLong    = 12
)

// A stopped is why a run was given up: a signal such as SIGSTOP has stopped a
// child process, which does nothing until SIGCONT. That is not the executor's
// fault, and not the client's.
type stopped struct {
	child
	name string
}

func (s stopped) Error() string {
	return fmt.Sprintf("child process %s (%s) is stopped by a signal", s.pid, s.name)
}

// remedy is what has the process go on.
func (s stopped) remedy() string { return "continue it, such as with kill -CONT " + s.pid }

// stops counts in how many looks in a row a child process was stopped.
type stops map[child]int

// look counts another look, which has found those stopped processes. It returns
// the one of them that is to be announced, and the one for which the run is to
// be given up.
func (s stops) look(now []stopped) (soon, long *stopped) {
	still := map[child]bool{}
	for _, p := range now {
		still[p.child] = true
		switch s[p.child]++; s[p.child] {
		case stoppedSoon:
			soon = &p
		case stoppedLong:
			long = &p
		}
	}
	for c := range s {
		if !still[c] {
			delete(s, c)
		}
	}
	return soon, long
}

// watchChildren announces a child process of the run that is stopped, and gives
// the run up if it stays so, until ctx is done.
func (r *run) watchChildren(ctx context.Context, giveUp context.CancelCauseFunc) {
	tick := time.NewTicker(lookAtChildren)
	defer tick.Stop()
	for counts := (stops{}); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		soon, long := counts.look(stoppedChildren(r.earlier))
		if soon != nil && r.trial.Hung != nil {
			r.trial.Hung(fmt.Sprintf("%v: %s; the run is given up in %v", soon, soon.remedy(),
				(stoppedLong-stoppedSoon)*lookAtChildren))
		}
		if long != nil {
			giveUp(*long)
			return
		}
	}
}
