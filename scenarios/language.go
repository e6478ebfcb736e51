package scenarios

import (
	"github.com/teapot-go/teapot/scenarios/internal/workload"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Scenario is one scenario file: a server, a workload, the executors that run
// the workload, and what every run must meet.
type Scenario struct {
	// Name identifies the scenario in reports and on the command line. It
	// consists of lower-case letters and digits, in words joined by hyphens.
	Name string `yaml:"name" jsonschema:"required"`
	// About describes the scenario in one sentence.
	About string `yaml:"about"`
	// Seed determines every latency and every fault: the same seed gives the
	// same run. The default is 0.
	Seed uint64 `yaml:"seed"`
	// Clock is real (the default: loopback sockets and wall-clock time),
	// virtual (in-memory connections and simulated time) or auto (virtual, or
	// real with a warning if the virtual clock cannot carry out the run).
	Clock clockName `yaml:"clock"`
	// Deadline is how long the run waits for any task to end, in addition to
	// the longest planned task, before it reports a deadlock. The default is 1m
	// plus nine times the longest planned task. Where the plan does not say how
	// long tasks take, the default is 5m.
	Deadline duration `yaml:"deadline"`
	// Server is the test server that the tasks send their requests to. The task
	// download needs it; loiter and prime exclude it.
	Server *Server `yaml:"server"`
	// Workload is the task and the keys to run it for.
	Workload Workload `yaml:"workload" jsonschema:"required"`
	// Executors lists the executors under test. Each of them runs the same
	// workload.
	Executors []Executor `yaml:"executors" jsonschema:"required"`
	// Find has the highest rate of arrivals found that meets the expectations.
	// The stage of workload.arrivals says find in place of its rate.
	Find *finding `yaml:"find"`
	// Expect lists what every run must meet. Every run must also end, and keep
	// to the limit of its executor.
	Expect Expect `yaml:"expect"`
	// Hunt has suites and tests try many worlds of the scenario in place of
	// one, and is what teapot hunt does by default. teapot run ignores it.
	Hunt *hunting `yaml:"hunt"`
	// Vary is what else than the seed differs between the worlds of a hunt. All
	// other commands ignore it.
	Vary *variation `yaml:"vary"`

	file     string
	folder   string           // that paths in the file are relative to
	source   string           // the text of the file
	document *strict.Document // the positions of all keys in the file
	warnings []string         // expectations that an override has made impossible to judge
	void     []string         // the paths of expectations that no run can meet after an override
	drawn    *drawn           // the tasks, once they are drawn
	rate     float64          // that a search tries, 0 for its lowest
}

// A finding is how the highest rate of arrivals is found that meets the
// expectations.
type finding struct {
	// Rate is the range of rates, such as [10/s, 5000/s]. The search begins
	// with the first, at which a run must meet the expectations. It doubles the
	// rate until a run does not, and then narrows the two down.
	Rate []workload.Rate `yaml:"rate" jsonschema:"required"`
	// Within is how far above the highest rate that meets the expectations the
	// lowest one may be that does not: a percentage from 0.1% to 100%. The
	// default is 5%.
	Within closeness `yaml:"within"`
}

// A hunting is how long a hunt goes on.
type hunting struct {
	// Seeds is how many worlds are tried: that of the seed, of the next one,
	// and so on.
	Seeds count `yaml:"seeds" jsonschema:"required"`
}

// A variation is the ranges from which the worlds of a hunt are drawn, each the
// lowest value and the highest.
type variation struct {
	// Workers is the range of the executor's workers, or of the limit of an
	// async executor, such as [1, 20].
	Workers []count `yaml:"workers"`
	// Keys is the range of the number of keys, which are the first ones of the
	// workload, such as [1, 20].
	Keys []count `yaml:"keys"`
	// Latency is the range in which the latency of a world is uniform between
	// two values of its own, such as [1ms, 2s].
	Latency []duration `yaml:"latency"`
	// Rate is the range of the rate of each fault that has one, such as [0.01,
	// 0.5]. In a third of the worlds two faults have the highest rate, but no
	// more than 0.5, and all others the lowest: each two of them in turn.
	Rate []rate `yaml:"rate"`
	// Timeout is the range of workload.timeout, such as [1s, 10s].
	Timeout []duration `yaml:"timeout"`
}

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
	Latencies []keyLatency `yaml:"latencies"`
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
	Faults []Fault `yaml:"faults"`
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
	Capacity *Capacity `yaml:"capacity"`
	// RateLimit limits how many requests are accepted per second. The server
	// answers all others with 429. The default is no limit.
	RateLimit *RateLimit `yaml:"rate_limit"`
	// RecordHeaders lists up to 8 header fields of requests that the server's
	// journal keeps, such as [X-Request-Id]. They may be credentials, which
	// whatever reads the journal then sees. The default is none.
	RecordHeaders []headerName `yaml:"record_headers"`
}

// A Source is what the content of a server is made from: one of these.
type Source struct {
	// Directory is a folder, whose files the server serves.
	Directory string `yaml:"directory"`
	// Routes lists the answers of a small API.
	Routes []Route `yaml:"routes"`
	// HAR is a file in the HTTP Archive format, as browsers and proxies save
	// it. A request gets the answer that was recorded for its method, path and
	// query, or else for its method and path.
	HAR string `yaml:"har"`
	// Upstream is the URL of another server on this machine, such as
	// http://127.0.0.1:3000, which answers every request that no fault does. It
	// needs clock: real or auto.
	Upstream string `yaml:"upstream"`
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
	Headers []headerField `yaml:"headers"`
}

// A Fault is one way to go wrong. It strikes every request that meets all of
// its conditions, and it needs at least one condition.
type Fault struct {
	// Kind is what goes wrong, such as status, reset or truncate.
	Kind faultKind `yaml:"kind" jsonschema:"required"`

	// Rate is the share of requests that the fault strikes, above 0 and at
	// most 1, among those that meet the other conditions. The default is 1 if
	// there is another condition.
	Rate rate `yaml:"rate"`
	// Keys lists the keys that the fault strikes: keys or patterns of keys,
	// such as [BR, C*]. The default is every key.
	Keys []keyPattern `yaml:"keys"`
	// Except lists the keys that the fault does not strike: keys or patterns of
	// keys, such as [/health]. It is not a condition on its own. The default is
	// none.
	Except []keyPattern `yaml:"except"`
	// At is the one request that the fault strikes, such as {key: BR, attempt:
	// 2}. It excludes rate, keys, except, attempts and every.
	At *oneRequest `yaml:"at"`
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
	Headers []headerField `yaml:"headers"`
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
	Keys []keyPattern `yaml:"keys" jsonschema:"required"`
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

// A Workload is a task and the keys to run it for, one task for each key.
type Workload struct {
	// Task is download (fetch one flag from the server), loiter (sleep for the
	// number of seconds in the key, return ten times that number), prime (test
	// by division whether the key is a prime number), a name that your program
	// has registered, or a command in any language, such as {command: [curl,
	// --fail, "{url}"], exit: {22: status}}. A command needs a server and
	// clock: real or auto. It is required, unless there is a batch.
	Task taskRule `yaml:"task"`
	// Batch is the name of a whole program that your program has registered, or
	// a command in any language such as {command: [python3, crawl.py]}, which
	// does all keys with a pool of its own. It takes the place of task, and
	// needs a server and an executor of kind own. A command needs clock: real
	// or auto.
	Batch batchRule `yaml:"batch"`
	// Flags are the keys of a download: top20 (the 20 most populous countries),
	// all (the 194 flags that exist), every (AA to ZZ), or a list of codes and
	// initial letters such as [BR, d]. A flag that is listed twice is two
	// tasks. The task download needs it, or keys if server.content is not the
	// flags; loiter and prime exclude it.
	Flags flagList `yaml:"flags"`
	// Keys are the keys of any task but a download of flags: a list, a number
	// of keys such as {count: 1000, prefix: item-}, or a file such as {file:
	// keys.txt}. A key that is listed twice is two tasks, each with latencies
	// and faults of its own. download takes paths such as /items?page=3 of a
	// server with content, or any keys of one with body, at whose path
	// /keys/KEY they are; loiter takes seconds from 0 to 86400, and prime whole
	// numbers from 0. It excludes flags.
	Keys keyRule `yaml:"keys"`
	// Arrivals is when tasks fall due, whatever becomes of those before them:
	// {rate: 500/s, for: 30s}, {poisson: 500/s, for: 30s}, {ramp: [10/s,
	// 500/s], for: 1m}, {burst: 100, every: 1s, for: 30s}, {trace:
	// arrivals.csv}, or a list of them, one after another. The default is one
	// task for each key, all at once. It excludes batch.
	Arrivals *workload.Arrivals `yaml:"arrivals"`
	// Users is the number of users of a closed workload, such as 50, or a ramp
	// such as {ramp: [1, 50], for: 1m}. Each does one task, thinks, does the
	// next one, and so on: at most one task of a user is under way. The first
	// tasks of all users take the first keys, the second tasks the next ones,
	// and so on. It needs iterations or for, excludes arrivals and batch, and
	// no executor may be a map.
	Users *workload.Users `yaml:"users"`
	// Think is how long a user waits after a task before the next one falls
	// due: a duration such as 200ms, or a distribution such as
	// exponential(200ms), from which the seed draws for each task of each user.
	// The default is 0s. It needs users.
	Think distribution `yaml:"think"`
	// Iterations is how many tasks each user does. The default is as many as
	// fall due within for. It needs users.
	Iterations count `yaml:"iterations"`
	// For is how long tasks of users fall due, such as 1m. Those that are under
	// way at its end are done. The default is as long as the users have
	// iterations, or else the time of their ramp. It needs users.
	For duration `yaml:"for"`
	// Pick is which key each arrival, or each task of a user, has: cycle (the
	// default: the keys in turn, over and over), uniform (any of them), or
	// zipf(1.1), by which key N comes N^1.1 times more rarely than the first.
	// It needs arrivals or users.
	Pick workload.Pick `yaml:"pick"`
	// Limit keeps the first N keys and drops the rest. The default is all keys.
	Limit count `yaml:"limit"`
	// Timeout is how long the client waits for each answer. The default is
	// forever. Faults that never end, such as hang, need it; loiter and prime
	// exclude it.
	Timeout duration `yaml:"timeout"`
	// Attempts is how many attempts at each key the client may make.
	// The default is 1. A correct client stops at the first attempt that ends
	// with ok or not_found, and reports its last attempt. loiter and prime
	// exclude it.
	Attempts attemptCount `yaml:"attempts"`
	// Retry is the policy by which the client tries again. It excludes
	// attempts. Without it a client may take a status from 400 to 499 for
	// final, and may pause as it likes, but not shorter than a Retry-After
	// says. loiter and prime exclude it.
	Retry *Retry `yaml:"retry"`
	// Unasked is why a task may end without a request: unknown (the default:
	// such a task is inconclusive), cache (the client may report an answer that
	// an earlier task of the same key had), circuit_breaker (it may fail at
	// once when others have failed), shared (a request of another task may be
	// for several), any of these, or never, which makes it a violation. It
	// needs a server, and a task or a batch of your own.
	Unasked unaskedRule `yaml:"unasked"`
	// Deliver is the order in which results reach the caller: map (the default:
	// in order of submission) or as_completed.
	Deliver delivery `yaml:"deliver"`
}

// A Retry is a policy of retries. What a task's requests do against it is a
// violation: see expect.retries.
type Retry struct {
	// Attempts is how many attempts at each key the client may make.
	Attempts retryCount `yaml:"attempts" jsonschema:"required"`
	// On lists what is tried again: timeout, refused, reset, truncated,
	// malformed, redirect, a status such as 429, or 4xx or 5xx. The default is
	// all of them but 4xx, of which it has 408, 425 and 429.
	On []retryCause `yaml:"on"`
	// Methods is idempotent (the default: a request with another method, and
	// without an Idempotency-Key, is not sent again unless an answer says what
	// became of it) or any.
	Methods retryMethods `yaml:"methods"`
	// Wait is the pause after each attempt: a duration, uniform(50ms, 150ms)
	// for any pause between the two, exponential(100ms, 2s) for one that starts
	// at the first and doubles up to the second, or exponential(100ms, 2s,
	// 0.5) for one that is shorter by up to this share. The default is none.
	Wait pauses `yaml:"wait"`
	// RetryAfter is honour (the default: the pause is at least as long as the
	// Retry-After of the answer says) or ignore.
	RetryAfter retryAfterRule `yaml:"retry_after"`
	// Timeout is each (the default: workload.timeout is that of each attempt)
	// or whole: workload.timeout is that of a task, with all its attempts and
	// the pauses between them. A task whose timeout ends within a pause, or
	// would end within it, may report timeout or its last error.
	Timeout timeoutRule `yaml:"timeout"`
}

// An Executor is an executor under test. A list of numbers means one run for
// each number.
type Executor struct {
	// Kind is sequential, pool, async, process (run tasks in child processes),
	// own (the pool of the batch), or a name that your program has registered.
	// process needs clock: real and a task that can run in another process. own
	// needs workload.batch and workers.
	Kind string `yaml:"kind" jsonschema:"required"`
	// Workers is the number of workers of a pool or process executor. The
	// default of a pool is min(32, CPUs + 4), that of process is the number of
	// CPUs. It is required if the list has another executor of the same kind,
	// and for own, of which it is how many keys the batch does at once.
	Workers countList `yaml:"workers"`
	// Limit is the number of tasks that an async executor runs at once. The
	// default is no limit.
	Limit countList `yaml:"limit"`
}

// An Expect lists what every run must meet.
type Expect struct {
	// Classification is exact (the default), coarse, plain or any. With exact,
	// every task must report the class that a correct client reports. A status
	// or a number of bytes that it reports must be what the server sent. coarse
	// is for clients that go by plain errors: it accepts reset, truncated,
	// malformed, redirect and failed for one another, and a wrong Content-Type
	// as ok. plain is for code that only reports an error: it accepts any error
	// for any other, also for a 404.
	Classification classificationRule `yaml:"classification"`
	// Success lists the statuses beside 2xx that the client under test takes
	// for a success, such as [409] for an order that was placed before. A task
	// that gets one of them must report ok. The default is none. It excludes
	// the tasks loiter and prime.
	Success []successStatus `yaml:"success"`
	// Outcomes is planned (the default: every task has the outcome and the
	// value of its plan) or the number of tasks with each outcome, such as {ok:
	// 73, error: 27}. Such numbers must add up to the number of tasks. With a
	// bound, such as {ok: ">= 70", error: "<= 5%"}, or a class, such as
	// {timeout: 3}, the outcomes that are not named may have any number.
	Outcomes outcomeRule `yaml:"outcomes"`
	// Errors is a bound for the tasks that end with an error, which is anything
	// but ok and not_found, such as "<= 1%" of all tasks, or "<= 5".
	Errors shareBound `yaml:"errors"`
	// Throughput is a bound for the tasks that end without an error, for each
	// second from the start of the run to the last end of a task, such as ">=
	// 480/s".
	Throughput rateBound `yaml:"throughput"`
	// Latency has bounds for how long tasks take from when they fall due, with
	// their wait for the executor, such as {p99: "<= 250ms"}, or a list of
	// them, each of the tasks that fall due within a window.
	Latency timesRule `yaml:"latency"`
	// Service has bounds for how long tasks take from their start, as latency
	// does.
	Service timesRule `yaml:"service"`
	// InFlight is a bound for the most tasks under way at once, between start
	// and end, such as "<= 100".
	InFlight countBound `yaml:"in_flight"`
	// Recovery is a bound for how long the run takes to recover, such as "<=
	// 2s": from the end of a fault with until to when the first of 10 tasks in
	// a row falls due that all end as planned, at most a tenth and 100ms late.
	// It needs a fault with until.
	Recovery timeBound `yaml:"recovery"`
	// Order is the order in which results must be delivered: submission,
	// completion (which needs deliver: as_completed) or any (the default).
	// submission and completion also require that tasks start in order of
	// submission.
	Order ordering `yaml:"order"`
	// Efficiency is a lower bound for the ideal makespan divided by the
	// measured one, such as ">= 0.95". The bound is at most 1. Of tasks whose
	// time is not planned, such as prime, the ideal is the longest task or all
	// of them shared out among the workers, whichever takes longer, as
	// measured. With server.capacity it needs clock: virtual and the task
	// download with one attempt.
	Efficiency atLeast `yaml:"efficiency"`
	// Speedup requires that every other executor is faster than one executor of
	// the list.
	Speedup *Speedup `yaml:"speedup"`
	// Schedule limits how far the start and the end of every task may be from
	// the ideal schedule. It needs clock: virtual or auto; with server.capacity
	// it needs clock: virtual and the task download with one attempt.
	Schedule *Schedule `yaml:"schedule"`
	// P50 is an upper bound for the median of the service time, such as "<=
	// 2s". It needs clock: virtual or auto.
	P50 atMost `yaml:"p50"`
	// P90 is an upper bound for the 90th percentile of the service time, such
	// as "<= 2s". It needs clock: virtual or auto.
	P90 atMost `yaml:"p90"`
	// P95 is an upper bound for the 95th percentile of the service time, such
	// as "<= 2s". It needs clock: virtual or auto.
	P95 atMost `yaml:"p95"`
	// P99 is an upper bound for the 99th percentile of the service time, such
	// as "<= 2s". It needs clock: virtual or auto.
	P99 atMost `yaml:"p99"`
	// Max is an upper bound for the longest service time, such as "<= 2s". It
	// needs clock: virtual or auto.
	Max atMost `yaml:"max"`
	// Lateness is an upper bound for how late teapot itself hands tasks over:
	// 99 of 100 no later than this after they fall due, such as "<= 5ms". A run
	// that misses it is invalid, which is no violation: its times are not those
	// of the client. The default is "<= 10ms". It needs arrivals or users, and
	// clock: real or auto.
	Lateness atMost `yaml:"lateness"`
	// Retries is planned (the default: no attempt comes earlier than
	// workload.retry and the Retry-After of an answer say, none too many, and
	// none that workload.retry does not allow) or any.
	Retries retriesRule `yaml:"retries"`
	// Leaks is none (the default: nothing that the client opens outlives the
	// run, such as goroutines, response bodies, connections, and under the real
	// clock files and child processes), any, or what may be left. ignore lists
	// patterns of functions in the stacks of goroutines, of paths of files and
	// of names of processes, in which * stands for any text. grace is how long
	// they may take to end after the run; the default is 1s.
	Leaks leakRule `yaml:"leaks"`
}

// A Speedup compares the makespans of two executors.
type Speedup struct {
	// Over names the executor to compare with: its kind, such as sequential, or
	// its kind and number, such as pool/10, if the list has several of that
	// kind.
	Over string `yaml:"over" jsonschema:"required"`
	// AtLeast is the smallest speedup that every other executor must reach: the
	// makespan of the executor named by over, divided by its own.
	AtLeast positiveNumber `yaml:"at_least" jsonschema:"required"`
}

// A Schedule compares every task with the ideal schedule.
type Schedule struct {
	// Within is the largest allowed difference, such as 1ms.
	Within duration `yaml:"within" jsonschema:"required"`
}

// A times is the bounds for how long the tasks of a window take.
type times struct {
	// P50 is a bound for the median, such as "<= 100ms".
	P50 timeBound `yaml:"p50"`
	// P75 is a bound for the 75th percentile, such as "<= 250ms".
	P75 timeBound `yaml:"p75"`
	// P90 is a bound for the 90th percentile, such as "<= 250ms".
	P90 timeBound `yaml:"p90"`
	// P95 is a bound for the 95th percentile, such as "<= 250ms".
	P95 timeBound `yaml:"p95"`
	// P99 is a bound for the 99th percentile, such as "<= 250ms".
	P99 timeBound `yaml:"p99"`
	// P999 is a bound for the 99.9th percentile, such as "<= 1s".
	P999 timeBound `yaml:"p99.9"`
	// P9999 is a bound for the 99.99th percentile, such as "<= 1s".
	P9999 timeBound `yaml:"p99.99"`
	// Max is a bound for the longest time, such as "<= 2s".
	Max timeBound `yaml:"max"`
	// Mean is a bound for the arithmetic mean, such as "<= 100ms".
	Mean timeBound `yaml:"mean"`
	// From is when the window begins: the bounds are of the tasks that fall due
	// then or later. The default is the start of the run. It needs arrivals or
	// users.
	From duration `yaml:"from"`
	// Until is when the window ends: the bounds are of the tasks that fall due
	// before. It must be later than from. The default is the end of the run. It
	// needs arrivals or users.
	Until duration `yaml:"until"`
}
