package fault

import "net/http"

// A Kind names a way in which a peer misbehaves.
type Kind string

// The kinds. A response's head is its status line and its headers.
const (
	None              Kind = "none"                // answers faithfully
	Status            Kind = "status"              // answers with another status
	Redirect          Kind = "redirect"            // sends a chain of redirects before the answer
	RedirectLoop      Kind = "redirect_loop"       // redirects for ever
	Refuse            Kind = "refuse"              // refuses the connection
	Close             Kind = "close"               // accepts the connection and closes it before it reads the request
	Empty             Kind = "empty"               // closes the connection without a byte of an answer
	Reset             Kind = "reset"               // resets the connection before the first byte of the answer
	ResetHead         Kind = "reset_head"          // resets the connection within the head
	ResetBody         Kind = "reset_body"          // resets the connection within the body
	Truncate          Kind = "truncate"            // closes the connection before it has sent Content-Length bytes
	TruncateChunked   Kind = "truncate_chunked"    // closes the connection before the last chunk
	Garbage           Kind = "garbage"             // sends bytes that are not HTTP
	BadChunk          Kind = "bad_chunk"           // sends a chunk whose length is not a number
	BadLength         Kind = "bad_length"          // sends two Content-Length headers that contradict each other
	WrongType         Kind = "wrong_type"          // sends a Content-Type that contradicts the body
	HugeHead          Kind = "huge_head"           // sends a head that is larger than clients read
	Surplus           Kind = "surplus"             // sends more bytes than Content-Length says
	Corrupt           Kind = "corrupt"             // sends a body of the right length with wrong bytes
	IgnoreRange       Kind = "ignore_range"        // sends the whole body to a client that asks for a part
	Hang              Kind = "hang"                // sends nothing and keeps the connection open
	HangBody          Kind = "hang_body"           // sends half of the body and keeps the connection open
	HalfOpen          Kind = "half_open"           // sends nothing and ignores that the client closes the connection
	SlowClose         Kind = "slow_close"          // answers completely and closes the connection late
	EarlyHints        Kind = "early_hints"         // sends an informational response (103) before the answer
	Trailers          Kind = "trailers"            // sends a header field after the body
	GoAway            Kind = "go_away"             // answers and closes the connection for other requests
	RefusedStream     Kind = "refused_stream"      // refuses the stream of the request before it processes it
	GoAwayUnprocessed Kind = "go_away_unprocessed" // closes the connection for the request and those after it
)

// A trait is what is true of every fault of one kind.
type trait struct {
	kind Kind
	wrap func(f Fault, next http.Handler) http.Handler
	end  End
	body Body

	takes    []string // the names of its parameters
	defaults Fault    // the values of the parameters that are not set
	status   int      // the status of every answer; 0 for the content's, or the parameter's

	chain         bool // see [Kind.Chain]
	noReply       bool // see [Kind.NoReply]
	beforeRequest bool // see [Kind.BeforeRequest]
	unprocessed   bool // see [Kind.Unprocessed]
	http1Only     bool // see [Kind.HTTP2]
	http2Only     bool // see [Kind.HTTP1]
	connection    bool // see [Kind.Connection]
}

// table has every fact about every kind, in the order in which documents list
// the kinds. To add a kind, add its name above, its row here, and the function
// that wraps a handler.
var table = []trait{
	{kind: None, wrap: faithful, end: EndAnswer, body: WholeBody},
	{
		kind: Status, wrap: status, end: EndAnswer, body: OwnBody,
		takes: []string{"status", "reason", "body", "headers", "retry_after", "after"},
	},
	{
		kind: Redirect, wrap: redirect, end: EndAnswer, body: WholeBody, chain: true,
		takes: []string{"status", "hops", "other_host"}, defaults: Fault{Status: http.StatusFound, Hops: 3},
	},
	{kind: RedirectLoop, wrap: redirectLoop, end: EndRedirects, body: NoBody, chain: true, status: http.StatusFound},
	{kind: Refuse, wrap: empty, end: EndRefused, body: NoBody, noReply: true, beforeRequest: true, connection: true},
	{
		kind: Close, wrap: empty, end: EndReset, body: NoBody, noReply: true, beforeRequest: true, http1Only: true,
		connection: true,
	},
	{
		kind: Empty, wrap: empty, end: EndReset, body: NoBody, noReply: true, http1Only: true,
		takes: []string{"after"},
	},
	{kind: Reset, wrap: reset, end: EndReset, body: NoBody, noReply: true, takes: []string{"after"}},
	{kind: ResetHead, wrap: resetHead, end: EndReset, body: NoBody, http1Only: true},
	{kind: ResetBody, wrap: resetBody, end: EndReset, body: PartialBody},
	{kind: Truncate, wrap: truncate, end: EndTruncated, body: PartialBody, http1Only: true},
	{kind: TruncateChunked, wrap: truncateChunked, end: EndTruncated, body: PartialBody, http1Only: true},
	{kind: Garbage, wrap: garbage, end: EndMalformed, body: NoBody, http1Only: true},
	{kind: BadChunk, wrap: badChunk, end: EndMalformed, body: PartialBody, http1Only: true},
	{kind: BadLength, wrap: badLength, end: EndMalformed, body: NoBody, http1Only: true},
	{kind: WrongType, wrap: wrongType, end: EndWrongType, body: WholeBody},
	{
		kind: HugeHead, wrap: hugeHead, end: EndMalformed, body: NoBody, http1Only: true,
		takes: []string{"size"}, defaults: Fault{Size: 11 << 20},
	},
	{kind: Surplus, wrap: surplus, end: EndAnswer, body: PartialBody, http1Only: true},
	{kind: Corrupt, wrap: corrupt, end: EndAnswer, body: WrongBody},
	{kind: IgnoreRange, wrap: ignoreRange, end: EndAnswer, body: WholeBody},
	{kind: Hang, wrap: hang, end: EndTimeout, body: NoBody, takes: []string{"after"}},
	{kind: HangBody, wrap: hangBody, end: EndTimeout, body: PartialBody},
	{kind: HalfOpen, wrap: halfOpen, end: EndTimeout, body: NoBody, http1Only: true, connection: true},
	{
		kind: SlowClose, wrap: slowClose, end: EndAnswer, body: WholeBody, http1Only: true, connection: true,
		takes: []string{"delay"}, defaults: Fault{Delay: oneSecond},
	},
	{kind: EarlyHints, wrap: earlyHints, end: EndAnswer, body: WholeBody},
	{kind: Trailers, wrap: trailers, end: EndAnswer, body: WholeBody},
	{kind: GoAway, wrap: goAway, end: EndAnswer, body: WholeBody, connection: true},
	{
		kind: RefusedStream, wrap: empty, end: EndReset, body: NoBody, unprocessed: true, http2Only: true,
		connection: true,
	},
	{
		kind: GoAwayUnprocessed, wrap: empty, end: EndReset, body: NoBody, unprocessed: true, http2Only: true,
		connection: true,
	},
}

// rows finds the row of a kind.
var rows = func() map[Kind]*trait {
	m := make(map[Kind]*trait, len(table))
	for i := range table {
		m[table[i].kind] = &table[i]
	}
	return m
}()

// row returns the row of a kind, and that of None for an unknown one.
func (k Kind) row() *trait {
	if k == None {
		return &table[0] // most requests meet it
	}
	if t := rows[k]; t != nil {
		return t
	}
	return &table[0]
}

// Kinds lists every kind but [None], in the order in which documents list them.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(table))
	for _, t := range table {
		if t.kind != None {
			kinds = append(kinds, t.kind)
		}
	}
	return kinds
}

// faithful answers as next does.
func faithful(_ Fault, next http.Handler) http.Handler { return next }

// End returns how an exchange with this fault ends.
func (k Kind) End() End { return k.row().end }

// Body returns how much of the content's body the client can read.
func (k Kind) Body() Body { return k.row().body }

// Chain reports whether the answer is a chain of redirects, whose requests
// count as one. [Hop] tells its requests apart.
func (k Kind) Chain() bool { return k.row().chain }

// NoReply reports whether the connection is closed before the first byte of an
// answer. On a connection that has been used before, transports such as
// net/http's take it for a stale one, and silently send the request again.
func (k Kind) NoReply() bool { return k.row().noReply }

// BeforeRequest reports whether the fault strikes before the client can send a
// request.
func (k Kind) BeforeRequest() bool { return k.row().beforeRequest }

// Unprocessed reports whether the server tells the client that it has not
// processed the request (RFC 9113, 8.7). The client may send any such request
// again, whatever its method, and transports such as net/http's do so by
// themselves. When it comes again, no such fault strikes it: see
// [Request.Refused]. The fault strikes before the latency. Package servers has
// the connections that can tell a client so; elsewhere the fault aborts the
// answer.
func (k Kind) Unprocessed() bool { return k.row().unprocessed }

// HTTP1 reports whether the fault works over HTTP/1. The others are made of
// frames of HTTP/2; there they abort the answer.
func (k Kind) HTTP1() bool { return !k.row().http2Only }

// HTTP2 reports whether the fault works over HTTP/2, where a reset is that of
// the stream. Faults that need a connection of their own do not: there
// [SlowClose] answers as if it were no fault, and all others abort the answer.
func (k Kind) HTTP2() bool { return !k.row().http1Only }

// Connection reports whether the fault is one of the connection: of how it is
// made, shared or closed. A client that calls a server's handler, without a
// connection, cannot meet it.
func (k Kind) Connection() bool { return k.row().connection }
