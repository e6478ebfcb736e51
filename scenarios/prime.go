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
	noun: "a prime", open: primes, works: true,
	keys: keysPath, key: func(key string) error { _, err := natural(key); return err },
	refused: map[string]string{
		"server":            "a prime talks to no server",
		"workload.timeout":  "a prime waits for no answer",
		"workload.attempts": "a prime does not fail, to be tried again",
		"expect.efficiency": "how long a prime takes is not planned, so there is no ideal to compare with",
	},
}

// Definitions returns the built-in tasks that can run in other processes. A
// program whose scenarios use the executor process must pass them, and its own
// definitions, to [process.Main] at the start of main or TestMain.
func Definitions() []executor.Definition { return []executor.Definition{prime} }

// prime says whether its key is a prime number by trial division: the cost is
// the point.
var prime = harness.Define("prime", func(ctx context.Context, key string, _ int) record.Seen {
	n, err := natural(key)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	is, ended := divide(ctx, n)
	if !ended {
		return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
	}
	return record.Seen{Class: record.OK, Value: mark(is)}
})

// divide tries 2 and every odd number up to the square root of n, unless ctx is
// done.
func divide(ctx context.Context, n uint64) (prime, ended bool) {
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

// primes is the workload of the task prime. What is right it knows from a test
// by other means, which is exact for 64 bits; how long it takes is for the
// machine to say.
func primes(*Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Defined: prime,
		Oracle: oracle.Oracle{Plan: func(key string, _ int) record.Planned {
			n, _ := natural(key)
			return record.Planned{
				PlannedFault: string(servers.None), PlannedClass: record.OK,
				PlannedValue: mark(new(big.Int).SetUint64(n).ProbablyPrime(0)),
			}
		}},
	}, nil
}

func mark(prime bool) string {
	if prime {
		return "P"
	}
	return ""
}

// natural reads a prime's key.
func natural(key string) (uint64, error) {
	n, err := strconv.ParseUint(key, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: want a whole number from 0, below 2^64", key)
	}
	return n, nil
}
