package scenarios_test

import (
	"fmt"

	"github.com/teapot-go/teapot/scenarios"
)

// A scenario's executors stand for one case each, or for several.
func Example() {
	source := []byte(`
name: naps
workload:
  task: loiter
  keys: [0, 1, 2, 3, 4]
executors:
  - {kind: sequential}
  - {kind: pool, workers: [2, 5]}
  - {kind: async}
`)
	s, mistakes := scenarios.Vocabulary{}.Parse("naps.yaml", source)
	if mistakes != nil {
		fmt.Println(mistakes)
		return
	}
	fmt.Println("clock:", s.Clock)
	for _, c := range s.Cases() {
		fmt.Println(c.Name(), "runs", c.Tasks(), "tasks")
	}
	// Output:
	// clock: real
	// naps/sequential runs 5 tasks
	// naps/pool/2 runs 5 tasks
	// naps/pool/5 runs 5 tasks
	// naps/async runs 5 tasks
}

// All that is wrong with a file is said at once.
func ExampleVocabulary_Parse() {
	source := []byte(`name: naps
workload:
  tsk: loiter
  keys: [0, 1, soon]
executors:
  - {kind: pool, workers: 0}
expect:
  p99: "<= 5s"
`)
	_, mistakes := scenarios.Vocabulary{}.Parse("naps.yaml", source)
	fmt.Println(mistakes)
	// Output:
	// naps.yaml:3:3: workload: unknown key "tsk": want task, batch, flags, keys, arrivals, generators, users, think, iterations, for, pick, limit, timeout, driver, attempts, retry, unasked, reads, deliver (did you mean task?)
	//     3 |   tsk: loiter
	//       |   ^
	// naps.yaml:6:27: executors[0].workers: "0": want a whole number from 1 to 1000000
	//     6 |   - {kind: pool, workers: 0}
	//       |                           ^
	// naps.yaml:8:3: expect.p99: under the real clock, times depend on the machine: want clock: virtual
	//     8 |   p99: "<= 5s"
	//       |   ^
}
