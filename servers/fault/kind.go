package fault

import "net/http"

// A Kind names a way to go wrong.
type Kind string

// The kinds. A response's head is its status line and its headers.
const (
	None            Kind = "none"             // a faithful answer
	Status          Kind = "status"           // an answer with another status
	Redirect        Kind = "redirect"         // a chain of redirects before the answer
	RedirectLoop    Kind = "redirect_loop"    // redirects without an end
	Refuse          Kind = "refuse"           // nobody listens at the address
	Close           Kind = "close"            // the connection is accepted, and closed before the request is read
	Empty           Kind = "empty"            // the connection is closed in order, without a byte of an answer
	Reset           Kind = "reset"            // the connection is reset before the first byte of an answer
	ResetHead       Kind = "reset_head"       // … within the head
	ResetBody       Kind = "reset_body"       // … within the body
	Truncate        Kind = "truncate"         // the connection is closed in order before Content-Length bytes have come
	TruncateChunked Kind = "truncate_chunked" // … before the last chunk has
	Garbage         Kind = "garbage"          // the head is no HTTP
	BadChunk        Kind = "bad_chunk"        // a chunk of the body has no length that can be read
	BadLength       Kind = "bad_length"       // two Content-Length headers contradict each other
	WrongType       Kind = "wrong_type"       // the Content-Type is not the body's
	HugeHead        Kind = "huge_head"        // the head is longer than any client reads
	Surplus         Kind = "surplus"          // more bytes follow than Content-Length says
	Hang            Kind = "hang"             // nothing comes, and the connection stays open
	HangBody        Kind = "hang_body"        // the same from the middle of the body on
	HalfOpen        Kind = "half_open"        // the peer is gone, and the connection does not know: nothing comes, and the end of the client is not answered
	SlowClose       Kind = "slow_close"       // the answer is complete at once, but the connection stays open for a while
)

// A trait is what is true of every fault of a kind.
type trait struct {
	wrap     func(f Fault, next http.Handler) http.Handler
	options  option // what it has besides whom it strikes
	bodiless bool   // it ends before a byte of the body, so that no time can be spent there
	partial  bool   // it ends within the body, so that no time can be spread over all of it
	mute     bool   // it closes the connection before the first byte, which makes transports send the request again
	endless  bool   // the client is the one who has to end it
	unserved bool   // it strikes before a request can be sent
	wire     bool   // it spoils the wire, which HTTP/2 shares among requests
}

// Kinds lists every kind but [None], in the order in which documents list them.
func Kinds() []Kind {
	return []Kind{
		Status, Redirect, RedirectLoop, Refuse, Close, Empty, Reset, ResetHead, ResetBody, Truncate, TruncateChunked,
		Garbage, BadChunk, BadLength, WrongType, HugeHead, Surplus, Hang, HangBody, HalfOpen, SlowClose,
	}
}

// traits is the table of all kinds.
var traits = map[Kind]trait{
	Status:          {wrap: status, options: optStatus | optReason | optBody | optRetryAfter},
	Redirect:        {wrap: redirect, options: optHops},
	RedirectLoop:    {wrap: redirectLoop, bodiless: true},
	Refuse:          {wrap: empty, bodiless: true, mute: true, unserved: true},
	Close:           {wrap: empty, bodiless: true, mute: true, unserved: true, wire: true},
	Empty:           {wrap: empty, bodiless: true, mute: true, wire: true},
	Reset:           {wrap: reset, bodiless: true, mute: true, wire: true},
	ResetHead:       {wrap: resetHead, bodiless: true, wire: true},
	ResetBody:       {wrap: resetBody, partial: true, wire: true},
	Truncate:        {wrap: truncate, partial: true, wire: true},
	TruncateChunked: {wrap: truncateChunked, partial: true, wire: true},
	Garbage:         {wrap: garbage, bodiless: true, wire: true},
	BadChunk:        {wrap: badChunk, partial: true, wire: true},
	BadLength:       {wrap: badLength, bodiless: true, wire: true},
	WrongType:       {wrap: wrongType},
	HugeHead:        {wrap: hugeHead, options: optSize, bodiless: true, wire: true},
	Surplus:         {wrap: surplus, partial: true, wire: true},
	Hang:            {wrap: hang, bodiless: true, endless: true},
	HangBody:        {wrap: hangBody, partial: true, endless: true},
	HalfOpen:        {wrap: halfOpen, bodiless: true, endless: true, wire: true},
	SlowClose:       {wrap: slowClose, options: optDelay, wire: true},
}

// Bodiless says that the answer ends before the first byte of its body.
func (k Kind) Bodiless() bool { return traits[k].bodiless }

// Partial says that the answer ends, for the client, before the last byte that
// is sent of its body.
func (k Kind) Partial() bool { return traits[k].partial }

// Mute says that the connection is closed before the first byte of an answer.
// On a connection that has been used before, transports such as net/http's take
// that for a stale connection, and send the request again without telling
// anybody.
func (k Kind) Mute() bool { return traits[k].mute }

// Endless says that nothing but the client's patience ends the request.
func (k Kind) Endless() bool { return traits[k].endless }

// Unserved says that it strikes before a request can be sent.
func (k Kind) Unserved() bool { return traits[k].unserved }

// Wire says that it spoils the wire: over HTTP/2, which shares a connection
// among requests, the answer is aborted instead. A [SlowClose] spoils nothing
// but the end of the connection, and leaves the answer as it is.
func (k Kind) Wire() bool { return traits[k].wire }
