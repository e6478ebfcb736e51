package servers

// A lostRequest is one to an address at which no request gets through. A client
// may try again at the URL that it has. What it meets there is what the plan
// has for its next attempt.
//
// A dial with the transport of the server's client says whose it is, if the
// request has the context of its task. Of any other client the server does not
// know that it has tried again.
type lostRequest struct {
	key   string
	id    identity // of the latest attempt
	dials int      // of its address
}

// next calls refused with the identity of the next request of a task, which
// says that it is this attempt, or of one that does not say its task. If
// refused reports that no server will see the request, it counts as sent. A
// task that says the same attempt after that makes the next.
func (a *identities) next(key string, task, attempt int, refused func(identity) bool) {
	id := identity{task: task, occurrence: 1, attempt: attempt}
	other := a.other(key, nil, &id)
	a.mu.Lock()
	defer a.mu.Unlock()
	var t *runningTask
	if !other && a.positions.of(key) > 1 {
		t = a.choose(key, &id, sending{pending: func(identity) bool { return false }}, 0, nil)
	}
	at := slot{kept(key), id.occurrence}
	last := a.lost[id.task]
	again := last != nil && last.key == key && attempt <= last.id.attempt
	switch {
	case a.ignores:
		id.attempt, id.counted = a.last[at]+1, true
	case a.counts && again:
		id.attempt, id.counted = a.after(last), true
	}
	if !refused(id) {
		return
	}
	if a.ignores {
		a.count(at, id.attempt)
	}
	if id.task > 0 {
		if a.lost == nil || len(a.lost) >= countsLimit {
			a.lost = map[int]*lostRequest{}
		}
		a.lost[id.task] = &lostRequest{key: key, id: id}
	}
	if t != nil {
		t.requests, t.hop = t.requests+1, -1
	}
}

// redial notes that a task dials an address at which no request gets through.
// The first time it calls came with the identity of the attempt. Later ones are
// other attempts: it calls refused with the identity of the next, and reports
// whether the request comes to the server.
func (a *identities) redial(task int, came func(key string, id identity), refused func(key string, id identity) bool,
) (through bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.lost[task]
	if last == nil || !a.counts {
		return false
	}
	if last.dials++; last.dials == 1 {
		came(last.key, last.id)
		return false
	}
	id := last.id
	id.attempt, id.counted = a.after(last), true
	if !refused(last.key, id) {
		return true
	}
	last.id = id
	return false
}

// after counts a lost request and those before it, as the client makes the next
// attempt, and returns the number of that.
func (a *identities) after(last *lostRequest) int {
	at := slot{kept(last.key), last.id.occurrence}
	n := max(a.last[at], last.id.attempt)
	a.count(at, n)
	return n + 1
}
