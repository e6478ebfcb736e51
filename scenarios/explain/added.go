package explain

import "cmp"

// more returns the example of a key of a hunt, or one that not every program
// has.
func more(path string) string { return cmp.Or(huntExamples[path], addedExamples[path]) }

// addedExamples are those of the keys that a vocabulary adds: of cluster
// executors and drivers.
var addedExamples = map[string]string{
	"executors.once": `clock: real
workload: {task: prime, keys: [97, 142702110479723]}
executors:
  - {kind: cluster, workers: 4, once: true}`,
	"workload.driver": `clock: real
server: {latency: 5ms}
workload:
  task: download
  flags: all
  driver: fasthttp`,
	"executors.nats": `clock: real
workload: {task: prime, keys: [97, 142702110479723]}
executors:
  - {kind: cluster, workers: 20, nats: {url: "nats://localhost:4222"}}`,
	"executors.nats.url": `clock: real
workload: {task: prime, keys: [97, 142702110479723]}
executors:
  - kind: cluster
    workers: 20
    nats:
      url: tls://nats.example.com:4222`,
}
