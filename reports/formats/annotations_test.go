package formats_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestAnnotationsAreBounded has more findings than GitHub shows.
func TestAnnotationsAreBounded(t *testing.T) {
	r := fixture.Simulate("much", "pool", 2, 3, 0)
	for i := range 15 {
		v := record.Violation{Check: fmt.Sprint(i), Got: "100%\nof: it", Want: "a, b", File: "a,b.yaml", Line: i + 1}
		r.Violations, r.Inconclusive = append(r.Violations, v), append(r.Inconclusive, v)
	}
	text := render(t, formats.Annotations(host, []*record.Recording{r}))
	for part, want := range map[string]int{
		"\n::error ": 9, "\n::warning ": 10, "\n::notice::10 more findings\n": 1,
		"\n::group::10 more findings\n": 1, "\n- much on pool/2: ": 10, "\n::endgroup::\n": 1,
	} {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%d of %q, want %d", got, part, want)
		}
	}
	const first = "::error file=a%2Cb.yaml,line=1,title=much on pool/2%3A 0::got 100%25%0Aof: it%0Awant a, b\n"
	if !strings.HasPrefix(text, first) {
		t.Errorf("got\n%.200s\nwant first\n%s", text, first)
	}
}

// TestInCI has GitHub Actions run the process, and others.
func TestInCI(t *testing.T) {
	file := filepath.Join(t.TempDir(), "summary.md")
	for name, tt := range map[string]struct {
		env             map[string]string
		prints, appends bool
	}{
		"GitHub":         {map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": file}, true, true},
		"without a file": {map[string]string{"GITHUB_ACTIONS": "true"}, true, false},
		"elsewhere":      {map[string]string{"CI": "true", "GITHUB_STEP_SUMMARY": file}, false, false},
	} {
		if err := os.WriteFile(file, []byte("before\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var printed strings.Builder
		getenv := func(name string) string { return tt.env[name] }
		if err := formats.InCI(&printed, getenv, host, fixture.Troubled()); err != nil {
			t.Fatal(err)
		}
		summary, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(printed.String(), "::error "); got != tt.prints {
			t.Errorf("%s: printed %q", name, printed.String())
		}
		if got := strings.HasPrefix(string(summary), "before\n### "); got != tt.appends {
			t.Errorf("%s: the summary is %.100q", name, summary)
		}
	}
	getenv := func(string) string { return "true" }
	t.Chdir(t.TempDir())
	if err := os.Mkdir("true", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := formats.InCI(new(strings.Builder), getenv, host, nil); err == nil {
		t.Error("a summary that cannot be written: no error")
	}
}

// TestInWorkspace calls files as GitHub does, which shows an annotation only at
// a path below the checkout.
func TestInWorkspace(t *testing.T) {
	root := t.TempDir()
	scenarios := filepath.Join(root, "shop", "scenarios")
	if err := os.MkdirAll(scenarios, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(scenarios, "a.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, file, workspace, want string }{
		{"shop", "scenarios/a.yaml", root, "shop/scenarios/a.yaml"},
		{"shop/scenarios", "scenarios/a.yaml", root, "shop/scenarios/a.yaml"}, // as a test of the module
		{"shop/scenarios", "a.yaml", root, "shop/scenarios/a.yaml"},
		{".", "shop/scenarios/a.yaml", root, "shop/scenarios/a.yaml"},
		{"shop", "scenarios/a.yaml", "", "scenarios/a.yaml"},
		{"shop", "scenarios/a.yaml", filepath.Join(root, "other"), "scenarios/a.yaml"},
		{"shop", "missing.yaml", root, "missing.yaml"},
	} {
		t.Chdir(filepath.Join(root, tt.from))
		r := fixture.Simulate("x", "pool", 2, 3, 0)
		r.Violations = []record.Violation{{Check: "c", Got: "g", Want: "w", File: tt.file, Line: 3}}
		var printed strings.Builder
		getenv := func(name string) string {
			return map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": tt.workspace}[name]
		}
		err := formats.InCI(&printed, getenv, host, []*record.Recording{r})
		if want := "::error file=" + tt.want + ",line=3,"; err != nil || !strings.HasPrefix(printed.String(), want) {
			t.Errorf("%+v: %v, got %s", tt, err, printed.String())
		}
	}
}
