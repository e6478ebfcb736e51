package scenarios_test

import (
	"embed"
	"os"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/suite"
)

//go:embed *.yaml
var files embed.FS

// TestMain is needed for the executor process only: its child processes are
// this program, started again.
func TestMain(m *testing.M) {
	process.Main(scenarios.Definitions()...)
	os.Exit(m.Run())
}

var _ = suite.Specs(suite.Config{Files: files})

func TestScenarios(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "Scenarios")
}
