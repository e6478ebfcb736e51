package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// A Fault is one way to misbehave, and the requests that it strikes: those that
// meet all the conditions that are set.
type Fault struct {
	Kind Kind

	// Rate is the share that the fault strikes of the requests that meet the
	// other conditions, from 0 to 1. If there is another condition, 0 means all
	// of them. If there is none, 0 is an error.
	Rate float64
	// Keys are the keys that it strikes, or patterns for [path.Match]: BR, B*,
	// [AB]?.
	Keys []string
	// Except are the keys that it does not strike, or patterns of them. It is
	// no condition of its own.
	Except []string
	// Attempts is how many attempts at each key it strikes: 2 strikes the first
	// and the second.
	Attempts int
	// At, if it has a key, is the one request that it strikes.
	At At
	// Every strikes every Nth key, by the position of the key among all keys: 3
	// strikes the third, the sixth, and so on.
	Every int
	// From and Until bound when a request arrives, as a time since the server
	// started. An Until of 0 is no bound.
	From, Until time.Duration

	// Status is the status of a Status fault: 204, 304, or 400 to 599. Of a
	// Redirect fault it is that of each redirect, 301, 302, 303, 307 or 308;
	// the default is 302.
	Status int
	// Reason is the reason phrase of a Status fault. The default is the usual
	// one. HTTP/2 has none.
	Reason string
	// Body is the body of a Status fault. The default is the name of the
	// status.
	Body string
	// Headers are header fields of a Status fault, such as "Set-Cookie: a=b".
	Headers []string
	// RetryAfter is the Retry-After header of a Status fault, in whole seconds,
	// with status 413, 429 or 503. With RetryDate it is sent as a date, that
	// long after the answer, rounded up to a second.
	RetryAfter time.Duration
	RetryDate  bool
	// RetryAt, if not zero, is sent as a date in place of RetryAfter.
	RetryAt time.Time
	// Hops is the number of redirects of a Redirect fault, 1 to MaxHops. The
	// default is 3.
	Hops int
	// OtherHost has a Redirect fault lead to another name of the server, such
	// as localhost in place of 127.0.0.1. To a client that is another origin,
	// to which it must not send credentials.
	OtherHost bool
	// After has a Status, Empty, Reset or Hang fault call the handler that it
	// hides. The work is done then, and the answer is lost.
	After bool
	// Size is the number of bytes in the head of a HugeHead fault, MinHugeHead
	// to 1 GiB. The default is 11 MiB.
	Size int
	// Delay is how long a SlowClose fault keeps the connection open. The
	// default is one second.
	Delay time.Duration
}

// An At is one attempt at one key. If several tasks have the key, it is that
// attempt of each of them.
type At struct {
	Key     string // not a pattern
	Attempt int    // from 1; 0 stands for 1
}

// Wrap returns a handler that answers as next does, but for the fault. It
// ignores the fault's conditions. The fault must pass [Fault.Check] otherwise.
func (f Fault) Wrap(next http.Handler) http.Handler {
	t := f.Kind.row()
	f.Status = cmp.Or(f.Status, t.defaults.Status)
	f.Hops = cmp.Or(f.Hops, t.defaults.Hops)
	f.Size = cmp.Or(f.Size, t.defaults.Size)
	f.Delay = cmp.Or(f.Delay, t.defaults.Delay)
	wrapped := t.wrap(f, next)
	if t.body == PartialBody {
		wrapped = handshake(f, next, t.wrap)
	}
	if !f.After {
		return wrapped
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record(next, r)
		wrapped.ServeHTTP(w, r)
	})
}

// StatusOf returns the status of the last answer, where the content's has the
// given one.
func (f *Fault) StatusOf(content int) int {
	if f.Kind == Status {
		return f.Status
	}
	return cmp.Or(f.Kind.row().status, content)
}

// conditional reports whether the fault has a condition other than its rate.
func (f Fault) conditional() bool {
	return len(f.Keys) > 0 || f.At.Key != "" || f.Attempts > 0 || f.Every > 0 || f.Timed()
}

// Timed reports whether the fault depends on when a request arrives.
func (f Fault) Timed() bool { return f.From > 0 || f.Until > 0 }

// A Request is what the conditions of a fault depend on.
type Request struct {
	Key        string
	Occurrence int           // which task of the key it belongs to, from 1; 0 stands for 1
	Attempt    int           // from 1
	Position   int           // of the task among all tasks, from 1; 0 for a key that is not among them
	Since      time.Duration // the server's start
	Refused    bool          // it has come before, and was not processed: see [Kind.Unprocessed]
}

// Strikes reports whether the fault strikes a request. The draw, from [0, 1),
// is what the rate is compared with.
func (f Fault) Strikes(r Request, draw float64) bool {
	rate := f.Rate
	if rate == 0 && f.conditional() {
		rate = 1
	}
	switch {
	case draw >= rate:
	case len(f.Keys) > 0 && !MatchAny(f.Keys, r.Key), MatchAny(f.Except, r.Key):
	case f.At.Key != "" && (r.Key != f.At.Key || r.Attempt != max(f.At.Attempt, 1)):
	case f.Attempts > 0 && r.Attempt > f.Attempts:
	case r.Refused && f.Kind.Unprocessed():
	case f.Every > 0 && (r.Position == 0 || r.Position%f.Every != 0):
	case r.Since < f.From, f.Until > 0 && r.Since >= f.Until:
	default:
		return true
	}
	return false
}

// MatchAny reports whether any of the patterns of keys matches all of a key:
// see [Match].
func MatchAny(patterns []string, key string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		ok, _ := Match(p, key)
		return ok
	})
}

// Match reports whether a pattern of keys matches all of a key. It is
// [path.Match], but * and ? match slashes too. The only error is
// [path.ErrBadPattern].
func Match(pattern, key string) (bool, error) {
	return path.Match(noSlash(pattern), noSlash(key))
}

func noSlash(text string) string {
	if strings.IndexByte(text, '/') < 0 {
		return text // as most keys
	}
	return strings.ReplaceAll(text, "/", "\x00")
}

// Check reports everything that is wrong with the fault.
func (f Fault) Check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	known := f.Kind != None && rows[f.Kind] != nil
	if !known {
		wrong("kind %q: want %s", f.Kind, anyOf(Kinds()))
	}
	if !(f.Rate >= 0 && f.Rate <= 1) { // NaN is neither
		wrong("rate %v: want 0 to 1", f.Rate)
	}
	for _, p := range slices.Concat(f.Keys, f.Except) {
		if _, err := path.Match(p, ""); err != nil {
			wrong("key %q: want a key, or a pattern such as B* or [AB]?", p)
		}
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"attempts", f.Attempts}, {"every", f.Every}, {"attempt", f.At.Attempt}} {
		if n.value < 0 {
			wrong("%s %d: want 1 or more, or 0 for all", n.name, n.value)
		}
	}
	if f.From < 0 || f.Until < 0 || f.Until > 0 && f.From >= f.Until {
		wrong("from %v until %v: want a time before a later one", f.From, f.Until)
	}
	if known {
		errs = append(errs, f.checkParameters())
	}
	if f.Rate == 0 && !f.conditional() {
		wrong("no condition: want a rate above 0, keys, at, attempts, every, from or until")
	}
	return errors.Join(errs...)
}

// anyOf joins kinds to "a, b or c".
func anyOf(kinds []Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
