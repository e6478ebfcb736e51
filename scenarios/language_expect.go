package scenarios

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
	// that gets one of them must report ok. 207, whose body says of each part
	// how it went, may be in the list: then each part went well. The default is
	// none. It excludes the tasks loiter and prime.
	Success []successStatus `yaml:"success" such:"[409]"`
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
	Speedup *Speedup `yaml:"speedup" such:"{over: sequential, at_least: 8}"`
	// Schedule limits how far the start and the end of every task may be from
	// the ideal schedule. It needs clock: virtual or auto; with server.capacity
	// it needs clock: virtual and the task download with one attempt.
	Schedule *Schedule `yaml:"schedule" such:"{within: 100ms}"`
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
