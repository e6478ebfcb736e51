package command

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// A start is what is known of how the program was started.
type start struct {
	arg0   string // as the operating system has it
	path   string // of package main, as an import has it
	module debug.Module
	source string // the file that has func main
	folder string // the working folder
}

// started returns how this program was started.
func started() start {
	s := start{arg0: os.Args[0], source: mainFile()}
	if info, ok := debug.ReadBuildInfo(); ok {
		s.path, s.module = info.Path, info.Main
	}
	s.folder, _ = os.Getwd() // without it there is a command line less
	return s
}

// mainFile returns the file that has func main, or "".
func mainFile() string {
	var at [64]uintptr
	frames := runtime.CallersFrames(at[:runtime.Callers(0, at[:])])
	for {
		frame, more := frames.Next()
		if frame.Function == "main.main" {
			return frame.File
		}
		if !more {
			return ""
		}
	}
}

// goRun begins the command line of a program that another one has started, and
// told how it is called itself. See package runs.
const goRun = "go run "

// built finds the folders where go run puts what it builds.
var built = regexp.MustCompile(`/go-build|/[0-9a-f]{2}/[0-9a-f]{64}-d/`)

// name returns the name of the program in help texts and messages.
func (s start) name() string {
	name := strings.TrimSuffix(filepath.Base(filepath.ToSlash(s.arg0)), ".exe")
	if s.byGoRun() && s.path == filesOnly && s.source != "" {
		name = filepath.Base(filepath.Dir(s.source))
	}
	return name
}

// filesOnly is the path of a package main that go run was given as files.
const filesOnly = "command-line-arguments"

func (s start) byGoRun() bool {
	return !strings.HasPrefix(s.arg0, goRun) && built.MatchString(filepath.ToSlash(s.arg0))
}

// self returns the command line that calls the program, so that a command that
// it prints can be pasted.
func (s start) self() string {
	switch {
	case strings.HasPrefix(s.arg0, goRun):
		return s.arg0
	case !s.byGoRun() || s.path == "":
	case s.path != filesOnly:
		if strings.HasPrefix(s.module.Version, "v") && s.module.Replace == nil {
			return goRun + s.path + "@" + s.module.Version
		}
		return goRun + s.path
	default:
		folder, err := filepath.Rel(s.folder, filepath.Dir(s.source))
		if err != nil || !filepath.IsAbs(s.source) {
			break
		}
		if folder = filepath.ToSlash(folder); !strings.HasPrefix(folder, ".") {
			folder = "./" + folder
		}
		return goRun + cli.ShellWord(folder)
	}
	return cli.ShellWord(s.arg0)
}
