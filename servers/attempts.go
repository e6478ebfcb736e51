package servers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/taskid"
)

// identity is which request of the plan a request is.
type identity struct {
	task       int // the number of its task, from 1; 0 if that is not known
	occurrence int // of the key, from 1
	attempt    int // of the task, from 1
	guessed    bool
	counted    bool // the request does not say its attempt
	use        use  // of its connection
}

// identities finds out which request of the plan a request is: which task of
// its key it belongs to, and which attempt of the task it is.
//
// A request may say both. If it does not say its task, it belongs to the one
// for which its connection was taken, even if that is over, or to the only one
// of its key that is running. Where none of that is known, it is taken for the
// first running task that has not sent any, or else that waits for no answer.
// That is a guess. Requests that do not say which attempt they are count as the
// attempts of their task.
//
// Where the content is foreign, a task may ask for any key. A request for a key
// that its task does not have is an occurrence of its own: the number of the
// task. It is the only running task's if it does not say whose it is.
type identities struct {
	foreign   bool // the content
	counts    bool // requests that do not say which attempt they are
	ignores   bool // what requests say of it
	positions positions
	owners    owners

	mu      sync.Mutex
	last    map[slot]int // the latest attempt, of those that were counted
	running map[string][]*runningTask
	tasks   map[*runningTask]struct{} // all that are running, if the content is foreign
	unsent  map[string][]*runningTask // that are over, and were taken for the sender of none
	lost    map[int]*lostRequest      // the latest of each task, by its number
}

// A slot is a task, for the plan.
type slot struct {
	key        string
	occurrence int
}

// A runningTask is a task of a key that several tasks have, or any task where
// the content is foreign.
type runningTask struct {
	number, occurrence int
	requests, underway int
	hop                int // of its last request, in a chain of redirects; -1 if that was in none
}

// countsLimit is the number of tasks whose requests are counted. One more makes
// the server forget all of them, so that they start at 1 again.
const countsLimit = 1 << 16

// mostHedged is how many attempts of a task may be under way at once, such that
// what its client's transport sends again is known for the same attempt.
const mostHedged = 8

// begin notes that a task is running, whose requests have the context that it
// returns. It ends with end.
func (a *identities) begin(ctx context.Context, key string) (traced context.Context, end func()) {
	if a.positions.of(key) < 2 && !a.foreign {
		if !a.counts || a.owners.direct {
			return ctx, func() {}
		}
		return a.owners.trace(ctx, nil) // for the uses of its connections
	}
	number := taskid.FromContext(ctx)
	t := &runningTask{number: number, occurrence: a.occurrence(key, number), hop: -1}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running, a.tasks = map[string][]*runningTask{}, map[*runningTask]struct{}{}
	}
	if a.foreign {
		a.tasks[t] = struct{}{}
	}
	a.running[key] = append(a.running[key], t)
	traced, untrace := a.owners.trace(ctx, t)
	return traced, func() {
		untrace()
		a.mu.Lock()
		defer a.mu.Unlock()
		a.running[key] = slices.DeleteFunc(a.running[key], func(u *runningTask) bool { return u == t })
		delete(a.tasks, t)
		if t.requests == 0 && a.positions.of(key) > 1 {
			if a.unsent == nil {
				a.unsent = map[string][]*runningTask{}
			}
			a.unsent[key] = append(a.unsent[key], t)
		}
	}
}

// occurrence returns which task of its key a task is, from 1.
func (a *identities) occurrence(key string, number int) int {
	i, found := a.positions.find(key, number)
	if !found {
		return 1
	}
	return i + 1
}

// A sending is a request and what the client's transport may have done to it.
type sending struct {
	*http.Request
	// before returns the fate that it met when it was sent before.
	before func(identity) (Fate, bool)
	// pending reports whether it may have been.
	pending func(identity) bool
}

// of returns the identity of a request, and the running task that it is taken
// for, if any. A request that was sent before, by a redirect or by the client's
// transport, does not count again, and of returns the fate of the first time
// too.
func (a *identities) of(key string, r sending) (id identity, t *runningTask, fate Fate, again bool) {
	attempt, said := attemptOf(r.Request)
	if a.ignores {
		attempt, said = 1, false
	}
	owner, use := a.owners.came(r.Request)
	id = identity{task: taskid.FromRequest(r.Request), occurrence: 1, attempt: attempt, counted: !said, use: use}
	several := !a.other(key, owner, &id) && a.positions.of(key) > 1
	if !several && (said || !a.counts) {
		fate, again = r.before(id)
		return id, nil, fate, again
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	hop := fault.Hop(r.Request)
	if several {
		if t = a.choose(key, &id, r, hop, owner); t != nil {
			t.requests, t.underway, t.hop = t.requests+1, t.underway+1, hop
		}
	}
	if said || !a.counts {
		fate, again = r.before(id)
		return id, t, fate, again
	}
	at := slot{kept(key), id.occurrence}
	last := a.last[at]
	for id.attempt = last; id.attempt > max(last-mostHedged, 0); id.attempt-- {
		if fate, again = r.before(id); again || hop > 0 {
			return id, t, fate, again
		}
	}
	id.attempt = last + 1
	a.count(at, id.attempt)
	return id, t, Fate{}, false
}

// other reports whether a request is for a key that its task does not have, and
// then sets which task that is, if it is known.
func (a *identities) other(key string, owner *runningTask, id *identity) bool {
	if !a.foreign {
		return false
	}
	number := id.task
	if number == 0 && owner != nil {
		number = owner.number
	}
	if _, found := a.positions.find(key, number); found || number == 0 && a.positions.of(key) > 0 {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if number == 0 && len(a.tasks) == 1 {
		for t := range a.tasks {
			number = t.number
		}
	}
	id.task, id.occurrence = number, max(number, 1)
	return true
}

// count notes the latest attempt of a task.
func (a *identities) count(at slot, attempt int) {
	if a.last == nil || attempt == 1 && len(a.last) >= countsLimit {
		a.last = map[slot]int{}
	}
	a.last[at] = attempt
}

// choose sets which task of its key a request belongs to, and returns it if it
// is running. A hop of a redirect belongs to the task whose last request was
// the one before, and what a transport sends again to the task that sent it.
func (a *identities) choose(key string, id *identity, r sending, hop int, owner *runningTask) *runningTask {
	running := a.running[key]
	var t *runningTask
	find := func(is func(*runningTask) bool) {
		if i := slices.IndexFunc(running, is); t == nil && i >= 0 {
			t = running[i]
		}
	}
	if id.task > 0 {
		id.occurrence = a.occurrence(key, id.task)
		find(func(u *runningTask) bool { return u.number == id.task })
		return t
	}
	find(func(u *runningTask) bool { return u == owner })
	if t == nil && owner != nil { // which is over: its client goes on in a goroutine
		if _, its := a.positions.find(key, owner.number); its {
			id.task, id.occurrence = owner.number, owner.occurrence
			return nil
		}
	}
	if known := t != nil; len(running) > 1 && !known {
		find(func(u *runningTask) bool { return hop > 0 && u.requests > 0 && u.hop == hop-1 })
		find(func(u *runningTask) bool { return r.pending(a.sent(key, u, *id)) })
		find(func(u *runningTask) bool { return u.requests == 0 })
		// One that is over may have had an answer that was meant for another.
		if left := a.unsent[key]; t == nil && len(left) > 0 {
			t, a.unsent[key] = left[0], left[1:]
		}
		find(func(u *runningTask) bool { return u.underway == 0 })
	}
	find(func(*runningTask) bool { return true })
	if t != nil {
		id.task, id.occurrence, id.guessed = t.number, t.occurrence, len(running) > 1 && t != owner
	}
	return t
}

// sent returns the identity of the last request of a running task.
func (a *identities) sent(key string, t *runningTask, id identity) identity {
	id.task, id.occurrence = t.number, t.occurrence
	if a.counts {
		id.attempt = max(id.attempt, a.last[slot{kept(key), t.occurrence}])
	}
	return id
}

// end notes that a request of a running task has ended. t may be nil.
func (a *identities) end(t *runningTask) {
	if t == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	t.underway--
}

// attemptOf returns which attempt a request is, and reports whether it says so.
func attemptOf(r *http.Request) (n int, said bool) {
	header := field(r.Header, AttemptHeader)
	if header == "" {
		return 1, false // Atoi would allocate an error
	}
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return n, true
	}
	return 1, true
}

// BeginTask tells the server that the task of ctx, which [taskid.NewContext]
// names, is running and asks for key. Requests for a key that several tasks
// have belong to those of them that are running, unless they name their task.
// A request over HTTP/1 whose context comes from the one that BeginTask returns
// is known to be the task's. The task must call end when it is over.
func (s *Server) BeginTask(ctx context.Context, key string) (traced context.Context, end func()) {
	return s.identities.begin(ctx, key)
}
