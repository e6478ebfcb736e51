package servers

import (
	"net/http"
	"sync"

	"github.com/teapot-go/teapot/servers/fault"
)

// turns number the requests for each key that do not say themselves which
// attempt they are. Nil numbers none: all are first ones.
type turns struct {
	mu   sync.Mutex
	last map[string]int
}

// turnsLimit is how many keys are counted. When there are more, all are
// forgotten, and begin anew.
const turnsLimit = 1 << 16

// attempt is the number of a request, and what it has met if it has come
// before: what a redirect or a transport sends again is no turn of its own.
func (t *turns) attempt(key string, r *http.Request, again func(attempt int) (Fate, bool)) (n int, met Fate, resent bool) {
	n, said := attemptOf(r)
	if said || t == nil {
		met, resent = again(n)
		return n, met, resent
	}
	key = kept(key)
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.last[key]
	if last > 0 {
		if met, resent = again(last); resent || fault.Hop(r) > 0 {
			return last, met, resent
		}
	}
	if last == 0 && len(t.last) >= turnsLimit {
		clear(t.last)
	}
	t.last[key] = last + 1
	return last + 1, Fate{}, false
}
