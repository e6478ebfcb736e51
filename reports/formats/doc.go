// Package formats writes recordings in the formats of other tools: JUnit XML
// for CI servers, the Go benchmark format for benchstat, JSON lines for log
// pipelines, Markdown for a pull request, annotations for GitHub Actions, code
// quality for GitLab, Chrome trace events for Perfetto, and CSV for
// spreadsheets.
//
//	err := reports.WriteFile("junit.xml", formats.JUnit(host, recordings))
//
// Equal recordings and an equal host make equal bytes. Names, keys and errors
// may hold anything: each format shows them as text. Times of a run under the
// virtual clock are virtual in every format.
package formats

import (
	"fmt"
	"io"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
)

// A Format makes a report of recordings.
type Format func(reports.Host, []*record.Recording) reports.Reporter

var _ = []Format{JUnit, Benchmark, Lines, Markdown, Annotations, CodeQuality, Trace, CSV}

// A sink keeps the first error of many writes, so that each need not be asked
// after.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	s.err = err
	return n, err
}

// maxText is how many characters of a name or an error are shown: a reader of
// these formats has the recording for the rest.
const maxText = 2000

// plain is text of one line, without what moves a cursor or turns the direction
// of what stands beside it.
func plain(s string) string { return text.Clip(text.Printable(s), maxText) }

// executors names the executor of each recording, and numbers the runs of one
// that was run again: readers of JUnit XML take cases of one name for one case.
func executors(recs []*record.Recording) []string {
	type run struct{ scenario, file, executor string }
	seen := map[run]int{}
	names := make([]string, len(recs))
	for i, r := range recs {
		is := run{r.Scenario, r.File, r.Name()}
		seen[is]++
		if names[i] = r.Name(); seen[is] > 1 {
			names[i] = fmt.Sprintf("%s (run %d)", text.Clip(names[i], maxText), seen[is])
		}
	}
	return names
}
