// Package flaky_test is a suite of a client that is wrong in its first run.
package flaky_test

import (
	"context"
	"embed"
	"net/http"
	"sync/atomic"
	"testing"

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
	Tasks: map[string]scenarios.WorkloadFunc{"fetch": scenarios.RequestWorkload(fetch)},
}})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Flaky scenarios")
}

var requests atomic.Int64

// fetch reports the first two requests, which are the first run, as failures.
func fetch(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	if requests.Add(1) <= 2 {
		return record.Seen{Class: record.Status, Status: http.StatusTeapot}
	}
	return scenarios.Downloader{}.Download(ctx, server, key, attempt)
}
