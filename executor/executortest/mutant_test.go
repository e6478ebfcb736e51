package executortest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
)

// A mutant is a broken future, wait or Map: package executor with a bug in it.
// An executor can't break these rows, as it sees tasks and nothing else.
//
// Each mutant is a patch in testdata/mutants, named for its row. The first line
// says what is wrong with it; a unified diff against the sources of package
// executor follows. All patches are applied at once and built once: each bug is
// on only where bug(row) is true, which testdata/mutants/bug.go defines.
type mutant struct {
	name string // of the file
	row  int
	bug  string
	diff []hunk
}

func readMutants(t *testing.T) []mutant {
	t.Helper()
	names, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(names) == 0 {
		t.Fatalf("no mutants: %v", err)
	}
	var mutants []mutant
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m := mutant{name: filepath.Base(name)}
		number, _, _ := strings.Cut(m.name, "-")
		if m.row, err = strconv.Atoi(number); err != nil {
			t.Fatalf("%s: want a name that begins with the number of a row", name)
		}
		first, rest, _ := strings.Cut(string(text), "\n")
		m.bug = strings.TrimSuffix(strings.TrimPrefix(first, fmt.Sprintf("Row %d: ", m.row)), ".")
		if m.bug == first || m.bug == "" {
			t.Fatalf("%s: want a first line \"Row %d: what is wrong\"", name, m.row)
		}
		if m.diff, err = parseDiff(rest); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		mutants = append(mutants, m)
	}
	return mutants
}

// TestMutants builds the package once with all bugs in it, and has each row's
// check try the one that is planted for it.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the package once more")
	}
	t.Parallel() // other processes do the work
	mutants := readMutants(t)
	binary := mutated(t, mutants)
	if out, err := tryRow(t, binary, 0, 2); err != nil {
		t.Fatalf("without a bug: %v\n%s", err, out)
	}
	var all sync.WaitGroup
	room := make(chan struct{}, 8) // most of them wait
	for _, m := range mutants {
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			if out, err := tryRow(t, binary, m.row, m.row); err == nil {
				t.Errorf("%s: the check of row %d does not see that %s\n%s", m.name, m.row, m.bug, out)
			} else if !bytes.Contains(out, []byte("row "+strconv.Itoa(m.row)+" fails: ")) {
				t.Errorf("%s: the check of row %d did not end: %v\n%s", m.name, m.row, err, out)
			}
		})
	}
	all.Wait()
}

func tryRow(t *testing.T, binary string, bug, row int) ([]byte, error) {
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^TestRow$", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), "PLANTED="+strconv.Itoa(bug), "ROW="+strconv.Itoa(row))
	return cmd.CombinedOutput()
}

// TestEveryRowHasItsBug wants a bug for each row: an executor that breaks it
// and little else, or a mutant.
func TestEveryRowHasItsBug(t *testing.T) {
	own := map[int]bool{
		16: true, // the compiler checks the types
		17: true,
	}
	for _, m := range readMutants(t) {
		own[m.row] = true
	}
	for _, p := range planted {
		for _, row := range p.rows {
			own[row] = own[row] || len(p.rows) <= 4
		}
	}
	for _, c := range executortest.Checks() {
		if !own[c.Row] {
			t.Errorf("row %d, %s: no bug is planted for it", c.Row, c.Name)
		}
	}
}

// TestRow runs the check of one row on a pool. TestMutants runs it in another
// process.
func TestRow(t *testing.T) {
	row, err := strconv.Atoi(os.Getenv("ROW"))
	if err != nil {
		t.Skip("TestMutants calls it")
	}
	for _, c := range executortest.Checks() {
		if c.Row != row {
			continue
		}
		patience := time.Minute // far more than it takes
		if os.Getenv("PLANTED") != "0" {
			patience = 300 * time.Millisecond
		}
		for range 50 { // a race is won now and then
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			err := c.Run(ctx, executor.NewPool)
			cancel()
			if err != nil {
				t.Fatalf("row %d fails: %v", row, err)
			}
		}
		return
	}
	t.Fatalf("no check for row %d", row)
}

// mutated builds a test binary of this package, with every bug in package
// executor.
func mutated(t *testing.T, mutants []mutant) string {
	t.Helper()
	dir, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	helper, err := os.ReadFile("testdata/mutants/bug.go")
	if err != nil {
		t.Fatal(err)
	}
	originals := map[string]string{}
	edits := map[string][]edit{}
	for _, m := range mutants {
		for _, h := range m.diff {
			name, ok := strings.CutPrefix(h.file, "executor/")
			if !ok || name != filepath.Base(name) {
				t.Fatalf("%s: changes %s, which is not a file of package executor", m.name, h.file)
			}
			if originals[name] == "" {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatalf("%s: %v", m.name, err)
				}
				originals[name] = string(text)
			}
			found, err := h.locate(originals[name])
			if err != nil {
				t.Fatalf("%s: does not apply to %s: %v", m.name, h.file, err)
			}
			edits[name] = append(edits[name], found...)
		}
	}
	sources := map[string]string{"planted.go": string(helper)}
	for name, text := range originals {
		if sources[name], err = apply(text, edits[name]); err != nil {
			t.Fatalf("the patches of %s contradict one another: %v", name, err)
		}
	}
	out := t.TempDir()
	replace := map[string]string{}
	for name, source := range sources {
		replace[filepath.Join(dir, name)] = filepath.Join(out, name)
		if err := os.WriteFile(filepath.Join(out, name), []byte(withImports(source)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "overlay.json"), overlay, 0o666); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(out, "mutants.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-ldflags=-s -w",
		"-overlay", filepath.Join(out, "overlay.json"), "-o", binary, ".")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return binary
}

// withImports adds the imports that the bugs need and the source does not have.
func withImports(source string) string {
	code := regexp.MustCompile(`//.*`).ReplaceAllString(source, "")
	for _, path := range []string{"context", "errors", "fmt", "runtime", "slices"} {
		if strings.Contains(code, path+".") && !strings.Contains(code, "\t\""+path+"\"\n") {
			source = strings.Replace(source, "import (\n", "import (\n\t\""+path+"\"\n", 1)
		}
	}
	return source
}
