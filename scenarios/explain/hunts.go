package explain

// huntExamples are those of the keys of a hunt.
var huntExamples = map[string]string{
	"interleave": `clock: virtual
interleave: mixed
server: {transport: handler}`,
	"hunt": `hunt: {seeds: 1000}`,
	"hunt.seeds": `hunt: {seeds: 1000}
server: {faults: [{kind: truncate, rate: 0.1}]}`,
	"vary": `server: {faults: [{kind: truncate, rate: 0.1}]}
executors: [{kind: pool, workers: 10}]
vary:
  workers: [1, 20]
  rate: [0.01, 0.5]`,
	"vary.workers": `executors: [{kind: pool, workers: 10}]
vary:
  workers: [1, 20]`,
	"vary.keys": `vary:
  keys: [1, 20]`,
	"vary.latency": `vary:
  latency: [1ms, 2s]`,
	"vary.rate": `server:
  faults:
    - {kind: truncate, rate: 0.1}
    - {kind: reset, rate: 0.1}
vary:
  rate: [0.01, 0.5]`,
	"vary.arrivals": `server: {body: 4KB}
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {poisson: 100/s, for: 2s}
vary:
  arrivals: [10/s, 500/s]`,
	"vary.timeout": `vary:
  timeout: [1s, 10s]`,
}
