// Package suite turns a folder of scenario files into Ginkgo specs: one for
// each scenario on each of its executors.
//
// A test file of a few lines makes a suite of any folder:
//
//	//go:embed *.yaml
//	var files embed.FS
//
//	var _ = suite.Specs(suite.Config{Files: files})
//
//	func TestScenarios(t *testing.T) {
//		gomega.RegisterFailHandler(ginkgo.Fail)
//		ginkgo.RunSpecs(t, "Scenarios")
//	}
//
// The go command rejects *.yaml while an editor keeps a lock file such as
// .#crowd.yaml in the folder. The pattern [^.]*.yaml ignores it, as the suite
// ignores all names that begin with a dot.
//
// Run it with ginkgo, with -p in parallel processes, or with go test. Every
// spec is labelled scenario:NAME, executor:KIND, workers:N and clock:real,
// clock:virtual or clock:auto, so that --label-filter='executor:pool' runs what
// it says. --focus-file=crowd.yaml runs the specs of one file. After the suite
// one report of all specs, of every process, stands beside the test file.
//
// A violation fails its spec at the line of the scenario file that expects
// otherwise. Ginkgo places a failure of a spec at a line of Go, but a failure
// of its cleanup anywhere: it calls a violation an error of DeferCleanup.
//
// A case under the virtual clock with a task or an executor of the vocabulary's
// runs in a process of its own, which is this test program started again. It
// runs what comes before the specs: TestMain and BeforeSuite, but not
// AfterSuite. If the case ends its process, that is the verdict of the case,
// and all others go on. See [scenarios.Runner].
//
// Keep plain tests in another folder. ginkgo -p runs the tests of a suite's
// folder in each of its processes and drops their output, so one that fails
// ends in "Test Suite Failed" without a reason. The suite warns of such tests.
package suite

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// A Config says what to make specs of. Only Files is needed.
type Config struct {
	// Files holds the scenario files at its root. Paths in them are relative to
	// the test's folder.
	Files      fs.FS
	Vocabulary scenarios.Vocabulary // the executors and tasks that the files may name beside the built-in ones
	Report     string               // the HTML report's file; "" for teapot-report.html in the test's folder
	JSON       string               // the recordings' file; "" for teapot-report.json in the test's folder
	// Samples is how many samples of each run the reports keep at most, but no
	// fewer than 100; 0 for all. The verdict does not depend on it: see
	// [record.Recording.Keep], and Samples of [scenarios.Runner].
	Samples int
	// NoCI turns off the annotations and the summary that a suite writes where
	// GitHub Actions runs it, and keeps the commit, the branch and the address
	// of a CI server's job out of the reports.
	NoCI bool
}

// Specs adds the specs to the suite. Call it where Ginkgo builds its tree: in a
// variable's initialisation, or in a container. Files with mistakes make one
// spec that fails with all of them, and none that runs anything. The result is
// always true.
func Specs(c Config) bool {
	c.Vocabulary.Folder = cmp.Or(c.Vocabulary.Folder, ".")
	if c.child() {
		return true
	}
	folder := shownFolder()
	loaded, err := c.Vocabulary.Load(c.Files, ".", folder)
	if err != nil {
		mistaken(err)
		return true
	}
	runner := &scenarios.Runner{
		Vocabulary: c.Vocabulary,
		Reproduce:  func(k scenarios.Case) string { return command(folder, k) },
		Hung:       func(k scenarios.Case, message string) { fmt.Fprintf(os.Stderr, "%s: %s\n", k.Name(), message) },
		Isolate:    true,
		Samples:    c.samples(),
	}
	for _, s := range loaded {
		file := lineOf(s.File(), 1)
		ginkgo.Describe(s.Name, file, ginkgo.Label("scenario:"+s.Name, "clock:"+string(s.Clock)), func() {
			for _, k := range s.Cases() {
				ginkgo.It("on "+k.Executor(), file, decorators(k), func(ctx ginkgo.SpecContext) {
					c.spec(ctx, runner, k)
				})
			}
		})
	}
	ginkgo.ReportAfterSuite("teapot report", c.report)
	return true
}

// mistaken fails the suite. A filter that leaves out its only spec, which has
// no label, makes the end of the suite fail instead.
func mistaken(err error) {
	const name = "reads the scenario files"
	message := "mistakes in the scenario files:\n" + err.Error()
	ginkgo.It(name, func() {
		if mistakes, ok := errors.AsType[strict.Mistakes](err); ok {
			failAt(mistakes[0].File, mistakes[0].Line, message)
			return
		}
		ginkgo.Fail(message)
	})
	ginkgo.ReportAfterSuite(name, func(suite ginkgo.Report) {
		told := func(s types.SpecReport) bool {
			return s.LeafNodeType == types.NodeTypeIt && s.State == types.SpecStateFailed
		}
		if !slices.ContainsFunc(suite.SpecReports, told) {
			ginkgo.Fail(message)
		}
	})
}

func labels(k scenarios.Case) []string {
	return []string{"executor:" + k.Kind, fmt.Sprintf("workers:%d", k.Workers)}
}

// decorators are the spec's labels. Under the real clock it has the machine to
// itself, or it would measure the other processes too.
func decorators(k scenarios.Case) []any {
	with := []any{ginkgo.Label(labels(k)...)}
	if record.Clock(k.Scenario.Clock) != record.Virtual {
		with = append(with, ginkgo.Serial)
	}
	return with
}

// spec runs one case and fails with all its violations. Where Ginkgo retries a
// spec, the recording of the last attempt replaces the others.
func (c Config) spec(ctx ginkgo.SpecContext, runner *scenarios.Runner, k scenarios.Case) {
	suite, _ := ginkgo.GinkgoConfiguration()
	kept := c.kept(suite, k)
	if err := kept.remove(); err != nil {
		ginkgo.Fail(err.Error())
	}
	if k.Scenario.Hunt != nil {
		rec, wrong := c.hunted(ctx, k, runner.Reproduce(k))
		if wrong != "" {
			failAt(k.Scenario.File(), k.Scenario.Line("hunt"), wrong)
		}
		kept.keep(rec)
		return
	}
	runner.ChildArgs = childArgs()
	rec, err := runner.Run(ctx, k)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	c.limit(rec)
	defer kept.keep(rec)
	if len(rec.Violations) > 0 {
		failAt(rec.Violations[0].File, rec.Violations[0].Line, told(rec))
	} else if len(rec.Inconclusive) > 0 {
		failAt(rec.Inconclusive[0].File, rec.Inconclusive[0].Line, told(rec))
	} else if rec.Interrupted {
		ginkgo.Fail("interrupted")
	}
}

// limit has a recording keep no more samples than it is to.
func (c Config) limit(rec *record.Recording) {
	if n := c.samples(); n > 0 {
		rec.Keep(n)
	}
}

// samples returns how many samples are kept of each run, 0 for all.
func (c Config) samples() int {
	if c.Samples <= 0 {
		return 0
	}
	return max(c.Samples, 100)
}

// told lists the violations of a run, or if it has none what is inconclusive,
// each fact once with its cause, and below them how to reproduce them: the
// command is the same for all of a case.
func told(rec *record.Recording) string {
	var lines []string
	for _, f := range findings.Of([]*record.Recording{rec}) {
		if f.Doubt != "" && len(rec.Violations) > 0 {
			continue
		}
		check := f.Check
		if f.Doubt != "" {
			check = f.Title()
		}
		for _, c := range f.Cases {
			lines = append(lines, record.Violation{
				Check: check, Got: c.Got, Want: c.Want, File: f.File, Line: f.Line, Inconclusive: f.Doubt != "",
				Invalid: f.Doubt == "invalid",
			}.String())
		}
		if cause := f.Cause(); cause != "" {
			lines = append(lines, "cause: "+cause)
		}
	}
	return text.Inert(strings.Join(append(lines, "reproduce: "+rec.Findings()[0].Reproduce), "\n"))
}

// failAt fails the running spec at a line of a scenario file. [ginkgo.Fail]
// always fails at a line of Go; a cleanup fails where it says it stands.
func failAt(file string, line int, message string) {
	ginkgo.DeferCleanup(lineOf(file, line), func() error { return errors.New(message) })
}

// lineOf is a place in a scenario file, with the path of the file on this
// machine where it stands in the test's folder.
func lineOf(file string, line int) types.CodeLocation {
	if here, err := filepath.Abs(path.Base(file)); err == nil {
		if _, err := os.Stat(here); err == nil {
			file = here
		}
	}
	return types.CodeLocation{FileName: file, LineNumber: line}
}

// report writes the reports of a whole suite, in the one process that Ginkgo
// chooses for it after all have ended.
func (c Config) report(suite ginkgo.Report) {
	if tests := plainTests("."); tests != nil && suite.SuiteConfig.ParallelTotal > 1 {
		ginkgo.AddReportEntry("warning", strings.Join(tests, ", ")+": every parallel process runs these plain tests "+
			"and drops what they print. Move them to another folder.")
	}
	recs, err := c.collect(suite.SuiteConfig)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	if len(recs) == 0 {
		return // a filter left nothing to report, and an older report is worth more than an empty one
	}
	if err := c.write(suite.StartTime, recs); err != nil {
		ginkgo.Fail(err.Error())
	}
}

// write writes the reports of runs, the first of which began at a time.
func (c Config) write(began time.Time, recs []*record.Recording) error {
	getenv := os.Getenv
	if c.NoCI {
		getenv = func(string) string { return "" }
	}
	host := reports.ThisHost(began).InJob(getenv)
	return errors.Join(
		reports.WriteFile(c.htmlFile(), html.Report(host, recs)),
		reports.WriteFile(c.jsonFile(), reports.JSON(host, recs)),
		formats.InCI(os.Stdout, getenv, host, recs),
	)
}

func (c Config) htmlFile() string { return cmp.Or(c.Report, "teapot-report.html") }
func (c Config) jsonFile() string { return cmp.Or(c.JSON, "teapot-report.json") }

// shownFolder is the test's folder as a user at the module's root would name
// it: Go runs a test in the folder of its package.
func shownFolder() string {
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	for root := here; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			if rel, err := filepath.Rel(root, here); err == nil {
				return filepath.ToSlash(rel)
			}
		}
		if root == filepath.Dir(root) {
			return "."
		}
	}
}

// command is what runs a case again, from the module's root.
func command(folder string, k scenarios.Case) string {
	filter := fmt.Sprintf("scenario:%s && %s", k.Scenario.Name, strings.Join(labels(k), " && "))
	return fmt.Sprintf("go test -count=1 ./%s -ginkgo.label-filter='%s'", folder, filter)
}
