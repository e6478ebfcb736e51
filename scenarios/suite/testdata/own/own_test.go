// Package own_test is a suite as a user would write it, with an executor and a
// client of its own.
package own_test

import (
	"context"
	"embed"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/suite"
	"github.com/teapot-go/teapot/servers"
)

//go:embed *.yaml
var files embed.FS

var _ = suite.Specs(suite.Config{Files: files, Vocabulary: scenarios.Vocabulary{
	Executors: map[string]func(workers int) (executor.Executor, error){"mine": open},
	Tasks:     map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(fetch)},
}})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Own scenarios")
}

// mine is a goroutine for each task, and a slot for each goroutine.
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

// fetch is a client with a mistake: it takes a 503 for a success.
func fetch(ctx context.Context, server *servers.Server, key string, _ int) record.Seen {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	defer resp.Body.Close()
	n, _ := io.Copy(io.Discard, resp.Body)
	class := record.ClassOf(resp.StatusCode)
	if resp.StatusCode == http.StatusServiceUnavailable {
		class = record.OK
	}
	return record.Seen{Class: class, Status: resp.StatusCode, Bytes: n}
}
