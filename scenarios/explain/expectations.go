package explain

// expectExamples are those of expectations.
var expectExamples = map[string]string{
	"expect": `expect:
  order: submission
  efficiency: ">= 0.95"`,
	"expect.classification": `expect:
  classification: coarse`,
	"expect.success": "server: {latency: 1s}\nexpect: {success: [409]}",
	"expect.outcomes": `expect:
  outcomes: {ok: 20, error: 0}`,
	"expect.outcomes.ok": `expect:
  outcomes: {ok: 20}`,
	"expect.outcomes.not_found": `expect:
  outcomes: {ok: 20, not_found: 0}`,
	"expect.outcomes.error": `expect:
  outcomes: {ok: 20, error: 0}`,
	"expect.errors": `expect:
  errors: "<= 1%"`,
	"expect.in_flight": `expect:
  in_flight: "<= 20"`,
	"expect.order": `expect:
  order: submission`,
	"expect.efficiency": `expect:
  efficiency: ">= 0.95"`,
	"expect.lateness": `clock: real
workload: {task: loiter, keys: [0], arrivals: {rate: 100/s, for: 1s}}
executors: [{kind: async}]
expect:
  lateness: "<= 5ms"`,
	"expect.speedup": `executors:
  - {kind: sequential}
  - {kind: pool, workers: 10}
expect:
  speedup: {over: sequential, at_least: 8}`,
	"expect.speedup.over": `executors:
  - {kind: sequential}
  - {kind: pool, workers: 10}
expect:
  speedup: {over: sequential, at_least: 8}`,
	"expect.speedup.at_least": `executors:
  - {kind: sequential}
  - {kind: pool, workers: 10}
expect:
  speedup: {over: sequential, at_least: 1.5}`,
	"expect.schedule": `expect:
  schedule: {within: 1ms}`,
	"expect.schedule.within": `expect:
  schedule: {within: 1ms}`,
	"expect.p50": `expect:
  p50: "<= 2s"`,
	"expect.p90": `expect:
  p90: "<= 3s"`,
	"expect.p95": `expect:
  p95: "<= 4s"`,
	"expect.p99": `expect:
  p99: "<= 5s"`,
	"expect.max": `expect:
  max: "<= 6s"`,
	"expect.retries": `expect:
  retries: any`,
	"expect.leaks": `expect:
  leaks: any`,
	"expect.leaks.ignore": `expect:
  leaks: {ignore: ["mylib.clean*"]}`,
	"expect.leaks.grace": `expect:
  leaks: {grace: 10s}`,
}
