package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/fault"
	"github.com/teapot-go/teapot/servers/interleave"
	"github.com/teapot-go/teapot/servers/latency"
	"github.com/teapot-go/teapot/servers/limits"
	"golang.org/x/net/http/httpguts"
)

// The scalars of the language: each is an enumeration, or parses itself from
// text. Where 0 is not a valid value, it means that the file has no such key.
type (
	clockName          string // real, virtual or auto
	faultKind          string // one of [fault.Kinds]
	attemptNumbers     string // said or counted
	latencySpend       string // before_head, before_body or over_body
	keyPattern         string // a pattern for [path.Match]
	delivery           string // map or as_completed
	ordering           string // submission, completion or any
	classificationRule string // exact, coarse, plain or any
	protocol           string // http, https, h2c or h2
	transport          string // connection or handler
	capacityPolicy     string // one of [limits.Policies]
	retriesRule        string // planned or any
	retryMethods       string // idempotent or any
	retryAfterRule     string // honour or ignore
	timeoutRule        string // each or whole
	unaskedRule        string // one of [oracle.Unasked]
	readsRule          string // whole or part

	rate           float64       // above 0, at most 1
	positiveNumber float64       // above 0, at most 1e9
	statusCode     int           // that a fault can have
	truth          bool          // true or false
	headerField    string        // such as Set-Cookie: a=b
	headerName     string        // such as X-Request-Id
	count          int           // 1 to maxCount
	attemptCount   int           // 1 to maxAttempts
	hopCount       int           // 1 to [fault.MaxHops]
	duration       time.Duration // above 0

	// retryAfter is the value of a Retry-After header.
	retryAfter struct {
		After time.Duration
		Date  bool // it is sent as a date
		At    time.Time
	}
	// bandwidth is a number of bytes per second.
	bandwidth struct{ Bytes int }
	// headSize is the size of a huge head in bytes.
	headSize struct{ Size int }
	// bodySize is a distribution of sizes.
	bodySize struct{ content.Size }
	// interleaving is who goes on first at one instant.
	interleaving struct{ interleave.Way }
	// distribution is a distribution of latencies.
	distribution struct{ servers.Latency }
	// atLeast is a lower bound of at most 1, such as ">= 0.95".
	atLeast struct{ bounds.Bound }
	// atMost is an upper bound, such as "<= 5.1s".
	atMost struct{ bounds.Bound }
)

var (
	_ = []strict.Enum{
		new(clockName), new(faultKind), new(attemptNumbers), new(latencySpend), new(delivery), new(ordering),
		new(classificationRule),
		new(protocol), new(transport), new(capacityPolicy), new(retriesRule), new(retryMethods), new(retryAfterRule),
		new(timeoutRule), new(unaskedRule), new(readsRule),
	}
	_ = []strict.Scalar{
		new(rate), new(keyPattern), new(positiveNumber), new(statusCode), new(truth), new(headerField),
		new(headerName), new(count),
		new(attemptCount), new(hopCount),
		new(headSize), new(bandwidth),
		new(duration), new(retryAfter), new(retryCause), new(pauses),
		new(distribution), new(bodySize), new(atLeast), new(atMost), new(interleaving),
	}
)

// maxCount bounds workers, limits and numbers of keys. One process cannot
// handle more than a million of any of them.
const maxCount = 1_000_000

// Values implements [strict.Enum].
func (clockName) Values() []string {
	return []string{string(record.Real), string(record.Virtual), string(Auto)}
}

// Values implements [strict.Enum].
func (faultKind) Values() []string { return stringsOf(fault.Kinds()) }

// Values implements [strict.Enum].
func (attemptNumbers) Values() []string { return []string{"said", "counted"} }

// Values implements [strict.Enum].
func (latencySpend) Values() []string {
	return []string{string(latency.BeforeHead), string(latency.BeforeBody), string(latency.OverBody)}
}

// Values implements [strict.Enum].
func (delivery) Values() []string {
	return []string{string(record.InOrder), string(record.AsCompleted)}
}

// Values implements [strict.Enum].
func (ordering) Values() []string {
	return []string{string(checks.BySubmission), string(checks.ByCompletion), string(checks.AnyOrder)}
}

// Values implements [strict.Enum].
func (classificationRule) Values() []string { return []string{"exact", "coarse", "plain", "any"} }

// Values implements [strict.Enum].
func (retriesRule) Values() []string { return []string{"planned", "any"} }

// Values implements [strict.Enum].
func (retryMethods) Values() []string { return []string{"idempotent", "any"} }

// Values implements [strict.Enum].
func (timeoutRule) Values() []string { return []string{"each", "whole"} }

// Values implements [strict.Enum].
func (unaskedRule) Values() []string {
	said := []oracle.Unasked{
		oracle.Never, oracle.Cache, oracle.CircuitBreaker, oracle.Shared, oracle.Limiter, oracle.Any,
	}
	return append([]string{unaskedUnknown}, stringsOf(said)...)
}

// Values implements [strict.Enum].
func (readsRule) Values() []string { return []string{"whole", readsPart} }

// Values implements [strict.Enum].
func (retryAfterRule) Values() []string { return []string{"honour", "ignore"} }

// Values implements [strict.Enum].
func (protocol) Values() []string { return []string{"http", "https", "h2c", "h2"} }

// Values implements [strict.Enum].
func (transport) Values() []string { return []string{"connection", transportHandler} }

// Values implements [strict.Enum].
func (capacityPolicy) Values() []string { return stringsOf(limits.Policies()) }

// Accepts implements [strict.Scalar].
func (keyPattern) Accepts() string { return "a key, or a pattern of keys such as B* or [AB]?" }

// Parse implements [strict.Scalar].
func (p *keyPattern) Parse(text string) error {
	_, err := path.Match(text, "")
	*p = keyPattern(text)
	return acceptIf(err == nil && text != "")
}

// Accepts implements [strict.Scalar].
func (rate) Accepts() string { return "a share above 0 and at most 1, such as 0.25 or 25%" }

// Parse implements [strict.Scalar].
func (r *rate) Parse(text string) error {
	f, is := bounds.ParseShare(text)
	*r = rate(f)
	if is && f == 0 {
		return fmt.Errorf("%s: the fault would never strike", strict.Quote(text))
	}
	return acceptIf(is && f <= 1)
}

// Accepts implements [strict.Scalar].
func (positiveNumber) Accepts() string { return "a number above 0 and at most 1000000000" }

// Parse implements [strict.Scalar].
func (x *positiveNumber) Parse(text string) error {
	f, err := strconv.ParseFloat(text, 64)
	*x = positiveNumber(f)
	return acceptIf(err == nil && f > 0 && f <= 1e9)
}

// Accepts implements [strict.Scalar].
func (statusCode) Accepts() string { return "a status: 204, 301 to 304, 307, 308, or 400 to 599" }

// Parse implements [strict.Scalar].
func (c *statusCode) Parse(text string) error {
	n, err := strconv.Atoi(text)
	*c = statusCode(n)
	return acceptIf(err == nil && (n >= 400 && n <= 599 || slices.Contains(lowStatuses, n)))
}

// lowStatuses are those below 400 that some fault can have.
var lowStatuses = []int{204, 301, 302, 303, 304, 307, 308}

// Accepts implements [strict.Scalar].
func (truth) Accepts() string { return "true or false" }

// Parse implements [strict.Scalar].
func (b *truth) Parse(text string) error {
	*b = text == "true"
	return acceptIf(text == "true" || text == "false")
}

// Accepts implements [strict.Scalar].
func (headerField) Accepts() string { return `a header field such as "Set-Cookie: a=b"` }

// Parse implements [strict.Scalar].
func (h *headerField) Parse(text string) error {
	*h = headerField(text)
	name, value, found := strings.Cut(text, ":")
	return acceptIf(found && httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(value))
}

// Accepts implements [strict.Scalar].
func (headerName) Accepts() string { return "the name of a header field, such as X-Request-Id" }

// Parse implements [strict.Scalar].
func (h *headerName) Parse(text string) error {
	*h = headerName(text)
	return acceptIf(httpguts.ValidHeaderFieldName(text))
}

// whole describes whole numbers of a range, and reads one.
func whole(low, high int) string { return fmt.Sprintf("a whole number from %d to %d", low, high) }

func within(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	return n, acceptIf(err == nil && n >= low && n <= high)
}

// Accepts implements [strict.Scalar].
func (count) Accepts() string        { return whole(1, maxCount) }
func (attemptCount) Accepts() string { return whole(1, maxAttempts) }
func (hopCount) Accepts() string     { return whole(1, fault.MaxHops) }

// Parse implements [strict.Scalar].
func (c *count) Parse(text string) (err error) {
	*(*int)(c), err = within(text, 1, maxCount)
	return err
}

// Parse implements [strict.Scalar].
func (c *attemptCount) Parse(text string) (err error) {
	*(*int)(c), err = within(text, 1, maxAttempts)
	return err
}

// Parse implements [strict.Scalar].
func (c *hopCount) Parse(text string) (err error) {
	*(*int)(c), err = within(text, 1, fault.MaxHops)
	return err
}

// Accepts implements [strict.Scalar].
func (headSize) Accepts() string {
	return fmt.Sprintf("a size such as 11MiB or 20MB, or a number of bytes, from %d (more than net/http reads) to %d",
		fault.MinHugeHead, 1<<30)
}

// Parse implements [strict.Scalar].
func (b *headSize) Parse(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		n, err = content.ParseBytes(text)
	}
	b.Size = int(n)
	return acceptIf(err == nil && n >= fault.MinHugeHead && n <= 1<<30)
}

// Accepts implements [strict.Scalar].
func (bandwidth) Accepts() string { return "a bandwidth such as 500B/s, 64KB/s or 1MB/s" }

// Parse implements [strict.Scalar].
func (b *bandwidth) Parse(text string) error {
	digits := strings.TrimRight(text, "BKM/s")
	unit, known := map[string]int{"B/s": 1, "KB/s": 1e3, "MB/s": 1e6}[strings.TrimPrefix(text, digits)]
	n, err := strconv.ParseUint(digits, 10, 20)
	b.Bytes = int(n) * unit
	return acceptIf(err == nil && known && n > 0)
}

// Accepts implements [strict.Scalar].
func (duration) Accepts() string { return "a duration above 0 such as 50ms, 3.1s or 1m" }

// Parse implements [strict.Scalar].
func (d *duration) Parse(text string) error {
	t, err := time.ParseDuration(text)
	*d = duration(t)
	return acceptIf(err == nil && t > 0)
}

// Accepts implements [strict.Scalar].
func (retryAfter) Accepts() string {
	return "whole seconds such as 2s, date(2s) for a date so long after the answer, or a date such as " +
		`"Sat, 01 Jan 2000 00:00:10 GMT"`
}

// Parse implements [strict.Scalar].
func (r *retryAfter) Parse(text string) (err error) {
	if inner, is := strings.CutPrefix(text, "date("); is && strings.HasSuffix(inner, ")") {
		r.Date, text = true, strings.TrimSuffix(inner, ")")
	}
	if r.After, err = time.ParseDuration(text); err == nil {
		return acceptIf(r.After > 0 && r.After%time.Second == 0)
	}
	if r.At, err = http.ParseTime(text); r.Date {
		return acceptIf(false)
	}
	return acceptIf(err == nil)
}

// Accepts implements [strict.Scalar].
func (distribution) Accepts() string { return servers.LatencyForms }

// Parse implements [strict.Scalar].
func (l *distribution) Parse(text string) (err error) {
	l.Latency, err = servers.ParseLatency(text)
	return errors.Unwrap(err) // the message adds what Accepts returns
}

// Accepts implements [strict.Scalar].
func (bodySize) Accepts() string { return content.SizeForms }

// Parse implements [strict.Scalar].
func (b *bodySize) Parse(text string) (err error) {
	b.Size, err = content.ParseSize(text)
	return errors.Unwrap(err) // the message adds what Accepts returns
}

// Accepts implements [strict.Scalar].
func (atLeast) Accepts() string { return `a lower bound in quotes such as ">= 0.95" or ">= 95%"` }

// Parse implements [strict.Scalar].
func (b *atLeast) Parse(text string) error {
	err := parseBound(&b.Bound, text, bounds.Ratio)
	if err == nil && b.HasLeast && b.Least > 1 {
		return fmt.Errorf("%s: no run is more efficient than the ideal", strict.Quote(text))
	}
	return cmp.Or(err, acceptIf(!b.HasMost))
}

// Accepts implements [strict.Scalar].
func (atMost) Accepts() string { return `an upper bound in quotes such as "<= 5.1s"` }

// Parse implements [strict.Scalar].
func (b *atMost) Parse(text string) error {
	return cmp.Or(parseBound(&b.Bound, text, bounds.Time), acceptIf(!b.HasLeast))
}

// acceptIf returns nil if ok, and else [strict.ErrUnacceptable].
func acceptIf(ok bool) error {
	if ok {
		return nil
	}
	return strict.ErrUnacceptable
}

// stringsOf converts a list of string-like values.
func stringsOf[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return texts
}
