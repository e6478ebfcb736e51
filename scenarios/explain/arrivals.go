package explain

const searched = `server:
  latency: exponential(10ms)
  capacity: {concurrent: 1}
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {poisson: find, for: 10s}
find: {rate: [10/s, 5000/s], within: 5%}
executors: [{kind: async}]
expect:
  latency: {p99: "<= 200ms"}`

// arrivalExamples are those of the keys that say which tasks there are, and
// when they fall due.
var arrivalExamples = map[string]string{
	"workload.keys.count": `server: {body: 4KB}
workload:
  task: download
  keys: {count: 1000, prefix: item-}`,
	"workload.keys.prefix": `server: {body: 4KB}
workload:
  task: download
  keys: {count: 1000, prefix: item-}`,
	"workload.keys.file": `server: {body: 4KB}
workload:
  task: download
  keys: {file: testdata/keys.csv, column: key}`,
	"workload.keys.column": `server: {body: 4KB}
workload:
  task: download
  keys: {file: testdata/keys.csv, column: key}`,
	"workload.users": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: 50
  think: exponential(200ms)
  for: 1m`,
	"workload.users.ramp": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: {ramp: [1, 50], for: 1m}
  think: 200ms`,
	"workload.users.for": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: {ramp: [1, 50], for: 1m}
  think: 200ms
  for: 5m`,
	"workload.think": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: 50
  think: exponential(200ms)
  for: 1m`,
	"workload.iterations": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: 50
  think: uniform(100ms, 300ms)
  iterations: 20`,
	"workload.for": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  users: 50
  think: exponential(200ms)
  for: 1m`,
	"find":        searched,
	"find.rate":   searched,
	"find.within": searched,
	"workload.arrivals": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {poisson: 500/s, for: 10s}`,
	"workload.arrivals.rate": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {rate: 500/s, for: 10s}`,
	"workload.arrivals.poisson": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {poisson: 500/s, for: 10s}`,
	"workload.arrivals.ramp": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {ramp: [10/s, 500/s], for: 10s}`,
	"workload.arrivals.burst": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {burst: 100, every: 1s, for: 10s}`,
	"workload.arrivals.every": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {burst: 100, every: 1s, for: 10s}`,
	"workload.arrivals.for": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {rate: 500/s, for: 10s}`,
	"workload.arrivals.trace": `server:
  body: 4KB
workload:
  task: download
  arrivals: {trace: testdata/keys.csv}`,
	"workload.generators": `server:
  body: 4KB
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {poisson: 500/s, for: 10s}
  generators: 4`,
	"workload.pick": `server: {body: 4KB}
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {rate: 500/s, for: 10s}
  pick: zipf(1.1)`,
}
