package suite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/reports"
)

// goTest runs go test as a user would, at the root of the module.
func goTest(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-v"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestRun has scenarios as plain subtests: one that passes, one with a wrong
// client, and one whose task ends its process.
func TestRun(t *testing.T) {
	t.Parallel() // most of it is linking
	const folder = "./scenarios/suite/testdata/tests"
	left := []string{
		filepath.Join("testdata", "tests", "teapot-report.html"),
		filepath.Join("testdata", "tests", "teapot-report.json"),
	}
	defer func() {
		for _, file := range left {
			_ = os.Remove(file)
		}
	}()
	out := goTest(t, folder)
	const reproduce = "-run '^TestScenarios$/^wrong$/^pool$/^10$'"
	for _, want := range []string{
		"--- PASS: TestScenarios/right/sequential", "--- PASS: TestScenarios/right/pool/1 ",
		"--- PASS: TestScenarios/right/pool/10", "--- FAIL: TestScenarios/wrong/pool/10",
		"scenarios/suite/testdata/tests/wrong.yaml:5: classification: got BR ok, want BR status 503",
		"reproduce: go test -count=1 " + folder + " " + reproduce,
		"--- FAIL: TestScenarios/dies/sequential", "exit status 3", "--- PASS: TestOther",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	text, err := os.Open(left[1])
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	_, recs, err := reports.Read(text)
	if err != nil || len(recs) != 5 {
		t.Errorf("the report has %d recordings, %v", len(recs), err)
	}
	again := goTest(t, folder, "-run", strings.Trim(strings.TrimPrefix(reproduce, "-run "), "'"))
	if !strings.Contains(again, "--- FAIL: TestScenarios/wrong/pool/10") || strings.Contains(again, "right/pool") {
		t.Errorf("%s:\n%s", reproduce, again)
	}
}
