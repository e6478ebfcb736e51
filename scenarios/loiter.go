package scenarios

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// loiterTask is the built-in task loiter.
var loiterTask = taskKind{
	noun: "the task loiter", open: loiterWorkload, localOnly: true,
	keys: keysPath, key: func(key string) error { _, err := parseLoiterKey(key); return err },
	refused: map[string]string{
		"server":            "the task loiter sends no requests: remove server",
		"workload.timeout":  "the task loiter sends no requests: remove timeout",
		"workload.attempts": "the task loiter never fails: remove attempts",
		"workload.retry":    "the task loiter never fails: remove retry",
		"workload.unasked":  "the task loiter sends no requests: remove unasked",
		"workload.reads":    "the task loiter sends no requests: remove reads",
	},
}

// loiterWorkload returns the workload of the task loiter: it sleeps for the
// number of seconds in the key, and returns ten times that number.
func loiterWorkload(*Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
			d, _ := parseLoiterKey(key)
			return record.Planned{
				PlannedLatency: d, PlannedService: d, PlannedFault: string(servers.None),
				PlannedClass: record.OK, PlannedValue: loiterResult(d),
			}
		}},
		Do: func(ctx context.Context, key string, _ int) record.Seen {
			d, err := parseLoiterKey(key)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				return record.Seen{Class: record.OK, Value: loiterResult(d)}
			case <-ctx.Done():
				return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
			}
		},
	}, nil
}

// loiterResult returns the value of a task that has slept for d.
func loiterResult(d time.Duration) string { return strconv.FormatFloat(10*d.Seconds(), 'g', -1, 64) }

// parseLoiterKey returns the duration in a key of the task loiter.
func parseLoiterKey(key string) (time.Duration, error) {
	const day = 24 * 60 * 60
	f, err := strconv.ParseFloat(key, 64)
	if err != nil || !(f >= 0 && f <= day) {
		return 0, fmt.Errorf("%q: want a number of seconds from 0 to %d", key, day)
	}
	return time.Duration(f * float64(time.Second)), nil
}
