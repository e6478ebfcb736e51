package main

import (
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

// outputs are the reports that a command line asks for: the n-th --format for
// the n-th --out. A file without a format goes by its name, and a format
// without a file to the standard output.
type outputs struct {
	Format []string `placeholder:"FORMAT" sep:"none" complete:"html,json,text,junit,bench,jsonl,markdown,trace,csv" help:"Write this format: html, json, text, junit (XML for CI servers), bench (for benchstat), jsonl (JSON lines), markdown, trace (for ui.perfetto.dev) or csv. Goes with the --out at the same place, or to the standard output. May be given again."`
	Out    []string `placeholder:"FILE" sep:"none" help:"Write a report to this file; without a --format of its own its name says which: .html, .json, .txt, .xml, .bench, .jsonl, .md, .trace or .csv. May be given again."`
}

// formatOf are the formats by their names.
var formatOf = map[string]formats.Format{
	"html": html.Report, "json": reports.JSON, "junit": formats.JUnit, "bench": formats.Benchmark, "jsonl": formats.Lines,
	"markdown": formats.Markdown, "trace": formats.Trace, "csv": formats.CSV,
	"text": func(_ reports.Host, recs []*record.Recording) reports.Reporter { return reports.Text(recs) },
}

// wholly are the formats for programs, which have every round of a run that was
// repeated. The others show the typical ones.
var wholly = map[string]bool{"json": true, "jsonl": true, "bench": true, "csv": true}

// byExtension are the formats of files whose names say it.
var byExtension = map[string]string{
	".html": "html", ".htm": "html", ".json": "json", ".txt": "text", ".xml": "junit", ".bench": "bench", ".jsonl": "jsonl", ".md": "markdown",
	".trace": "trace", ".csv": "csv",
}

// An output is a format, and the file that it goes to; "" for the standard
// output.
type output struct{ format, file string }

// list pairs formats and files, and says everything that is wrong with them.
// The files of inputs must not be written to.
func (o outputs) list(inputs []string) ([]output, error) {
	var list []output
	var errs []error
	for i := range max(len(o.Format), len(o.Out)) {
		var out output
		if i < len(o.Out) {
			if out.file = o.Out[i]; out.file == "" {
				errs = append(errs, errors.New("--out: want a file, or - for the standard output"))
			}
		}
		if i < len(o.Format) {
			out.format = o.Format[i]
		} else if out.format = byExtension[strings.ToLower(filepath.Ext(out.file))]; out.format == "" && out.file != "" {
			errs = append(errs, fmt.Errorf("--out %s: its name says no format: want --format, or a name that ends with %s", out.file, oneOf(byExtension)))
		}
		if _, known := formatOf[out.format]; !known && out.format != "" {
			errs = append(errs, fmt.Errorf("--format %s: want %s", out.format, oneOf(formatOf)))
		}
		if out.file == "-" {
			out.file = ""
		}
		list = append(list, out)
	}
	return list, errors.Join(append(errs, apart(list, inputs)...)...)
}

// apart finds outputs that would overwrite one another or what is read, and
// files that cannot be written.
func apart(list []output, inputs []string) (errs []error) {
	taken := map[string]bool{}
	for _, in := range inputs {
		taken[filepath.Clean(in)] = true
	}
	printed := 0
	for _, out := range list {
		switch name := filepath.Clean(out.file); {
		case out.file == "":
			printed++
		case taken[name]:
			errs = append(errs, fmt.Errorf("--out %s: that file is read or written already: want another", out.file))
		default:
			taken[name] = !strings.HasPrefix(name, "/dev/")
			errs = append(errs, reports.Writable(out.file))
		}
	}
	if printed > 1 {
		errs = append(errs, fmt.Errorf("%d formats for the standard output: want an --out for each but one", printed))
	}
	return errs
}

// write writes the reports to their files, and the one of the standard output
// to it.
func write(list []output, host reports.Host, recs []*record.Recording, stdout io.Writer) error {
	var errs []error
	for _, out := range list {
		shown := recs
		if !wholly[out.format] {
			shown = summary.Typical(recs)
		}
		report := formatOf[out.format](host, shown)
		if out.file != "" {
			errs = append(errs, reports.WriteFile(out.file, report))
		} else if err := report(stdout); err != nil {
			errs = append(errs, unlessClosed(fmt.Errorf("standard output: %w", err)))
		}
	}
	return errors.Join(errs...)
}

// prints says whether any of them goes to the standard output.
func prints(list []output) bool {
	return slices.ContainsFunc(list, func(o output) bool { return o.file == "" })
}

func oneOf[V any](table map[string]V) string {
	names := slices.Sorted(maps.Keys(table))
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
