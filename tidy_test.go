// Package teapot_test holds the rules of the house that a compiler does not.
package teapot_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
)

const module = "github.com/teapot-go/teapot/"

// arrows lists the folders of the project. Below each stand the folders that it
// may import, and why no other. A test file may import anything that its
// package's users could.
const arrows = `
executor
	executor/internal/contain executor/internal/fifo executor/internal/sched
	# what is under test depends on nothing but the standard library
executor/internal/codec
	executor
	# what travels does not depend on the way
executor/internal/contain
	# who calls code of others need not know what it is
executor/internal/fifo
	# a queue does not know what is in it
executor/internal/sched
	executor/internal/contain executor/internal/fifo
	# who runs when does not depend on what is run
executor/crash
	# what ended a process is read without what started it
executor/executortest
	executor executor/internal/contain
	# the law can be held to any executor, without the harness
adapters
	executor
	# a module of its own: its pools reach no user of the others
executor/cluster
	executor executor/cluster/internal/wire executor/internal/codec
	executor/internal/contain executor/internal/fifo
	# workers elsewhere are of use without the harness
executor/cluster/internal/wire
	executor executor/internal/codec executor/internal/contain
	# a message knows neither of its ends
executor/process
	executor executor/crash executor/internal/codec executor/internal/contain
	executor/process/internal/wire executor/process/internal/worker
	# child processes are of use without the harness
executor/process/internal/wire
	executor/internal/codec
	# a pipe knows neither of its ends
executor/process/internal/worker
	executor executor/internal/codec executor/process/internal/wire
	# a child knows its parent only through the pipe
servers
	servers/content servers/fault servers/flags servers/interleave
	servers/internal/unreachable servers/latency servers/limits servers/loopback
	servers/taskid servers/timer
	# a server is of use without the harness
servers/taskid
	# a client names its task without a server of ours
servers/keys
	servers/content servers/taskid
	# what a request is about is seen without a server
servers/content
	servers/flags servers/loopback
	# what is served is of use in any server
servers/fault
	servers/taskid
	# a fault is a wrapper of any handler, without a server of ours
servers/internal/unreachable
	# addresses have no plan and no faults
servers/latency
	servers/timer
	# the same of a wait
servers/timer
	# a time comes whatever waits for it
servers/interleave
	# who goes on first does not depend on what goes on
servers/limits
	# a gate is of use before any handler
servers/loopback
	# an address and a name are known without a server of ours
servers/admin
	servers servers/limits servers/loopback
	# it looks at a server from outside, so that a server is of use without it
servers/flags
	# the pictures are of use without a server
servers/flags/internal/draw
	# what draws the pictures is not part of the package that has them
harness
	executor executor/crash harness/fifo harness/oracle harness/record harness/rounded harness/share servers
	servers/interleave servers/taskid servers/timer
	# it measures executors, and knows of servers the journal
harness/record
	harness/rounded harness/search harness/share harness/totals
	# a recording is read without what made it
harness/totals
	# what is counted of tasks does not depend on what they are
harness/share
	# who has a task depends on its number alone
harness/files
	# a file is written without what is in it
harness/rounded
	# a figure is written without what it is of
harness/search
	# a search does not know what it is that holds at a rate
harness/seen
	harness/record
	# what a client reports is read without what judges it
harness/arrivals
	# when tasks fall due depends on nothing that is run
harness/fifo
	harness/record
	# an order of starts follows from a recording alone
harness/oracle
	harness/record harness/rounded servers servers/fault servers/limits
	servers/taskid
	# what should have happened follows from the plan and the journal
harness/classify
	harness/record
	# a class is said of any client's errors, without a server
harness/matchers
	harness/checks harness/record
	# what a test of one's own expects is a check under another name
harness/bounds
	harness/record harness/rounded harness/totals
	# a figure of a run follows from its recording alone
harness/checks
	harness/bounds harness/fifo harness/record harness/rounded
	# a check sees a recording and nothing else
reports
	harness/files harness/record reports/findings reports/found
	reports/summary reports/text
	# a report sees recordings and nothing else
reports/text
	harness/rounded
	# a word does not know what it is said of
reports/summary
	harness/record reports/text
	# a figure is the same in every report
reports/findings
	harness/record reports/text
	# what is wrong with runs is the same in every report
reports/found
	harness/record harness/search reports/text
	# what a search has found is said the same in every report
reports/charts
	harness/record harness/rounded harness/search harness/totals reports/found
	reports/summary reports/text
	# a drawing does not know the page it is in
reports/changes
	# where a series changes does not depend on what it is of
reports/trend
	harness/record harness/rounded harness/search reports reports/changes reports/found reports/text
	# a trend depends on recordings and nothing else
reports/charts/history
	# a drawing of figures does not know what they are of
reports/html
	harness/record reports reports/charts reports/charts/history
	reports/findings reports/summary
	reports/text reports/trend
	# the page is one report among others
reports/compare
	harness/record harness/search reports reports/found reports/text
	# a verdict depends on two recordings and nothing else
reports/formats
	harness/record reports reports/findings reports/found reports/summary
	reports/text
	# the formats of other tools are reports among others
reports/internal/fixture
	harness/record reports/text
	# recordings for the tests of every report
scenarios
	scenarios/strict harness harness/bounds harness/files harness/oracle harness/record
	harness/rounded harness/search harness/share
	harness/checks
	servers servers/content servers/fault servers/flags servers/interleave
	servers/keys servers/latency servers/limits executor executor/process
	servers/taskid harness/classify scenarios/internal/held
	scenarios/internal/program
	scenarios/internal/workload harness/arrivals
	# the language binds everything that is run
scenarios/internal/held
	# a context needs nothing
scenarios/internal/program
	scenarios/strict harness/record harness/seen
	# a program is run without what serves it
scenarios/internal/workload
	scenarios/strict harness/arrivals
	# which tasks there are does not depend on what they do
scenarios/strict
	# a decoder knows nothing of what its files are about
scenarios/explain
	scenarios scenarios/strict
	# it reads the schema and the types, and nothing that is run
scenarios/internal/scenariostest
	# ginkgo runs what is in the folder of a suite, and says nothing of plain
	# tests
scenarios/hunt
	scenarios scenarios/strict harness/files harness/record servers/interleave
	# many worlds are scenarios, and what becomes of them is recordings
scenarios/lean
	servers servers/taskid
	# what sends requests fast knows no scenario
scenarios/spread
	executor/cluster harness harness/record harness/share
	# who leads a run, and who has a part in it, read no scenario
scenarios/suite
	scenarios scenarios/hunt scenarios/strict reports reports/findings reports/formats
	reports/html reports/text harness harness/files harness/oracle harness/record
	# it turns files into specs and recordings into a report
teapottest
	harness harness/classify harness/record reports/text scenarios scenarios/hunt
	scenarios/strict servers servers/keys servers/taskid
	# a plain test needs no more than a scenario and a client or a program
docs
	# the pages are run by a test, and hold no code of their own
cmd/teapot
	command scenarios
	# it is one program of many
command
	command/internal/chapter command/internal/cli
	command/internal/complete command/internal/hunts command/internal/learn
	command/internal/runs
	command/internal/served command/internal/starter command/internal/told
	command/internal/trace
	executor executor/cluster executor/process harness/bounds harness/files harness/record reports
	reports/html reports/summary reports/text scenarios scenarios/explain scenarios/lean scenarios/spread scenarios/strict
	servers
	servers/content servers/keys servers/loopback
	# a command is a scenario with a report; its child processes are itself
command/internal/live
	harness harness/record reports reports/charts reports/html reports/text
	servers/loopback
	# a page of a run knows nothing of the commands that run it
command/internal/cli
	command/internal/live executor harness harness/record reports reports/formats reports/html reports/summary
	reports/text scenarios
	# what the commands share knows none of them
command/internal/chapter
	command/internal/cli command/internal/live executor harness harness/files harness/oracle harness/record
	reports reports/text scenarios servers servers/flags servers/loopback
	# three programs are scenarios made of flags
command/internal/runs
	command/internal/cli command/internal/live executor executor/cluster harness harness/bounds
	harness/files harness/record
	reports reports/compare
	reports/formats reports/html reports/summary reports/text reports/trend
	scenarios scenarios/spread
	# runs and their comparison are one feature
command/internal/hunts
	command/internal/cli command/internal/live harness/record reports reports/summary scenarios
	scenarios/hunt
	# a hunt is many runs, and its report is of the smallest
command/internal/learn
	scenarios scenarios/strict servers/content servers/fault servers/flags
	servers/latency
	# what a log says becomes the text of a scenario
command/internal/trace
	command/internal/learn harness/arrivals reports/text
	# what a log says becomes the text of a trace
command/internal/complete
	# a command line can be completed without knowing what it does
command/internal/starter
	command/internal/cli harness/files
	# what a project begins with is text
command/internal/served
	command/internal/told servers servers/admin reports/text
	# a server that is run by itself needs no scenario
command/internal/told
	harness/checks harness/oracle harness/record harness/seen reports
	reports/html reports/summary reports/text scenarios servers servers/admin
	servers/content servers/taskid
	# a client of a server is judged as a run is
`

// An arrow is what one folder may import.
type arrow struct {
	may []string
	why string
}

// readArrows reads the table of arrows.
func readArrows() map[string]arrow {
	all := map[string]arrow{}
	dir := ""
	for line := range strings.Lines(arrows) {
		words := strings.Fields(line)
		rule := all[dir]
		switch {
		case len(words) == 0:
			continue
		case !strings.HasPrefix(line, "\t"):
			dir, rule = words[0], arrow{}
		case words[0] == "#":
			rule.why = strings.TrimSpace(rule.why + " " + strings.Join(words[1:], " "))
		default:
			rule.may = append(rule.may, words...)
		}
		all[dir] = rule
	}
	return all
}

// outside says which folders may import the libraries that must not spread; one
// that ends with a slash stands for all below it.
var outside = map[string][]string{
	"github.com/onsi/":   {"scenarios/suite", "harness/matchers"},
	"go.uber.org/goleak": {"harness"},
	// for the virtual clock, and for the law as subtests
	"testing":                         {"harness", "executor/executortest", "scenarios/suite", "teapottest"},
	"testing/synctest":                {"harness"},
	"github.com/goccy/go-yaml/":       {"scenarios/strict"},
	"github.com/goccy/go-yaml":        {"scenarios/strict"},
	"github.com/alecthomas/kong":      {"command", "command/internal/complete"},
	"github.com/vbauerster/mpb/v8":    {"command/internal/cli"},
	"github.com/vbauerster/cupwriter": {"command/internal/cli"}, // on which mpb draws
	"golang.org/x/perf/":              {"reports/compare"},
	// 11 MB in a program, and for those alone whose tasks run elsewhere
	"github.com/nats-io/": {"executor/cluster", "scenarios/spread"},
	// a program that starts a server and no admin does not carry it
	"github.com/prometheus/": {"servers/admin", "command/internal/live"},
	"math/rand":              {}, // v2 has sources whose sequence is promised
}

// A source is one Go file of the project.
type source struct {
	dir, name string
	test      bool
	text      []byte
	file      *ast.File
	fset      *token.FileSet
}

func (s source) line(p token.Pos) string {
	return s.dir + "/" + s.name + ":" + strconv.Itoa(s.fset.Position(p).Line)
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".go" || path.Dir(name) == "." {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		all = append(all, source{
			path.Dir(name), path.Base(name), strings.HasSuffix(name, "_test.go"),
			text, file, fset,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d files seen: the rules below hold nothing", len(all))
	}
	return all
}

func TestImports(t *testing.T) {
	arrows := readArrows()
	for _, s := range sources(t) {
		rule, known := arrows[s.dir]
		if !known {
			t.Errorf("%s: a folder that the table of arrows does not know", s.dir)
			continue
		}
		if s.test {
			continue
		}
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if own, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(rule.may, own) {
				t.Errorf("%s: imports %s: %s", s.line(spec.Pos()), own, rule.why)
			}
			for library, may := range outside {
				whole := !strings.HasSuffix(library, "/")
				if (imported == library || !whole && strings.HasPrefix(imported, library)) &&
					!slices.Contains(may, s.dir) {
					t.Errorf("%s: imports %s, which only %v may", s.line(spec.Pos()), imported, may)
				}
			}
		}
	}
	for dir, rule := range arrows {
		for _, to := range rule.may {
			if slices.Contains(arrows[to].may, dir) {
				t.Errorf("%s and %s may import each other", dir, to)
			}
		}
	}
}

// TestReportsStandAlone wants reports and checks to need recordings and nothing
// that makes them, however far the imports go.
func TestReportsStandAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./reports/...", "./harness/checks").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out, []byte(module+"harness/record\n")) {
		t.Fatal("go list names no package harness/record: the rule below holds nothing")
	}
	for name := range strings.FieldsSeq(string(out)) {
		own, ours := strings.CutPrefix(name, module)
		judges := strings.HasPrefix(own, "reports") ||
			slices.Contains([]string{
				"harness/bounds", "harness/checks", "harness/fifo", "harness/files", "harness/record",
				"harness/rounded", "harness/search", "harness/share", "harness/totals",
			}, own)
		if strings.Contains(name, "goleak") || ours && !judges {
			t.Errorf("reports or checks depend on %s", name)
		}
	}
}

// heavy are modules that only these packages may depend on, so that other
// programs need not carry them.
var heavy = map[string][]string{
	"github.com/nats-io/": {
		"executor/cluster", "scenarios/spread", "command/internal/runs", "command", "cmd/teapot",
	},
	"github.com/valyala/fasthttp": {"scenarios/lean", "command", "cmd/teapot"},
}

// TestHeavyStandAlone wants a program to carry NATS only if it imports
// executor/cluster or scenarios/spread, fasthttp only if it imports
// scenarios/lean, and both if it
// imports command, which has them.
func TestHeavyStandAlone(t *testing.T) {
	const format = `{{.ImportPath}}{{range .Deps}} {{.}}{{end}}`
	out, err := exec.Command("go", "list", "-f", format, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for prefix, may := range heavy {
		with := 0
		for line := range strings.Lines(string(out)) {
			words := strings.Fields(line)
			own := strings.TrimPrefix(words[0], module)
			if !slices.ContainsFunc(words, func(dep string) bool { return strings.HasPrefix(dep, prefix) }) {
				continue
			}
			if with++; !slices.Contains(may, own) {
				t.Errorf("%s depends on %s", own, prefix)
			}
		}
		if with == 0 {
			t.Errorf("no package depends on %s: the rule holds nothing", prefix)
		}
	}
}

func TestCode(t *testing.T) {
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: an init function", s.line(f.Pos()))
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := call.X.(*ast.Ident)
			if !ok {
				return true
			}
			switch name := x.Name + "." + call.Sel.Name; {
			case strings.HasPrefix(name, "fmt.Print") && !strings.HasPrefix(s.dir, "cmd/") && !s.test:
				t.Errorf("%s: %s outside cmd", s.line(n.Pos()), name)
			case name == "time.Sleep" && s.test && !slices.ContainsFunc([]string{
				"synctest.Test(", "bubble(t, func(", "record.Virtual",
			}, func(virtual string) bool { return bytes.Contains(s.text, []byte(virtual)) }):
				t.Errorf("%s: a test that sleeps outside a bubble", s.line(n.Pos()))
			case name == "time.Sleep" && !s.test:
				t.Errorf("%s: a sleep that no context can end", s.line(n.Pos()))
			}
			return true
		})
	}
}

func TestDocumentation(t *testing.T) {
	comments := map[string]int{}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		comments[s.dir] += 0
		if s.file.Doc != nil {
			comments[s.dir]++
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil {
					t.Errorf("%s: %s has no comment", s.line(d.Pos()), d.Name.Name)
				} else if d.Doc != nil && d.Recv == nil && !strings.HasPrefix(d.Doc.Text(), d.Name.Name+" ") {
					t.Errorf("%s: the comment of %s does not begin with its name", s.line(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					for _, name := range namesOf(spec) {
						if name.IsExported() && d.Doc == nil && !documented(spec) {
							t.Errorf("%s: %s has no comment", s.line(name.Pos()), name.Name)
						}
					}
				}
			}
		}
	}
	for dir, n := range comments {
		if n != 1 {
			t.Errorf("%s: %d package comments, want 1", dir, n)
		}
	}
}

// TestScenarios wants every built-in file valid, and known to the suite by
// being in its folder, beside a schema.
func TestScenarios(t *testing.T) {
	loaded, err := scenarios.Vocabulary{}.Load(os.DirFS("scenarios"), ".", "scenarios")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range loaded {
		if want := s.Name + ".yaml"; path.Base(s.File()) != want {
			t.Errorf("%s: holds %s, so its name should be %s", s.File(), s.Name, want)
		}
		if s.About == "" {
			t.Errorf("%s: does not say what it is about", s.File())
		}
		text, err := os.ReadFile(s.File())
		if err != nil || !bytes.HasPrefix(text, []byte("# yaml-language-server: $schema=scenario.schema.json\n")) {
			t.Errorf("%s: does not name its schema in the first line (%v)", s.File(), err)
		}
	}
}

func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	return ok && name.IsExported()
}

func namesOf(spec ast.Spec) []*ast.Ident {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{spec.Name}
	case *ast.ValueSpec:
		return spec.Names
	default:
		return nil
	}
}

func documented(spec ast.Spec) bool {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return spec.Doc != nil || spec.Comment != nil
	case *ast.ValueSpec:
		return spec.Doc != nil || spec.Comment != nil
	default:
		return false
	}
}

// exported lists the exported names of a declaration. The constants of an
// enumeration count with their type, and methods with theirs. The errors of one
// declaration are an enumeration too, and count as one.
func exported(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.IsExported() {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for i, spec := range d.Specs {
			if d.Tok == token.VAR && i > 0 && strings.HasPrefix(namesOf(spec)[0].Name, "Err") {
				continue
			}
			if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.CONST && len(d.Specs) > 1 && v != nil {
				continue
			}
			for _, name := range namesOf(spec) {
				if name.IsExported() {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

func codeLines(s source, from, to int) int {
	text := slices.Clone(s.text)
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			at := s.fset.File(c.Pos())
			for i := at.Offset(c.Pos()); i < at.Offset(c.End()); i++ {
				if text[i] != '\n' {
					text[i] = ' '
				}
			}
		}
	}
	n := 0
	for line := range bytes.Lines(text[from:to]) {
		if len(bytes.TrimSpace(line)) > 0 {
			n++
		}
	}
	return n
}
