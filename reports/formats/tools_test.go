package formats_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// TestJUnitBySchema has xmllint hold the XML to Jenkins's schema, which is in
// testdata with its licence.
func TestJUnitBySchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no xmllint in PATH (libxml2-utils): CI must hold the JUnit XML to its schema")
		}
		t.Skip("no xmllint in PATH: the JUnit XML was not held to its schema")
	}
	validate := func(text string) error {
		file := filepath.Join(t.TempDir(), "junit.xml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(xmllint, "--noout", "--schema", filepath.Join("testdata", "jenkins-junit.xsd"),
			file).CombinedOutput()
		if err != nil {
			t.Logf("%.500s", out)
		}
		return err
	}
	each(t, formats.JUnit, func(t *testing.T, _ []*record.Recording, text string) {
		if err := validate(text); err != nil {
			t.Error(err)
		}
	})
	bad := strings.Replace(render(t, formats.JUnit(host, fixture.Suite(3))), "<testcase ", "<testcase color=\"red\" ",
		1)
	if validate(bad) == nil {
		t.Error("the schema allows anything")
	}
}

// benchstat runs the tool on files with the reports, one for each set of
// recordings.
func benchstat(t *testing.T, sets ...[]*record.Recording) string {
	t.Helper()
	args := []string{"tool", "-modfile=" + filepath.Join("..", "..", ".ci", "tools.mod"), "benchstat"}
	for i, recs := range sets {
		file := filepath.Join(t.TempDir(), []string{"old", "new"}[i])
		if err := os.WriteFile(file, []byte(render(t, formats.Benchmark(host, recs))), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("go", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	if stderr.Len() > 0 {
		t.Errorf("benchstat says: %s", stderr.String())
	}
	return stdout.String()
}

func TestBenchstat(t *testing.T) {
	sets := make([][]*record.Recording, 2)
	for i := range 10 { // with a spread, as under the real clock
		old := fixture.Simulate("s", "pool", 2, 12, 0)
		old.Clock, old.Makespan = record.Real, old.Makespan*time.Duration(1000+i)/1000
		changed := *old
		changed.Makespan = old.Makespan * 3 / 2
		sets[0], sets[1] = append(sets[0], old), append(sets[1], &changed)
	}
	text := benchstat(t, sets...)
	for _, want := range []string{
		"S/executor=pool/workers=2-2", "sec/op", "+50.00% (p=0.000 n=10)", "tasks/s",
		"-33.33% (p=0.000 n=10)", "efficiency", "p99-sec",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestBenchstatIsExact has figures of the virtual clock compared as what they
// are: one sample of each is enough.
func TestBenchstatIsExact(t *testing.T) {
	slower := fixture.Simulate("s", "pool", 2, 12, 1)
	text := benchstat(t, []*record.Recording{fixture.Simulate("s", "pool", 2, 12, 0)}, []*record.Recording{slower})
	if strings.Contains(text, "need >=") || !strings.Contains(text, "sec/op") {
		t.Errorf("it takes them for samples:\n%s", text)
	}
}

// TestBenchstatKeepsWorldsApart has runs of another seed and of another clock
// in tables of their own.
func TestBenchstatKeepsWorldsApart(t *testing.T) {
	a, b, c := fixture.Simulate("s", "pool", 2, 12, 0), fixture.Simulate("s", "pool", 2, 12, 0), fixture.Simulate("s",
		"pool", 2, 12, 0)
	b.Seed, c.Clock = 7, record.Real
	text := benchstat(t, []*record.Recording{a, b, c})
	if got := strings.Count(text, "sec/op"); got != 3 {
		t.Errorf("%d tables of sec/op, want 3:\n%s", got, text)
	}
}

func TestBenchstatOnHostileNames(t *testing.T) {
	r := fixture.Alien()
	r.Deadlock = "" // which would leave no figures
	if text := benchstat(t, []*record.Recording{r}); !strings.Contains(text, "script") {
		t.Errorf("no run in\n%.2000s", text)
	}
}
