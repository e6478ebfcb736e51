package formats_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestInGitLab wants GitLab's report of code quality in the checkout, with the
// files as the checkout has them: of the last run of each file, and of no other
// file less than before.
func TestInGitLab(t *testing.T) {
	project := t.TempDir()
	file := filepath.Join(project, "gl-code-quality-report.json")
	getenv := func(name string) string {
		return map[string]string{"GITLAB_CI": "true", "CI_PROJECT_DIR": project}[name]
	}
	run := func(files ...string) []*record.Recording {
		var recs []*record.Recording
		for _, name := range files {
			r := fixture.Simulate(strings.TrimSuffix(filepath.Base(name), ".yaml"), "pool", 2, 4, 0)
			r.File = name
			r.Violations = []record.Violation{{Check: "order", Got: "a", Want: "b", File: name, Line: 7}}
			recs = append(recs, r)
		}
		return recs
	}
	write := func(recs []*record.Recording) (paths []string) {
		t.Helper()
		var printed strings.Builder
		if err := formats.InCI(&printed, getenv, host, recs); err != nil || printed.String() != "" {
			t.Fatalf("%v, %q", err, printed.String())
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var issues []struct {
			Location struct {
				Path  string
				Lines struct{ Begin int }
			}
		}
		if err := json.Unmarshal(text, &issues); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for _, i := range issues {
			if i.Location.Lines.Begin != 7 {
				t.Errorf("got %+v, want line 7", i)
			}
			paths = append(paths, i.Location.Path)
		}
		slices.Sort(paths)
		return paths
	}
	for _, step := range []struct {
		recs []*record.Recording
		want []string
	}{
		{run("s/a.yaml", "s/b.yaml"), []string{"s/a.yaml", "s/b.yaml"}},
		{run("s/c.yaml"), []string{"s/a.yaml", "s/b.yaml", "s/c.yaml"}},
		{run("s/a.yaml"), []string{"s/a.yaml", "s/b.yaml", "s/c.yaml"}},
	} {
		if got := write(step.recs); !slices.Equal(got, step.want) {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	mended := run("s/b.yaml")
	mended[0].Violations = nil
	if got, want := write(mended), []string{"s/a.yaml", "s/c.yaml"}; !slices.Equal(got, want) {
		t.Errorf("after b was mended: got %q, want %q", got, want)
	}
	if err := os.WriteFile(file, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, want := write(run("s/a.yaml")), []string{"s/a.yaml"}; !slices.Equal(got, want) {
		t.Errorf("over a file of something else: got %q, want %q", got, want)
	}
}

// TestJUnitByFinding wants a fact told once in each case that shows it, with
// its cause and the other runs.
func TestJUnitByFinding(t *testing.T) {
	recs := fixture.Suite(20)[:3]
	for i, r := range recs {
		wrong := record.Violation{
			Check: "outcomes", Got: "a", Want: "b", File: r.File, Line: 3, Culprit: record.ByClient,
			Reproduce: "teapot run " + r.Name(),
		}
		other := wrong
		other.Got = "c"
		r.Violations = []record.Violation{wrong, wrong, other}
		if i == 2 {
			r.Violations = nil
		}
	}
	text := render(t, formats.JUnit(host, recs))
	if n := strings.Count(text, "<failure"); n != 2 {
		t.Errorf("%d failures, want one in each of two cases:\n%s", n, text)
	}
	for _, want := range []string{
		"got a, want b, and 1 more", "got:  a&#xA;want: b&#xA;got:  c&#xA;want: b&#xA;cause: the client&#xA;" +
			"shown by sequential and pool/10&#xA;teapot run sequential&#xA;", "teapot run pool/10&#xA;",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
