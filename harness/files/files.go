// Package files writes files whole or not at all, and says why one cannot be
// written:
//
//	err := files.Write("run.json", text)
//
// All functions may be called by any number of goroutines and processes at
// once; of two that write one file, the last stays.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// Write replaces the file at path with content in one step, as [WriteFunc]
// does.
func Write(path string, content []byte) error {
	return WriteFunc(path, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// WriteFunc replaces the file at path in one step: it has all that fill writes,
// or what it had before. Nothing is buffered. A file that is there keeps its
// permissions, and a link to it stays a link. A path that names a device or a
// pipe is written to directly. The error is as of [Explain].
func WriteFunc(path string, fill func(io.Writer) error) error {
	target, kind := resolve(path)
	if !kind.IsRegular() && !kind.IsDir() {
		// Renaming over /dev/stdout would be worse than half a file.
		return Explain(path, put(target, os.O_WRONLY, fill))
	}
	return Explain(path, replace(target, kind.Perm(), fill))
}

// New writes a file where there is none, with all of content or not at all. The
// error is [fs.ErrExist] where there is one, and else as of [Explain].
func New(path string, content []byte) error {
	err := put(path, create, func(w io.Writer) error { _, err := w.Write(content); return err })
	if err != nil && !errors.Is(err, fs.ErrExist) {
		_ = os.Remove(path) // half of it; the first error says more
	}
	return Explain(path, err)
}

// Writable returns the error with which [WriteFunc] would fail on the file at
// path as things stand, or nil. It leaves the file as it is. Call it before
// long work, so that its result is not lost at the end.
func Writable(path string) error {
	target, kind := resolve(path)
	switch {
	case kind.IsDir():
		return Explain(path, syscall.EISDIR)
	case !kind.IsRegular():
		return nil // a pipe would wait for its reader
	}
	beside := nameBeside(target)
	if err := put(beside, create, func(io.Writer) error { return nil }); err != nil {
		return Explain(path, err)
	}
	return Explain(path, os.Remove(beside))
}

// Explain says what is wrong with the file or the folder at path: in place of
// the file that err names, and with the size of the disk where that is full. A
// nil err stays nil. The result wraps the reason.
func Explain(path string, err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	if u, ok := errors.AsType[*unwritten](err); ok {
		err = u.reason
	}
	u := &unwritten{path: path, reason: err}
	for _, f := range fulls {
		if errors.Is(err, f.err) {
			u.room = ": " + f.numbers(folderOf(path)) + ": " + f.remedy
		}
	}
	return u
}

// An unwritten file is the error of one.
type unwritten struct {
	path   string
	reason error
	room   string // with what is to be done; "" where the disk is not full
}

func (u *unwritten) Error() string { return u.path + ": " + u.reason.Error() + u.room }

func (u *unwritten) Unwrap() error { return u.reason }

func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

// TempDir makes a folder for temporary files of this process. Its name begins
// with the program and says what for. The caller removes it.
func TempDir(what string) (string, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("teapot-%s-%d-", what, os.Getpid()))
	return dir, Explain(os.TempDir(), err)
}

const create = os.O_WRONLY | os.O_CREATE | os.O_EXCL

// resolve follows links, so that the file is replaced and not the link to it,
// and says what is there; what is not there will be a file.
func resolve(path string) (target string, kind fs.FileMode) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil {
		kind = info.Mode()
	}
	return path, kind
}

// nameBeside names a file in the same folder that programs that look for files
// there pass over. os.CreateTemp would make it readable by its owner alone,
// whatever the umask says.
func nameBeside(path string) string {
	return filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%08x.tmp", filepath.Base(path), rand.Uint32()))
}

// replace writes a file beside the one at path and renames it, with the
// permissions given, if any.
func replace(path string, keep fs.FileMode, fill func(io.Writer) error) error {
	beside := nameBeside(path)
	defer os.Remove(beside) // fails when all went well: it has been renamed
	if err := put(beside, create, fill); err != nil {
		return err
	}
	if keep != 0 {
		if err := os.Chmod(beside, keep); err != nil {
			return err
		}
	}
	return os.Rename(beside, path)
}

// put opens the file, fills and closes it; the first error counts.
func put(path string, flag int, fill func(io.Writer) error) (err error) {
	f, err := os.OpenFile(path, flag, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return fill(f)
}
