package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/trace"
	"github.com/teapot-go/teapot/reports"
)

type traceCommand struct {
	Files []string `arg:"" name:"file" help:"Access logs, HAR files, JSON lines or CSV, also compressed with gzip; - for the standard input."`

	Output string       `short:"o" placeholder:"FILE" help:"Write the trace to this file: JSON lines if its name ends in .jsonl, and else CSV; a .gz or .zst after that compresses it. The default is CSV to the standard output."`
	From   *trace.Bound `placeholder:"TIME" help:"Begin the trace here: a time such as 2026-11-29T01:02:03Z, or an offset from the first request such as 10m."`
	Until  *trace.Bound `placeholder:"TIME" help:"Leave out the requests from here on, as --from states it."`
	Speed  string       `default:"1x" placeholder:"N" want:"a number from 0.001 to 1000000, such as 2x" help:"Make the trace this many times faster than the log, such as 2x or 0.5x (${default})."`
	Host   string       `placeholder:"HOST" help:"Keep the requests to this host alone. The default is all of a log, and the host with the most requests of a HAR file."`
	Time   string       `placeholder:"NAME" help:"The column of CSV, or the field of JSON lines, that has the times. The default goes by the names that are usual, such as at and timestamp."`
	Key    string       `placeholder:"NAME" help:"The column or the field that has the keys. The default goes by the names that are usual, such as key and path. It may be missing."`
}

// Help returns what teapot trace --help prints below the options.
func (traceCommand) Help() string {
	return `It prints the times of the requests, from the first one, and their paths and queries as keys. A scenario repeats them with arrivals: {trace: FILE}. Several files become one trace, in the order of time.

Each line that cannot be read is named, with what is accepted. More than one such line in a hundred are an error. What else is left out is counted. The lines of an access log have whole seconds, so the requests of a second arrive at once.

Examples:

  teapot trace access.log > arrivals.csv                            from an access log, Combined or Common
  teapot trace access.log.1.gz access.log -o arrivals.csv           from two files, of which one is compressed
  teapot trace site.har --host shop.example --speed 2x              one host of a HAR file, twice as fast
  teapot trace app.jsonl --time received --key route                from JSON lines, with fields of your own
  teapot trace - --from 10m --until 20m                             ten minutes of the standard input`
}

const maxNamed = 20 // lines that cannot be read

// Run prints the trace.
func (c *traceCommand) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, func(to *cli.Console) error { return c.trace(ctx, to) })
}

func (c *traceCommand) trace(ctx context.Context, to *cli.Console) error {
	speed, err := strconv.ParseFloat(strings.TrimSuffix(c.Speed, "x"), 64)
	if err != nil || !(speed >= 1e-3 && speed <= 1e6) {
		return fmt.Errorf("--speed %s: want a number from 0.001 to 1000000, such as 2x", c.Speed)
	}
	t := trace.Trace{Options: trace.Options{
		Time: c.Time, Key: c.Key, Host: c.Host, Speed: speed,
		Lines: slices.Contains([]string{".jsonl", ".ndjson"}, filepath.Ext(reports.Unpacked(c.Output))),
	}}
	if c.From != nil {
		t.From = *c.From
	}
	if c.Until != nil {
		t.Until = *c.Until
	}
	for _, file := range c.Files {
		if err := readLog(to, &t, file); err != nil {
			return err
		}
	}
	for _, o := range []struct{ option, name string }{{"time", c.Time}, {"key", c.Key}} {
		if o.name != "" && !t.Named() {
			return fmt.Errorf("--%s %s: no file is CSV or JSON lines: remove it", o.option, o.name)
		}
	}
	if t.Broken() {
		return errors.Join(append(named(t.Bad), t.TooMany())...)
	}
	for _, err := range named(t.Bad) {
		to.Notef("%v", err)
	}
	var text bytes.Buffer
	n, err := t.Write(&text)
	if err != nil {
		return err
	}
	if t.WholeSeconds() {
		to.Notef("an access log has whole seconds: the requests of a second arrive at once")
	}
	if left := t.Omitted(); left != "" {
		to.Notef("%s in the trace; left out: %s", cli.Plural(n, "request"), left)
	}
	if c.Output != "" {
		return reports.WriteFile(c.Output, cli.StopReport(ctx, func(w io.Writer) error {
			_, err := text.WriteTo(w)
			return err
		}))
	}
	_, err = text.WriteTo(to.Stdout)
	return cli.UnlessClosed(err)
}

// readLog reads a file, or the standard input.
func readLog(to *cli.Console, t *trace.Trace, file string) error {
	if file == "-" {
		return t.Read("standard input", to.Stdin)
	}
	in, err := to.Open(file, "an access log, JSON lines, CSV or a HAR file")
	if err != nil {
		return err
	}
	defer in.Close()
	return t.Read(file, io.Reader(in))
}

// named returns the first errors of a list, and one that counts the others.
func named(bad []error) []error {
	if len(bad) <= maxNamed {
		return bad
	}
	return append(slices.Clip(bad[:maxNamed]), fmt.Errorf("and %d more that cannot be read", len(bad)-maxNamed))
}
