package explain

import "strings"

// loadExamples are those of the expectations of a load test.
var loadExamples = loads()

const openWorkload = `server: {latency: "uniform(5ms, 60ms)", body: 4KB}
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {rate: 100/s, for: 10s}
executors: [{kind: async}]
expect:
`

func loads() map[string]string {
	all := map[string]string{
		"expect.throughput": openWorkload + `  throughput: ">= 95/s"`,
		"expect.recovery": `server:
  latency: 20ms
  body: 4KB
  faults:
    - {kind: status, status: 503, from: 2s, until: 4s}
workload:
  task: download
  keys: {count: 1000, prefix: item-}
  arrivals: {rate: 100/s, for: 10s}
executors: [{kind: async}]
expect:
  recovery: "<= 2s"`,
	}
	for c := range strings.FieldsSeq("status redirect timeout refused reset truncated malformed failed lost") {
		all["expect.outcomes."+c] = "expect:\n  outcomes: {ok: \">= 95%\", " + c + ": 0}"
	}
	for _, check := range []string{"latency", "service"} {
		at := "expect." + check
		all[at] = openWorkload + "  " + check + `: {p50: "<= 50ms", p99: "<= 250ms"}`
		for name := range strings.FieldsSeq("p50 p75 p90 p95 p99 p99.9 p99.99 max mean") {
			all[at+"."+name] = openWorkload + "  " + check + ": {" + name + `: "<= 250ms"}`
		}
		for _, name := range []string{"from", "until"} {
			all[at+"."+name] = openWorkload + "  " + check + ":\n" + `    - {until: 5s, p99: "<= 250ms"}
    - {from: 5s, until: 10s, p99: "<= 500ms"}`
		}
		all[at+".from"] = openWorkload + "  " + check + ":\n" + `    - {from: 5s, until: 10s, p99: "<= 500ms"}`
	}
	return all
}
