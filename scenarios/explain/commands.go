package explain

// commandExamples are those of the keys of commands.
var commandExamples = map[string]string{
	"workload.task.command": `clock: auto
server:
  faults: [{kind: status, status: 503, keys: [BR]}]
workload:
  task:
    command: [curl, --silent, --fail, "{url}"]
    exit: {22: [status, not_found]}
  flags: [BR, CN]`,
	"workload.task.exit": `clock: auto
server:
  faults: [{kind: status, status: 503, keys: [BR]}]
workload:
  task:
    command: [curl, --silent, --fail, --max-time, "{timeout}", "{url}"]
    exit: {0: ok, 22: [status, not_found], 28: timeout}
  flags: [BR, CN]
  timeout: 2s`,
	"workload.task.output": `clock: auto
server:
  faults: [{kind: status, status: 503, keys: [BR]}]
workload:
  task:
    command: [curl, --silent, --fail, "{url}"]
    output: body
    exit: {22: [status, not_found]}
  flags: [BR, CN]`,
	"workload.task.lines": `clock: auto
server:
  faults: [{kind: status, status: 503, keys: [BR]}]
workload:
  task:
    command: [python3, fetch.py]
    lines: true
  flags: [BR, CN]`,
	"workload.task.proxy": `clock: auto
server:
  faults: [{kind: status, status: 503, keys: [BR]}]
workload:
  task:
    command: [curl, --silent, --fail, "{url}"]
    exit: {22: [status, not_found]}
    proxy: true
  flags: [BR, CN]`,
	"workload.batch.command": `clock: auto
server: {latency: 1s}
workload:
  batch: {command: [python3, crawl.py, "{workers}"]}
  flags: top20
executors: [{kind: own, workers: 8}]`,
	"workload.batch.proxy": `clock: auto
server: {latency: 1s}
workload:
  batch: {command: [python3, crawl.py], proxy: true}
  flags: top20
executors: [{kind: own, workers: 8}]`,
}
