package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1 << 16, DisableCompression: true}}
}

// bare asks n times over conns connections, with a loop of net/http.
func bare(url string, conns, n int) error {
	client := newClient()
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	errs := make(chan error, conns)
	for range conns {
		wg.Go(func() {
			buffer := make([]byte, 32<<10)
			for range n / conns {
				r, err := http.NewRequest(http.MethodGet, url+"/br/br.gif", nil)
				if err != nil {
					errs <- err
					return
				}
				resp, err := client.Do(r)
				if err != nil {
					errs <- err
					return
				}
				_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buffer)
				resp.Body.Close()
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// own runs the task download with the harness, which keeps and classifies every
// sample: n tasks on a pool, or those of a rate for a while. It returns the p99
// of the latency from when tasks fell due.
func own(url string, conns, n int, rate float64, length time.Duration) (time.Duration, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	download := scenarios.Downloader{URL: url, Client: client}
	t := harness.Trial{
		Scenario: "load", Kind: "pool", Workers: conns, Clock: record.Real, Delivery: record.AsCompleted,
		Executor: func() (executor.Executor, error) { return executor.NewPool(conns) },
		Workload: func() (*harness.Workload, error) {
			return &harness.Workload{
				Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned {
					return record.Planned{PlannedFault: string(servers.None), PlannedClass: record.OK}
				}},
				Do: func(ctx context.Context, key string, attempt int) record.Seen {
					return download.Download(ctx, nil, key, attempt)
				},
			}, nil
		},
	}
	if rate > 0 {
		schedule, err := arrivals.New(1, arrivals.Stage{Rate: rate, For: length})
		if err != nil {
			return 0, err
		}
		n = schedule.Len()
		t.Pacer, t.Kind, t.Workers = schedule, "async", 0
		t.Executor = func() (executor.Executor, error) { return executor.NewAsync(0) }
	}
	t.Keys = make([]string, n)
	for i := range t.Keys {
		t.Keys[i] = "BR"
	}
	rec, err := harness.Run(context.Background(), t)
	if err != nil {
		return 0, err
	}
	var all []time.Duration
	for _, s := range rec.Samples {
		if s.Class != record.OK {
			return 0, fmt.Errorf("task %d: %s: %s", s.Task(), s.Class, s.Error)
		}
		all = append(all, s.Response())
	}
	return quantile(all, 0.99), nil
}
