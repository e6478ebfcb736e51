// Package taskid names the task that a request belongs to.
//
// A server meets requests, and a workload has tasks: a task may send any number
// of requests, and several tasks may ask for one URL. Where a request names its
// task, the server's plan and the judgement need not guess. Nor need they of a
// request over HTTP/1 that is built with the task's context. A client may say
// it in one of three ways: in the header [Header], in a traceparent whose trace
// began with [Traceparent], or in the URL's query, as in ?teapot-task=17.
package taskid

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	// Header is the request header that holds the number of the task, from 1,
	// in order of the workload. [Mark] sets it.
	Header = "Teapot-Task"
	// Query is the key of the URL's query that holds the number of the task.
	Query = "teapot-task"
	// Hop is the key of the URL's query by which a server counts the redirects
	// that have led to a request.
	Hop = "teapot-hop"
)

// Without returns the query of a URL without such a key.
func Without(query, key string) string {
	if !strings.Contains(query, key) {
		return query
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if !strings.HasPrefix(part, key+"=") {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// tracePrefix is the first half of the trace ID of each task: "teapot" and two
// zero bytes.
const tracePrefix = "746561706f740000"

type contextKey struct{}

// NewContext returns a context of the task with this number, from 1.
func NewContext(ctx context.Context, number int) context.Context {
	return context.WithValue(ctx, contextKey{}, number)
}

// FromContext returns the number of the context's task, and 0 if it has none.
// Contexts that are derived from that of a task keep it.
func FromContext(ctx context.Context) int {
	number, _ := ctx.Value(contextKey{}).(int)
	return number
}

// Mark names the task of the request's context in its header. A request
// without a task keeps the header that it has.
func Mark(r *http.Request) {
	if number := FromContext(r.Context()); number > 0 {
		r.Header.Set(Header, strconv.Itoa(number))
	}
}

// Traceparent returns the value of a traceparent header, after the W3C's
// recommendation Trace Context, whose trace is that of the context's task. A
// client that propagates traces names its task if the task starts with this as
// its remote parent. It returns "" if the context has no task.
func Traceparent(ctx context.Context) string {
	number := FromContext(ctx)
	if number <= 0 {
		return ""
	}
	return fmt.Sprintf("00-%s%016x-%016x-01", tracePrefix, number, number)
}

// FromRequest returns the number of the task that a request names, and 0 if it
// names none or no number from 1. The header goes first, then the traceparent,
// then the query.
func FromRequest(r *http.Request) int {
	// Header.Get would bring the names into their canonical form each time.
	if text := r.Header[Header]; len(text) > 0 && text[0] != "" {
		return positive(text[0], 10)
	}
	if parent := r.Header["Traceparent"]; len(parent) > 0 {
		if _, id, found := strings.Cut(parent[0], "-"+tracePrefix); found && len(id) > 16 && id[16] == '-' {
			return positive(id[:16], 16)
		}
	}
	if strings.Contains(r.URL.RawQuery, Query+"=") {
		return positive(r.URL.Query().Get(Query), 10)
	}
	return 0
}

func positive(text string, base int) int {
	n, err := strconv.ParseInt(text, base, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

// Transport marks every request of a client, whose code need not know of it. It
// sends a copy of the request through Base, or through
// [http.DefaultTransport] if Base is nil. It is as safe for use by several
// goroutines as Base.
type Transport struct{ Base http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	base := t.Base
	if base == nil {
		base = http.DefaultTransport
	}
	r = r.Clone(r.Context())
	Mark(r)
	return base.RoundTrip(r)
}

// CloseIdleConnections closes those of Base, as [http.Client] does.
func (t Transport) CloseIdleConnections() {
	if base, ok := t.Base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
