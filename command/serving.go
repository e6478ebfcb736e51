package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/served"
	"github.com/teapot-go/teapot/command/internal/told"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

// judging are the options of a command that judges what clients tell it.
type judging struct {
	Admin   *int           `placeholder:"PORT" want:"0 to 65535" help:"Show the metrics for Prometheus at this loopback port under /metrics, and the journal under /journal; take what a client tells at /seen, and judge it at /verdict and /report. Further servers have the next ports."`
	Timeout *time.Duration `placeholder:"D" want:"a duration above 0, such as 3.1s" help:"Take this for how long the client waits for each answer. It needs --admin. Without it a timeout that a client tells cannot be judged."`
	Report  string         `placeholder:"FILE" help:"Write the HTML report of what clients told here, at the end. It needs --admin."`
	JSON    string         `name:"json" placeholder:"FILE" help:"Write that as a recording here, at the end. It needs --admin."`
}

// check returns an error about options that have no effect or cannot be
// followed.
func (j *judging) check(scenario string) error {
	var errs []error
	for _, o := range []struct {
		option, value string
	}{{"--report", j.Report}, {"--json", j.JSON}} {
		switch {
		case o.value == "":
		case j.Admin == nil:
			errs = append(errs, fmt.Errorf("%s %s: no client can tell what it saw: add --admin", o.option, o.value))
		case filepath.Clean(o.value) == filepath.Clean(scenario) && scenario != "":
			errs = append(errs, fmt.Errorf("%s %s: that is the scenario: want another", o.option, o.value))
		default:
			errs = append(errs, reports.Writable(o.value))
		}
	}
	if j.Report != "" && filepath.Clean(j.Report) == filepath.Clean(j.JSON) {
		errs = append(errs, fmt.Errorf("--json %s: that is the file of the HTML report: want another", j.JSON))
	}
	if j.Timeout != nil && j.Admin == nil {
		errs = append(errs, fmt.Errorf("--timeout %v: no client can tell what it saw: add --admin", *j.Timeout))
	}
	if j.Timeout != nil && *j.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("--timeout %v: want a duration above 0, such as 3.1s", *j.Timeout))
	}
	return errors.Join(errs...)
}

// plain is what is known of the clients of a server without a scenario.
func (j *judging) plain(s *served.Server) func(*servers.Server) (told.About, error) {
	return func(*servers.Server) (told.About, error) {
		return told.Plain(s.Name, strings.TrimPrefix(s.About, ", "), s.Config, given(j.Timeout, 0)), nil
	}
}

// conclude prints and writes what clients told of servers that are closed, and
// returns the verdict. Servers of which nothing was told are judged only if a
// report was asked for.
func (j *judging) conclude(to *cli.Console, all []*served.Server, began time.Time) error {
	var recs []*record.Recording
	for _, s := range all {
		if l := s.Ledger(); l != nil && (l.Told() || j.Report != "" || j.JSON != "") {
			recs = append(recs, l.Judge(context.Background()))
		}
	}
	silent := func(r *record.Recording) bool { return len(r.Samples) == 0 && len(r.Inconclusive) == 1 }
	if told := slices.DeleteFunc(slices.Clone(recs), silent); len(told) > 0 {
		recs = told
	}
	if len(recs) == 0 {
		return nil
	}
	host := reports.ThisHost(began)
	var errs []error
	if j.Report != "" {
		errs = append(errs, to.WriteFile(j.Report, html.Report(host, recs)))
	}
	if j.JSON != "" {
		errs = append(errs, to.WriteFile(j.JSON, reports.JSON(host, recs)))
	}
	fmt.Fprintln(to.Stdout)
	errs = append(errs, cli.UnlessClosed(to.Screen().Text(recs)(to.Stdout)))
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return cli.Judged(summary.Sum(recs), false)
}

// serveAll runs servers until ctx is done, and then closes them and what they
// have served, and prints what they have done and whether what clients told is
// right. announce says where they are.
func (j *judging) serveAll(ctx context.Context, to *cli.Console, all []*served.Server, verbose bool,
	announce func(*sharedLines),
) (err error) {
	defer func() { err = errors.Join(err, closeContents(all)) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &sharedLines{to: to.Stdout, closed: stop}
	defer func() {
		for _, s := range all {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, s := range all {
		if verbose {
			s.Ended = func(s *served.Server, e servers.Entry) { out.printf("%s\n", served.Line(s, e)) }
		}
		if s.Known == nil {
			s.Known = j.plain(s)
		}
		if err := s.Start(); err != nil {
			return err
		}
	}
	announce(out)
	began := time.Now()
	<-ctx.Done()
	for _, s := range all {
		err = errors.Join(err, s.Close())
	}
	out.printf("\n%s", served.Summary(all, time.Since(began)))
	if err = errors.Join(err, cli.UnlessClosed(out.err)); err != nil {
		return err
	}
	return j.conclude(to, all, began)
}

// closeContents closes what the servers have served, each content once.
func closeContents(all []*served.Server) error {
	closed := map[io.Closer]error{}
	for _, s := range all {
		if c, ok := s.Config.Content.(io.Closer); ok {
			if _, again := closed[c]; !again {
				closed[c] = c.Close()
			}
		}
	}
	return errors.Join(slices.Collect(maps.Values(closed))...)
}

// ofScenario returns the server of a scenario file, for clients that are other
// programs. options says of each option that a scenario leaves nothing to do
// for whether it is given.
func ofScenario(to *cli.Console, file string, timeout *time.Duration, options map[string]bool) (*served.Server, error) {
	loaded, err := to.LoadServer(file)
	if mistakes := strict.Mistakes(nil); errors.As(err, &mistakes) {
		return nil, err
	} else if err != nil {
		return nil, fmt.Errorf("--scenario %w", err)
	}
	if len(loaded.Keys()) > 0 {
		options["--timeout"] = timeout != nil
	}
	if err := decided(file, options); err != nil {
		return nil, err
	}
	s := loaded.With(record.Real, nil)
	config, ok, err := to.Vocabulary.ServerConfig(s)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--scenario %s: %w", file, err)
	case !ok:
		return nil, fmt.Errorf("--scenario %s: it has no server", file)
	}
	config.Direct = false
	p := &served.Server{Name: s.Name, About: s.About, Config: config}
	p.Known = func(server *servers.Server) (told.About, error) {
		return told.Scenario(s, p.Config, server, given(timeout, 0))
	}
	return p, nil
}

// decides are the keys of a scenario that decide what an option does else.
var decides = map[string]string{
	"--latency": "server.latency", "--error-rate": "server.faults", "--status": "server.faults", "--seed": "seed",
	"--protocol": "server.protocol", "--key": "server.key", "--timeout": "workload.timeout",
}

// decided returns an error for each option that is given although a scenario
// leaves nothing to do for it.
func decided(scenario string, given map[string]bool) error {
	var errs []error
	for _, option := range slices.Sorted(maps.Keys(given)) {
		if given[option] {
			errs = append(errs, fmt.Errorf("%s: the scenario decides that: change %s in %s, or leave out --scenario",
				option, decides[option], scenario))
		}
	}
	return errors.Join(errs...)
}

// announceAdmin says where the admin pages of a server are, if it has them.
func announceAdmin(s *served.Server, out *sharedLines) {
	if url := s.AdminURL(); url != "" {
		out.printf("%*s  %s/metrics  %s/journal  /seen  /verdict  /report\n", len(s.Name), "", url, url)
	}
}

// sharedLines are lines that several goroutines print, each whole. The first
// that cannot be printed ends it all.
type sharedLines struct {
	mu     sync.Mutex
	to     io.Writer
	closed func()
	err    error
}

func (l *sharedLines) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if _, l.err = fmt.Fprintf(l.to, format, args...); l.err != nil {
		l.closed()
	}
}
