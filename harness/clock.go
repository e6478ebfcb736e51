package harness

import (
	"cmp"
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
//
// Where the race detector has found a race in f, the *testing.T fails, and
// the calling goroutine exits. The program ends with a status of failure then,
// as with any race.
func bubble(t *Trial, f func()) (left []string) {
	var id string
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			if !strings.HasPrefix(p.Error(), "deadlock: ") {
				panic(p)
			}
			left = stacks(func(g goroutine) bool { return strings.Contains(g.header, id) && !t.ignores(g) })
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

// bubbleID returns the name of the caller's bubble.
func bubbleID() string {
	id, is := callersBubble()
	if !is {
		panic("harness: not in a bubble")
	}
	return id
}

// callersBubble returns the name of the caller's bubble in the header of a
// stack, "synctest bubble 7]", and reports whether it is in one.
func callersBubble() (id string, is bool) {
	buf := make([]byte, 256)
	header, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
	at := strings.Index(header, "synctest bubble ")
	if at < 0 {
		return "", false
	}
	return strings.TrimSuffix(header[at:], ":"), true
}

// inBubble runs the trial under the virtual clock, and returns the run to
// report. Waiting for the outer context inside the bubble would stop its clock,
// so it is polled there and waited for here. A bubble that has to be given up
// loses its goroutines; another run then reports what they have recorded.
func (r *run) inBubble(ctx context.Context) (*run, []string) {
	done := make(chan []string, 1)
	go func() {
		var left []string
		defer func() { done <- left }() // also where the goroutine exits: see bubble
		left = bubble(r.trial, func() {
			r.bubble.Store(bubbleID())
			r.do(context.WithoutCancel(ctx))
		})
	}()
	stall := cmp.Or(r.trial.Stall, time.Second)
	every := min(stall/looks, grace/4)
	next := time.NewTimer(every)
	defer next.Stop()
	ended, since := 0, time.Now() // since the last end of a task
	var w watcher
	for {
		select {
		case leaks := <-done:
			return r, leaks
		case <-next.C:
		}
		began := time.Now()
		if now := r.recorded().progress(); now > ended {
			ended, since, w.last = now, began, ""
		}
		w.bubble, _ = r.bubble.Load().(string)
		switch quiet, flood := time.Since(since), r.flood(); {
		case r.stopped() && quiet > grace:
			return &run{trial: r.trial, recorder: r.recorded(), stream: r.streamed(), interrupted: true}, nil
		case w.bubble == "" || quiet < every:
		case w.look():
			if lock, held := heldByEarlier(w.bubble, nil); held {
				return r.givenUp(lock, runAlone+", or "+useReal), nil
			}
			return r.givenUp(w.why()), nil
		case quiet > stall && flood > 0:
			why := fmt.Sprintf("%s sends one request after another and no time passes, %d at one instant and no task "+
				"has ended since", w.working(true), flood)
			r.brake(done, endsSoon*stall)
			return r.givenUp(why, slowDown), nil
		case quiet > endless*stall:
			return r.givenUp(fmt.Sprintf("%s computes and no task has ended in %v, but computing takes no virtual time",
				w.working(false), endless*stall), useReal), nil
		}
		next.Reset(w.pace(every, time.Since(began)))
	}
}

// endless is how many times its stall a run may go on without the end of a
// task.
const endless = 300

// endsSoon is how many times its stall a flood may go on once it is braked.
const endsSoon = 5

// brake has the virtual clock move on in a flood of requests, so that a client
// comes to the end of its timeout, and waits for the end of the run. What a
// client goes on with that has none is left behind.
func (r *run) brake(done <-chan []string, most time.Duration) {
	r.workload.Server.Brake()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// slowDown is what has the virtual clock move on in a flood of requests.
const slowDown = "have it wait before it tries again, have the server wait by server.latency, or " + useReal

// flood returns how many requests came at one instant of the virtual clock, if
// they are more than clients send that end, and 0 otherwise. The clock of one
// that tries again at once, for as long as it fails, never moves on.
func (r *run) flood() int {
	const most, each = 1 << 15, 100
	select {
	case <-r.ready:
	default:
		return 0
	}
	if r.workload.Server == nil {
		return 0
	}
	if n := r.workload.Server.Instant(); n > most+each*r.recorder.tasks() {
		return n
	}
	return 0
}

// givenUp returns the run to report in place of one that the virtual clock
// cannot carry out.
func (r *run) givenUp(why, remedy string) *run {
	return &run{trial: r.trial, recorder: r.recorded(), stream: r.streamed(), limit: unjudged(why, remedy)}
}

// streamed returns the stream of a run that has begun and has one.
func (r *run) streamed() *stream {
	select {
	case <-r.ready:
		return r.stream
	default:
		return nil
	}
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
