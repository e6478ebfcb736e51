package limits

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// A Rate bounds how many requests are let in over time, with a bucket of tokens
// that all clients share: it holds Burst at most, is full at first, gets
// PerSecond back each second, and every request takes one. A request that finds
// none is answered with 429 and Retry-After. The zero Rate is no bound.
//
// Every answer has the state of the bucket, in the fields RateLimit-Policy and
// RateLimit of the IETF's draft, under the name "requests": the quota and the
// seconds in which an empty bucket fills; the whole tokens that are left, and
// the seconds until it is full.
type Rate struct {
	PerSecond float64 // above 0, to 1e9
	Burst     int     // 1 or more; 0 stands for what one second gives back, at least 1
}

const maxPerSecond = 1e9

// Check reports what is wrong with the rate.
func (r Rate) Check() error {
	switch {
	case r == Rate{}:
		return nil
	case !(r.PerSecond > 0 && r.PerSecond <= maxPerSecond): // NaN is neither
		return fmt.Errorf("per second %v: want above 0, to %d", r.PerSecond, int(maxPerSecond))
	case r.Burst < 0:
		return fmt.Errorf("burst %d: want 1 or more, or 0 for what one second gives back", r.Burst)
	}
	return nil
}

// A bucket is a rate at work. Its methods may be called by any number of
// goroutines.
type bucket struct {
	limiter *rate.Limiter
	policy  string // the RateLimit-Policy
}

// newBucket fills a bucket; nil is one that never gets empty.
func newBucket(r Rate) *bucket {
	if r.PerSecond == 0 {
		return nil
	}
	burst := r.Burst
	if burst == 0 {
		burst = max(1, int(r.PerSecond))
	}
	fills := seconds(time.Duration(min(float64(burst)/r.PerSecond*float64(time.Second), math.MaxInt64/2)))
	return &bucket{rate.NewLimiter(rate.Limit(r.PerSecond), burst), fmt.Sprintf(`"requests";q=%d;w=%d`, burst, fills)}
}

// take takes a token at a time, and sets the fields of the answer's
// header. If there is no token, it returns how long it takes to get one.
func (b *bucket) take(now time.Time, h http.Header) (wait time.Duration, ok bool) {
	ok = b.limiter.AllowN(now, 1)
	left := b.limiter.TokensAt(now)
	h.Set("RateLimit-Policy", b.policy)
	h.Set("RateLimit", fmt.Sprintf(`"requests";r=%d;t=%d`, max(0, int(left)),
		seconds(b.until(float64(b.limiter.Burst())-left))))
	if ok {
		return 0, true
	}
	return b.until(1 - left), false
}

// until is how long it takes to get some tokens back.
func (b *bucket) until(tokens float64) time.Duration {
	return time.Duration(min(max(tokens, 0)/float64(b.limiter.Limit())*float64(time.Second), math.MaxInt64/2))
}

// seconds rounds up, because a client that comes back early comes in vain.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// retryAfter is the value of a Retry-After, at least a second: 0 would ask for
// a retry at once.
func retryAfter(d time.Duration) string { return strconv.FormatInt(max(1, seconds(d)), 10) }
