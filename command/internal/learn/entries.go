package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/teapot-go/teapot/servers/fault"
)

// A harEntry is what is read of an entry of a HAR file. Browsers and proxies
// write -1 or null for a time that they do not know, or leave it out.
type harEntry struct {
	Time    *float64
	Request *struct{ Method, URL string }

	Response struct {
		Status float64
		Error  string `json:"_error"`
	}
	Timings struct{ Send, Wait, Receive *float64 }
	Cached  any `json:"_fromCache"` // a text in Chrome
}

// errors of Chrome and Firefox, and the faults that bring them about.
var netErrors = map[string]fault.Kind{
	"net::ERR_CONNECTION_RESET": fault.Reset, "net::ERR_EMPTY_RESPONSE": fault.Empty,
	"net::ERR_CONNECTION_CLOSED": fault.Empty, "net::ERR_CONNECTION_REFUSED": fault.Refuse,
	"net::ERR_INVALID_HTTP_RESPONSE": fault.Garbage,
}

// harEntry adds the exchange of an entry of a HAR file.
func (l *log) harEntry(entry json.RawMessage, line int) error {
	var e harEntry
	if err := json.Unmarshal(entry, &e); err != nil {
		return fmt.Errorf("an entry: %w", err)
	}
	if e.Request == nil || e.Request.Method == "" || e.Request.URL == "" {
		return errors.New("an entry has no request.method or no request.url")
	}
	if cached, _ := e.Cached.(string); cached != "" {
		l.leave("came from the browser's cache", line)
		return nil
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil {
		return fmt.Errorf("an entry: request.url: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		l.leave("are not of HTTP", line)
		return nil
	}
	l.times = "timings.send, wait and receive, or else time, in milliseconds"
	r := request{
		line: line, method: e.Request.Method, host: u.Host, target: e.Request.URL,
		status: int(e.Response.Status), took: e.took(),
	}
	if r.status <= 0 {
		if r.status, r.fault = 0, string(netErrors[e.Response.Error]); r.fault != "" {
			r.took = -1 // how long a failure took is not how long an answer takes
		}
	}
	return l.add(r)
}

// took returns how long the server took, without what the browser did before.
func (e harEntry) took() time.Duration {
	ms := -1.0
	switch {
	case e.Timings.Wait != nil && *e.Timings.Wait >= 0:
		ms = 0
		for _, part := range []*float64{e.Timings.Send, e.Timings.Wait, e.Timings.Receive} {
			if part != nil && *part > 0 {
				ms += *part
			}
		}
	case e.Time != nil && *e.Time >= 0:
		ms = *e.Time
	}
	if ms < 0 || ms > float64(1<<40) {
		return -1
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// A journalEntry is what is read of an entry of a journal.
type journalEntry struct {
	Key    *string `json:"key"`
	Method string  `json:"method"`
	Hop    int     `json:"hop"`
	Met    string  `json:"met_fault"`
	Queued int64   `json:"queued_ns"`
	Took   *int64  `json:"took_ns"`
	Gone   int64   `json:"gone_ns"`
	Status int     `json:"status"`
	Turned string  `json:"turned_away"`
}

// journalEntry adds the request of an entry of a journal.
func (l *log) journalEntry(entry json.RawMessage, line int) error {
	var e journalEntry
	if err := json.Unmarshal(entry, &e); err != nil {
		return fmt.Errorf("an entry: %w", err)
	}
	if e.Key == nil || *e.Key == "" || e.Took == nil {
		return errors.New("an entry has no key or no took_ns: want a journal as teapot's /journal has it")
	}
	l.times = "took_ns without queued_ns, in nanoseconds"
	r := request{line: line, method: e.Method, status: e.Status, took: time.Duration(*e.Took - e.Queued)}
	switch method, path, ok := strings.Cut(*e.Key, " "); {
	case strings.HasPrefix(*e.Key, "/"):
		r.target = *e.Key
	case ok && method == e.Method && strings.HasPrefix(path, "/"):
		r.target = path
	default:
		r.key = *e.Key
	}
	if r.target != "" && r.method == "" {
		r.method = "GET" // of an attempt that was refused
	}
	switch kind := fault.Kind(e.Met); {
	case e.Turned != "":
		l.leave("were turned away by a limit", line)
		return nil
	case e.Hop > 0:
		l.leave("follow a redirect of the plan", line)
		return nil
	case e.Gone > 0 && (kind == fault.None || kind == ""):
		l.leave("were ended by their client", line)
		return nil
	case kind == fault.None || kind == fault.Status || kind == "":
	case (fault.Fault{Kind: kind, Rate: 1}).Check() != nil || !kind.HTTP1() || kind.End() == fault.EndTimeout:
		l.leave("met the fault "+e.Met+", which needs more than a log says", line)
		return nil
	default:
		r.fault = e.Met
		if !r.lasted(kind) {
			r.took = -1
		}
	}
	return l.add(r)
}

// lasted reports whether a request that met a fault took its latency.
func (r request) lasted(kind fault.Kind) bool { return !kind.BeforeRequest() && r.took > 0 }
