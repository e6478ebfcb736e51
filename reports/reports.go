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
	"fmt"
	"io"

	"github.com/teapot-go/teapot/harness/files"
)

// A Reporter writes one report. It can be called any number of times and writes
// the same bytes each time.
type Reporter func(io.Writer) error

// WriteFile writes the report r to the file at path, replacing it in one step:
// the file holds all of the report, or what it held before. A path that names a
// device or a pipe is written to directly. One that ends in .gz or .zst is
// compressed. An error names the path.
func WriteFile(path string, r Reporter) error { return about(files.WriteFunc(path, packed(path, r))) }

// Writable returns the error with which WriteFile would fail on the file at
// path, or nil. It leaves the file as it is. Call it before a long run, so that
// the run is not lost at its end.
func Writable(path string) error { return about(files.Writable(path)) }

func about(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("report %w", err)
}
