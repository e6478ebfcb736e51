package formats

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/reports"
)

// csvHead names the columns, which are the keys of the recording format.
var csvHead = []string{
	"scenario", "executor", "workers", "position", "clock", "seed", "seq", "key", "attempt", "due_ns", "submitted_ns", "started_ns", "finished_ns",
	"delivered_ns", "worker", "class", "status", "bytes", "planned_latency_ns", "planned_fault", "planned_class", "did", "ideal_started_ns",
	"ideal_finished_ns", "error",
}

// CSV reports a row for each sample under one row of names, after RFC 4180. A text that a spreadsheet would take for a formula has an
// apostrophe before it, as it is told to spreadsheets; -1 is a time that was never reached.
func CSV(_ reports.Host, recs []*harness.Recording) reports.Reporter {
	return func(w io.Writer) error {
		out := csv.NewWriter(w)
		_ = out.Write(csvHead) // it keeps its error
		for _, r := range recs {
			for _, s := range r.Samples {
				_ = out.Write(csvRow(r, s))
			}
		}
		out.Flush()
		return out.Error()
	}
}

func csvRow(r *harness.Recording, s harness.Sample) []string {
	ns := func(d time.Duration) string { return fmt.Sprint(int64(d)) }
	return []string{
		cell(r.Scenario), cell(r.Executor), fmt.Sprint(r.Workers), fmt.Sprint(r.Position), string(r.Clock), fmt.Sprint(r.Seed),
		fmt.Sprint(s.Seq), cell(s.Key), fmt.Sprint(s.Attempt), ns(s.Due), ns(s.Submitted), ns(s.Started), ns(s.Finished), ns(s.Delivered),
		fmt.Sprint(s.Worker), cell(string(s.Class)), fmt.Sprint(s.Status), fmt.Sprint(s.Bytes), ns(s.PlannedLatency), cell(s.PlannedFault),
		cell(string(s.PlannedClass)), cell(s.Did), ns(s.IdealStarted), ns(s.IdealFinished), cell(s.Error),
	}
}

// cell is a text that no spreadsheet calculates.
func cell(s string) string {
	s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
