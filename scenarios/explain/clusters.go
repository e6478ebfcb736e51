package explain

import "cmp"

// more returns the example of a key of a hunt or a cluster.
func more(path string) string { return cmp.Or(huntExamples[path], clusterExamples[path]) }

// clusterExamples are those of the keys of cluster executors.
var clusterExamples = map[string]string{
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
