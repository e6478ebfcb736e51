package suite

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// Run runs the scenarios as subtests of a plain Go test, without Ginkgo: one
// for each scenario, and below it one for each of its executors, such as
// TestScenarios/error-100/pool/10. -run chooses among them. After the last, the
// same reports stand beside the test file as after [Specs]; a run of which
// nothing was chosen leaves older ones as they are.
//
// A case under the virtual clock with a task or an executor of the vocabulary's
// runs in a process of its own, which is this test program started again with
// this test alone.
func Run(t *testing.T, c Config) {
	t.Helper()
	c.Vocabulary.Folder = cmp.Or(c.Vocabulary.Folder, ".")
	c.Vocabulary.Main() // in such a process it does not return
	began := time.Now()
	folder := shownFolder()
	loaded, err := c.Vocabulary.Load(c.Files, ".", folder)
	if err != nil {
		t.Fatalf("mistakes in the scenario files:\n%v", err)
	}
	runner := &scenarios.Runner{
		Vocabulary: c.Vocabulary,
		Reproduce: func(k scenarios.Case) string {
			return fmt.Sprintf("go test -count=1 ./%s -run '^%s$'", folder,
				strings.ReplaceAll(t.Name()+"/"+k.Name(), "/", "$/^"))
		},
		Hung:      func(k scenarios.Case, message string) { fmt.Fprintf(os.Stderr, "%s: %s\n", k.Name(), message) },
		Isolate:   true,
		Samples:   c.samples(),
		ChildArgs: []string{"-test.run=^" + t.Name() + "$"},
	}
	var recs []*record.Recording
	for _, s := range loaded {
		t.Run(s.Name, func(t *testing.T) {
			for _, k := range s.Cases() {
				t.Run(k.Executor(), func(t *testing.T) {
					if k.Scenario.Hunt != nil {
						rec, wrong := c.hunted(t.Context(), k, runner.Reproduce(k))
						if rec != nil {
							recs = append(recs, rec)
						}
						if wrong != "" {
							t.Error(wrong)
						}
						return
					}
					rec, err := runner.Run(t.Context(), k)
					if err != nil {
						t.Fatal(err)
					}
					c.limit(rec)
					recs = append(recs, rec)
					for _, v := range append(rec.Violations, rec.Inconclusive...) {
						t.Error(v)
					}
					if t.Failed() {
						t.Logf("reproduce: %s", rec.Reproduce)
					}
				})
			}
		})
	}
	if len(recs) == 0 {
		return
	}
	if err := c.write(began, recs); err != nil {
		t.Error(err)
	}
}
