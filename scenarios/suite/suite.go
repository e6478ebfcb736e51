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
// Run it with ginkgo, with -p in parallel processes, or with go test. Every
// spec is labelled scenario:NAME, executor:KIND, workers:N and clock:real or
// clock:virtual, so that --label-filter='executor:pool' runs what it says.
// After the suite one report of all specs, of every process, stands beside the
// test file.
package suite

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/scenarios"
)

// A Config says what to make specs of. Only Files is needed.
type Config struct {
	Files      fs.FS                // holds the scenario files at its root
	Vocabulary scenarios.Vocabulary // the executors and tasks that the files may name beside the built-in ones
	Report     string               // the HTML report's file; "" for teapot-report.html in the test's folder
	JSON       string               // the recordings' file; "" for teapot-report.json in the test's folder
}

// entry names the report entry that carries a recording from the process that
// ran it to the one that writes the report.
const entry = "teapot recording"

// Specs adds the specs to the suite. Call it where Ginkgo builds its tree: in a
// variable's initialisation, or in a container. Files with mistakes make one
// spec that fails with all of them, and none that runs anything. The result is
// always true.
func Specs(c Config) bool {
	folder := shownFolder()
	loaded, err := c.Vocabulary.Load(c.Files, ".", folder)
	if err != nil {
		mistaken("mistakes in the scenario files:\n" + err.Error())
		return true
	}
	runner := &scenarios.Runner{
		Vocabulary: c.Vocabulary,
		Reproduce:  func(k scenarios.Case) string { return command(folder, k) },
		Hung:       func(k scenarios.Case, message string) { fmt.Fprintf(os.Stderr, "%s: %s\n", k.Name(), message) },
	}
	for _, s := range loaded {
		ginkgo.Describe(s.Name, ginkgo.Label("scenario:"+s.Name, "clock:"+string(s.Clock)), func() {
			for _, k := range s.Cases() {
				ginkgo.It("on "+k.Executor(), decorators(k), func(ctx ginkgo.SpecContext) { spec(ctx, runner, k) })
			}
		})
	}
	ginkgo.ReportAfterSuite("teapot report", c.report)
	return true
}

// mistaken fails the suite. No filter lets it pass: one that leaves out the
// only spec, which has no label, has the end of the suite say it.
func mistaken(mistakes string) {
	ginkgo.It("reads the scenario files", func() { ginkgo.Fail(mistakes) })
	ginkgo.ReportAfterSuite("reads the scenario files", func(suite ginkgo.Report) {
		told := func(s types.SpecReport) bool {
			return s.LeafNodeType == types.NodeTypeIt && s.State == types.SpecStateFailed
		}
		if !slices.ContainsFunc(suite.SpecReports, told) {
			ginkgo.Fail(mistakes)
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
	if record.Clock(k.Scenario.Clock) == record.Real {
		with = append(with, ginkgo.Serial)
	}
	return with
}

// spec runs one case and fails with all its violations.
func spec(ctx ginkgo.SpecContext, runner *scenarios.Runner, k scenarios.Case) {
	rec, err := runner.Run(ctx, k)
	if err != nil {
		ginkgo.Fail(err.Error())
	}
	ginkgo.AddReportEntry(entry, rec, ginkgo.ReportEntryVisibilityNever)
	var failures []string
	for _, v := range rec.Violations {
		failures = append(failures, fmt.Sprintf("%v\nreproduce: %s", v, v.Reproduce))
	}
	switch {
	case failures != nil:
		ginkgo.Fail(strings.Join(failures, "\n"))
	case rec.Interrupted:
		ginkgo.Fail("interrupted")
	}
}

// report writes the reports of a whole suite, in the one process that has the
// other processes' entries too.
func (c Config) report(suite ginkgo.Report) {
	var recs []*record.Recording
	for _, s := range suite.SpecReports {
		for _, e := range s.ReportEntries {
			if e.Name != entry {
				continue
			}
			rec, err := recording(e)
			if err != nil {
				ginkgo.Fail(fmt.Sprintf("recording of %s: %v", s.FullText(), err))
			}
			recs = append(recs, rec)
		}
	}
	if len(recs) == 0 {
		return // a filter left nothing to report, and an older report is worth more than an empty one
	}
	// Ginkgo shuffles, and processes race: the files' order is the same every
	// time.
	slices.SortStableFunc(recs, func(a, b *record.Recording) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Position, b.Position))
	})
	host := reports.ThisHost(suite.StartTime)
	if err := errors.Join(
		reports.WriteFile(or(c.Report, "teapot-report.html"), html.Report(host, recs)),
		reports.WriteFile(or(c.JSON, "teapot-report.json"), reports.JSON(host, recs)),
	); err != nil {
		ginkgo.Fail(err.Error())
	}
}

// recording is what an entry carries: the value itself in the process that made
// it, JSON in any other.
func recording(e types.ReportEntry) (*record.Recording, error) {
	if rec, ok := e.GetRawValue().(*record.Recording); ok {
		return rec, nil
	}
	rec := new(record.Recording)
	return rec, json.Unmarshal([]byte(e.Value.AsJSON), rec)
}

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
	return fmt.Sprintf("go test -count=1 ./%s -ginkgo.label-filter='scenario:%s && %s'", folder, k.Scenario.Name, strings.Join(labels(k), " && "))
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
