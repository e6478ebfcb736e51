package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/summary"
)

type reportCommand struct {
	Paths []string `arg:"" name:"recording" help:"A file that teapot run has written with --json, or - for the standard input."`
	outputs
}

// Help is what teapot report --help says besides.
func (reportCommand) Help() string {
	return `Examples:

  teapot report old.json new.json                      a table of both on the terminal
  teapot report run.json --out report.html             the page
  teapot report run.json --out junit.xml --out pr.md   several at once
  teapot report run*.json --format bench | benchstat /dev/stdin`
}

// Run makes reports of recordings: text on the standard output, if nothing else
// is asked for.
func (c *reportCommand) Run(to *console) error {
	if len(c.Format) == 0 && len(c.Out) == 0 {
		c.Format = []string{"text"}
	}
	list, wrong := c.list(c.Paths)
	host, recs, err := readAll(c.Paths, to)
	if err := errors.Join(wrong, err); err != nil {
		return err
	}
	if shown := len(summary.Typical(recs)); shown < len(recs) {
		fmt.Fprintf(to.stderr, "teapot: of %s that were repeated, reports for people show %d: the median by makespan, and all with a violation\n", plural(len(recs), "run"), shown)
	}
	return write(list, host, recs, to.stdout)
}

// readAll reads the recordings of all files, of which the first names the host.
func readAll(paths []string, to *console) (host reports.Host, recs []*record.Recording, err error) {
	var errs []error
	hosts := map[reports.Host]bool{}
	for i, path := range paths {
		h, some, err := readRecordings(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if i == 0 {
			host = h
		}
		h.Started = host.Started
		hosts[h] = true
		recs = append(recs, some...)
	}
	if len(hosts) > 1 && errs == nil {
		fmt.Fprintf(to.stderr, "teapot: the recordings are of different hosts, and the report names that of %s\n", paths[0])
	}
	return host, recs, errors.Join(errs...)
}

func readRecordings(path string) (reports.Host, []*record.Recording, error) {
	var from io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return reports.Host{}, nil, fmt.Errorf("%w: want a file that teapot run has written with --json", err)
		}
		defer f.Close()
		from = f
	}
	host, recs, err := reports.Read(from)
	if err != nil {
		return host, nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(recs) == 0 { // a report of nothing would look like one of success
		return host, nil, fmt.Errorf("%s: holds no run: want a recording of one at least", path)
	}
	return host, recs, nil
}
