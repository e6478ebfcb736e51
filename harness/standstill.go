package harness

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
)

// What lets a run be judged that the virtual clock cannot carry out.
const (
	useReal   = "use clock: real"
	useClient = "build the client on server.Client(), or " + useReal
)

// unjudged is the limit of a run that the virtual clock cannot carry out.
func unjudged(why, remedy string) string {
	return "cannot be judged under the virtual clock, " + strings.ReplaceAll(why, ": ", ", ") + ": " + remedy
}

// runAlone is what lets a run be judged that an earlier one has spoilt.
const runAlone = "run it alone"

// looks is how many looks at a run must find the same standstill.
const looks = 4

// A watcher finds out whether a bubble stands still. The virtual clock moves
// when every goroutine is blocked durably, which means on what only another
// goroutine of the bubble can end. A goroutine that waits for a lock is not, so
// that the clock stops for as long as the lock is held, which is forever if its
// holder waits for the clock.
//
//	a goroutine is  | the watcher finds
//	running, ready  | work: the run goes on, however long it takes
//	durably blocked | nothing
//	blocked         | a standstill, if none works and nothing changes
//
// A wait that ends by itself, such as one for a socket, would be found too soon
// by a single look.
type watcher struct {
	bubble string // the bubble's name
	last   string // the bubble's goroutines at the last look, "" if one worked
	same   int    // how many looks in a row have found the same
	waits  []goroutine
	idle   []goroutine // those that are durably blocked
	size   int         // of the last dump
}

// look reports whether the bubble has stood still for several looks.
func (w *watcher) look() bool {
	var text strings.Builder
	w.waits, w.idle = nil, nil
	dump, whole := dumpStacks(w.size)
	w.size = len(dump)
	for g := range goroutines(dump) {
		if !strings.Contains(g.header, w.bubble) {
			continue
		}
		switch state := g.state(); {
		case strings.HasSuffix(state, "(durable)"):
			w.idle = append(w.idle, g)
		case whole && g.waitsForOthers():
			w.waits = append(w.waits, g)
		default:
			w.last, w.same = "", 0
			return false
		}
		text.WriteString(minutes.ReplaceAllString(g.header, ""))
		for _, f := range g.frames {
			text.WriteString(f.String())
		}
	}
	if len(w.waits) == 0 {
		w.last, w.same = "", 0
		return false
	}
	if now := text.String(); now != w.last {
		w.last, w.same = now, 0
	}
	w.same++
	return w.same >= looks
}

// minutes is the part of a header that grows.
var minutes = regexp.MustCompile(`, \d+ minutes`)

// waitsForOthers reports whether a goroutine that is not durably blocked waits,
// and does not work. Of the system calls only those count that wait for another
// process, or for the resolver's.
func (g goroutine) waitsForOthers() bool {
	switch g.state() {
	case "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock", "sync.WaitGroup.Wait", "sync.Cond.Wait",
		"semacquire", "chan receive", "chan send", "select", "IO wait":
		return true
	case "syscall":
		return g.calls("os.(*Process).", "net._C2func_", "syscall.Flock")
	}
	return false
}

// why names the goroutine that makes the bubble stand still, and what would
// help.
func (w *watcher) why() (why, remedy string) {
	g := slices.MinFunc(w.waits, func(a, b goroutine) int {
		_, first := a.user()
		_, second := b.user()
		if first != second {
			if first {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.place(), b.place())
	})
	remedy = useReal
	var what string
	switch state := g.state(); {
	case g.calls("sync.(*Once)."):
		what = "a sync.Once" + w.held(g)
	case waitsForLock(g):
		what = "a lock" + w.held(g)
	case state == "IO wait" && g.calls("net."):
		what, remedy = "a real socket", useClient
	case state == "IO wait":
		what = "a real socket, pipe or file"
	case state == "syscall" && g.calls("net."):
		what, remedy = "the machine's resolver", useClient
	case state == "syscall" && g.calls("syscall.Flock"):
		what = "a lock of a file"
	case state == "syscall":
		what = "another process"
	case strings.HasPrefix(state, "chan"), state == "select":
		what = "a channel from outside the run"
	default:
		what = "something outside the run"
	}
	return w.asker(g) + " waits for " + what, remedy
}

// asker names a waiting goroutine by the user's frame. One of the standard
// library's works for a goroutine of the user's, which waits for it.
func (w *watcher) asker(g goroutine) string {
	if f, ok := g.user(); ok {
		return f.String()
	}
	for _, other := range w.idle {
		if f, ok := other.user(); ok && other.calls("net.", "net/http.", "os/exec.", "os.(*Process).") {
			return f.String()
		}
	}
	return g.place()
}

// held describes who holds what a goroutine waits for. The runtime does not
// know. It is likely to be a goroutine that waits in the function that wants
// the lock, or the only one of the user's code that waits at all.
func (w *watcher) held(g goroutine) string {
	wants, _ := g.user()
	var within, any []frame
	for _, other := range w.idle {
		f, ok := other.user()
		if !ok {
			continue
		}
		any = append(any, f)
		if at := slices.IndexFunc(other.frames, func(f frame) bool { return f.function == wants.function }); at >= 0 {
			if other.frames[at] != wants {
				f = other.frames[at]
			}
			within = append(within, f)
		}
	}
	switch {
	case len(within) > 0:
		return " held across a wait, probably by " + within[0].String()
	case len(any) > 0 && !slices.ContainsFunc(any, func(f frame) bool { return f != any[0] }):
		return " held across a wait, probably by " + any[0].String()
	case len(any) > 0:
		return " held across a wait"
	}
	return " held across a wait or outside the run"
}

// working names a place where the user's code works, or also one where it
// waits.
func (w *watcher) working(waits bool) string {
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		f, ok := g.user()
		if ok && strings.Contains(g.header, w.bubble) && (waits || !strings.HasSuffix(g.state(), "(durable)")) {
			return f.String()
		}
	}
	return "the run"
}

// onCond reports whether the user's code waits for a sync.Cond under the
// virtual clock, and a goroutine of the same package is there that is not the
// run's. The clock moves during such a wait, also if that goroutine is about to
// end it.
func (r *run) onCond() (waiting frame, waits bool) {
	bubble, ok := r.bubble.Load().(string)
	if !ok {
		return frame{}, false
	}
	outside := map[string]bool{} // packages
	var on []frame
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		f, ok := g.user()
		switch {
		case !ok:
		case strings.Contains(g.header, bubble):
			if strings.HasPrefix(g.state(), "sync.Cond.Wait") {
				on = append(on, f)
			}
		case !strings.Contains(g.header, "synctest bubble ") && !g.calls("testing.") &&
			!slices.ContainsFunc(g.frames, func(f frame) bool { return ours(f.function) }):
			outside[f.inPackage()] = true
		}
	}
	at := slices.IndexFunc(on, func(f frame) bool { return outside[f.inPackage()] })
	if at < 0 {
		return frame{}, false
	}
	return on[at], true
}

// heldByEarlier reports whether a goroutine of this run waits for a lock in a
// function in which one of an earlier run does too: that run was given up under
// the virtual clock, and may hold the lock forever. bubble is the name of this
// run's bubble, "" under the real clock, where before has the goroutines that
// are older than the run.
func heldByEarlier(bubble string, before map[string]bool) (lock string, held bool) {
	dump, _ := dumpStacks(0)
	var now []frame
	earlier := map[string]bool{} // functions
	for g := range goroutines(dump) {
		f, ok := g.user()
		if !ok || !waitsForLock(g) {
			continue
		}
		in := strings.Contains(g.header, "synctest bubble ")
		if in && (bubble == "" || !strings.Contains(g.header, bubble)) {
			earlier[f.function] = true
		} else if in == (bubble != "") && !before[g.id()] {
			now = append(now, f)
		}
	}
	for _, f := range now {
		if earlier[f.function] {
			return f.String() + " waits for a lock that an earlier run may hold, which was given up", true
		}
	}
	return "", false
}

// spoiltAfter is how long beyond its plan a run waits for a task before it is
// given up because of a lock that an earlier run may hold.
const spoiltAfter = 3 * time.Second

// watchEarlier gives a run under the real clock up when no task ends and a
// goroutine waits for a lock that an earlier run may hold, until ctx is done.
// Without it the run would go on for as long as one that hangs.
func (r *run) watchEarlier(ctx context.Context, giveUp context.CancelCauseFunc) {
	if !locked() {
		return
	}
	look := time.NewTicker(spoiltAfter / 3)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
		limit := r.recorder.limit(spoiltAfter)
		if r.recorder.quiet() < limit {
			continue
		}
		if _, held := heldByEarlier("", r.before); held {
			giveUp(hang{limit, r.recorder.unfinished(), r.recorder.underWay(), ""})
			return
		}
	}
}

// locked reports whether a run that was given up has left goroutines that wait
// for a lock.
func locked() bool {
	dump, _ := dumpStacks(0)
	for g := range goroutines(dump) {
		if strings.Contains(g.header, "synctest bubble ") && waitsForLock(g) {
			return true
		}
	}
	return false
}

func waitsForLock(g goroutine) bool {
	return strings.HasPrefix(g.state(), "sync.Mutex") || strings.HasPrefix(g.state(), "sync.RWMutex")
}

// pace returns the time until the next look. A look that found work must not
// slow the work down.
func (w *watcher) pace(every, took time.Duration) time.Duration {
	if w.same > 0 {
		return every
	}
	return max(every, 10*took)
}

// excuseCond takes a deadlock back that something outside the run may end.
func (r *run) excuseCond() {
	if r.deadlock == "" {
		return
	}
	if f, waits := r.onCond(); waits {
		r.deadlock, r.stuck = "", nil
		r.limit = unjudged(f.String()+" waits for a sync.Cond, which a goroutine outside the run may signal", useReal)
	}
}
