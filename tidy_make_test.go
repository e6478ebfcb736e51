package teapot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSizes wants each name in the Makefile's list SIZES to name a test, and
// each test that it names to be in a package of SIZED: in any other one neither
// run would have it.
func TestSizes(t *testing.T) {
	sizes := strings.Split(strings.TrimSpace(makes(t, "SIZES")), "|")
	plain := strings.Fields(makes(t, "SIZED") + makes(t, "PLAIN"))
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") || strings.Contains(file, "testdata") ||
			strings.HasPrefix(file, ".") || strings.HasPrefix(file, "adapters") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, test := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(string(text), -1) {
			for _, size := range sizes {
				if !regexp.MustCompile(size).MatchString(test[1]) {
					continue
				}
				names[size] = true
				if dir := "./" + filepath.ToSlash(filepath.Dir(file)); !slices.Contains(plain, dir) {
					t.Errorf("%s: %s is in SIZES of the Makefile, and %s is not in SIZED", file, test[1], dir)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		if !names[size] {
			t.Errorf("%s: in SIZES of the Makefile, and no test has this name", size)
		}
	}
}

// makes returns the value of one of the Makefile's variables.
func makes(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("make", "-s", "--eval", "value: ; @echo '$(subst $$,$$$$,$("+name+"))'", "value").Output()
	if err != nil {
		t.Skipf("no make in PATH: %v", err)
	}
	return strings.ReplaceAll(string(out), "$$", "$") + " "
}

// concurrent are the names of functions that start goroutines.
var concurrent = []string{"Go", "Parallel", "RunParallel", "AfterFunc"}

// TestPlainPackages wants no goroutine in the packages that make test runs
// without the race detector, nor in their tests.
func TestPlainPackages(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	list := regexp.MustCompile(`(?m)^PLAIN *:= (.*)$`).FindSubmatch(text)
	if list == nil {
		t.Fatal("the Makefile has no list PLAIN: the rule below holds nothing")
	}
	for dir := range strings.FieldsSeq(string(list[1])) {
		names, err := filepath.Glob(filepath.Join(filepath.FromSlash(dir), "*.go"))
		if err != nil || len(names) == 0 {
			t.Errorf("%s: no Go files, %v", dir, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range goroutines(t, name, string(text)) {
				t.Errorf("%s:%d: starts a goroutine: remove %s from PLAIN in the Makefile", name, line, dir)
			}
		}
	}
}

// goroutines returns the lines of a Go file that start goroutines.
func goroutines(t *testing.T, name, text string) (lines []int) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		found := false
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.SelectorExpr:
			found = slices.Contains(concurrent, n.Sel.Name)
		case *ast.ImportSpec:
			found = n.Path.Value == `"net/http/httptest"`
		}
		if found {
			lines = append(lines, fset.Position(n.Pos()).Line)
		}
		return true
	})
	return lines
}

// TestPlantedGoroutines plants each way to start a goroutine, and some lines
// that start none.
func TestPlantedGoroutines(t *testing.T) {
	for text, want := range map[string]bool{
		"func f() { go f() }":                                     true,
		"func f(wg *sync.WaitGroup) { wg.Go(g) }":                 true,
		"func f(t *testing.T) { t.Parallel() }":                   true,
		"func f(b *testing.B) { b.RunParallel(g) }":               true,
		"func f() { time.AfterFunc(1, g) }":                       true,
		"func f() { later := time.AfterFunc; later(1, g) }":       true,
		"import \"net/http/httptest\"":                            true,
		"import \"sync\"\n\nvar once = sync.OnceValue(f)":         false,
		"// go f()\nvar s = \"go f()\"":                           false,
		"func f(t *testing.T) { t.Run(\"go\", g); t.Cleanup(g) }": false,
	} {
		if got := goroutines(t, "a.go", "package a\n\n"+text+"\n"); (len(got) > 0) != want {
			t.Errorf("%q: lines %v start a goroutine, want any: %v", text, got, want)
		}
	}
}
