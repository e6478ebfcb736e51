package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios"
)

// Load reads the scenarios of every path, and reports the mistakes of all of
// them.
func (c *Console) Load(paths []string) ([]*scenarios.Scenario, error) {
	var loaded []*scenarios.Scenario
	var errs []error
	seen := map[string]bool{}
	names := map[string]string{}
	for _, path := range paths {
		if path == "-" && seen["-"] {
			continue
		}
		some, err := c.loadPath(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, s := range some {
			if seen[s.File()] {
				continue // the path was given twice, or its folder too
			}
			seen[s.File()] = true
			if other, taken := names[s.Name]; taken {
				errs = append(errs, fmt.Errorf("%s: the name %q is the name of %s already", s.File(), s.Name, other))
			}
			names[s.Name] = s.File()
			loaded = append(loaded, s)
		}
	}
	return loaded, errors.Join(errs...)
}

// loadPath reads the scenarios of one path.
func (c *Console) loadPath(path string) ([]*scenarios.Scenario, error) {
	if path == "-" {
		text, err := io.ReadAll(c.Stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		s, mistakes := c.Vocabulary.Parse("-", text)
		if len(mistakes) > 0 {
			return nil, mistakes
		}
		return []*scenarios.Scenario{s}, nil
	}
	root, name, err := split(path)
	if err != nil {
		return nil, err
	}
	loaded, err := c.Vocabulary.Load(os.DirFS(root), name, filepath.ToSlash(root))
	if err != nil {
		return nil, rooted(err, root)
	}
	return loaded, nil
}

// LoadServer reads a scenario of which only the server is wanted, which may
// leave out the name, the workload and the executors.
func (c *Console) LoadServer(path string) (*scenarios.Scenario, error) {
	in, file := c.Stdin, path
	if path != "-" {
		opened, err := c.Open(path, "the file of one scenario")
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in, file = opened, filepath.ToSlash(filepath.Clean(path))
	}
	source, err := io.ReadAll(in)
	if err != nil {
		return nil, withoutCall(err)
	}
	s, mistakes := c.Vocabulary.ParseServer(file, source)
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return s, nil
}

// Open opens a file to read it. It rejects a folder. It rejects named pipes and
// devices without opening them, because that can take for ever, unless the path
// names a file that the program has open already: that of <(command) in a
// shell, say. want is what errors ask for.
func (*Console) Open(path, want string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: want %s", withoutCall(err), want)
	case info.IsDir():
		return nil, fmt.Errorf("%s: it is a folder: want %s", path, want)
	case !info.Mode().IsRegular() && !descriptor(path):
		return nil, fmt.Errorf("%s: not a regular file: want %s", path, want)
	}
	file, err := os.Open(path)
	return file, withoutCall(err)
}

// descriptor reports whether a path names one of the program's open files.
func descriptor(path string) bool {
	path = filepath.Clean(path)
	return path == "/dev/stdin" || slices.Contains([]string{"/dev/fd", "/proc/self/fd"}, filepath.Dir(path))
}

// withoutCall returns an error about a file without the name of the system call
// that failed.
func withoutCall(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// split turns a path into a folder and a name in it.
func split(path string) (root, name string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", "", fmt.Errorf("%w: want a scenario file, a folder of them, or - for the standard input",
			withoutCall(err))
	}
	path = filepath.Clean(path)
	switch {
	case info.IsDir():
		return path, ".", nil
	case !info.Mode().IsRegular():
		return "", "", fmt.Errorf("%s: neither a file nor a folder: want a scenario file, a folder of them, or - "+
			"for the standard input", path)
	}
	return filepath.Dir(path), filepath.Base(path), nil
}

// rooted gives an error about a file in a folder the file's whole path.
func rooted(err error, root string) error {
	if at := new(fs.PathError); errors.As(err, &at) {
		return &fs.PathError{Op: at.Op, Path: filepath.Join(root, at.Path), Err: at.Err}
	}
	return err
}

// Cases lists what the scenarios stand for: all of it, or what the names of
// --only pick, which are those of scenarios and of single runs of them.
func Cases(loaded []*scenarios.Scenario, names []string) ([]scenarios.Case, error) {
	var all []scenarios.Case
	for _, s := range loaded {
		all = append(all, s.Cases()...)
	}
	if len(names) == 0 {
		return all, nil
	}
	matches := func(k scenarios.Case, name string) bool {
		return k.Name() == name || strings.HasPrefix(k.Name(), name+"/")
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(k scenarios.Case) bool { return matches(k, name) }) {
			var known []string
			for _, k := range all {
				known = append(known, k.Name())
			}
			return nil, fmt.Errorf("--only %s: want a scenario or one of its runs: %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(k scenarios.Case) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return matches(k, name) })
	}), nil
}
