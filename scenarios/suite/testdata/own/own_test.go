// Package own_test is a suite as a user would write it, with an executor and a client of its own.
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
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/suite"
	"github.com/teapot-go/teapot/servers"
)

//go:embed *.yaml
var files embed.FS

var _ = suite.Specs(suite.Config{Files: files, Vocabulary: scenarios.Vocabulary{
	Executors: map[string]func(workers int) (executor.Executor, error){"mine": open},
	Tasks:     map[string]scenarios.Task{"fetch": scenarios.Requests(fetch)},
}})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Own scenarios")
}

// mine is a pool on a channel.
type mine struct {
	mu      sync.RWMutex
	tasks   chan executor.Task
	shut    bool
	workers sync.WaitGroup
}

func open(workers int) (executor.Executor, error) {
	m := &mine{tasks: make(chan executor.Task, 1000)}
	for range workers {
		m.workers.Go(func() {
			for t := range m.tasks {
				t.Run(context.Background())
			}
		})
	}
	return m, nil
}

func (m *mine) Execute(t executor.Task) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.shut {
		return executor.ErrShutdown
	}
	m.tasks <- t
	return nil
}

func (m *mine) Shutdown(context.Context) error {
	m.mu.Lock()
	if !m.shut {
		m.shut = true
		close(m.tasks)
	}
	m.mu.Unlock()
	m.workers.Wait()
	return nil
}

// fetch is a client with a mistake: it takes a 503 for a success.
func fetch(ctx context.Context, server *servers.Server, key string, _ int) harness.Seen {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+servers.FlagPath(key), nil)
	if err != nil {
		return harness.Seen{Class: harness.Failed, Error: err.Error()}
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		return harness.Seen{Class: harness.Failed, Error: err.Error()}
	}
	defer resp.Body.Close()
	n, _ := io.Copy(io.Discard, resp.Body)
	class := harness.ClassOf(resp.StatusCode)
	if resp.StatusCode == http.StatusServiceUnavailable {
		class = harness.OK
	}
	return harness.Seen{Class: class, Status: resp.StatusCode, Bytes: n}
}
