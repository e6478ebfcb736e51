// Package starter has the files with which a project begins to use teapot: a
// first scenario, a test that runs it, and what CI does with its report.
package starter

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/files"
)

//go:embed templates/*.tmpl
var templates embed.FS

// A Project is where the files go, and what they have to know. [Look] makes it.
type Project struct {
	Package string // of the test file
	Module  bool   // reports whether the folder is in a Go module
	Folder  string // of the scenarios, below the module's, or else below the repository's, with slashes
	Root    string // the module's folder below the repository's, with slashes
	Main    bool   // reports whether the test file may have a TestMain
	Command string // the package of the command, with its version
	Go      string // the version of Go, such as 1.26

	folder, module, repository string // as the operating system has them
}

// CI is a service that runs workflows.
type CI string

// The services.
const (
	NoCI   CI = "none"
	GitHub CI = "github"
	GitLab CI = "gitlab"
)

// workflows are the files of the services, in a repository.
var workflows = map[CI]string{
	GitHub: ".github/workflows/teapot.yml",
	GitLab: ".gitlab-ci.yml",
}

// testFile is the name of the test.
const testFile = "scenarios_test.go"

// A file is what is written, and where.
type file struct {
	template, name string
}

// Write writes the scenario, the test if the folder is in a module, plain or of
// Ginkgo's, and the workflow of a service. It returns the names of the files.
// If any of them exists, it writes none, and the error names each. It also
// writes a .gitignore for the reports, where there is none.
func (p Project) Write(plain bool, ci CI) (names []string, err error) {
	files := p.files(plain, ci)
	var errs []error
	for _, f := range files {
		if _, err := os.Lstat(f.name); err == nil {
			errs = append(errs, fmt.Errorf("%s: it exists already", filepath.ToSlash(f.name)))
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if errs != nil {
		what := "want another folder, or move these files away"
		if ci != NoCI {
			what = "want another folder, --ci none, or move these files away"
		}
		return nil, errors.Join(append(errs, errors.New("nothing was written: "+what))...)
	}
	if err := p.lookAtGo(); err != nil {
		return nil, err
	}
	all, err := template.New("").Delims("[[", "]]").ParseFS(templates, "templates/*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		var text bytes.Buffer
		err := all.ExecuteTemplate(&text, f.template+".tmpl", p)
		if err == nil {
			err = writeNew(f.name, text.Bytes())
		}
		if err != nil {
			for _, name := range names {
				err = errors.Join(err, os.Remove(name))
			}
			return nil, err
		}
		names = append(names, f.name)
	}
	return names, nil
}

// writeNew writes a file that does not exist.
func writeNew(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return files.New(name, text)
}

func (p Project) files(plain bool, ci CI) []file {
	files := []file{{"first.yaml", filepath.Join(p.folder, "first.yaml")}}
	if ignored := filepath.Join(p.reports(), ".gitignore"); missing(ignored) {
		files = append(files, file{"gitignore", ignored})
	}
	if test := (file{"suite.go", filepath.Join(p.folder, testFile)}); p.Module {
		if plain {
			test.template = "plain.go"
		}
		files = append(files, test)
	}
	if ci != NoCI {
		name := filepath.Join(p.repository, filepath.FromSlash(workflows[ci]))
		files = append(files, file{string(ci) + ".yml", name})
	}
	return files
}

// reports is the folder of the reports: the test writes them beside itself, and
// the command where it is run.
func (p Project) reports() string {
	if p.Module {
		return p.folder
	}
	return p.repository
}

func missing(name string) bool {
	_, err := os.Lstat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// At returns the path of a file of the module below the repository.
func (p Project) At(name string) string { return path.Join(p.Root, name) }

// An Output is what runs leave in a project.
type Output struct {
	Pattern string // in a .gitignore
	By      string // what leaves it
}

// Outputs are all that runs leave beside the reports. What a hunt keeps in
// testdata/hunt is not among them: it belongs to the project.
func (Project) Outputs() []Output {
	return []Output{
		{report + "*", "the test, teapot run and the workflow"},
		{"gl-code-quality-report.json", "teapot run in a job of GitLab"},
		{"downloaded/", "teapot flags"},
	}
}

// report is what the names of all reports begin with.
const report = "teapot-report."

// Report returns the path of the report with this extension below the module.
// The test writes it beside itself, and so does the workflow; without a test
// they are where the command is run.
func (p Project) Report(extension string) string {
	name := report + extension
	if !p.Module {
		return name
	}
	return path.Join(p.Folder, name)
}

// Test returns the pattern of the test's package, from the module's folder.
func (p Project) Test() string {
	if p.Folder == "." {
		return "."
	}
	return "./" + p.Folder
}

// Steps returns the commands that are to be run next, from the working folder.
func (p Project) Steps(plain bool) []string {
	if !p.Module {
		return []string{"go run " + p.Command + " run " + cli.ShellWord(shown(p.folder))}
	}
	in, test := "go", p.Test()
	if here, err := os.Getwd(); err == nil {
		if from, err := filepath.Rel(p.module, here); err == nil && from != ".." &&
			!strings.HasPrefix(from, ".."+string(filepath.Separator)) {
			test = shown(p.folder)
		} else {
			in = "go -C " + cli.ShellWord(shown(fromHere(p.module)))
		}
	}
	steps := []string{in + " get -tool " + p.Command}
	if !plain {
		steps = append(steps, in+" get -t "+test)
	}
	return append(steps, in+" test "+test)
}

// shown is a path as a command has it: one below the working folder begins with
// a dot, so that it is no import path.
func shown(name string) string {
	name = filepath.ToSlash(name)
	if path.IsAbs(name) || strings.HasPrefix(name, "../") || name == "." || name == ".." {
		return name
	}
	return "./" + name
}
