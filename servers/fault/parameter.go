package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/http/httpguts"
)

// A Parameter is a value that some kinds of fault take.
type Parameter struct {
	Name     string // as the scenario language writes it
	Required bool
	Default  string // the value of a parameter that is not set; "" where it depends on the others
	Example  string // a value that differs from the default
}

// Limits of parameters.
const (
	// MaxHops is the largest number of redirects in a chain. Common clients
	// follow at least as many.
	MaxHops = 5
	// MinHugeHead is the smallest size of a huge head: one byte more than a
	// client of net/http reads.
	MinHugeHead = 10<<20 + 1

	maxHugeHead = 1 << 30
	oneSecond   = time.Second
)

// A rule says which values of a parameter are valid.
type rule struct {
	name     string
	required bool
	example  string
	examples map[Kind]string // where another value is valid
	value    func(f Fault) any
	valid    func(f Fault) bool
	want     func(f Fault) string
}

// always returns what is wanted of every kind.
func always(want string) func(Fault) string { return func(Fault) string { return want } }

// rules has every parameter of every kind.
var rules = []rule{
	{
		name: "status", required: true, example: "503", examples: map[Kind]string{Redirect: "307"},
		value: func(f Fault) any { return f.Status },
		valid: func(f Fault) bool {
			if f.Kind == Redirect {
				return slices.Contains(redirects, f.Status)
			}
			return f.Status == http.StatusNoContent || f.Status == http.StatusNotModified ||
				f.Status >= 400 && f.Status <= 599
		},
		want: func(f Fault) string {
			if f.Kind == Redirect {
				return "301, 302, 303, 307 or 308"
			}
			return "204, 304, or 400 to 599"
		},
	},
	{
		name: "reason", example: "Short And Stout",
		value: func(f Fault) any { return f.Reason },
		valid: func(f Fault) bool { return !strings.ContainsFunc(f.Reason, unprintable) },
		want:  always("printable characters of ASCII"),
	},
	{
		name: "body", example: "short and stout",
		value: func(f Fault) any { return f.Body },
		valid: func(f Fault) bool { return f.Status != http.StatusNoContent && f.Status != http.StatusNotModified },
		want:  always("no body with status 204 or 304"),
	},
	{
		name: "headers", example: `["Set-Cookie: a=b"]`,
		value: func(f Fault) any { return f.Headers },
		valid: func(f Fault) bool { return !slices.ContainsFunc(f.Headers, malformed) },
		want:  always(`header fields such as "Set-Cookie: a=b"`),
	},
	{
		name: "retry_after", example: "2s",
		value: func(f Fault) any { return f.retry() },
		valid: func(f Fault) bool {
			whole := f.RetryAfter > 0 && f.RetryAfter%time.Second == 0
			return whole != !f.RetryAt.IsZero() && slices.Contains(retryStatuses, f.Status)
		},
		want: always("whole seconds, date(10s) or an HTTP date, with status 413, 429 or 503"),
	},
	{
		name: "hops", example: "2",
		value: func(f Fault) any { return f.Hops },
		valid: func(f Fault) bool { return f.Hops >= 1 && f.Hops <= MaxHops },
		want:  always(fmt.Sprintf("1 to %d", MaxHops)),
	},
	{
		name: "other_host", example: "true",
		value: func(f Fault) any { return f.OtherHost },
		valid: func(Fault) bool { return true },
	},
	{
		name: "after", example: "true",
		value: func(f Fault) any { return f.After },
		valid: func(Fault) bool { return true },
	},
	{
		name: "size", example: "12582912",
		value: func(f Fault) any { return f.Size },
		valid: func(f Fault) bool { return f.Size >= MinHugeHead && f.Size <= maxHugeHead },
		want:  always(fmt.Sprintf("%d, which is more than net/http reads, to %d", MinHugeHead, maxHugeHead)),
	},
	{
		name: "delay", example: "100ms",
		value: func(f Fault) any { return f.Delay },
		valid: func(f Fault) bool { return f.Delay > 0 },
		want:  always("a duration above 0"),
	},
}

// requiredBy reports whether a kind that takes the parameter has no default for
// it, and needs one.
func (r rule) requiredBy(k Kind) bool {
	return r.required && reflect.ValueOf(r.value(k.row().defaults)).IsZero()
}

// redirects are the statuses that lead a client to another URL.
var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
	http.StatusPermanentRedirect,
}

// malformed reports whether a line is no header field.
func malformed(line string) bool {
	name, value, found := strings.Cut(line, ":")
	return !found || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value)
}

// retryStatuses are the statuses for which RFC 9110 and RFC 6585 define
// Retry-After.
var retryStatuses = []int{http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable}

// retry is what the parameter retry_after holds.
type retry struct {
	After time.Duration
	Date  bool
	At    time.Time
}

// String writes it as the scenario language does.
func (r retry) String() string {
	switch {
	case !r.At.IsZero():
		return r.At.UTC().Format(http.TimeFormat)
	case r.Date:
		return "date(" + r.After.String() + ")"
	}
	return r.After.String()
}

func (f Fault) retry() retry { return retry{f.RetryAfter, f.RetryDate, f.RetryAt} }

func unprintable(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }

// Parameters lists the parameters that a fault of this kind takes.
func (k Kind) Parameters() []Parameter {
	t := k.row()
	var list []Parameter
	for _, rule := range rules {
		if !slices.Contains(t.takes, rule.name) {
			continue
		}
		p := Parameter{Name: rule.name, Example: cmp.Or(rule.examples[k], rule.example)}
		if v := rule.value(t.defaults); !reflect.ValueOf(v).IsZero() {
			p.Default = fmt.Sprint(v)
		}
		p.Required = rule.requiredBy(k)
		list = append(list, p)
	}
	return list
}

// ParameterNames lists the parameters of all kinds.
func ParameterNames() []string {
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = rule.name
	}
	return names
}

// checkParameters reports parameters that the kind does not take, and invalid
// values.
func (f Fault) checkParameters() error {
	var errs []error
	takes := f.Kind.row().takes
	for _, rule := range rules {
		value, name := rule.value(f), strings.ReplaceAll(rule.name, "_", " ")
		set, taken := !reflect.ValueOf(value).IsZero(), slices.Contains(takes, rule.name)
		switch {
		case set && !taken:
			errs = append(errs, fmt.Errorf("%s %v: a fault of kind %s takes no %s", name, value, f.Kind, name))
		case taken && (set || rule.requiredBy(f.Kind)) && !rule.valid(f):
			errs = append(errs, fmt.Errorf("%s %v: want %s", name, value, rule.want(f)))
		}
	}
	return errors.Join(errs...)
}
