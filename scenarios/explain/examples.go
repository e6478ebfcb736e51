package explain

import "cmp"

// Example returns a part of a scenario that has the key at path, such as
// server.faults.kind, or "" for an unknown key.
func Example(path string) string {
	return cmp.Or(examples[path], expectExamples[path], commandExamples[path], arrivalExamples[path],
		loadExamples[path], more(path))
}

// examples are parts of scenario files, by the path of the key that they show.
// Each is right in a file that has the other keys that a scenario needs.
var examples = map[string]string{
	"name":     "name: error-100",
	"about":    "about: a hundred flags from a server that refuses a quarter of the requests",
	"seed":     "seed: 418",
	"clock":    "clock: virtual",
	"deadline": "deadline: 2m",

	"server": `server:
  latency: uniform(500ms, 5s)
  faults:
    - {kind: status, status: 418, rate: 0.25}`,
	"server.content": `server:
  content:
    routes:
      - path: /items
        json: [{id: 1}, {id: 2}]
workload: {task: download, keys: [/items]}`,
	"server.content.directory": `server:
  content: {directory: testdata}
workload: {task: download, keys: [/items]}`,
	"server.content.routes": `server:
  content:
    routes:
      - path: /items
        json: [{id: 1}, {id: 2}]
workload: {task: download, keys: [/items]}`,
	"server.content.routes.path": `server:
  content:
    routes:
      - path: /items/{id}
        json: {id: "{id}"}
workload: {task: download, keys: [/items]}`,
	"server.content.routes.method": `server:
  content:
    routes:
      - {path: /orders, method: POST, status: 201}
workload: {task: download, keys: [/items]}`,
	"server.content.routes.status": `server:
  content:
    routes:
      - {path: /orders, method: POST, status: 201}
workload: {task: download, keys: [/items]}`,
	"server.content.routes.json": `server:
  content:
    routes:
      - path: /items
        json: [{id: 1}, {id: 2}]
workload: {task: download, keys: [/items]}`,
	"server.content.routes.body": `server:
  content:
    routes:
      - path: /items
        body: one, two
workload: {task: download, keys: [/items]}`,
	"server.content.routes.headers": `server:
  content:
    routes:
      - path: /items
        headers: ["X-Total: 2"]
workload: {task: download, keys: [/items]}`,
	"server.content.har": `server:
  content: {har: testdata/site.har}
workload: {task: download, keys: [/items]}`,
	"server.content.upstream": `clock: auto
server: {content: {upstream: "http://127.0.0.1:3000"}}
workload: {task: download, keys: [/items]}`,
	"server.content.allow_remote": `clock: auto
server: {content: {upstream: "http://service.example:3000", allow_remote: service.example}}
workload: {task: download, keys: [/items]}`,
	"server.key": `server:
  content:
    routes:
      - {path: /orders, method: POST, status: 201}
  key: header(Idempotency-Key)
workload: {task: download, keys: [/items]}`,
	"server.latency": `server:
  latency: uniform(500ms, 5s)`,
	"server.latencies": `server:
  latency: 50ms
  latencies:
    - {keys: [BR, "C*"], latency: "lognormal(80ms, 2s)"}`,
	"server.latencies.keys": `server:
  latencies:
    - {keys: [BR, "C*"], latency: 2s}`,
	"server.latencies.latency": `server:
  latencies:
    - {keys: ["B*"], latency: "uniform(500ms, 5s)"}`,
	"server.spend": `server:
  latency: 2s
  spend: over_body`,
	"server.pieces": `server:
  latency: 2s
  spend: over_body
  pieces: 4`,
	"server.bandwidth": `server:
  bandwidth: 64KB/s`,
	"server.faults": `server:
  faults:
    - {kind: reset, keys: [BR]}
    - {kind: status, status: 503, rate: 0.1}`,
	"server.faults.kind": `server:
  faults:
    - {kind: reset, rate: 0.1}`,
	"server.faults.rate": `server:
  faults:
    - {kind: truncate, rate: 0.25}`,
	"server.faults.keys": `server:
  faults:
    - {kind: empty, keys: [BR, "C*"]}`,
	"server.faults.except": `server:
  faults:
    - {kind: status, status: 503, rate: 0.1, except: [BR]}`,
	"server.faults.at": `server:
  faults:
    - {kind: truncate, at: {key: BR, attempt: 2}}
    - {kind: reset, at: {key: BR}}
workload: {task: download, flags: top20, attempts: 3}`,
	"server.faults.at.key": `server:
  faults:
    - {kind: reset, at: {key: BR}}`,
	"server.faults.at.attempt": `server:
  faults:
    - {kind: reset, at: {key: BR, attempt: 2}}
workload: {task: download, flags: top20, attempts: 3}`,
	"server.faults.attempts": `server:
  faults:
    - {kind: status, status: 503, attempts: 2}
workload: {task: download, flags: top20, attempts: 3}`,
	"server.faults.every": `server:
  faults:
    - {kind: garbage, every: 10}`,
	"server.faults.from": `server:
  latency: 1s
  faults:
    - {kind: refuse, from: 10s, until: 20s}`,
	"server.faults.until": `server:
  latency: 1s
  faults:
    - {kind: status, status: 503, until: 20s}`,
	"server.faults.status": `server:
  faults:
    - {kind: status, status: 429, rate: 0.1}`,
	"server.faults.reason": `server:
  faults:
    - {kind: status, status: 500, reason: Out of tea, rate: 0.1}`,
	"server.faults.body": `server:
  faults:
    - {kind: status, status: 500, body: '{"error": "out of tea"}', rate: 0.1}`,
	"server.faults.headers": `server:
  faults:
    - {kind: status, status: 401, headers: ["WWW-Authenticate: Basic"], rate: 0.1}`,
	"server.faults.retry_after": `server:
  faults:
    - {kind: status, status: 429, retry_after: 2s, rate: 0.1}`,
	"server.faults.hops": `server:
  faults:
    - {kind: redirect, hops: 2, rate: 0.5}`,
	"server.faults.other_host": `server:
  faults:
    - {kind: redirect, other_host: true, rate: 0.5}`,
	"server.faults.after": `server:
  faults:
    - {kind: reset, after: true, rate: 0.1}`,
	"server.faults.size": `server:
  faults:
    - {kind: huge_head, size: 20MB, keys: [BR]}`,
	"server.faults.delay": `server:
  faults:
    - {kind: slow_close, delay: 3s, rate: 0.1}`,
	"server.attempts": `server:
  attempts: counted`,
	"server.protocol": `server:
  protocol: h2`,
	"server.transport": `server:
  transport: handler`,
	"server.body": `server:
  body: uniform(1KB, 10MB)`,
	"server.capacity": `server:
  latency: 1s
  capacity: {concurrent: 10, queue: 20}
expect: {outcomes: {ok: 20}}`,
	"server.capacity.concurrent": `server:
  latency: 1s
  capacity: {concurrent: 10}`,
	"server.capacity.queue": `server:
  latency: 1s
  capacity: {concurrent: 10, queue: 20}
expect: {outcomes: {ok: 20}}`,
	"server.capacity.policy": `server:
  latency: 1s
  capacity: {concurrent: 10, policy: too_many}
expect: {outcomes: {ok: 20}}`,
	"server.capacity.retry_after": `server:
  latency: 1s
  capacity: {concurrent: 10, policy: unavailable, retry_after: 5s}
expect: {outcomes: {ok: 20}}`,
	"server.rate_limit": `server:
  rate_limit: {per_second: 50, burst: 10}
expect: {outcomes: {ok: 15, error: 5}}`,
	"server.rate_limit.per_second": `server:
  rate_limit: {per_second: 50}
expect: {outcomes: {ok: 15, error: 5}}`,
	"server.rate_limit.burst": `server:
  rate_limit: {per_second: 50, burst: 10}
expect: {outcomes: {ok: 15, error: 5}}`,
	"server.record_headers": `server:
  record_headers: [X-Request-Id]`,

	"workload": `workload:
  task: download
  flags: all
  timeout: 3s`,
	"workload.task": `workload:
  task: loiter
  keys: [1, 2, 3]`,
	"workload.batch": `server: {latency: 1s}
workload: {batch: mine, flags: top20}
executors: [{kind: own, workers: 8}]`,
	"workload.flags": `workload:
  task: download
  flags: [BR, d]`,
	"workload.keys": `workload:
  task: loiter
  keys: [0, 1, 0.5]`,
	"workload.limit": `workload:
  task: download
  flags: all
  limit: 100`,
	"workload.timeout": `workload:
  task: download
  flags: top20
  timeout: 3s`,
	"workload.attempts": `workload:
  task: download
  flags: top20
  attempts: 3`,
	"workload.retry": `workload:
  task: download
  flags: top20
  retry: {attempts: 4, on: [timeout, 5xx], wait: "exponential(100ms, 2s)"}`,
	"workload.retry.attempts": `workload:
  task: download
  flags: top20
  retry: {attempts: 4}`,
	"workload.retry.on": `workload:
  task: download
  flags: top20
  retry: {attempts: 4, on: [timeout, refused, 429, 5xx]}`,
	"workload.retry.methods": `workload:
  task: download
  flags: top20
  retry: {attempts: 4, methods: any}`,
	"workload.retry.wait": `workload:
  task: download
  flags: top20
  retry:
    attempts: 4
    wait: exponential(100ms, 2s)`,
	"workload.retry.retry_after": `workload:
  task: download
  flags: top20
  retry: {attempts: 4, retry_after: ignore}`,
	"workload.retry.timeout": `workload:
  task: download
  flags: all
  timeout: 10s
  retry: {attempts: 4, wait: 1s, timeout: whole}`,
	"workload.unasked": `clock: real
workload: {task: {command: [python3, get.py, "{url}"], output: report}, flags: all, unasked: circuit_breaker}`,
	"workload.reads": `clock: real
workload: {task: {command: [python3, peek.py, "{url}"], output: report}, flags: all, reads: part}`,
	"workload.deliver": `workload:
  task: loiter
  keys: [3, 1, 2]
  deliver: as_completed`,

	"executors": `executors:
  - {kind: sequential}
  - {kind: pool, workers: [10, 100]}`,
	"executors.kind": `executors:
  - {kind: async}`,
	"executors.workers": `executors:
  - {kind: pool, workers: [10, 100]}`,
	"executors.limit": `executors:
  - {kind: async, limit: 50}`,
}
