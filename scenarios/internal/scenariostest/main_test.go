// Package scenarios_test tests package scenarios: the language, the built-in
// tasks and the runner. The tests are not in that package's own folder because
// ginkgo runs every test of a folder in each of its parallel processes, and
// prints nothing of those that fail.
package scenarios_test

import (
	"os"
	"testing"

	"github.com/teapot-go/teapot/executor/process"
	"github.com/teapot-go/teapot/scenarios"
)

// TestMain is needed for the executor process only: its child processes are
// this program, started again.
func TestMain(m *testing.M) {
	process.Main(scenarios.Definitions()...)
	os.Exit(m.Run())
}
