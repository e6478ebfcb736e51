package scenarios

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// A Task makes the workload of one run. server is the scenario's, started; it
// is nil where the scenario has none, and is closed after the workload.
type Task func(s *Scenario, server *servers.Server) (*harness.Workload, error)

// executors is everything that a file may name as an executor's kind.
func (v Vocabulary) executors() map[string]func(int) (executor.Executor, error) {
	kinds := map[string]func(int) (executor.Executor, error){}
	maps.Copy(kinds, v.Executors)
	kinds["sequential"] = func(int) (executor.Executor, error) { return executor.NewSequential(), nil }
	kinds["pool"] = executor.NewPool
	kinds["async"] = executor.NewAsync
	kinds["process"] = func(workers int) (executor.Executor, error) { return process.New(process.Config{Workers: workers}) }
	return kinds
}

// tasks is everything that a file may name as a task.
func (v Vocabulary) tasks() map[string]Task {
	tasks := map[string]Task{}
	maps.Copy(tasks, v.Tasks)
	tasks["download"] = Requests(Download)
	tasks["loiter"] = loiter
	tasks["prime"] = primes
	return tasks
}

// open starts the server, if there is to be one, and makes the workload.
func (s *Scenario) open(task Task) (*harness.Workload, error) {
	if task == nil {
		return nil, fmt.Errorf("the vocabulary of the runner has no task %q", s.Workload.Task)
	}
	config, ok := s.ServerConfig()
	if !ok {
		return task(s, nil)
	}
	server, err := servers.Start(config)
	if err != nil {
		return nil, err
	}
	w, err := task(s, server)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	inner := w.Close
	w.Close = func() ([]servers.Entry, error) {
		var err error
		if inner != nil {
			_, err = inner()
		}
		err = errors.Join(err, server.Close())
		return server.Journal(), err
	}
	return w, nil
}

// A Request asks the server for the flag of a key with the client under test,
// and says what that client reports in the end. It returns early when ctx is
// done, which it is when the workload's timeout is over.
//
// Where the workload allows more attempts than one, ctx does not have the
// timeout, which is for each attempt anew: a client keeps it by itself, or
// takes it from [Attempts]. It numbers its attempts, from 1, in
// [servers.Server.URLFor] and the header [servers.AttemptHeader].
type Request func(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen

// Requests makes a task of a request: the server's plan says what each should
// meet, and the workload's timeout bounds it.
func Requests(request Request) Task {
	return func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
		if server == nil {
			return nil, fmt.Errorf("the task %s needs a server", s.Workload.Task)
		}
		plan, timeout := s.plan(), time.Duration(s.Workload.Timeout)
		return &harness.Workload{
			Oracle: oracle.Oracle{
				Attempts: int(s.Workload.Attempts),
				Plan: func(key string, attempt int) record.Planned {
					return oracle.Truth(plan.Fate(key, attempt), timeout)
				},
				Truth: func(e servers.Entry) record.Planned {
					f := e.Planned
					f.Status = plan.FateAt(e.Key, e.Attempt, e.Arrived).Status // which the journal leaves open where the content decides
					p := oracle.TruthOf(e, f, timeout)
					if e.Status == http.StatusOK && !e.Met.Partial() { // of a part, and of what is behind an end, a client may read less
						p.PlannedBytes, p.Inflates = e.Bytes, s.Server.Body.Size != nil
					}
					return p
				},
			},
			Do: func(ctx context.Context, key string, attempt int) record.Seen {
				ctx, cancel := allow(ctx, int(s.Workload.Attempts), timeout)
				defer cancel()
				return request(ctx, server, key, attempt)
			},
		}, nil
	}
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
