package scenarios

// A Server is the plan of the test server: what it serves, how long its answers
// take and what goes wrong.
type Server struct {
	// Content is what the server serves: flags (the default), the name of a
	// content that your program has registered, or what it is made from. Paths
	// in it are relative to the folder of the scenario file. The status of an
	// answer without a fault is then the content's own. It excludes body and
	// bandwidth.
	Content contentRule `yaml:"content"`
	// Key is what requests are told apart by: path, uri (the default: path and
	// query), method_uri, header(NAME) or json(/POINTER), a value in a JSON
	// body. A request without such a field or value is known by its uri. The
	// plan draws latencies and faults for each key, and the keys of a fault
	// match it. The requests of a task may have any keys. It needs content.
	Key requestKey `yaml:"key"`
	// Latency is how long the server takes to answer a request: a duration such
	// as 50ms, or a distribution such as uniform(500ms, 5s). The default is 0s.
	Latency distribution `yaml:"latency"`
	// Latencies lists the latencies of the requests for some keys, in place of
	// latency. The first of the list whose keys match a request counts.
	Latencies []keyLatency `yaml:"latencies" such:"[{keys: [B*], latency: 1s}]"`
	// Spend is the part of an answer during which the latency passes:
	// before_head (the default: before the first byte), before_body (between
	// the head and the body) or over_body (while the body is sent in pieces,
	// the last one at the end). It needs latency or latencies.
	Spend latencySpend `yaml:"spend"`
	// Pieces is the number of pieces in which a body is sent over the latency.
	// The default is 10. It needs spend: over_body.
	Pieces count `yaml:"pieces"`
	// Bandwidth limits how fast each body is sent, such as 64KB/s. The time to
	// send the body is added to the latency. The default is no limit. It
	// excludes body.
	Bandwidth bandwidth `yaml:"bandwidth"`
	// Faults lists what goes wrong. A request meets the first fault of the list
	// that strikes it.
	Faults []Fault `yaml:"faults" such:"[{kind: reset, rate: 0.1}]"`
	// Attempts is said (the default) or counted: how the server numbers the
	// attempts of a task. With said a request may say its number in the header
	// Teapot-Attempt, and only those that do not are counted. With counted all
	// are, for a client that says the same of each.
	Attempts attemptNumbers `yaml:"attempts"`
	// Protocol is http (the default: HTTP/1.1 without TLS), https (HTTP/1.1
	// over TLS), h2c (HTTP/2 without TLS) or h2 (HTTP/2 over TLS).
	Protocol protocol `yaml:"protocol"`
	// Transport is how requests reach the server: connection (the default) or
	// handler, by which the server's own client calls the server's handler. A
	// request then costs a fraction, for simulations with many of them. It
	// needs protocol: http and a client in this program that is built on the
	// server's, such as that of the task download. It excludes faults of the
	// connection: refuse, close, half_open, slow_close and go_away.
	Transport transport `yaml:"transport"`
	// Body replaces the picture of every flag by a text of this size, made from
	// the seed: a size such as 64KB, or a distribution such as uniform(1KB,
	// 10MB). The default is the picture. It excludes bandwidth.
	Body bodySize `yaml:"body"`
	// Capacity limits how many requests are served at once. The latency of a
	// request begins when the server starts to serve it. The default is no
	// limit.
	Capacity *Capacity `yaml:"capacity" such:"{concurrent: 10}"`
	// RateLimit limits how many requests are accepted per second. The server
	// answers all others with 429. The default is no limit.
	RateLimit *RateLimit `yaml:"rate_limit" such:"{per_second: 100}"`
	// RecordHeaders lists up to 8 header fields of requests that the server's
	// journal keeps, such as [X-Request-Id]. They may be credentials, which
	// whatever reads the journal then sees. The default is none.
	RecordHeaders []headerName `yaml:"record_headers" such:"[X-Request-Id]"`
}

// A Source is what the content of a server is made from: one of these.
type Source struct {
	// Directory is a folder, whose files the server serves.
	Directory string `yaml:"directory"`
	// Routes lists the answers of a small API.
	Routes []Route `yaml:"routes" such:"[{path: /items, body: tea}]"`
	// HAR is a file in the HTTP Archive format, as browsers and proxies save
	// it. A request gets the answer that was recorded for its method, path and
	// query, or else for its method and path.
	HAR string `yaml:"har"`
	// Upstream is the URL of another server on this machine, such as
	// http://127.0.0.1:3000, which answers every request that no fault does. It
	// needs clock: real or auto.
	Upstream string `yaml:"upstream"`
	// AllowRemote lets the server of upstream be on another machine: it repeats
	// the host of its URL. Without it every connection goes to this machine,
	// whatever a name resolves to.
	AllowRemote string `yaml:"allow_remote"`
}

// A Route is one answer of a small API.
type Route struct {
	// Path is the path of the requests that it answers, such as /items or
	// /items/{id}, in which {id} stands for one part of a path. The most
	// specific route answers.
	Path string `yaml:"path" jsonschema:"required"`
	// Method is the method of the requests that it answers, such as POST. The
	// default is GET, and HEAD with it.
	Method methodName `yaml:"method"`
	// Status is the status code of the answer, from 200 to 599. The default is
	// 200.
	Status answerStatus `yaml:"status"`
	// JSON is the body of the answer, as a YAML value. In a string {id} becomes
	// what {id} stands for in the path. The default is no body. It excludes
	// body.
	JSON jsonBody `yaml:"json"`
	// Body is the body of the answer, as text, in which {id} becomes what {id}
	// stands for in the path. The default is no body. It excludes json.
	Body string `yaml:"body"`
	// Headers lists header fields of the answer, such as ["X-Total: 50"]. The
	// default is the Content-Type of the body.
	Headers []headerField `yaml:"headers" such:"[\"X-Total: 50\"]"`
}

// A Fault is one way to go wrong. It strikes every request that meets all of
// its conditions, and it needs at least one condition.
type Fault struct {
	// Kind is what goes wrong, such as status, reset or truncate.
	Kind faultKind `yaml:"kind" jsonschema:"required"`

	// Rate is the share of requests that the fault strikes, above 0 and at
	// most 1, such as 0.25 or 25%, among those that meet the other conditions.
	// The default is 1 if there is another condition.
	Rate rate `yaml:"rate"`
	// Keys lists the keys that the fault strikes: keys or patterns of keys,
	// such as [BR, C*]. The default is every key.
	Keys []keyPattern `yaml:"keys" such:"[BR, C*]"`
	// Except lists the keys that the fault does not strike: keys or patterns of
	// keys, such as [/health]. It is not a condition on its own. The default is
	// none.
	Except []keyPattern `yaml:"except" such:"[/health]"`
	// At is the one request that the fault strikes, such as {key: BR, attempt:
	// 2}. It excludes rate, keys, except, attempts and every.
	At *oneRequest `yaml:"at" such:"{key: BR, attempt: 2}"`
	// Attempts is the number of attempts at each key that the fault strikes,
	// counted from the first. The default is every attempt.
	Attempts count `yaml:"attempts"`
	// Every strikes every Nth key, in the order of the workload: 3
	// means the third key, the sixth, and so on. The default is every key.
	Every count `yaml:"every"`
	// From is when the fault begins to strike, as time since the start of the
	// server. The arrival of a request decides. The default is the start.
	From duration `yaml:"from"`
	// Until is when the fault stops striking, as time since the start of the
	// server. It must be later than from. The default is never.
	Until duration `yaml:"until"`

	// Status is the status code of the answer. A fault of kind status needs it:
	// 204, 304, or 400 to 599. For kind redirect it is that of each redirect:
	// 301, 302 (the default for a redirect), 303, 307 or 308. It needs one of
	// these kinds.
	Status statusCode `yaml:"status"`
	// Reason is the reason phrase that follows the status code, in printable
	// ASCII. The default is the standard phrase. It needs kind: status.
	Reason string `yaml:"reason"`
	// Body is the body of the answer. The default is the name of the status. It
	// needs kind: status.
	Body string `yaml:"body"`
	// Headers lists header fields of the answer, such as ["Set-Cookie: a=b"].
	// The default is none. It needs kind: status.
	Headers []headerField `yaml:"headers" such:"[\"X-Total: 50\"]"`
	// RetryAfter is the value of the Retry-After header: whole seconds such as
	// 2s, or a date: date(2s) is so long after the answer. The
	// default is no header. It needs kind: status and status 413, 429 or 503.
	RetryAfter retryAfter `yaml:"retry_after"`
	// Hops is the number of redirects before the answer. The default is 3. It
	// needs kind: redirect.
	Hops hopCount `yaml:"hops"`
	// OtherHost has each redirect lead to another name of the server, to which
	// a client must not send its Authorization or Cookie. The default is false.
	// It needs kind: redirect.
	OtherHost truth `yaml:"other_host"`
	// After has the server do the work and then lose the answer, as when it
	// fails after a transaction. The default is false. It needs kind: status,
	// empty, reset or hang.
	After truth `yaml:"after"`
	// Size is the size of the head, such as 20MB: above 10MiB, which is what
	// clients made with net/http read, and at most 1GiB. The default is 11MiB.
	// It needs kind: huge_head.
	Size headSize `yaml:"size"`
	// Delay is how long the connection stays open after the answer. The default
	// is 1s. It needs kind: slow_close.
	Delay duration `yaml:"delay"`
}

// A oneRequest is one attempt at one key.
type oneRequest struct {
	// Key is the key itself, not a pattern. Of a key that is listed twice the
	// fault strikes both tasks.
	Key string `yaml:"key" jsonschema:"required"`
	// Attempt is the number of the attempt at the key, from 1 (the default).
	Attempt count `yaml:"attempt"`
}

// A keyLatency is the latency of the requests for some keys.
type keyLatency struct {
	// Keys lists the keys that the latency is of: keys or patterns of keys,
	// such as [BR, C*].
	Keys []keyPattern `yaml:"keys" jsonschema:"required" such:"[BR, C*]"`
	// Latency is how long the server takes to answer a request for one of the
	// keys: a duration such as 50ms, or a distribution such as uniform(500ms,
	// 5s).
	Latency distribution `yaml:"latency" jsonschema:"required"`
}

// A Capacity limits how many requests are served at once.
type Capacity struct {
	// Concurrent is the number of requests that are served at once.
	Concurrent count `yaml:"concurrent" jsonschema:"required"`
	// Queue is the number of requests that may wait while the server is full,
	// first in, first out. The default is none. It excludes policy: wait, under
	// which any number may wait.
	Queue count `yaml:"queue"`
	// Policy is what happens to a request when the server and its queue are
	// full: wait (the default without a queue), unavailable (the default with a
	// queue: answer with 503), too_many (answer with 429) or refuse (close the
	// connection).
	Policy capacityPolicy `yaml:"policy"`
	// RetryAfter is the value of the Retry-After header, rounded up to whole
	// seconds, at most 24h. The default is 1s. It needs policy unavailable or
	// too_many.
	RetryAfter duration `yaml:"retry_after"`
}

// A RateLimit limits how many requests are accepted per second, with a token
// bucket. The server answers all others with 429.
type RateLimit struct {
	// PerSecond is the number of tokens that the bucket regains each second.
	// Every request takes one.
	PerSecond positiveNumber `yaml:"per_second" jsonschema:"required"`
	// Burst is the number of tokens that the bucket holds; it is full at the
	// start. The default is what it regains in one second, at least 1.
	Burst count `yaml:"burst"`
}
