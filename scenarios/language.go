package scenarios

import "github.com/teapot-go/teapot/scenarios/strict"

// A Scenario is one file: a server and a workload, the executors that it is run
// on, and what is expected of every run.
type Scenario struct {
	// Name is the scenario's name: lower-case letters, digits and hyphens.
	Name string `yaml:"name" jsonschema:"required"`
	// About says in a sentence what the scenario is for.
	About string `yaml:"about"`
	// Seed decides every latency and every fault; another seed is another
	// world. The default is 0.
	Seed uint64 `yaml:"seed"`
	// Clock is real (the default: loopback sockets and the time of day) or
	// virtual (in-memory connections in simulated time).
	Clock clockName `yaml:"clock"`
	// Deadline is how long, beyond the longest planned task, no task may end
	// before the run is given up as a deadlock. The default is a minute and
	// nine times the longest planned task, or five minutes where the plan does
	// not say how long tasks take.
	Deadline duration `yaml:"deadline"`
	// Server is the test server that the workload talks to. A download needs
	// one.
	Server *Server `yaml:"server"`
	// Workload is what is done, and how often.
	Workload Workload `yaml:"workload" jsonschema:"required"`
	// Executors are the things under test. Each runs the same workload.
	Executors []Executor `yaml:"executors" jsonschema:"required"`
	// Expect is what every run is held to. A run must also end, keep to its
	// executor's limit and leave no goroutine behind.
	Expect Expect `yaml:"expect"`

	file     string
	source   string           // the text of the file
	document *strict.Document // where everything stands in the file
	warnings []string         // what an override has made impossible to judge
}

// Server says how the test server misbehaves.
type Server struct {
	// Latency is the wait of each answer.
	Latency distribution `yaml:"latency"`
	// Spend is where in an answer the latency is spent: before_head (the
	// default: before the first byte), before_body (between the head and the
	// body) or over_body (the body comes in pieces, the last one at the end of
	// the latency).
	Spend spending `yaml:"spend"`
	// Pieces is how many pieces a body is sent in over the latency. The default
	// is 10. It needs spend: over_body.
	Pieces count `yaml:"pieces"`
	// Bandwidth limits how fast each body is sent, such as 64KB/s. What it
	// takes comes on top of the latency.
	Bandwidth bandwidth `yaml:"bandwidth"`
	// Faults are what goes wrong; the first that strikes a request is the one
	// it meets.
	Faults []Fault `yaml:"faults"`
	// Protocol is http (the default: HTTP/1.1 in the clear), https (HTTP/1.1
	// over TLS), h2c (HTTP/2 in the clear) or h2 (HTTP/2 over TLS).
	Protocol protocol `yaml:"protocol"`
	// Body is the size of what is served in place of each flag's picture: a
	// text that is made from the seed.
	Body bodySize `yaml:"body"`
	// Capacity bounds how many requests are served at once. The default is no
	// bound. A latency begins when a request is let in.
	Capacity *Capacity `yaml:"capacity"`
	// RateLimit bounds how many requests are let in over time. The default is
	// no bound.
	RateLimit *RateLimit `yaml:"rate_limit"`
}

// Fault is something that goes wrong with the requests that meet all of its
// conditions.
type Fault struct {
	// Kind is what goes wrong, such as status, reset or truncate.
	Kind faultKind `yaml:"kind" jsonschema:"required"`

	// Rate is the share of requests that it strikes, above 0 and at most 1, of
	// those that meet the other conditions. It may be left out if there are
	// any.
	Rate rate `yaml:"rate"`
	// Keys are the keys that it strikes, or patterns of them, such as [BR, C*].
	Keys []keyPattern `yaml:"keys"`
	// Attempts is how many attempts at each key it strikes, from the first on.
	Attempts count `yaml:"attempts"`
	// Every strikes every so manieth key, in the order of the workload: with 3
	// the third, the sixth, and so on.
	Every count `yaml:"every"`
	// From is when it begins to strike, since the server's start, by the time
	// at which a request arrives.
	From duration `yaml:"from"`
	// Until is when it ends to strike.
	Until duration `yaml:"until"`

	// Status is the status of the answer, 400 to 599. A fault of kind status
	// needs one, and no other has any.
	Status statusCode `yaml:"status"`
	// Reason is the reason phrase behind the status. The default is the usual
	// one.
	Reason string `yaml:"reason"`
	// Body is the body of the answer. The default is the name of the status.
	Body string `yaml:"body"`
	// RetryAfter says when to come again, in whole seconds, with status 413,
	// 429 or 503.
	RetryAfter duration `yaml:"retry_after"`
	// Hops is the length of a chain of redirects, 1 to 5. The default is 3.
	Hops count `yaml:"hops"`
	// Size is the length of a huge head, such as 20MB. The default is 11MiB,
	// and clients made with net/http read 10: it must be more.
	Size headSize `yaml:"size"`
	// Delay is how long a slow close takes. The default is 1s.
	Delay duration `yaml:"delay"`
}

// Workload is a task and the keys that it is run for, one task a key.
type Workload struct {
	// Task is download (one flag from the server), loiter (sleep for as many
	// seconds as the key says, result ten times that), prime (divide the key by
	// every smaller number), or a name that the program has registered.
	Task string `yaml:"task" jsonschema:"required"`
	// Flags are a download's keys: top20, all (the 194 that exist), every (AA
	// to ZZ), or a list of codes and initial letters.
	Flags flagList `yaml:"flags"`
	// Keys are any other task's keys.
	Keys keyList `yaml:"keys"`
	// Limit keeps only the first so many keys.
	Limit count `yaml:"limit"`
	// Timeout is how long the client waits for each answer. The default is for
	// as long as it takes.
	Timeout duration `yaml:"timeout"`
	// Attempts is how many attempts at each key the client may make, 1 (the
	// default) to 100. A correct one stops at the first that is ok or
	// not_found; what counts is that one, or the last.
	Attempts count `yaml:"attempts"`
	// Deliver is how results reach the caller: map (the default: in order of
	// submission) or as_completed.
	Deliver delivery `yaml:"deliver"`
}

// Executor is an executor under test; a list of values stands for one run each.
type Executor struct {
	// Kind is sequential, pool, async, process (tasks in child processes), or a
	// name that the program has registered.
	Kind string `yaml:"kind" jsonschema:"required"`
	// Workers is the number of workers of a pool. The default is min(32, CPUs +
	// 4); beside another pool it must be said.
	Workers countList `yaml:"workers"`
	// Limit is how many tasks an async executor runs at once. The default is no
	// limit.
	Limit countList `yaml:"limit"`
}

// Expect is what every run is held to.
type Expect struct {
	// Classification is exact (the default: every task reports the class that a
	// correct client reports of what it met, and no status that the server has
	// not sent, nor other bytes) or any.
	Classification classRule `yaml:"classification"`
	// Outcomes is planned (the default: every task comes to the value of its
	// plan) or the number of each outcome.
	Outcomes outcomeRule `yaml:"outcomes"`
	// Order is the order in which results are delivered: submission, completion
	// (which needs deliver: as_completed) or any (the default). The first two
	// also expect that tasks start first in, first out.
	Order ordering `yaml:"order"`
	// Efficiency bounds the ideal makespan over the measured one, such as ">=
	// 0.95". Nothing is more efficient than the ideal: ">= 1" is the most.
	Efficiency atLeast `yaml:"efficiency"`
	// Speedup bounds how many times faster than another executor of the list
	// every other one is.
	Speedup *Speedup `yaml:"speedup"`
	// Schedule bounds how far any start or finish may be from the ideal
	// schedule. It needs the virtual clock.
	Schedule *Schedule `yaml:"schedule"`
	// P50 bounds the median of the service time, such as "<= 2s". It needs the
	// virtual clock.
	P50 atMost `yaml:"p50"`
	// P90 bounds the 90th percentile of the service time. It needs the virtual
	// clock.
	P90 atMost `yaml:"p90"`
	// P95 bounds the 95th percentile of the service time. It needs the virtual
	// clock.
	P95 atMost `yaml:"p95"`
	// P99 bounds the 99th percentile of the service time. It needs the virtual
	// clock.
	P99 atMost `yaml:"p99"`
	// Max bounds the longest service time. It needs the virtual clock.
	Max atMost `yaml:"max"`
	// Leaks is none (the default: no goroutine outlives the run) or any.
	Leaks leakRule `yaml:"leaks"`
}

// Speedup compares makespans.
type Speedup struct {
	// Over names the executor to compare with, as the list says it: its kind,
	// with its number where there are several: pool/10.
	Over string `yaml:"over" jsonschema:"required"`
	// AtLeast is the least speedup: the other's makespan over this one's.
	AtLeast factor `yaml:"at_least" jsonschema:"required"`
}

// Schedule compares every task with the ideal schedule.
type Schedule struct {
	// Within is the largest difference allowed, such as 1ms.
	Within duration `yaml:"within" jsonschema:"required"`
}
