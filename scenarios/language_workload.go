package scenarios

import (
	"github.com/teapot-go/teapot/scenarios/internal/workload"
)

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
	// Generators is how many load generators share the arrivals, such as 4.
	// Each has an executor and a client of its own, and every Nth arrival. The
	// default is 1. It needs arrivals, and excludes find.
	Generators count `yaml:"generators"`
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
	// Driver is what sends the requests of the task download: fasthttp, which
	// takes about half the CPU of the default, net/http, or a name that your
	// program has registered. It needs clock: real or auto, and a server that
	// speaks HTTP/1.1 and listens.
	Driver string `yaml:"driver"`
	// Attempts is how many attempts at each key the client may make.
	// The default is 1. A correct client stops at the first attempt that ends
	// with ok, and may stop at a status from 400 to 499. It reports its last
	// attempt. loiter and prime exclude it.
	Attempts attemptCount `yaml:"attempts"`
	// Retry is the policy by which the client tries again. It excludes
	// attempts. Without it a client may take a status from 400 to 499 for
	// final, and may pause as it likes, but not shorter than a Retry-After
	// says. loiter and prime exclude it.
	Retry *Retry `yaml:"retry" such:"{attempts: 3}"`
	// Unasked is why a task may end without a request: unknown (the default:
	// such a task is inconclusive), cache (the client may report an answer that
	// an earlier task of the same key had), circuit_breaker (it may fail at
	// once when others have failed), shared (a request of another task may be
	// for several), limiter (it may hold a request back until its timeout, or
	// refuse it, while others are under way), any of these, or never, which
	// makes it a violation. It needs a server, and a task or a batch of your
	// own.
	Unasked unaskedRule `yaml:"unasked"`
	// Reads is how much of a body the client reads: whole (the default), or
	// part, where it may close a body as soon as it has what it wants. An
	// answer that breaks off after its head may then be a success, and fewer
	// bytes than the file has are right. It needs a server, and a task or a
	// batch of your own.
	Reads readsRule `yaml:"reads"`
	// Deliver is the order in which results reach the caller: map (the default:
	// in order of submission) or as_completed.
	Deliver delivery `yaml:"deliver"`
}

// A Retry is a policy of retries. What a task's requests do against it is a
// violation: see expect.retries.
type Retry struct {
	// Attempts is how many attempts at each key the client may make. With 1 it
	// tries nothing again, and the other keys of a policy have no effect.
	Attempts attemptCount `yaml:"attempts" jsonschema:"required"`
	// On lists what is tried again: timeout, refused, reset, truncated,
	// malformed, redirect, a status such as 429, or 4xx or 5xx. The default is
	// all of them but 4xx, of which it has 408, 425 and 429.
	On []retryCause `yaml:"on" such:"[timeout, reset, 5xx]"`
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
