package suite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
)

// corpus is where the smallest worlds of a hunt are kept, in the test's folder.
var corpus = filepath.Join("testdata", "hunt")

// hunted tries the worlds of a case whose file has hunt. It returns a run to
// report, if there was one, and what is wrong, "" if nothing is. reproduce is
// the command that hunts again. The worlds run in this process.
func (c Config) hunted(ctx context.Context, k scenarios.Case, reproduce string) (*record.Recording, string) {
	h := hunt.Hunt{
		Runner: func() *scenarios.Runner {
			again := func(scenarios.Case) string { return reproduce }
			return &scenarios.Runner{Vocabulary: c.Vocabulary, Reproduce: again}
		},
		Corpus: corpus,
	}
	found, err := h.Run(ctx, k)
	switch {
	case err != nil && (found == nil || len(found.Failures) == 0):
		return nil, err.Error()
	case len(found.Failures) > 0:
		var lines []string
		for _, f := range found.Failures {
			lines = append(lines, f.Report())
		}
		if err != nil {
			lines = append(lines, err.Error())
		}
		return found.Failures[0].Recording, text.Inert(strings.Join(append(lines, "reproduce: "+reproduce), "\n"))
	case found.Interrupted:
		return found.Sample, "interrupted"
	case found.Unknown > 0:
		return found.Sample, fmt.Sprintf("%d of %d worlds cannot be judged, the first because %s", found.Unknown,
			found.Tried, found.Why)
	case found.Coverage.Nothing():
		return found.Sample, "no request met any fault, so that the hunt says nothing: want higher rates, or more " +
			"keys or worlds"
	}
	return found.Sample, ""
}
