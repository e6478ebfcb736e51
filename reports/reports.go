// Package reports shows recordings: as text for a terminal, as JSON for
// programs; package html makes one HTML file for people.
//
// A report is a [Reporter], a function that writes itself to any writer;
// [WriteFile] puts one into a file, whole or not at all:
//
//	err := reports.WriteFile("report.html", html.Report(host, recordings))
//
// Every report judges nothing: it shows the violations that the recordings
// carry. Equal recordings and an equal host make equal bytes. Names, keys and
// errors may hold anything, since a server under test may have made them: a
// report shows markup as text, escapes control characters and cuts what is too
// long to read.
//
// [Read] reads what [JSON] wrote, so every report can be made later from a
// recording on disk. The JSON is described by recording.schema.json in this
// package's folder.
package reports

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
)

// A Reporter writes one report. It can be called any number of times and writes
// the same bytes each time.
type Reporter func(io.Writer) error

// WriteFile writes the report r to the file at path, replacing it in one step:
// the file holds all of the report, or what it held before. A path that names a
// device or a pipe is written to directly. One that ends in .gz or .zst is
// compressed. An error names the path.
func WriteFile(path string, r Reporter) error { return about(path, writeFile(path, packed(path, r))) }

// Writable returns the error with which WriteFile would fail on the file at
// path, or nil. It leaves the file as it is. Call it before a long run, so that
// the run is not lost at its end.
func Writable(path string) error {
	target, kind := resolve(path)
	switch {
	case kind.IsDir():
		return about(path, syscall.EISDIR)
	case !kind.IsRegular():
		return nil // a pipe would wait for its reader
	}
	beside := tempName(target)
	if err := fill(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, func(io.Writer) error { return nil }); err != nil {
		return about(path, err)
	}
	return about(path, os.Remove(beside))
}

// about is an error of a report, with the path that the user gave in place of
// the one that was tried.
func about(path string, err error) error {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	return fmt.Errorf("report %s: %w", path, err)
}

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

// tempName returns a file name in the same folder. os.CreateTemp would make it
// readable by its owner alone, whatever the umask says.
func tempName(path string) string { return fmt.Sprintf("%s.%08x.tmp", path, rand.Uint32()) }

func writeFile(path string, r Reporter) error {
	path, kind := resolve(path)
	if !kind.IsRegular() && !kind.IsDir() {
		return fill(path, os.O_WRONLY, r) // renaming over /dev/stdout would be worse than half a report
	}
	beside := tempName(path)
	defer os.Remove(beside) // fails when all went well: it has been renamed
	if err := fill(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, r); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// fill opens the file, writes the report and closes it; the first error counts.
func fill(path string, flag int, r Reporter) (err error) {
	f, err := os.OpenFile(path, flag, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return buffered(f, r)
}

// buffered runs r on a buffer in front of w.
func buffered(w io.Writer, r Reporter) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := r(b); err != nil {
		return err
	}
	return b.Flush()
}
