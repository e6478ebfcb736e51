package teapottest

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
	"github.com/teapot-go/teapot/scenarios/strict"
)

// huntThrough tries the worlds of every case of a scenario.
func huntThrough(t testing.TB, s *scenarios.Scenario, newRunner func() *scenarios.Runner) {
	t.Helper()
	name := strings.NewReplacer("/", "_", string(filepath.Separator), "_").Replace(t.Name())
	for _, c := range s.Cases() {
		h := hunt.Hunt{Runner: newRunner, Corpus: filepath.Join("testdata", "hunt", name)}
		found, err := h.Run(t.Context(), c)
		if err != nil {
			t.Error(err)
		}
		if found == nil {
			return
		}
		for _, f := range found.Failures {
			t.Errorf("%s, world %d: %s", c.Executor(), found.Tried, text.Inert(f.Report()))
		}
		switch {
		case err != nil || len(found.Failures) > 0:
		case found.Unknown > 0:
			t.Errorf("%s: %d of %d worlds cannot be judged, the first because %s", c.Executor(), found.Unknown,
				found.Tried, found.Why)
		case found.Coverage.Nothing():
			t.Errorf("%s: no request met any fault: want higher rates, or more keys or worlds", c.Executor())
		}
	}
}

// plain returns a scenario in which any error is as good as any other.
func plain(t testing.TB, v scenarios.Vocabulary, s *scenarios.Scenario) *scenarios.Scenario {
	t.Helper()
	tree, err := strict.ParseNode([]byte(s.Text()))
	if err != nil {
		t.Fatal(err)
	}
	tree.Set("plain", "expect", "classification")
	other, mistakes := v.Parse(s.File(), tree.YAML())
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	return other
}

// Fuzz is [Check] for go test -fuzz. The bytes that the fuzzer changes say
// which of the scenario's faults strike which requests, in place of rates, so
// that its guidance by coverage finds worlds that reach other code. Its corpus
// file reproduces a world that fails.
func Fuzz(f *testing.F, scenario string, do func(ctx context.Context, client *http.Client, url string) error) {
	f.Helper()
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0})
	f.Add([]byte{0, 0, 0, 1, 1, 0, 2, 2, 0, 3, 3, 0})
	f.Add([]byte{0, 0, 0, 0, 0, 1, 0, 0, 2})
	s, mistakes := vocabulary(do).Parse(f.Name(), []byte(completed(scenario, false)))
	if mistakes != nil {
		f.Fatal(mistakes)
	}
	f.Fuzz(func(t *testing.T, world []byte) {
		text, err := hunt.Pinned(s, world)
		if err != nil {
			t.Fatal(err)
		}
		Check(t, text, do)
		if t.Failed() {
			t.Logf("the world:\n%s", text)
		}
	})
}
