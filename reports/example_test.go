package reports_test

import (
	"os"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
)

func Example() {
	recordings := []*record.Recording{{
		Scenario: "prime", About: "eight primes on four workers", File: "prime.yaml",
		Executor: "pool", Workers: 4, Clock: record.Virtual, Seed: 418,
		Makespan: 2100 * time.Millisecond, IdealMakespan: 2 * time.Second,
		Outcomes:    map[record.Outcome]int{record.OutcomeOK: 8},
		Classes:     map[record.Class]int{record.OK: 8},
		Percentiles: map[string]time.Duration{"p50": time.Second, "p95": time.Second, "p99": time.Second},
		Violations: []record.Violation{{
			Check: "efficiency", Got: "0.952", Want: ">= 0.99", File: "prime.yaml", Line: 12,
			Reproduce: "teapot run prime.yaml --executor pool/4 --seed 418",
		}},
	}}
	reports.Text(recordings)(os.Stdout)
	// Output:
	//   executor  verdict      ok  error  makespan  ideal  efficiency  p50  p95  p99
	// prime: eight primes on four workers
	//   pool/4    1 violation   8      0      2.1s     2s       95.2%   1s   1s   1s
	//
	// prime.yaml:12: prime on pool/4: efficiency
	//     got   0.952
	//     want  >= 0.99
	//     teapot run prime.yaml --executor pool/4 --seed 418
	//
	// 1 run, 1 violation
}
