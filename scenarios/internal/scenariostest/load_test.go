package scenarios_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// folder is a file system of scenario files.
func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, source := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(source)}
	}
	return fsys
}

func named(name string) string { return strings.Replace(small, "small", name, 1) }

func TestLoadFolder(t *testing.T) {
	fsys := folder(map[string]string{
		"b.yaml": named("second"), "a.yml": named("first"), "c.yaml": named("third"),
		"notes.txt": "no scenario", "README.md": "none either", "deeper/d.yaml": "not looked at",
		"e.yaml/f.yaml": "a folder, whatever its name",
		".b.yaml":       "a copy", "._b.yaml": "what macOS adds", ".#b.yaml": "a lock", ".git/b.yaml": "a folder",
	})
	loaded, err := scenarios.Vocabulary{}.Load(fsys, ".", "here")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range loaded {
		got = append(got, s.Name+" "+s.File())
	}
	if got, want := strings.Join(got, ", "), "first here/a.yml, second here/b.yaml, third here/c.yaml"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestLoadHidden loads a file whose name begins with a dot where it is asked
// for.
func TestLoadHidden(t *testing.T) {
	loaded, err := scenarios.Vocabulary{}.Load(folder(map[string]string{".a.yaml": small}), ".a.yaml", "here")
	if err != nil || len(loaded) != 1 || loaded[0].File() != "here/.a.yaml" {
		t.Errorf("got %v and %v", loaded, err)
	}
}

// A watched file system counts the files that it opens.
type watched struct {
	fstest.MapFS
	opened *int
}

func (w watched) Open(name string) (fs.File, error) {
	if name != "." {
		*w.opened++
	}
	return w.MapFS.Open(name)
}

// TestLoadIrregular wants files that are not regular to be rejected unopened:
// to open a named pipe takes for ever, if no program writes to it.
func TestLoadIrregular(t *testing.T) {
	for _, mode := range []fs.FileMode{
		fs.ModeNamedPipe, fs.ModeSocket, fs.ModeDevice, fs.ModeCharDevice | fs.ModeDevice, fs.ModeIrregular,
	} {
		for _, name := range []string{".", "a.yaml"} {
			opened := 0
			files := watched{fstest.MapFS{"a.yaml": {Data: []byte(small), Mode: mode | 0o600}}, &opened}
			_, err := scenarios.Vocabulary{}.Load(files, name, "here")
			if want := "here/a.yaml: not a regular file: want a file that contains a scenario"; err == nil ||
				err.Error() != want || opened > 0 {
				t.Errorf("%v: got %v and %d files opened, want %s", mode, err, opened, want)
			}
		}
	}
}

func TestLoadFile(t *testing.T) {
	loaded, err := scenarios.Vocabulary{}.Load(folder(map[string]string{"in/a.yaml": small, "in/b.yaml": "broken"}),
		"in/a.yaml", ".")
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded) != 1 || loaded[0].File() != "in/a.yaml" {
		t.Errorf("got %d, the first of %s", len(loaded), loaded[0].File())
	}
}

// TestLoadMistakes reports what is wrong in every file, and what is wrong only
// with all of them together.
func TestLoadMistakes(t *testing.T) {
	fsys := folder(map[string]string{
		"a.yaml": named("same"),
		"b.yaml": strings.Replace(named("other"), "kind: pool", "kind: pol", 1),
		"c.yaml": "# again\n" + named("same"),
		"d.yaml": "",
	})
	loaded, err := scenarios.Vocabulary{}.Load(fsys, ".", "here")
	if _, ok := errors.AsType[strict.Mistakes](err); !ok || loaded != nil {
		t.Fatalf("got %d scenarios and %T", len(loaded), err)
	}
	want := `here/b.yaml:4:12: executors[0].kind: "pol": want async, cluster, own, pool, process or sequential (did you mean pool?)
    4 |   - {kind: pol, workers: 2}
      |            ^
here/d.yaml:1:1: the file contains no scenario: want a mapping with the keys name, about, seed, clock, interleave, deadline, server, workload, executors, find, expect, hunt, vary
here/c.yaml:2:1: name: "same" is already the name of here/a.yaml: want another name
    2 | name: same
      | ^`
	if got := err.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A broken file system opens its files, and then fails.
type broken struct {
	fs.FS
	read, open error
}

func (b broken) Open(name string) (fs.File, error) {
	f, err := b.FS.Open(name)
	if name == "." || err != nil {
		return f, err
	}
	return brokenFile{f, b.read}, b.open
}

type brokenFile struct {
	fs.File
	err error
}

func (f brokenFile) Read(p []byte) (int, error) { return copy(p, "name: half"), f.err }

// TestLoadFails returns the file system's error, with the file that it is
// about.
func TestLoadFails(t *testing.T) {
	files := folder(map[string]string{"a.yaml": small})
	cut := errors.New("the cable is cut")
	for name, test := range map[string]struct {
		fsys  fs.FS
		name  string
		cause error
		about string
	}{
		"missing file":   {files, "b.yaml", fs.ErrNotExist, "b.yaml"},
		"missing folder": {files, "b", fs.ErrNotExist, "b"},
		"unreadable": {
			broken{FS: files, open: &fs.PathError{Op: "open", Path: "a.yaml", Err: fs.ErrPermission}},
			".", fs.ErrPermission, "a.yaml",
		},
		"fails in a read": {broken{FS: files, read: cut}, ".", cut, "here/a.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := scenarios.Vocabulary{}.Load(test.fsys, test.name, "here")
			if !errors.Is(err, test.cause) || loaded != nil {
				t.Fatalf("got %v and %v, want %v", loaded, err, test.cause)
			}
			if !strings.Contains(err.Error(), test.about) {
				t.Errorf("%q does not name %s", err, test.about)
			}
			if _, ok := errors.AsType[strict.Mistakes](err); ok {
				t.Error("a failure to read is no mistake in the file")
			}
		})
	}
}

func TestLoadNothing(t *testing.T) {
	files := folder(map[string]string{"in/notes.txt": "", "in/.a.yaml": ""})
	_, err := scenarios.Vocabulary{}.Load(files, "in", "here")
	want := "here/in: no scenario in this folder: want *.yaml or *.yml files, whose names do not begin with a dot"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
