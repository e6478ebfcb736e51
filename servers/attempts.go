package servers

import (
	"net/http"
	"strconv"
	"sync"

	"github.com/teapot-go/teapot/servers/fault"
)

// attempts numbers the requests for each key that do not say which attempt they
// are. A nil *attempts does not count: all of them are first attempts.
type attempts struct {
	mu   sync.Mutex
	last map[string]int
}

// attemptsLimit is the number of keys that are counted. One more makes the
// server forget all of them, so that they start at 1 again.
const attemptsLimit = 1 << 16

// number returns the number of a request. If the request was sent before, by a
// redirect or by the client's transport, it does not count again, and number
// returns the fate of the first time too. The function resent looks that up.
func (a *attempts) number(key string, r *http.Request, resent func(n int) (Fate, bool)) (n int, fate Fate, again bool) {
	n, said := attemptOf(r)
	if said || a == nil {
		fate, again = resent(n)
		return n, fate, again
	}
	key = kept(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	last := a.last[key]
	if last > 0 {
		if fate, again = resent(last); again || fault.Hop(r) > 0 {
			return last, fate, again
		}
	}
	if last == 0 && len(a.last) >= attemptsLimit {
		clear(a.last)
	}
	a.last[key] = last + 1
	return last + 1, Fate{}, false
}

// attemptOf returns which attempt a request is, and reports whether it says so.
func attemptOf(r *http.Request) (n int, said bool) {
	header := r.Header.Get(AttemptHeader)
	if header == "" {
		return 1, false // Atoi would allocate an error
	}
	if n, err := strconv.Atoi(header); err == nil && n > 0 {
		return n, true
	}
	return 1, true
}
