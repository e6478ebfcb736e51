package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/trend"
)

// Trend is the command line of teapot trend.
type Trend struct {
	Paths     []string `arg:"" name:"path" help:"A recording, as run --json writes it, a folder of them, with its subfolders, or - for the standard input."`
	Format    string   `enum:",text,json,html" default:"" placeholder:"FORMAT" help:"How to show the trend: text, json, or html, a page with every history in pictures. The default is what the name of the --out says, or text."`
	Out       string   `placeholder:"FILE" help:"Write it here instead of printing it."`
	Last      *int     `placeholder:"N" want:"1 or more" help:"Use only the last N recordings. The default is all of them."`
	Tolerance share    `default:"5%" placeholder:"SHARE" want:"a share above 0% and below 100%, like 5% or 0.05" help:"By how much a level may change under the real clock and be the same (${default})."`
}

// Help returns what teapot trend --help prints below the options.
func (Trend) Help() string {
	return `Examples:

  teapot run scenarios --json history/1.json     then one recording for each commit
  teapot trend history                           exit status 1 if anything became worse and was not made good, 3 if there are too few recordings
  teapot trend history --out trend.html          a page
  teapot trend history --last 100                of the last hundred recordings

Recordings are ordered by the time at which they began, and name the commit that a CI server tested.`
}

// Run shows the trend. What became worse, and was not made good since, is a
// failure. If no history has enough recordings, nothing is known.
func (c *Trend) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, func(to *cli.Console) error { return c.trend(ctx, to) })
}

func (c *Trend) trend(ctx context.Context, to *cli.Console) error {
	if c.Last != nil && *c.Last < 1 {
		return fmt.Errorf("--last %d: want 1 or more", *c.Last)
	}
	files, err := c.inputs(to)
	if err != nil {
		return err
	}
	if c.Out != "" && c.Out != "-" {
		if err := errors.Join(cli.Apart([]cli.Output{{File: c.Out}}, files)...); err != nil {
			return err
		}
	}
	entries, err := measured(ctx, to, files)
	if err != nil {
		return err
	}
	if c.Last != nil {
		entries = trend.Latest(entries, *c.Last)
	}
	found := trend.Of(entries, trend.Rule{Tolerance: float64(c.Tolerance)})
	if err := c.write(ctx, to, found); err != nil {
		return err
	}
	switch {
	case found.Failed():
		return cli.Verdict(cli.StatusViolated)
	case found.Unknown():
		return cli.Verdict(cli.StatusUnknown)
	}
	return nil
}

// measured reads the files, one after another: of each only its figures stay in
// memory.
func measured(ctx context.Context, to *cli.Console, files []string) ([]trend.Entry, error) {
	var entries []trend.Entry
	var errs []error
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		host, recs, err := to.ReadRecordings(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		entries = append(entries, trend.Measure(file, host, recs))
	}
	return entries, errors.Join(errs...)
}

// inputs lists the files of all paths, each once.
func (c *Trend) inputs(to *cli.Console) ([]string, error) {
	var files []string
	var errs []error
	for _, path := range c.Paths {
		some, err := filesOf(to, path)
		if err != nil {
			errs = append(errs, err)
		}
		files = append(files, some...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var once []string
	seen := map[string]bool{}
	for _, file := range files {
		if key := filepath.Clean(file); !seen[key] {
			seen[key] = true
			once = append(once, file)
		}
	}
	return once, nil
}

// filesOf returns the recordings of a path: of a folder those whose names are
// of JSON, and which begin as a recording. It says how many others there are.
func filesOf(to *cli.Console, path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, nil // reading it says what is wrong
	}
	var files []string
	others := 0
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || cli.FormatOf(name) != "json" {
			return err
		}
		is, err := isRecording(name)
		switch {
		case err != nil:
			return err
		case is:
			files = append(files, name)
		default:
			others++
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: holds no recording: want files that teapot run has written with --json", path)
	}
	if err == nil && others > 0 {
		to.Notef("%s: %s of JSON that are no recordings are left out", path, cli.Plural(others, "file"))
	}
	slices.Sort(files)
	return files, err
}

// isRecording reports whether a file may be a recording, as its beginning has
// it. What only looks like one is an error of those who read it.
func isRecording(name string) (bool, error) {
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return reports.Begins(f), nil
}

func (c *Trend) write(ctx context.Context, to *cli.Console, found trend.Trend) error {
	file := c.Out
	if file == "-" {
		file = ""
	}
	report := trend.JSON(found)
	switch cmp.Or(c.Format, trendFormat(file)) {
	case "html":
		report = html.Trend(found)
	case "text":
		width := 0
		if file == "" {
			width = to.Screen().Width
		}
		report = trend.Text(found, width)
	}
	if file != "" {
		return reports.WriteFile(file, cli.StopReport(ctx, report))
	}
	return cli.UnlessClosed(report(to.Stdout))
}

// trendFormat returns the format of a trend that a file's name stands for, or
// text.
func trendFormat(file string) string {
	if format := cli.FormatOf(file); format == "html" || format == "json" {
		return format
	}
	return "text"
}
