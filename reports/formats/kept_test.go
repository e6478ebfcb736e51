package formats_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/html"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/text"
)

// TestKeptIsSaid wants every report for people to say which samples a recording
// keeps that does not keep all, and no report of one that does to say so.
func TestKeptIsSaid(t *testing.T) {
	long, short := fixture.Long(), fixture.Suite(20)[0]
	kept := long.Kept()
	samples, tasks := len(long.Samples), long.Tasks()
	if tasks != 2000 || samples > 200 || samples < 80 ||
		!strings.Contains(kept, fmt.Sprintf("%d of 2000 tasks", samples)) {
		t.Fatalf("%d samples of %d tasks: %s", samples, tasks, kept)
	}
	page := func(host reports.Host, recs []*record.Recording) reports.Reporter { return html.Report(host, recs) }
	plain := func(_ reports.Host, recs []*record.Recording) reports.Reporter { return reports.Text(recs) }
	whole := func(host reports.Host, recs []*record.Recording) reports.Reporter { return reports.JSON(host, recs) }
	for name, tt := range map[string]struct {
		format formats.Format
		says   string
	}{
		"html":     {page, kept},
		"text":     {plain, kept},
		"json":     {whole, `"limit": 200`},
		"junit":    {formats.JUnit, kept},
		"bench":    {formats.Benchmark, "# BenchmarkLong-2000/executor=pool/workers=10-2: " + kept},
		"markdown": {formats.Markdown, text.Markdown(kept)},
		"trace":    {formats.Trace, fmt.Sprintf("(%d of 2000 tasks)", samples)},
		"jsonl":    {formats.Lines, `"limit":200`},
	} {
		said := strings.Join(strings.Fields(render(t, tt.format(host, []*record.Recording{long}))), " ")
		if !strings.Contains(said, tt.says) {
			t.Errorf("%s does not say %q:\n%.2000s", name, tt.says, said)
		}
		if said = render(t, tt.format(host, []*record.Recording{short})); strings.Contains(said, tt.says) {
			t.Errorf("%s says %q of a recording that keeps all", name, tt.says)
		}
	}
}

// TestKeptFigures wants the figures of a recording that keeps some of its
// samples to be those of all tasks.
func TestKeptFigures(t *testing.T) {
	long := fixture.Long()
	bench := render(t, formats.Benchmark(host, []*record.Recording{long}))
	if want := fmt.Sprintf("\t2000\t%.6g ns/op\t", float64(long.Makespan)/2000); !strings.Contains(bench, want) {
		t.Errorf("want %q in\n%s", want, bench)
	}
	if trace := render(t, formats.Trace(host, []*record.Recording{long})); strings.Contains(trace, `"under way"`) {
		t.Error("the trace counts what is under way of some tasks")
	}
	lines := strings.Split(strings.TrimSpace(render(t, formats.Lines(host, []*record.Recording{long}))), "\n")
	var run struct {
		Samples int
		Totals  struct{ Tasks int }
	}
	err := json.Unmarshal([]byte(lines[1]), &run)
	if err != nil || run.Samples != len(lines)-2 || run.Totals.Tasks != 2000 {
		t.Errorf("%+v and %v for %d lines", run, err, len(lines))
	}
}
