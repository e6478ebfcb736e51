package harness

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubble calls f in a testing/synctest bubble. It returns where the goroutines
// stand that f left behind, and nothing after a clean end.
//
// The bubble needs a *testing.T only to fail it. A blank one works outside of
// go test as well, so that a command line has the virtual clock too; a test
// beside this file fails when a Go release ends that. When goroutines remain,
// the runtime panics in the goroutine that holds the bubble. They stay blocked
// forever, and keep what they hold.
func bubble(f func()) (left []string) {
	var id string
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			if !strings.HasPrefix(p.Error(), "deadlock: ") {
				panic(p)
			}
			left = stacks(func(header string) bool { return strings.Contains(header, id) })
		default:
			panic(p)
		}
	}()
	synctest.Test(new(testing.T), func(*testing.T) {
		id = bubbleID()
		f()
	})
	return nil
}

// bubbleID returns the name of the caller's bubble in the header of a stack:
// "synctest bubble 7]".
func bubbleID() string {
	buf := make([]byte, 256)
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
	at := strings.Index(header, "synctest bubble ")
	if at < 0 {
		panic(fmt.Sprintf("harness: not in a bubble: %s", header))
	}
	return strings.TrimSuffix(header[at:], ":")
}

// inBubble runs the trial under the virtual clock, and returns the run to
// report. Waiting for the outer context inside the bubble would stop its clock,
// so it is polled there and waited for here. A bubble that has to be given up
// loses its goroutines; another run then reports what they have recorded.
func (r *run) inBubble(ctx context.Context) (*run, []string) {
	done := make(chan []string, 1)
	go func() {
		done <- bubble(func() {
			r.bubble.Store(bubbleID())
			r.do(context.WithoutCancel(ctx))
		})
	}()
	stall := r.trial.Stall
	if stall == 0 {
		stall = time.Minute
	}
	tick := time.NewTicker(min(stall/4, grace/4))
	defer tick.Stop()
	ended, since := 0, time.Now() // since the last end of a task
	alive := since                // the same, or since it was last seen to compute
	for {
		select {
		case leaks := <-done:
			return r, leaks
		case <-tick.C:
		}
		if now := r.recorded().progress(); now > ended {
			ended, since, alive = now, time.Now(), time.Now()
		}
		switch {
		case r.stopped() && time.Since(since) > grace:
			return &run{trial: r.trial, recorder: r.recorded(), interrupted: true}, nil
		case time.Since(alive) <= stall:
		case !r.working():
			return r.givenUp("a goroutine waits for a mutex or for something outside the run, "+
				"so that the virtual clock stands still", stall), nil
		case time.Since(since) > 10*stall:
			return r.givenUp("goroutines of the run compute, which takes no virtual time", 10*stall), nil
		default:
			alive = time.Now()
		}
	}
}

// givenUp returns the run to report in place of one that no task ended in for
// this long.
func (r *run) givenUp(why string, quiet time.Duration) *run {
	return &run{
		trial: r.trial, recorder: r.recorded(),
		deadlock: fmt.Sprintf("no task ended in %v of real time: %s", quiet, why),
	}
}

// working reports whether a goroutine of the run's bubble computes: a busy
// machine may take long over what is not stuck, such as drawing what the server
// will send.
func (r *run) working() bool {
	id, begun := r.bubble.Load().(string)
	return !begun || len(stacks(func(header string) bool {
		state := strings.Contains(header, "[run") || strings.Contains(header, "[syscall")
		return state && strings.Contains(header, id)
	})) > 0
}

// recorded returns the recorder of a run, and an empty one before it begins.
func (r *run) recorded() *recorder {
	select {
	case <-r.ready:
		return r.recorder
	default:
		return new(recorder)
	}
}
