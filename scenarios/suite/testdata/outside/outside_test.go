// Package outside_test is a suite whose client ends its process under the
// virtual clock, in several ways.
package outside_test

import (
	"context"
	"embed"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/suite"
	"github.com/teapot-go/teapot/servers"
)

//go:embed *.yaml
var files embed.FS

var _ = suite.Specs(suite.Config{Files: files, Vocabulary: scenarios.Vocabulary{
	Tasks: map[string]scenarios.WorkloadFunc{
		"right":  scenarios.RequestWorkload(scenarios.Downloader{}.Download),
		"worker": scenarios.RequestWorkload(onWorker),
		"lock":   scenarios.RequestWorkload(underLock),
		"panics": scenarios.RequestWorkload(panics),
		"exits":  scenarios.RequestWorkload(exits),
	},
}})

// A spec of the user's own does not run in the process of a case.
var _ = ginkgo.It("is the user's", func() {})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Code from outside of the run")
}

var jobs = make(chan func())

func init() {
	go func() {
		for job := range jobs {
			job()
		}
	}()
}

// onWorker is right, and hands its request to a worker that all runs share.
func onWorker(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	out := make(chan record.Seen, 1)
	jobs <- func() { out <- scenarios.Downloader{}.Download(ctx, server, key, attempt) }
	return <-out
}

var mu sync.Mutex

// underLock is right, and waits with a lock held.
func underLock(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	mu.Lock()
	time.Sleep(time.Millisecond)
	mu.Unlock()
	return scenarios.Downloader{}.Download(ctx, server, key, attempt)
}

// panics is wrong: its goroutine is not protected.
func panics(ctx context.Context, _ *servers.Server, _ string, _ int) record.Seen {
	go func() { panic("spilt") }()
	<-ctx.Done()
	return record.Seen{Class: record.Lost}
}

// exits is wrong.
func exits(context.Context, *servers.Server, string, int) record.Seen {
	os.Exit(7)
	return record.Seen{}
}
