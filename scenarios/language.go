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
	// Interleave is how the seed decides which goroutine goes on first, where
	// the virtual clock leaves that open: at random, by priorities that change
	// so many times, or mixed, which is one of them in each world of a hunt. It
	// takes a seed beside that of the file too, as random(7). The default
	// leaves the order to the Go scheduler.
	Interleave interleaving `yaml:"interleave"`
	// Deadline is how long the run waits for any task to end, in addition to
	// the longest planned task, before it reports a deadlock. The default is 1m
	// plus nine times the longest planned task. Where the plan does not say how
	// long tasks take, the default is 5m.
	Deadline duration `yaml:"deadline"`
	// Server is the test server that the tasks send their requests to. The task
	// download needs it; loiter and prime exclude it.
	Server *Server `yaml:"server" such:"{latency: 50ms}"`
	// Workload is the task and the keys to run it for.
	Workload Workload `yaml:"workload" jsonschema:"required" such:"{task: download, flags: top20}"`
	// Executors lists the executors under test. Each of them runs the same
	// workload.
	Executors []Executor `yaml:"executors" jsonschema:"required" such:"[{kind: pool, workers: 10}]"`
	// Find has the highest rate of arrivals found that meets the expectations.
	// The stage of workload.arrivals says find in place of its rate.
	Find *finding `yaml:"find" such:"{rate: [10/s, 5000/s]}"`
	// Expect lists what every run must meet. Every run must also end, and keep
	// to the limit of its executor.
	Expect Expect `yaml:"expect" such:"{order: submission}"`
	// Hunt has suites and tests try many worlds of the scenario in place of
	// one, and is what teapot hunt does by default. teapot run ignores it.
	Hunt *hunting `yaml:"hunt" such:"{seeds: 100}"`
	// Vary is what else than the seed differs between the worlds of a hunt. All
	// other commands ignore it.
	Vary *variation `yaml:"vary" such:"{workers: [1, 20]}"`

	file     string
	folder   string           // that paths in the file are relative to
	source   string           // the text of the file
	document *strict.Document // the positions of all keys in the file
	warnings []string         // expectations that an override has made impossible to judge
	void     []string         // the paths of expectations that no run can meet after an override
	cluster  string           // the server that OnCluster was given
	drawn    *drawn           // the tasks, once they are drawn
	rate     float64          // that a search tries, 0 for its lowest
}

// A finding is how the highest rate of arrivals is found that meets the
// expectations.
type finding struct {
	// Rate is the range of rates, such as [10/s, 5000/s]. The search begins
	// with the first, at which a run must meet the expectations. It doubles the
	// rate until a run does not, and then narrows the two down.
	Rate []workload.Rate `yaml:"rate" jsonschema:"required" such:"[10/s, 5000/s]"`
	// Within is how far above the highest rate that meets the expectations the
	// lowest one may be that does not: a share from 0.1% to 100%. The
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
	Workers []count `yaml:"workers" such:"[1, 20]"`
	// Keys is the range of the number of keys, which are the first ones of the
	// workload, such as [1, 20].
	Keys []count `yaml:"keys" such:"[1, 20]"`
	// Latency is the range in which the latency of a world is uniform between
	// two values of its own, such as [1ms, 2s].
	Latency []duration `yaml:"latency" such:"[1ms, 2s]"`
	// Rate is the range of the rate of each fault that has one, such as [0.01,
	// 0.5]. In a third of the worlds two faults have the highest rate, but no
	// more than 0.5, and all others the lowest: each two of them in turn.
	Rate []rate `yaml:"rate" such:"[0.01, 0.5]"`
	// Timeout is the range of workload.timeout, such as [1s, 10s].
	Timeout []duration `yaml:"timeout" such:"[1s, 10s]"`
	// Arrivals is the range of the rate of each stage of workload.arrivals that
	// has a rate or a ramp, such as [10/s, 500/s].
	Arrivals []workload.Rate `yaml:"arrivals" such:"[10/s, 500/s]"`
}

// An Executor is an executor under test. A list of numbers means one run for
// each number.
type Executor struct {
	// Kind is sequential, pool, async, process (run tasks in child processes),
	// cluster (run tasks on workers of a NATS server, which is part of the
	// process unless nats names another one), own (the pool of the batch), or a
	// name that your program has registered. process and cluster need a task
	// that can run in another process. process, and cluster with nats, need
	// clock: real. own needs workload.batch and workers.
	Kind string `yaml:"kind" jsonschema:"required"`
	// Workers is the number of workers of a pool or process executor, and how
	// many tasks a cluster runs at once. The default of a pool and a cluster is
	// min(32, CPUs + 4), that of process is the number of CPUs. It is required
	// if the list has another executor of the same kind, with nats, and for
	// own, of which it is how many keys the batch does at once.
	Workers countList `yaml:"workers"`
	// Limit is the number of tasks that an async executor runs at once. The
	// default is no limit.
	Limit countList `yaml:"limit"`
	// NATS is the server of a cluster executor. The tasks run on workers that
	// teapot worker has started.
	NATS *natsServer `yaml:"nats" such:"{url: nats://host:4222}"`
	// Once has each task of a cluster executor start at most once: the loss of
	// its worker is then the loss of the task, and else another worker runs it
	// again. The default is false.
	Once truth `yaml:"once"`
}

// A natsServer is a NATS server with JetStream.
type natsServer struct {
	// URL is the address, such as nats://host:4222, or tls://host:4222.
	URL natsURL `yaml:"url" jsonschema:"required"`
}
