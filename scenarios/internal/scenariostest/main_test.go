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

// TestMain is needed for child processes, which are this program started again:
// those of the executor process, and those that run one case.
func TestMain(m *testing.M) {
	process.Main(scenarios.Definitions()...)
	if size := os.Getenv(benchServer); size != "" {
		if err := serveBytes(size); err != nil {
			panic(err)
		}
		return
	}
	if len(os.Args) > 1 && os.Args[1] == forgetsMain {
		forgetMain()
	}
	if len(os.Args) > 1 && os.Args[1] == interrupted {
		interruptMe()
	}
	isolated.Main()
	os.Exit(m.Run())
}
