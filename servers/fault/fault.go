package fault

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Fault goes wrong in one way, for the requests that it strikes: those that
// meet all the conditions that are set.
type Fault struct {
	Kind Kind

	// Rate is the share of the requests that meet the other conditions, from 0
	// to 1. Beside another condition 0 stands for all of them; alone it stands
	// for none, which Check refuses.
	Rate float64
	// Keys are the keys that it strikes, or patterns of them as [path.Match]
	// reads them: BR, B*, [AB]?.
	Keys []string
	// Attempts is how many attempts at a key it strikes: 2 for the first and
	// the second.
	Attempts int
	// Every strikes every so manieth key, counted by its position among all
	// keys: for 3 the third, the sixth, and so on.
	Every int
	// From and Until bound the time at which a request arrives, since the
	// server started; an Until of 0 is no bound.
	From, Until time.Duration

	// Status is a Status fault's, 400 to 599.
	Status int
	// Reason is a Status fault's reason phrase. The default is the usual one.
	// HTTP/2 has none.
	Reason string
	// Body is a Status fault's body. The default is the status's name.
	Body string
	// RetryAfter is a Status fault's Retry-After header, in whole seconds, with
	// 413, 429 or 503.
	RetryAfter time.Duration
	// Hops is the length of a chain of redirects, 1 to MaxHops. The default is
	// 3.
	Hops int
	// Size is the length of a HugeHead's head in bytes, MinHugeHead to 1 GiB.
	// The default is 11 MiB.
	Size int
	// Delay is how long a SlowClose keeps the connection open. The default is a
	// second.
	Delay time.Duration
}

// MaxHops is how long a chain of redirects may be: clients of all kinds follow
// as many.
const MaxHops = 5

// An option is a field that some kinds have and others do not.
type option int

const (
	optStatus option = 1 << iota
	optReason
	optBody
	optRetryAfter
	optHops
	optSize
	optDelay
)

// Options names the options that a fault of this kind has besides whom it
// strikes, as the scenario language writes them.
func (k Kind) Options() []string {
	t := traits[k]
	var names []string
	for i, name := range []string{"status", "reason", "body", "retry_after", "hops", "size", "delay"} {
		if t.options&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Wrap is next as it looks to a request that the fault strikes, whomever that
// is. The rest of the fault must pass [Fault.Check].
func (f Fault) Wrap(next http.Handler) http.Handler {
	t, known := traits[f.Kind]
	if !known {
		return next
	}
	return t.wrap(f, next)
}

// Conditional says whether anything but the rate says whom the fault strikes.
func (f Fault) Conditional() bool {
	return len(f.Keys) > 0 || f.Attempts > 0 || f.Every > 0 || f.Timed()
}

// Timed says whether it depends on the time whom the fault strikes.
func (f Fault) Timed() bool { return f.From > 0 || f.Until > 0 }

// A Request is what a fault may look at to say whom it strikes.
type Request struct {
	Key      string
	Attempt  int           // from 1
	Position int           // of the key among all keys, from 1; 0 if it has none
	Since    time.Duration // the start of the server
}

// Strikes says whether the fault strikes a request, for which draw was drawn
// from [0, 1).
func (f Fault) Strikes(r Request, draw float64) bool {
	rate := f.Rate
	if rate == 0 && f.Conditional() {
		rate = 1
	}
	switch {
	case draw >= rate:
	case len(f.Keys) > 0 && !slices.ContainsFunc(f.Keys, func(p string) bool { ok, _ := path.Match(p, r.Key); return ok }):
	case f.Attempts > 0 && r.Attempt > f.Attempts:
	case f.Every > 0 && (r.Position == 0 || r.Position%f.Every != 0):
	case r.Since < f.From, f.Until > 0 && r.Since >= f.Until:
	default:
		return true
	}
	return false
}

// Check reports everything that is wrong with the fault.
func (f Fault) Check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	t, known := traits[f.Kind]
	if !known {
		wrong("kind %q: want %s", f.Kind, anyOf(Kinds()))
	}
	if !(f.Rate >= 0 && f.Rate <= 1) { // NaN is neither
		wrong("rate %v: want 0 to 1", f.Rate)
	}
	for _, p := range f.Keys {
		if _, err := path.Match(p, ""); err != nil {
			wrong("key %q: want a key, or a pattern such as B* or [AB]?", p)
		}
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"attempts", f.Attempts}, {"every", f.Every}} {
		if n.value < 0 {
			wrong("%s %d: want 1 or more, or 0 for all", n.name, n.value)
		}
	}
	if f.From < 0 || f.Until < 0 || f.Until > 0 && f.From >= f.Until {
		wrong("from %v until %v: want a time before a later one", f.From, f.Until)
	}
	if known {
		errs = append(errs, f.checkOptions(t)...)
	}
	if f.Rate == 0 && !f.Conditional() {
		wrong("nothing says whom it strikes: want a rate above 0, keys, attempts, every, from or until")
	}
	return errors.Join(errs...)
}

// checkOptions reports options of another kind of fault, and values that an
// option cannot have.
func (f Fault) checkOptions(t trait) (errs []error) {
	fits := slices.Contains([]int{http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable}, f.Status)
	for _, o := range []struct {
		option option
		set    bool
		name   string
		value  any
		valid  bool
		want   string
	}{
		{optStatus, f.Status != 0 || f.Kind == Status, "status", f.Status, f.Status >= 400 && f.Status <= 599, "400 to 599"},
		{optReason, f.Reason != "", "reason", f.Reason, isReason(f.Reason), "printable characters of ASCII"},
		{optBody, f.Body != "", "body", f.Body, true, ""},
		{optRetryAfter, f.RetryAfter != 0, "retry after", f.RetryAfter, f.RetryAfter > 0 && f.RetryAfter%time.Second == 0 && fits, "whole seconds, with status 413, 429 or 503"},
		{optHops, f.Hops != 0, "hops", f.Hops, f.Hops >= 1 && f.Hops <= MaxHops, fmt.Sprintf("1 to %d", MaxHops)},
		{optSize, f.Size != 0, "size", f.Size, f.Size >= MinHugeHead && f.Size <= 1<<30, fmt.Sprintf("%d, which is more than net/http reads, to %d", MinHugeHead, 1<<30)},
		{optDelay, f.Delay != 0, "delay", f.Delay, f.Delay > 0, "a duration above 0"},
	} {
		switch {
		case !o.set:
		case t.options&o.option == 0:
			errs = append(errs, fmt.Errorf("%s %v: want none, as a %s has no such thing", o.name, o.value, f.Kind))
		case !o.valid:
			errs = append(errs, fmt.Errorf("%s %v: want %s", o.name, o.value, o.want))
		}
	}
	return errs
}

func isReason(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) })
}

func anyOf(kinds []Kind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
