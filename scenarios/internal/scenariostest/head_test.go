package scenarios_test

import (
	"testing"
	"time"

	"github.com/teapot-go/teapot/scenarios"
)

// TestHead wants a download to say when the head of its answer came, counted
// from its first attempt, and its recording what repeats it.
func TestHead(t *testing.T) {
	for _, tt := range []struct {
		server, workload string
		want             time.Duration
	}{
		{"latency: 2s", "", 2 * time.Second},
		{"latency: 2s, spend: before_body", "", 0},
		{"latency: 2s, faults: [{kind: reset, attempts: 1}]", "attempts: 2, ", 4 * time.Second},
		{"latency: 2s, faults: [{kind: reset, rate: 1}]", "", 0},
	} {
		text := "name: one\nclock: virtual\nserver: {" + tt.server + "}\nworkload: {" + tt.workload +
			"task: download, flags: [BR]}\nexecutors: [{kind: sequential}]\n"
		s := parsed(t, scenarios.Vocabulary{}, text)
		rec, err := (&scenarios.Runner{Reproduce: scenarios.Case.Name}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := rec.Samples[0].Head.Round(time.Millisecond); got != tt.want {
			t.Errorf("%s: the head came after %v, want %v", tt.server, got, tt.want)
		}
		if rec.Source != text || rec.Reproduce != "one/sequential" {
			t.Errorf("got the source %q and the command %q", rec.Source, rec.Reproduce)
		}
	}
}
