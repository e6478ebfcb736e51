package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
)

// Outputs are the reports that a command line asks for: the n-th --format for
// the n-th --out. A file without a format goes by its name, and a format
// without a file to the standard output.
type Outputs struct {
	Format []string `placeholder:"FORMAT" sep:"none" complete:"html,json,text,junit,bench,jsonl,markdown,annotations,codequality,trace,csv" help:"Write this format: html, json, text, junit (XML for CI servers), bench (for benchstat), jsonl (JSON lines), markdown, annotations (for GitHub Actions), codequality (for GitLab), trace (for ui.perfetto.dev) or csv. Goes with the --out at the same place, or to the standard output. May be given again."`
	Out    []string `placeholder:"FILE" sep:"none" help:"Write a report to this file; without a --format of its own its name says which: .html, .json, .txt, .xml, .bench, .jsonl, .md, .trace or .csv. A .gz or .zst after that compresses the file. May be given again."`
}

// Formats are the report formats by their names. It must not be changed.
var Formats = map[string]formats.Format{
	"html": html.Report, "json": reports.JSON, "junit": formats.JUnit, "bench": formats.Benchmark,
	"jsonl":    formats.Lines,
	"markdown": formats.Markdown, "annotations": formats.Annotations, "codequality": formats.CodeQuality,
	"trace": formats.Trace, "csv": formats.CSV,
	"text": func(_ reports.Host, recs []*record.Recording) reports.Reporter { return reports.Text(recs) },
}

// wholly are the formats for programs, which have every round of a run that was
// repeated. The others show the typical ones.
var wholly = map[string]bool{"json": true, "jsonl": true, "bench": true, "csv": true}

// ByExtension are the formats of files whose names say it.
var ByExtension = map[string]string{
	".html": "html", ".htm": "html", ".json": "json", ".txt": "text", ".xml": "junit", ".bench": "bench",
	".jsonl": "jsonl", ".md": "markdown",
	".trace": "trace", ".csv": "csv",
}

// FormatOf returns the format that a file's name says, "" if it says none.
func FormatOf(file string) string {
	return ByExtension[strings.ToLower(filepath.Ext(reports.Unpacked(file)))]
}

// An Output is a format, and the file that it goes to; "" for the standard
// output.
type Output struct{ Format, File string }

// List pairs formats and files, and says everything that is wrong with them.
// The files of inputs must not be written to.
func (o Outputs) List(inputs []string) ([]Output, error) {
	var list []Output
	var errs []error
	for i := range max(len(o.Format), len(o.Out)) {
		var out Output
		if i < len(o.Out) {
			if out.File = o.Out[i]; out.File == "" {
				errs = append(errs, errors.New("--out: want a file, or - for the standard output"))
			}
		}
		if i < len(o.Format) {
			out.Format = o.Format[i]
		} else if out.Format = FormatOf(out.File); out.Format == "" && out.File != "" {
			errs = append(errs, fmt.Errorf("cannot tell the format of --out %s: add --format, or use %s",
				out.File, oneOf(ByExtension)))
		}
		if _, known := Formats[out.Format]; !known && out.Format != "" {
			errs = append(errs, fmt.Errorf("--format %s: want %s", out.Format, oneOf(Formats)))
		}
		if out.File == "-" {
			out.File = ""
		}
		list = append(list, out)
	}
	return list, errors.Join(append(errs, Apart(list, inputs)...)...)
}

// Apart finds outputs that would overwrite one another or what is read, and
// files that cannot be written.
func Apart(list []Output, inputs []string) (errs []error) {
	taken := map[string]bool{}
	for _, in := range inputs {
		taken[filepath.Clean(in)] = true
	}
	printed := 0
	for _, out := range list {
		switch name := filepath.Clean(out.File); {
		case out.File == "":
			printed++
		case taken[name]:
			errs = append(errs, fmt.Errorf("--out %s: that file is read or written already: want another", out.File))
		default:
			taken[name] = !strings.HasPrefix(name, "/dev/")
			errs = append(errs, reports.Writable(out.File))
		}
	}
	if printed > 1 {
		errs = append(errs, fmt.Errorf("%d formats for the standard output: want an --out for each but one", printed))
	}
	return errs
}

// Write writes the reports to their files, and the one of the standard output
// to it.
func Write(ctx context.Context, list []Output, host reports.Host, recs []*record.Recording, stdout io.Writer) error {
	var errs []error
	for _, out := range list {
		shown := recs
		if !wholly[out.Format] {
			shown = summary.Typical(recs)
		}
		report := Formats[out.Format](host, shown)
		if out.File != "" {
			errs = append(errs, reports.WriteFile(out.File, StopReport(ctx, report)))
		} else if err := report(stdout); err != nil {
			errs = append(errs, UnlessClosed(fmt.Errorf("standard output: %w", err)))
		}
	}
	return errors.Join(errs...)
}

// Prints reports whether any of them goes to the standard output.
func Prints(list []Output) bool {
	return slices.ContainsFunc(list, func(o Output) bool { return o.File == "" })
}

// Printing reports whether a command line asks for a report on the standard
// output: a format without a file.
func (o Outputs) Printing() bool { return len(o.Format) > len(o.Out) || slices.Contains(o.Out, "-") }

// oneOf lists the keys of a table as a choice: "html, json or text".
func oneOf[V any](table map[string]V) string {
	names := slices.Sorted(maps.Keys(table))
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// ForPeople reports whether a format is read by those who want a verdict, and
// not by those who make their own.
func ForPeople(format string) bool {
	return slices.Contains([]string{"html", "text", "junit", "markdown"}, format)
}
