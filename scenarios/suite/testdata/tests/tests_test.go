// Package tests_test has scenarios as subtests, without Ginkgo.
package tests_test

import (
	"context"
	"embed"
	"os"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/suite"
	"github.com/teapot-go/teapot/servers"
)

//go:embed *.yaml
var files embed.FS

func TestScenarios(t *testing.T) {
	suite.Run(t, suite.Config{Files: files, Vocabulary: scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{
			"fetch": scenarios.RequestWorkload(scenarios.Downloader{}.Download),
			"careless": scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string,
				n int,
			) record.Seen {
				scenarios.Downloader{}.Download(ctx, s, key, n)
				return record.Seen{Class: record.OK}
			}),
			"die": func(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
				os.Exit(3)
				return nil, nil
			},
		},
	}})
}

func TestOther(t *testing.T) {
	if _, _, in := scenarios.InChild(); in {
		t.Error("a process that runs one case runs this test too")
	}
}
