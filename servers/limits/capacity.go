package limits

import (
	"errors"
	"fmt"
	"time"
)

// A Capacity bounds how many requests are served at once. The zero Capacity is
// no bound.
type Capacity struct {
	Concurrent int // how many are served at once, at most; 0 for any number
	Queue      int // how many more may wait for their turn, first come, first served; not with Wait
	// what happens to a request beyond both; "" is Wait without a queue, and
	// Unavailable with one
	Policy Policy
	// what Unavailable and TooMany tell the client to wait, rounded up to whole
	// seconds; 0 for one second
	RetryAfter time.Duration
}

// A Policy decides what happens to a request for which there is no room.
type Policy string

// The policies.
const (
	// it waits, however many do: clients bound the queue, by the requests that
	// they have under way
	Wait        Policy = "wait"
	Unavailable Policy = "unavailable" // it is answered with 503 and Retry-After
	TooMany     Policy = "too_many"    // it is answered with 429 and Retry-After
	Refuse      Policy = "refuse"      // its connection is closed without an answer; over HTTP/2 its stream is reset
)

// Policies lists every policy.
func Policies() []Policy { return []Policy{Wait, Unavailable, TooMany, Refuse} }

// maxRetryAfter bounds what a client is told: a day is more than any test
// waits.
const maxRetryAfter = 24 * time.Hour

// Check reports everything that is wrong with the capacity.
func (c Capacity) Check() error {
	var errs []error
	known := c.Policy == ""
	for _, p := range Policies() {
		known = known || c.Policy == p
	}
	if !known {
		errs = append(errs, fmt.Errorf("policy %q: want %s, %s, %s or %s", c.Policy, Wait, Unavailable,
			TooMany, Refuse))
	}
	if c.Concurrent < 0 {
		errs = append(errs, fmt.Errorf("concurrent %d: want 0 for any number, or more", c.Concurrent))
	}
	if c.Queue < 0 {
		errs = append(errs, fmt.Errorf("queue %d: want 0 or more", c.Queue))
	}
	if c.RetryAfter < 0 || c.RetryAfter > maxRetryAfter {
		errs = append(errs, fmt.Errorf("retry after %v: want 0s to %v", c.RetryAfter, maxRetryAfter))
	}
	if c.Concurrent == 0 && c != (Capacity{}) {
		errs = append(errs, errors.New("concurrent is not said: without it there is room for every request, and "+
			"nothing else matters"))
	}
	if c.Policy == Wait && c.Queue > 0 {
		errs = append(errs, fmt.Errorf("queue %d: the queue of policy wait has no end: want none, or another policy",
			c.Queue))
	}
	return errors.Join(errs...)
}

// policy is what the zero Policy stands for.
func (c Capacity) policy() Policy {
	switch {
	case c.Policy != "":
		return c.Policy
	case c.Queue > 0:
		return Unavailable
	default:
		return Wait
	}
}
