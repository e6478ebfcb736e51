package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestTraceRepeated has a scenario repeat what teapot trace has written, in
// either form: the offsets and the keys are those of the log, and two runs are
// equal.
func TestTraceRepeated(t *testing.T) {
	const log = `{"ts": "2026-11-29T01:02:03.25Z", "path": "/a?b=c,d"}` + "\n" +
		`{"ts": "2026-11-29T01:02:03.250000001Z", "path": "/ä \"b\""}` + "\n" +
		`{"ts": "2026-11-29T01:02:05Z", "path": "/a?b=c,d"}` + "\n" +
		`{"ts": "2026-11-29T02:02:04+01:00", "path": "/c"}` + "\n"
	want := []string{"0s /a?b=c,d", "1ns /ä \"b\"", "750ms /c", "1.75s /a?b=c,d"}
	for _, file := range []string{"arrivals.csv", "arrivals.jsonl"} {
		inFolder(t, map[string]string{"app.jsonl": log})
		if status, _, stderr := teapot(t, "trace", "app.jsonl", "-o", file); status != cli.StatusHolds {
			t.Fatal(stderr)
		}
		source := "name: again\nclock: virtual\nworkload: {task: nothing, arrivals: {trace: " + file + "}}\n" +
			"executors: [{kind: async}]\n"
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"nothing": idle}}
		s, mistakes := v.Parse("again.yaml", []byte(source))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		var texts []string
		for range 2 {
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, sample := range rec.Samples {
				got = append(got, fmt.Sprint(sample.Due, " ", sample.Key))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") || len(rec.Findings()) > 0 {
				t.Errorf("%s: got %q, want %q: %v", file, got, want, rec.Findings())
			}
			text, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, string(text))
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: the second run differs", file)
		}
	}
}

// idle is the workload of a task that does nothing.
func idle(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
	return &harness.Workload{
		Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned {
			return record.Planned{PlannedFault: "none", PlannedClass: record.OK}
		}},
		Do: func(context.Context, string, int) record.Seen { return record.Seen{Class: record.OK} },
	}, nil
}

// TestTraceBadLines names every line that cannot be read, the first of many.
func TestTraceBadLines(t *testing.T) {
	inFolder(t, map[string]string{
		"few.log":  strings.Repeat(loggedLine("/a", ""), 150) + "x\n",
		"many.log": loggedLine("/a", "") + strings.Repeat("x\n", 25),
	})
	status, stdout, stderr := teapot(t, "trace", "few.log")
	if status != cli.StatusHolds || strings.Count(stdout, "\n") != 151 ||
		!strings.Contains(stderr, "few.log: line 151: want a line of an access log") ||
		!strings.Contains(stderr, "150 requests in the trace; left out: 1 cannot be read") {
		t.Errorf("status %d, %d lines\n%s", status, strings.Count(stdout, "\n"), stderr)
	}
	status, stdout, stderr = teapot(t, "trace", "many.log")
	if status != cli.StatusBadInput || stdout != "" || strings.Count(stderr, "want a line of an access log") != 20 ||
		!strings.Contains(stderr, "many.log: line 21: ") ||
		!strings.Contains(stderr, "and 5 more that cannot be read") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}
