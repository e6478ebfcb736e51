// Own is a teapot with tasks, an executor and a map of its own.
package main

import (
	"context"
	"iter"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/teapot-go/teapot/command"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

func main() {
	command.Main(scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{
			"nap":      nap(func(context.Context) record.Class { return record.OK }),
			"fails":    nap(func(context.Context) record.Class { return record.Failed }),
			"panics":   nap(panics),
			"exits":    nap(func(context.Context) record.Class { os.Exit(7); return record.OK }),
			"fetch":    scenarios.RequestWorkload(scenarios.Downloader{}.Download),
			"doubles":  doubles,
			"gullible": scenarios.RequestWorkload(gullible),
		},
		Contents: map[string]func(*scenarios.Scenario) (http.Handler, error){
			"shop":   shop(func() {}),
			"spills": shop(func() { go panic("spilt") }),
		},
		Executors: map[string]func(int) (executor.Executor, error){"mine": open},
		Maps:      map[string]func(int) (harness.Map, error){"ordered": ordered},
	}, double)
}

// gullible takes a truncated body for a success.
func gullible(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
	seen := scenarios.Downloader{}.Download(ctx, s, key, n)
	if seen.Class == record.Truncated {
		seen = record.Seen{Class: record.OK}
	}
	return seen
}

// nap returns a task that sleeps as long as its key says.
func nap(class func(context.Context) record.Class) scenarios.WorkloadFunc {
	length := func(key string) time.Duration {
		d, _ := time.ParseDuration(key)
		return d
	}
	return func(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
		return &harness.Workload{
			Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
				return record.Planned{PlannedService: length(key), PlannedClass: record.OK}
			}},
			Do: func(ctx context.Context, key string, _ int) record.Seen {
				select {
				case <-time.After(length(key)):
					return record.Seen{Class: class(ctx)}
				case <-ctx.Done():
					return record.Seen{Class: record.Lost}
				}
			},
		}, nil
	}
}

// panics ends the process: its goroutine is not protected.
func panics(ctx context.Context) record.Class {
	go func() { panic("spilt") }()
	<-ctx.Done()
	return record.Lost
}

// double runs in a child process.
var double = harness.Define("double", func(_ context.Context, key string, _ int) record.Seen {
	return record.Seen{Class: record.OK, Value: key + key}
})

func doubles(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Oracle: oracle.Oracle{Plan: func(key string, _, _ int) record.Planned {
			return record.Planned{PlannedClass: record.OK, PlannedValue: key + key}
		}},
		Defined: double,
	}, nil
}

// shop returns a content that does something before each answer.
func shop(do func()) func(*scenarios.Scenario) (http.Handler, error) {
	return func(*scenarios.Scenario) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			do()
			_, _ = w.Write([]byte(r.URL.Path))
		}), nil
	}
}

// mine is an executor.
type mine struct {
	slots   chan struct{}
	running sync.WaitGroup
}

func open(workers int) (executor.Executor, error) {
	return &mine{slots: make(chan struct{}, workers)}, nil
}

func (m *mine) Execute(t executor.Task) error {
	m.slots <- struct{}{}
	m.running.Go(func() {
		defer func() { <-m.slots }()
		t.Run(context.Background())
	})
	return nil
}

func (m *mine) Shutdown(context.Context) error { m.running.Wait(); return nil }

// ordered is a map that runs one call after another.
func ordered(int) (harness.Map, error) {
	return func(ctx context.Context, inputs iter.Seq[int], f func(context.Context, int) int) iter.Seq[int] {
		return func(yield func(int) bool) {
			for input := range inputs {
				if !yield(f(ctx, input)) {
					return
				}
			}
		}
	}, nil
}
