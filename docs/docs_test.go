// Package docs_test runs what README.md, CONTRIBUTING.md and the pages of docs
// show: it compiles and tests their Go, checks their scenarios, and runs their
// commands in an empty folder. Run it with -update to rewrite the outputs that
// the pages show, and the references that are made from the code.
package docs_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the outputs and references in the pages")

// imports are the packages that a fragment of Go may use without an import of
// its own, by the name that it uses.
var imports = byName(
	"context", "errors", "fmt", "io", "iter", "net/http", "os", "slices", "strconv", "strings", "sync", "testing",
	"testing/synctest", "time",
	own+"executor", own+"executor/cluster", own+"executor/executortest", own+"executor/process",
	own+"harness", own+"harness/checks", own+"harness/classify", own+"harness/oracle", own+"harness/record",
	own+"reports", own+"reports/compare", own+"reports/html",
	own+"scenarios", own+"scenarios/suite",
	own+"servers", own+"servers/admin", own+"servers/content", own+"servers/fault", own+"servers/limits",
	own+"teapottest",
)

const own = "github.com/teapot-go/teapot/"

func byName(paths ...string) map[string]string {
	names := map[string]string{}
	for _, p := range paths {
		names[path.Base(p)] = p
	}
	return names
}

// A bench is the temporary module in which the pages' snippets live, and a
// freshly built teapot.
type bench struct {
	dir string
	env []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{dir: dir}
	caches := strings.Fields(string(b.run(t, "go", "env", "GOCACHE", "GOMODCACHE", "GOPATH")))
	b.env = append(
		os.Environ(), "PATH="+filepath.Join(dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+dir,
		"GOCACHE="+caches[0], "GOMODCACHE="+caches[1], "GOPATH="+caches[2], "GOPROXY=off", "GOWORK=off", "GOFLAGS=",
		"COLUMNS=80", "GITHUB_ACTIONS=",
	)
	b.run(t, "go", "-C", here, "build", "-o", filepath.Join(dir, "bin", "teapot"), "./cmd/teapot")
	mod := string(read(t, filepath.Join(root, "go.mod")))
	mod = strings.Replace(mod, "module "+strings.TrimSuffix(own, "/"), "module yours", 1)
	mod += fmt.Sprintf("\nrequire %[1]s v0.0.0\n\nreplace %[1]s => %[2]s\n", strings.TrimSuffix(own, "/"), here)
	b.write(t, "go.mod", mod)
	b.write(t, "go.sum", string(read(t, filepath.Join(root, "go.sum"))))
	return b
}

func (b *bench) run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = b.env, b.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", cmd.Args, err, out, stderr(err))
	}
	return out
}

func stderr(err error) []byte {
	if e, ok := err.(*exec.ExitError); ok {
		return e.Stderr
	}
	return nil
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (b *bench) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(b.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestSnippets runs the Go, the scenarios and the commands of every page.
func TestSnippets(t *testing.T) {
	if testing.Short() {
		t.Skip("builds teapot, and a module of all snippets")
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("the commands of the pages are for bash")
	}
	b, all := newBench(t), pages(t)
	for _, p := range all {
		b.lay(t, p)
		if p.file == "docs/command-line.md" {
			b.sections(t, p)
		}
	}
	t.Run("go", func(t *testing.T) {
		t.Parallel()
		cmd := exec.Command("go", "test", "-count=1", "./...")
		cmd.Env, cmd.Dir = b.env, b.dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	for _, p := range all {
		t.Run(p.file, func(t *testing.T) {
			t.Parallel()
			for _, s := range p.blocks {
				runs := map[string]string{"python": "python3", "javascript": "node"}[s.lang]
				if _, err := exec.LookPath(runs); runs != "" && err != nil && os.Getenv("CI") == "" {
					t.Skipf("no %s in PATH, which runs %s", runs, s.name)
				}
			}
			b.check(t, p)
			text := b.commands(t, p)
			if *update && text != p.text {
				file := filepath.Join(root, filepath.FromSlash(p.file))
				if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// lay writes a page's snippets and named files into the page's folder. Beside
// them go the files in the folder of testdata with the page's name, and the
// built-in scenarios that its commands may use.
func (b *bench) lay(t *testing.T, p *page) {
	t.Helper()
	b.write(t, p.folder()+"/doc.go", "package "+p.folder()+"\n")
	named := false
	for i, s := range p.blocks {
		text := s.text
		switch {
		case s.lang == "go":
			text = s.source(t)
		case s.lang == "yaml" && s.name == "":
			text = s.scenario()
		}
		if s.lang != "go" && s.lang != "yaml" && s.name == "" || s.lang == "sh" || s.lang == "console" {
			continue
		}
		name := s.name
		if name == "" {
			name = fmt.Sprintf(map[string]string{"go": "snippet%d_test.go", "yaml": "snippets/%d.yaml"}[s.lang], i)
		}
		named = named || strings.HasPrefix(name, "scenarios/")
		b.write(t, p.folder()+"/"+name, text)
	}
	files, err := filepath.Glob(filepath.Join("testdata", p.folder(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b.write(t, p.folder()+"/"+filepath.Base(file), string(read(t, file)))
	}
	if !named {
		for _, name := range []string{"error-100", "loiter"} {
			name = "scenarios/" + name + ".yaml"
			b.write(t, p.folder()+"/"+name, string(read(t, filepath.Join(root, filepath.FromSlash(name)))))
		}
	}
}

var topLevel = regexp.MustCompile(`(?m)^(\w+):`)

// scenario completes the YAML of a page, which may be a part of a scenario, to
// a whole one.
func (b block) scenario() string {
	has := map[string]bool{}
	for _, m := range topLevel.FindAllStringSubmatch(b.text, -1) {
		has[m[1]] = true
	}
	var text strings.Builder
	text.WriteString(b.text)
	for _, part := range []struct{ key, text string }{
		{"name", fmt.Sprintf("name: snippet-%d\n", b.line)},
		{"clock", "clock: virtual\n"},
		{"server", "server: {latency: 10ms}\n"},
		{"workload", "workload: {task: download, flags: top20, timeout: 3s}\n"},
		{"executors", "executors: [{kind: sequential}, {kind: pool, workers: 10}]\n"},
	} {
		if !has[part.key] {
			text.WriteString(part.text)
		}
	}
	return text.String()
}

// source completes the Go of a page to a file: a package clause, and the
// imports of packages that it uses. Errors name the place in the page.
func (b block) source(t *testing.T) string {
	t.Helper()
	at := fmt.Sprintf("//line %s:%d\n", b.page.file, b.line)
	if strings.HasPrefix(b.text, "package ") || strings.Contains(b.text, "\npackage ") {
		return at + b.text
	}
	clause := "package " + b.page.folder() + "\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", clause+b.text, 0)
	if err != nil {
		t.Fatalf("%s:%d: %v", b.page.file, b.line, err)
	}
	unresolved := map[string]bool{}
	for _, ident := range file.Unresolved {
		unresolved[ident.Name] = true
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && unresolved[x.Name] && imports[x.Name] != "" {
				used[imports[x.Name]] = true
			}
		}
		return true
	})
	var text bytes.Buffer
	text.WriteString(clause)
	for _, p := range slices.Sorted(maps.Keys(used)) {
		fmt.Fprintf(&text, "import %q\n", p)
	}
	return text.String() + at + b.text
}
