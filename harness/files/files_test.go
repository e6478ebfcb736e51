package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ways are the two that put content into a file.
var ways = map[string]func(path string, content string) error{
	"Write": func(path, content string) error { return Write(path, []byte(content)) },
	"New":   func(path, content string) error { return New(path, []byte(content)) },
}

// TestWays holds both to what they share: all of it, nothing beside it, and an
// error that names the path as given.
func TestWays(t *testing.T) {
	for name, write := range ways {
		dir := t.TempDir()
		file := filepath.Join(dir, "a.txt")
		if err := write(file, "all"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(file); string(got) != "all" {
			t.Errorf("%s: got %q, want all", name, got)
		}
		for path, want := range map[string]error{
			filepath.Join(dir, "none", "b.txt"): syscall.ENOENT,
			filepath.Join(file, "b.txt"):        syscall.ENOTDIR,
		} {
			err := write(path, "all")
			if !errors.Is(err, want) || err.Error() != path+": "+want.Error() {
				t.Errorf("%s: got error %v, want %s: %v", name, err, path, want)
			}
		}
		if left, _ := os.ReadDir(dir); len(left) != 1 {
			t.Errorf("%s: left %v, want one file", name, left)
		}
	}
}

// TestNew leaves what is there.
func TestNew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.txt")
	if err := errors.Join(New(file, []byte("mine")), os.Chmod(file, 0o400)); err != nil {
		t.Fatal(err)
	}
	if err := New(file, []byte("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got error %v, want %v", err, fs.ErrExist)
	}
	if got, _ := os.ReadFile(file); string(got) != "mine" {
		t.Errorf("got %q, want what was there", got)
	}
}

// TestReplace keeps what a file has beside its content, and its content where
// the new one fails.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "a.txt"), filepath.Join(dir, "link.txt")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o640), os.Symlink("a.txt", link)); err != nil {
		t.Skip(err)
	}
	half := errors.New("half")
	err := WriteFunc(link, func(w io.Writer) error { _, _ = io.WriteString(w, "ne"); return half })
	if got, _ := os.ReadFile(file); string(got) != "old" || !errors.Is(err, half) {
		t.Errorf("got %q and error %v, want old and %v", got, err, half)
	}
	if err := Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "new" {
		t.Errorf("got %q, want new in the file that the link leads to", got)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("got %v, %v, want its permissions kept", info.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("got %v, want a file and a link", left)
	}
	if err := Write(dir, nil); err == nil || !errors.Is(Writable(dir), syscall.EISDIR) {
		t.Errorf("got error %v, want a folder refused", err)
	}
}

// TestWritable says beforehand what would come, and leaves no trace.
func TestWritable(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]error{
		filepath.Join(dir, "a.txt"):         nil,
		filepath.Join(dir, "none", "a.txt"): fs.ErrNotExist,
		os.DevNull:                          nil,
	} {
		if err := Writable(path); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", path, err, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// TestFull says of each way of having no room how much there is and what helps,
// in the same words for every file of a folder.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	for _, f := range fulls {
		err := Explain(filepath.Join(dir, "a.txt"), &fs.PathError{Op: "write", Path: "b.tmp", Err: f.err})
		want := filepath.Join(dir, "a.txt") + ": " + f.err.Error() + ": " + f.numbers(dir) + ": " + f.remedy
		if err.Error() != want || !errors.Is(err, f.err) {
			t.Errorf("got %v, want %s", err, want)
		}
		if of := Explain(dir, err); of.Error() != dir+strings.TrimPrefix(want, filepath.Join(dir, "a.txt")) {
			t.Errorf("got %v, want the same of the folder", of)
		}
	}
	if err := Explain(dir, fs.ErrExist); err.Error() != dir+": "+fs.ErrExist.Error() {
		t.Errorf("got %v, want no word on the disk", err)
	}
	if Explain(dir, nil) != nil {
		t.Error("an error of nothing")
	}
}

// TestFullDevice meets a device of Linux that has no room.
func TestFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	err := Write("/dev/full", []byte("x"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
		t.Errorf("got error %v, want %v and what helps", err, syscall.ENOSPC)
	}
}

func TestTempDir(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir, err := TempDir("case")
	if err != nil || filepath.Dir(dir) != filepath.Clean(os.TempDir()) {
		t.Errorf("got %s, %v", dir, err)
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	_, err = TempDir("case")
	if !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), os.TempDir()+": ") {
		t.Errorf("got error %v, want the folder for temporary files named", err)
	}
}

func TestAmount(t *testing.T) {
	for bytes, want := range map[uint64]string{
		0: "0 bytes", 9999: "9999 bytes", 24576: "24 kB", 41e9: "41 GB", 1 << 63: "9223 PB",
	} {
		if got := amount(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
}
