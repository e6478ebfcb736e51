package scenarios

import (
	"context"
	"fmt"
	"math/big"
	"strconv"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// primeTask is the built-in task prime.
var primeTask = taskKind{
	noun: "the task prime", open: primeWorkload, cpuBound: true,
	keys: keysPath, key: func(key string) error { _, err := parsePrimeKey(key); return err },
	refused: map[string]string{
		"server":            "the task prime sends no requests: remove server",
		"workload.timeout":  "the task prime sends no requests: remove timeout",
		"workload.attempts": "the task prime never fails: remove attempts",
		"workload.retry":    "the task prime never fails: remove retry",
		"workload.unasked":  "the task prime sends no requests: remove unasked",
		"workload.reads":    "the task prime sends no requests: remove reads",
	},
}

// Definitions returns the built-in tasks that can run in other processes. A
// program whose scenarios use the executor process must pass them, and its own
// definitions, to [process.Main] at the start of main or TestMain.
func Definitions() []executor.Definition { return []executor.Definition{prime} }

// prime reports whether its key is a prime number, by trial division. It is
// slow on purpose: the task is there to spend CPU time.
var prime = harness.Define("prime", func(ctx context.Context, key string, _ int) record.Seen {
	n, err := parsePrimeKey(key)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	is, ended := isPrime(ctx, n)
	if !ended {
		return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
	}
	return record.Seen{Class: record.OK, Value: primeResult(is)}
})

// isPrime divides n by 2 and by every odd number up to its square root. ended
// is false if ctx was done before the result was known.
func isPrime(ctx context.Context, n uint64) (prime, ended bool) {
	if n < 4 || n%2 == 0 {
		return n == 2 || n == 3, true
	}
	for d := uint64(3); d <= n/d; d += 2 {
		if n%d == 0 {
			return false, true
		}
		if d%(1<<22) == 1 && ctx.Err() != nil {
			return false, false
		}
	}
	return true, true
}

// primeWorkload returns the workload of the task prime. The plan gets the
// expected result from another primality test, which is exact for 64 bits. It
// gives no time: that depends on the machine.
func primeWorkload(*Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Defined: prime,
		Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
			n, _ := parsePrimeKey(key)
			return record.Planned{
				PlannedFault: string(servers.None), PlannedClass: record.OK,
				PlannedValue: primeResult(new(big.Int).SetUint64(n).ProbablyPrime(0)),
			}
		}},
	}, nil
}

// primeResult returns the value of a task.
func primeResult(prime bool) string {
	if prime {
		return "P"
	}
	return ""
}

// parsePrimeKey returns the number in a key of the task prime.
func parsePrimeKey(key string) (uint64, error) {
	n, err := strconv.ParseUint(key, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: want a whole number from 0 to 18446744073709551615", key)
	}
	return n, nil
}
