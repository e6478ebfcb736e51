package suite_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/reports"
)

// ginkgo runs a suite of testdata in its folder, as a user would, and returns
// what it printed.
func ginkgo(t *testing.T, folder string, args ...string) (output string, passed bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"tool", "ginkgo", "--no-color"}, append(args, ".")...)...)
	cmd.Dir = filepath.Join("testdata", folder)
	for _, name := range []string{"teapot-report.html", "teapot-report.json"} {
		t.Cleanup(func() { _ = os.Remove(filepath.Join(cmd.Dir, name)) })
	}
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// runs lists the runs of the report that a suite has left.
func runs(t *testing.T, folder string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", folder, "teapot-report.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, recs, err := reports.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range recs {
		names = append(names, r.Scenario+"/"+r.Name())
	}
	return names
}

func TestSuite(t *testing.T) {
	all := []string{"right/sequential", "right/mine/4", "right/mine/8", "wrong/mine/4"}
	for _, tt := range []struct {
		args []string
		want []string
	}{
		{nil, all},
		{[]string{"-p", "--randomize-all"}, all},
		{[]string{"--label-filter=executor:mine && scenario:right"}, all[1:3]},
		{[]string{"--label-filter=workers:8 && clock:virtual"}, all[2:3]},
	} {
		out, passed := ginkgo(t, "own", tt.args...)
		if got := runs(t, "own"); !slices.Equal(got, tt.want) {
			t.Errorf("ginkgo %v: reported %v, want %v\n%s", tt.args, got, tt.want, out)
		}
		if wrong := slices.Contains(tt.want, "wrong/mine/4"); passed == wrong {
			t.Errorf("ginkgo %v: passed %v\n%s", tt.args, passed, out)
		} else if !wrong {
			continue
		}
		for _, want := range []string{
			"scenarios/suite/testdata/own/wrong.yaml:11: classification: got ", " ok, ", ", want ", " status",
			"go test -count=1 ./scenarios/suite/testdata/own -ginkgo.label-filter='scenario:wrong && executor:mine && workers:4'",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("ginkgo %v: no %q in\n%s", tt.args, want, out)
			}
		}
		if page, err := os.ReadFile(filepath.Join("testdata", "own", "teapot-report.html")); err != nil || !strings.Contains(string(page), "wrong.yaml") {
			t.Errorf("ginkgo %v: the page: %v", tt.args, err)
		}
	}
}

// TestReproduce pastes the command of the violation, at the module's root.
func TestReproduce(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c",
		"go test -count=1 ./scenarios/suite/testdata/own -ginkgo.label-filter='scenario:wrong && executor:mine && workers:4'")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "Ran 1 of 4 Specs") || !strings.Contains(string(out), "wrong.yaml:11: classification") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range []string{"teapot-report.html", "teapot-report.json"} {
		_ = os.Remove(filepath.Join("testdata", "own", name))
	}
}

// TestBadFiles wants every mistake of every file, and nothing run, whatever a
// filter leaves out.
func TestBadFiles(t *testing.T) {
	for _, args := range [][]string{nil, {"--label-filter=scenario:one && executor:pool"}, {"-p", "--focus=nothing"}} {
		out, passed := ginkgo(t, "bad", args...)
		for _, want := range []string{"scenarios/suite/testdata/bad/one.yaml:2:1:", `"wrokload"`, "scenarios/suite/testdata/bad/two.yaml:3:", `"-1"`, "of 1 Specs"} {
			if passed || !strings.Contains(out, want) {
				t.Errorf("ginkgo %v: passed %v, no %q in\n%s", args, passed, want, out)
			}
		}
		if _, err := os.Stat(filepath.Join("testdata", "bad", "teapot-report.html")); err == nil {
			t.Errorf("ginkgo %v: a report of nothing", args)
		}
	}
}
