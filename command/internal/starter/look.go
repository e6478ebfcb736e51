package starter

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// command is the package of the command teapot.
const command = "github.com/teapot-go/teapot/cmd/teapot"

// Look returns the project that a folder belongs to, which need not exist.
// version is that of the teapot that is to be used, "" for the latest.
func Look(folder, version string) (Project, error) {
	p := Project{Go: goVersion(), Command: command, folder: filepath.Clean(folder)}
	if version != "" {
		p.Command += "@" + version
	}
	if name := fileOnTheWay(p.folder); name != "" {
		return p, fmt.Errorf("%s: a file: want a folder for the scenarios", name)
	}
	at, err := filepath.Abs(p.folder)
	if err != nil {
		return p, err
	}
	p.module, p.repository = above(at, "go.mod"), above(at, ".git")
	p.Module = p.module != ""
	if !p.Module {
		if p.Command = command + "@" + latest(version); p.repository == "" {
			p.repository = workingFolder(at)
		}
		p.module = p.repository
	}
	if p.repository == "" || !below(p.module, p.repository) {
		p.repository = p.module
	}
	if p.Folder, err = relative(p.module, at); err != nil {
		return p, err
	}
	if p.Root, err = relative(p.repository, p.module); err != nil {
		return p, err
	}
	if !importable.MatchString(p.Folder) || !importable.MatchString(p.Root) {
		return p, fmt.Errorf("%s: want a folder of letters, digits and hyphens, which an import path can have", folder)
	}
	p.repository = fromHere(p.repository)
	return p, nil
}

// fileOnTheWay returns the path, of a folder or of one above it, that is a
// file, or "".
func fileOnTheWay(folder string) string {
	for {
		if info, err := os.Stat(folder); err == nil && !info.IsDir() {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
}

func latest(version string) string {
	if version == "" {
		return "latest"
	}
	return version
}

// importable matches the paths that go test and a workflow take as they are.
var importable = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.~/-]*$|^\.$`)

// lookAtGo looks at the Go files in the folder: the test belongs to their
// package, and must not have what they have.
func (p *Project) lookAtGo() error {
	p.Main = true
	at, err := filepath.Abs(p.folder)
	if err != nil {
		return err
	}
	tests, err := filepath.Glob(filepath.Join(at, "*_test.go"))
	if err != nil {
		return err
	}
	for _, name := range tests {
		if filepath.Base(name) == testFile {
			continue // it is in the way, and not beside the new one
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if bytes.Contains(text, []byte("func TestMain(")) {
			p.Main = false
		}
		for _, taken := range []string{"RunSpecs(", "func TestScenarios("} {
			if bytes.Contains(text, []byte(taken)) {
				return fmt.Errorf("%s: its package has a suite already: want another folder", fromHere(name))
			}
		}
	}
	found := &build.Package{}
	if _, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
		found, err = build.ImportDir(at, 0)
		if none := new(build.NoGoError); err != nil && !errors.As(err, &none) {
			return err
		}
	}
	name := strings.TrimSuffix(found.Name, "_test")
	if name == "" {
		name = identifier(filepath.Base(at))
	}
	p.Package = name + "_test"
	return nil
}

var foreign = regexp.MustCompile(`[^a-z0-9]+`)

// identifier makes the name of a package from that of a folder.
func identifier(folder string) string {
	name := foreign.ReplaceAllString(strings.ToLower(folder), "")
	if !token.IsIdentifier(name) {
		return "scenarios"
	}
	return name
}

// above returns the folder, at or above another, that has an entry, or "".
func above(folder, entry string) string {
	for {
		if _, err := os.Stat(filepath.Join(folder, entry)); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return ""
		}
		folder = parent
	}
}

// workingFolder returns the working folder if the other one is below it, or
// else the other one.
func workingFolder(folder string) string {
	if here, err := os.Getwd(); err == nil && below(folder, here) {
		return here
	}
	return folder
}

// below reports whether a folder is another one or below it.
func below(folder, other string) bool {
	rel, err := filepath.Rel(other, folder)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func relative(from, to string) (string, error) {
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}

// fromHere returns a path as it is from the working folder, if it is not far
// from there.
func fromHere(name string) string {
	const far = 3 // folders up
	here, err := os.Getwd()
	if err != nil {
		return name
	}
	rel, err := filepath.Rel(here, name)
	if err != nil || strings.Count(filepath.ToSlash(rel), "../") >= far {
		return name
	}
	return rel
}

// goVersion returns the version of Go in the form that images of it have.
func goVersion() string {
	found := regexp.MustCompile(`^go(\d+\.\d+)`).FindStringSubmatch(runtime.Version())
	if found == nil {
		return "latest"
	}
	return found[1]
}
