package servers

import "sync"

// unread lists the responses of a server without connections whose bodies are
// neither read to their end nor closed. The zero value is empty.
type unread struct {
	mu    sync.Mutex
	first *answer
}

func (u *unread) add(a *answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	a.listed = true
	if a.next = u.first; a.next != nil {
		a.next.prev = a
	}
	u.first = a
}

// remove removes a response, if it is there.
func (u *unread) remove(a *answer) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !a.listed {
		return
	}
	if a.prev != nil {
		a.prev.next = a.next
	} else {
		u.first = a.next
	}
	if a.next != nil {
		a.next.prev = a.prev
	}
	a.prev, a.next, a.listed = nil, nil, false
}

// count returns how many there are, but for those whose requests' contexts have
// ended, which ends a body.
func (u *unread) count() (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for a := u.first; a != nil; a = a.next {
		if a.client.Context().Err() == nil {
			n++
		}
	}
	return n
}
