package oracle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestEvidence wants the requests of the first tasks that differ, from the
// run's start, and of no other task.
func TestEvidence(t *testing.T) {
	epoch := time.Unix(1000, 0)
	for _, known := range []bool{true, false} {
		o := oracle.Oracle{
			Plan:  func(string, int, int) record.Planned { return record.Planned{PlannedClass: record.OK} },
			Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
		}
		if known {
			o.Epoch = epoch
		}
		samples := tasks("A:0-10=200 B:0-10=200 C:0-10=200 D:0-10=200 E:0-10=200 F:0-10=503")
		journal := requests("A#1:1+2=200 B#1:1+2=503 B#2:5+2=503 C#1:1+2=503 D#1:1+2=503 E#1:1+2=503 F#1:1+2=200")
		for i := range 40 {
			journal = append(journal, requests(fmt.Sprintf("D#%d:%d+0=503", i+2, i+4))...)
		}
		slices.Reverse(journal)
		for i := range journal { // the server started a second before the run
			journal[i].Arrived += time.Second
		}
		o.Join(samples, journal, epoch.Add(time.Second))
		var listed []string
		for _, s := range samples {
			if s.Requests != nil {
				listed = append(listed, fmt.Sprintf("%s %d", s.Key, len(s.Requests)))
			}
		}
		want := "B 2, C 1, D 20, F 1"
		if !known {
			want = ""
		}
		if got := strings.Join(listed, ", "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := fmt.Sprint(samples[1].Requests), "[attempt 1 from 1ms to 3ms: status 503 "+
			"attempt 2 from 5ms to 7ms: status 503]"; known && got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
