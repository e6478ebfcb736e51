package runs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/compare"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios"
)

// Run is the command line of teapot run, which runs scenarios.
type Run struct {
	Paths   []string `arg:"" name:"path" help:"A scenario file, a folder of them, or - for the standard input."`
	Clock   string   `enum:",real,virtual,auto" default:"" placeholder:"real|virtual|auto" help:"Run under this clock instead of each file's own: real (loopback sockets), virtual (simulated time), or auto (virtual, or real if the virtual clock cannot carry out the run)."`
	Seed    *uint64  `placeholder:"N" want:"a whole number from 0, below 2^64" help:"Use this seed instead of each file's own."`
	Only    []string `placeholder:"NAME" sep:"none" help:"Run only this: a scenario (download-20), or a scenario on an executor (download-20/pool, download-20/pool/10). May be given again."`
	Cluster string   `placeholder:"URL" help:"Run the tasks of executors of kind cluster on the workers of this NATS server, and have them be the load generators of workload.generators: nats://host:4222, or tls://host:4222."`
	Report  string   `default:"teapot-report.html" placeholder:"FILE" help:"Write the HTML report here (${default}); --report= writes none."`
	JSON    string   `name:"json" placeholder:"FILE" help:"Write the recordings here, as JSON. A name that ends in .gz or .zst compresses it."`
	Samples *int     `placeholder:"N" want:"a whole number from 100 to 1000000" help:"Keep at most N samples of each run: of more tasks, those that went wrong, that failed and that took the longest, each up to a bound, and some that are drawn by the seed, beside histograms, counts and rows of all (1000000)."`
	Live    bool     `help:"Serve a page on this machine that shows the run while it is under way, and becomes the report. Its address is printed at the start. Under /metrics it has its numbers for Prometheus."`
	CI      string   `name:"ci" enum:"auto,off" default:"auto" placeholder:"auto|off" help:"auto writes annotations and a summary of the job where GitHub Actions runs it, writes gl-code-quality-report.json in a job of GitLab, and keeps the command, the commit, the branch and the address of a CI job in the reports; off does neither (${default})."`
	Quiet   bool     `short:"q" help:"Print nothing but errors and violations."`
	comparing
	cli.Outputs

	more  []cli.Output // those of --format and --out
	again string       // the command that runs it again, if it is not that of a file
	page  *live.Page   // nil without --live
}

// Run runs what was asked for. The reports are written before anything is
// printed on the standard output, so that a reader who has seen enough costs
// nothing.
func (c *Run) Run(ctx context.Context, to *cli.Console) error {
	var todo []scenarios.Case
	err := cli.UntilDone(ctx, to, func(to *cli.Console) (err error) { todo, err = c.cases(to); return err })
	if err != nil {
		return err
	}
	inputs, err := c.files(todo)
	if err != nil {
		return err
	}
	more, wrong := c.List(inputs)
	if err := errors.Join(wrong, c.repeatable(todo), keepable(c.Samples), c.writable()); err != nil {
		return err
	}
	c.more = more
	started, progress := time.Now(), cli.NewProgress(to.Stderr, c.Quiet)
	if err := c.readBaseline(ctx, to); err != nil {
		return err
	}
	if err := c.serve(to, progress); err != nil {
		return err
	}
	defer c.page.Close(nil)
	runs, end, err := c.open(to, todo, progress)
	if err != nil {
		return err
	}
	defer end()
	var found *compare.Comparison
	if err = runs.Run(ctx); err == nil {
		found, err = runs.Judge(ctx)
	}
	progress.Close()
	if err != nil {
		page, others := c.write(runs, nil, started, to)
		return errors.Join(err, page, others)
	}
	return c.conclude(ctx, to, runs, found, started)
}

// serve begins to serve the live page, if it is asked for.
func (c *Run) serve(to *cli.Console, progress *cli.Progress) (err error) {
	if !c.Live {
		return nil
	}
	if c.page, err = live.Serve(); err != nil {
		return err
	}
	progress.Live = c.page
	to.Notef("live at %s", c.page.URL())
	return nil
}

// files lists all that is read or written but for the reports of --out, and
// says which of them would overwrite another.
func (c *Run) files(todo []scenarios.Case) ([]string, error) {
	is := map[string]string{}
	for _, k := range todo {
		is[filepath.Clean(k.Scenario.File())] = "a scenario of this run"
	}
	var errs []error
	for _, f := range []struct{ flag, name, what string }{
		{"--baseline", c.Baseline, "the baseline"},
		{"--report", c.Report, "the file of the HTML report"},
		{"--json", c.JSON, "the file of the recordings"},
		{"--against-json", c.AgainstJSON, "the file of the other build's recordings"},
		{"--comparison", c.Comparison, "the file of the comparison"},
	} {
		name := filepath.Clean(f.name)
		if f.name == "" || strings.HasPrefix(name, "/dev/") {
			continue
		}
		if other, taken := is[name]; taken {
			errs = append(errs, fmt.Errorf("%s %s: that is %s: want another", f.flag, f.name, other))
		}
		is[name] = f.what
	}
	return slices.Collect(maps.Keys(is)), errors.Join(errs...)
}

// Cases loads the files and picks what is to be run of them.
func (c *Run) cases(to *cli.Console) ([]scenarios.Case, error) {
	loaded, err := to.Load(c.Paths)
	if err != nil {
		return nil, err
	}
	for i, s := range loaded {
		loaded[i] = s.With(record.Clock(c.Clock), c.Seed)
	}
	if err := c.onCluster(loaded); err != nil {
		return nil, err
	}
	return cli.Cases(loaded, c.Only)
}

// onCluster has executors of kind cluster use the server of --cluster.
func (c *Run) onCluster(loaded []*scenarios.Scenario) error {
	if c.Cluster == "" {
		return nil
	}
	if c.Against != "" {
		return errors.New("--cluster and --against: workers are of one build: want one of them")
	}
	var errs []error
	some := false
	for i, s := range loaded {
		on, found, err := s.OnCluster(c.Cluster)
		loaded[i], some = on, some || found
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("--cluster: %w", err)
	}
	if !some {
		return fmt.Errorf("--cluster %s: it has no effect: no scenario has an executor of kind cluster, or "+
			"workload.generators", c.Cluster)
	}
	return nil
}

// conclude writes the reports, prints the summary and gives the verdict.
func (c *Run) conclude(ctx context.Context, to *cli.Console, runs *rounds, found *compare.Comparison,
	started time.Time,
) error {
	page, others := c.write(runs, found, started, to)
	unwritten := errors.Join(page, others, c.writeComparison(found, started, to))
	if err := c.print(to, runs, found, started, page == nil); err != nil {
		return errors.Join(err, unwritten)
	}
	if unwritten != nil {
		return unwritten
	}
	if ctx.Err() != nil {
		begun, planned := runs.Progress()
		to.Notef("interrupted in run %d of %d%s", begun, planned, notBegun(planned-begun))
		return cli.Verdict(cli.StatusInterrupted)
	}
	return cli.Judged(summary.Sum(runs.New), found != nil && found.Failed())
}

// notBegun says how many runs an interrupt kept from their start.
func notBegun(runs int) string {
	if runs == 0 {
		return ""
	}
	return "; " + cli.Plural(runs, "run") + " not begun"
}

func (c *Run) print(to *cli.Console, runs *rounds, found *compare.Comparison, started time.Time, written bool) error {
	if cli.Prints(c.more) { // in the format that was asked for
		if found != nil && found.Failed() {
			return compare.Text(*found)(to.Stderr)
		}
		return nil
	}
	done := summary.Typical(runs.New)
	quiet := c.Quiet && (found == nil || !found.Failed())
	if c.Quiet {
		ok := func(r *record.Recording) bool { return summary.Verdict(r) == "ok" }
		done = slices.DeleteFunc(slices.Clone(done), ok)
	}
	if len(done) > 0 || !c.Quiet {
		if err := to.Screen().Text(done)(to.Stdout); err != nil {
			return cli.UnlessClosed(err)
		}
	}
	if found != nil && !quiet {
		fmt.Fprintln(to.Stdout)
		if err := compare.Text(*found)(to.Stdout); err != nil {
			return cli.UnlessClosed(err)
		}
	}
	if len(summary.Typical(runs.New)) < len(runs.New) && !c.Quiet {
		fmt.Fprintf(to.Stdout, "shown of %s: of each case the one with the median makespan, and all that are not ok\n",
			cli.Plural(len(runs.New), "run"))
	}
	if c.CI == "auto" {
		if err := formats.InCI(to.Stdout, os.Getenv, c.host(to, started), summary.Typical(runs.New)); err != nil {
			return cli.UnlessClosed(err)
		}
	}
	if c.Quiet {
		return nil
	}
	judged := blamed(runs.New, found, cmp.Or(c.Baseline, c.Against), to.CommandLine())
	begun, planned := runs.Progress()
	return c.writeEnd(to, judged, c.Report != "" && written, begun == planned)
}

// writable reports whether the reports can be written once the runs are over.
func (c *Run) writable() error {
	var errs []error
	for _, out := range []string{c.Report, c.JSON, c.AgainstJSON, c.Comparison} {
		if out != "" {
			errs = append(errs, reports.Writable(out))
		}
	}
	return errors.Join(errs...)
}

// host returns the facts about this host, and unless they are not to be kept
// about the job of a CI server, and the command.
func (c *Run) host(to *cli.Console, started time.Time) reports.Host {
	host := reports.ThisHost(started)
	if c.CI == "auto" {
		host = host.InJob(os.Getenv).By(to.CommandLine())
	}
	return host
}

// write writes the files that were asked for, even when there is little to
// report. The first error is that of the HTML report, into which a live page
// turns.
func (c *Run) write(runs *rounds, found *compare.Comparison, started time.Time, to *cli.Console) (page, others error) {
	host := c.host(to, started)
	host.Turns = c.turns
	if begun, planned := runs.Progress(); begun < planned {
		host.Planned = planned
	}
	judged := blamed(runs.New, found, cmp.Or(c.Baseline, c.Against), to.CommandLine())
	if c.Report != "" {
		page = to.WriteFile(c.Report, html.Report(host, judged))
	}
	var errs []error
	if c.JSON != "" {
		errs = append(errs, to.WriteFile(c.JSON, reports.JSON(host, runs.New)))
	}
	if c.AgainstJSON != "" {
		errs = append(errs, to.WriteFile(c.AgainstJSON, reports.JSON(host, runs.Old)))
	}
	for _, out := range c.more {
		recs := runs.New
		if cli.ForPeople(out.Format) {
			recs = judged
		}
		// even after an interrupt
		errs = append(errs, cli.Write(to.AtOnce(), []cli.Output{out}, host, recs, to.Stdout))
	}
	c.page.Close(html.Report(host, judged))
	return page, errors.Join(errs...)
}

// writeComparison writes what was found, if anything was compared.
func (c *Run) writeComparison(found *compare.Comparison, started time.Time, to *cli.Console) error {
	if found == nil || c.Comparison == "" {
		return nil
	}
	host := c.host(to, started)
	shown := comparison{
		Before: html.Side{Name: c.Against, Host: host}, After: html.Side{Name: "this run", Host: host}, Found: *found,
	}
	if c.Baseline != "" {
		shown.Before.Name = c.Baseline
		shown.Before.Host = c.oldHost
	}
	shown.Before.Runs, shown.After.Runs = recordingsOf(*found)
	return to.WriteFile(c.Comparison, shown.Report(formatOf(c.Comparison)))
}
