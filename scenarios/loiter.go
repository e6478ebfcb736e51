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
	noun: "a loiter", open: loiter, here: true,
	keys: keysPath, key: func(key string) error { _, err := seconds(key); return err },
	refused: map[string]string{
		"server":            "a loiter talks to no server",
		"workload.timeout":  "a loiter waits for no answer",
		"workload.attempts": "a loiter does not fail, to be tried again",
	},
}

// loiter sleeps for as many seconds as the key says, and is worth ten times
// that.
func loiter(*Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Oracle: oracle.Oracle{Plan: func(key string, _ int) record.Planned {
			d, _ := seconds(key)
			return record.Planned{
				PlannedLatency: d, PlannedService: d, PlannedFault: string(servers.None),
				PlannedClass: record.OK, PlannedValue: worth(d),
			}
		}},
		Do: func(ctx context.Context, key string, _ int) record.Seen {
			d, err := seconds(key)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				return record.Seen{Class: record.OK, Value: worth(d)}
			case <-ctx.Done():
				return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
			}
		},
	}, nil
}

func worth(d time.Duration) string { return strconv.FormatFloat(10*d.Seconds(), 'g', -1, 64) }

// seconds reads a loiter's key.
func seconds(key string) (time.Duration, error) {
	const day = 24 * 60 * 60
	f, err := strconv.ParseFloat(key, 64)
	if err != nil || !(f >= 0 && f <= day) {
		return 0, fmt.Errorf("%q: want a number of seconds from 0 to %d", key, day)
	}
	return time.Duration(f * float64(time.Second)), nil
}
