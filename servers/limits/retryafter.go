package limits

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter returns how long after now a client should come again, by the
// value of a Retry-After header: a number of seconds or a date (RFC 9110,
// 10.2.3). A date that has passed is 0. It reports false for any other value,
// which means nothing.
func RetryAfter(value string, now time.Time) (wait time.Duration, ok bool) {
	if value == "" { // most answers have none
		return 0, false
	}
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, date.Sub(now)), true
}
