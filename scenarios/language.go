package scenarios

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/servers"
)

// A Scenario is one file: a server and a workload, the executors that it is run on, and what is expected of every run.
type Scenario struct {
	// Name is the scenario's name: lower-case letters, digits and hyphens.
	Name string `yaml:"name" jsonschema:"required"`
	// About says in a sentence what the scenario is for.
	About string `yaml:"about"`
	// Seed decides every latency and every fault; another seed is another world. The default is 0.
	Seed uint64 `yaml:"seed"`
	// Clock is real (the default: loopback sockets and the time of day) or virtual (in-memory connections in simulated time).
	Clock Clock `yaml:"clock"`
	// Server is the test server that the workload talks to. A download needs one.
	Server *Server `yaml:"server"`
	// Workload is what is done, and how often.
	Workload Workload `yaml:"workload" jsonschema:"required"`
	// Executors are the things under test. Each runs the same workload.
	Executors []Executor `yaml:"executors" jsonschema:"required"`
	// Expect is what every run is held to. A run must also end, keep to its executor's limit and leave no goroutine behind.
	Expect Expect `yaml:"expect"`

	file     string
	lines    []string         // the file's
	places   map[string]place // where each path of keys stands: "expect.p99", "executors[0]"
	warnings []string         // what an override has made impossible to judge
}

// Server says how the test server misbehaves.
type Server struct {
	// Latency is the wait before each answer.
	Latency Latency `yaml:"latency"`
	// Faults are what goes wrong; the first that strikes a request is the one it meets.
	Faults []Fault `yaml:"faults"`
}

// Fault is something that goes wrong with a share of all requests.
type Fault struct {
	// Kind is status: the request is answered with another status.
	Kind FaultKind `yaml:"kind" jsonschema:"required"`
	// Status is the status of the answer, 400 to 599.
	Status Code `yaml:"status" jsonschema:"required"`
	// Rate is the share of requests that it strikes, 0 to 1.
	Rate Rate `yaml:"rate" jsonschema:"required"`
}

// Workload is a task and the keys that it is run for, one task a key.
type Workload struct {
	// Task is download (one flag from the server), loiter (sleep for as many seconds as the key says, result ten times that), or a name
	// that the program has registered.
	Task string `yaml:"task" jsonschema:"required"`
	// Flags are a download's keys: top20, all (the 194 that exist), every (AA to ZZ), or a list of codes and initial letters.
	Flags Flags `yaml:"flags"`
	// Keys are any other task's keys.
	Keys Keys `yaml:"keys"`
	// Limit keeps only the first so many keys.
	Limit Count `yaml:"limit"`
	// Timeout is how long the client waits for each answer. The default is for as long as it takes.
	Timeout Duration `yaml:"timeout"`
	// Deliver is how results reach the caller: map (the default: in order of submission) or as_completed.
	Deliver Deliver `yaml:"deliver"`
}

// Executor is an executor under test; a list of values stands for one run each.
type Executor struct {
	// Kind is sequential, pool, async, or a name that the program has registered.
	Kind string `yaml:"kind" jsonschema:"required"`
	// Workers is the number of workers of a pool. The default is min(32, CPUs + 4).
	Workers Counts `yaml:"workers"`
	// Limit is how many tasks an async executor runs at once. The default is no limit.
	Limit Counts `yaml:"limit"`
}

// Expect is what every run is held to.
type Expect struct {
	// Outcomes is planned (the default: every task reports exactly what the plan made it meet) or the number of each outcome.
	Outcomes Outcomes `yaml:"outcomes"`
	// Order is the order in which results are delivered: submission, completion or any (the default). The first two also expect that
	// tasks start first in, first out.
	Order Order `yaml:"order"`
	// Efficiency bounds the ideal makespan over the measured one, such as ">= 0.95".
	Efficiency AtLeast `yaml:"efficiency"`
	// Speedup bounds how many times faster than another executor of the list every other one is.
	Speedup *Speedup `yaml:"speedup"`
	// Schedule bounds how far any start or finish may be from the ideal schedule. It needs the virtual clock.
	Schedule *Schedule `yaml:"schedule"`
	// P50 bounds the median of the service time, such as "<= 2s". It needs the virtual clock.
	P50 AtMost `yaml:"p50"`
	// P90 bounds the 90th percentile of the service time. It needs the virtual clock.
	P90 AtMost `yaml:"p90"`
	// P95 bounds the 95th percentile of the service time. It needs the virtual clock.
	P95 AtMost `yaml:"p95"`
	// P99 bounds the 99th percentile of the service time. It needs the virtual clock.
	P99 AtMost `yaml:"p99"`
	// Max bounds the longest service time. It needs the virtual clock.
	Max AtMost `yaml:"max"`
	// Leaks is none (the default: no goroutine outlives the run) or any.
	Leaks Leaks `yaml:"leaks"`
}

// Speedup compares makespans.
type Speedup struct {
	// Over names the executor to compare with: a kind of the list, with its number where there are several: pool/10.
	Over string `yaml:"over" jsonschema:"required"`
	// AtLeast is the least speedup: the other's makespan over this one's.
	AtLeast Factor `yaml:"at_least" jsonschema:"required"`
}

// Schedule compares every task with the ideal schedule.
type Schedule struct {
	// Within is the largest difference allowed, such as 1ms.
	Within Duration `yaml:"within" jsonschema:"required"`
}

// A word is a scalar that is one of a few.
type word interface{ words() []string }

// The scalars of the language. Each reads itself from text and says what it accepts.
type (
	Clock     string        // real or virtual
	FaultKind string        // status
	Deliver   string        // map or as_completed
	Order     string        // submission, completion or any
	Leaks     string        // none or any
	Rate      float64       // 0 to 1
	Factor    float64       // above 0, at most 1e9
	Code      int           // 400 to 599
	Count     int           // 1 or more, 0 where nothing was said
	Duration  time.Duration // above 0, 0 where nothing was said
	seed      uint64

	// Latency is a distribution.
	Latency struct{ servers.Latency }
	// AtLeast is a lower bound: ">= 0.95".
	AtLeast struct{ Bound float64 }
	// AtMost is an upper bound: "<= 5.1s".
	AtMost struct{ Bound time.Duration }
)

func (Clock) words() []string     { return []string{string(harness.Real), string(harness.Virtual)} }
func (FaultKind) words() []string { return []string{string(servers.StatusFault)} }
func (Deliver) words() []string {
	return []string{string(harness.InOrder), string(harness.AsCompleted)}
}

func (Order) words() []string {
	return []string{string(checks.BySubmission), string(checks.ByCompletion), string(checks.AnyOrder)}
}
func (Leaks) words() []string { return []string{"none", "any"} }

// accepts says what the scalar can be, for messages.
func (Rate) accepts() string     { return "a number from 0 to 1" }
func (Factor) accepts() string   { return "a number above 0 and at most 1000000000" }
func (Code) accepts() string     { return "a status from 400 to 599" }
func (Count) accepts() string    { return fmt.Sprintf("a whole number from 1 to %d", maxCount) }
func (seed) accepts() string     { return "a whole number from 0 to 18446744073709551615" }
func (Duration) accepts() string { return "a duration above 0 such as 50ms, 3.1s or 1m" }
func (Latency) accepts() string  { return servers.LatencyForms }
func (AtLeast) accepts() string  { return `a lower bound in quotes such as ">= 0.95"` }
func (AtMost) accepts() string   { return `an upper bound in quotes such as "<= 5.1s"` }

// maxCount bounds workers, limits and numbers of keys: a million of anything is more than one process can be asked for.
const maxCount = 1_000_000

func (r *Rate) parse(text string) error {
	f, err := strconv.ParseFloat(text, 64)
	*r = Rate(f)
	return unless(err == nil && f >= 0 && f <= 1)
}

func (x *Factor) parse(text string) error {
	f, err := strconv.ParseFloat(text, 64)
	*x = Factor(f)
	return unless(err == nil && f > 0 && f <= 1e9)
}

func (s *seed) parse(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	*s = seed(n)
	return unless(err == nil)
}

func (c *Code) parse(text string) error {
	n, err := strconv.Atoi(text)
	*c = Code(n)
	return unless(err == nil && n >= 400 && n <= 599)
}

func (c *Count) parse(text string) error {
	n, err := strconv.Atoi(text)
	*c = Count(n)
	return unless(err == nil && n >= 1 && n <= maxCount)
}

func (d *Duration) parse(text string) error {
	t, err := time.ParseDuration(text)
	*d = Duration(t)
	return unless(err == nil && t > 0)
}

func (l *Latency) parse(text string) (err error) {
	l.Latency, err = servers.ParseLatency(text)
	return err
}

func (b *AtLeast) parse(text string) error {
	number, ok := strings.CutPrefix(text, ">=")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	b.Bound = f
	return unless(ok && err == nil && f > 0 && f <= 1e9)
}

func (b *AtMost) parse(text string) error {
	limit, ok := strings.CutPrefix(text, "<=")
	t, err := time.ParseDuration(strings.TrimSpace(limit))
	b.Bound = t
	return unless(ok && err == nil && t > 0)
}

// fieldsOf lists the fields of a struct that are part of the language.
func fieldsOf(t reflect.Type) []reflect.StructField {
	var fields []reflect.StructField
	for f := range t.Fields() {
		if f.Tag.Get("yaml") != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range fieldsOf(t) {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

// describe says what a value of a type can be.
func describe(t reflect.Type) string {
	switch v := reflect.New(t).Interface().(type) {
	case word:
		return anyOf(v.words())
	case described:
		return v.accepts()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return describe(t.Elem())
	case reflect.Struct:
		return "keys and values: " + strings.Join(keysOf(t), ", ")
	case reflect.Slice:
		return "a list of " + describe(t.Elem())
	case reflect.Uint64:
		return seed(0).accepts()
	default:
		return "a text"
	}
}

// unless is an error without words, for a text that accepts already says everything about.
func unless(ok bool) error {
	if ok {
		return nil
	}
	return errUnacceptable
}
