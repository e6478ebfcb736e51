package command

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/learn"
)

type learnCommand struct {
	File string `arg:"" name:"file" help:"An access log, JSON lines, a HAR file, or what /journal of a server answers, also compressed with gzip; - for the standard input."`

	Fields string `placeholder:"LIST" help:"Where things are, such as time=2 for the second field after the user agent of an access log, time=rt for a field rt=0.003, or path=uri,time=ms for the fields of JSON lines: any of method, path, request, status, time and host. A dot leads into an object. The default goes by the names that are usual."`
	Unit   string `enum:",s,ms,us,ns" default:"" placeholder:"UNIT" help:"Take times that are numbers for s, ms, us or ns. The default is s with a decimal point and us without in access logs, and goes by the name of the field in JSON lines."`
	Host   string `placeholder:"HOST" help:"Learn from the requests to this host alone, with its port or without. The default is all of a log, and the host with the most requests of a HAR file."`
	Routes int    `default:"20" placeholder:"N" want:"0 to 200" help:"Tell this many routes apart, those with the most requests, and merge the others (${default})."`
	Points int    `default:"100" placeholder:"N" want:"1 to 10000" help:"State each distribution of latencies by this many quantiles (${default})."`
	Tasks  int    `default:"100" placeholder:"N" want:"1 to 5000" help:"Have a workload of this many of the GETs (${default})."`
}

// Help returns what teapot learn --help prints below the options.
func (learnCommand) Help() string {
	return `It prints a scenario whose server is as late and fails as often as the service was, route by route, and says from how many requests each figure comes. Parts of paths that look like the name or the number of a thing are one route. The paths of the file are in the scenario, the queries are not.

In an access log it needs a time: add $request_time to nginx's log_format, or %D to Apache's LogFormat, after the user agent.

Examples:

  teapot learn access.log > learned.yaml                      from an access log
  teapot learn access.log.1.gz --routes 5                     tell five routes apart
  teapot learn apache.log --fields time=2 --unit ms           the second field after the user agent, in milliseconds
  teapot learn app.jsonl --fields time=took --unit ms         from JSON lines, with a field of your own
  teapot learn site.har --host shop.example                   one host of what a browser has recorded
  teapot learn - --tasks 500                                  from the standard input, with a larger workload`
}

// Run prints the scenario.
func (c *learnCommand) Run(ctx context.Context, to *cli.Console) error {
	return cli.UntilDone(ctx, to, c.learn)
}

func (c *learnCommand) learn(to *cli.Console) error {
	o := learn.Options{
		File: c.File, Unit: c.Unit, Host: c.Host, Routes: c.Routes, Points: c.Points, Tasks: c.Tasks,
		Fields: map[string]string{},
	}
	for _, n := range []struct {
		option           string
		value, low, high int
	}{{"routes", c.Routes, 0, 200}, {"points", c.Points, 1, 10_000}, {"tasks", c.Tasks, 1, 5_000}} {
		if n.value < n.low || n.value > n.high {
			return fmt.Errorf("--%s %d: want %d to %d", n.option, n.value, n.low, n.high)
		}
	}
	if c.Fields != "" {
		for part := range strings.SplitSeq(c.Fields, ",") {
			what, name, _ := strings.Cut(part, "=")
			if what = strings.TrimSpace(what); !slices.Contains(learn.Fields, what) || name == "" {
				return fmt.Errorf("--fields %s: want NAME=FIELD, with the name %s", part,
					strings.Join(learn.Fields, ", "))
			}
			o.Fields[what] = strings.TrimSpace(name)
		}
	}
	in := to.Stdin
	if c.File == "-" {
		o.File = "standard input"
	} else {
		file, err := to.Open(c.File, "an access log, JSON lines, a HAR file or a journal of "+to.Name)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	scenario, notes, err := learn.Learn(in, o)
	if err != nil {
		return err
	}
	for _, note := range notes {
		to.Notef("%s", note)
	}
	_, err = io.WriteString(to.Stdout, scenario)
	return cli.UnlessClosed(err)
}
