package oracle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// TestForgotten has a journal whose oldest requests were dropped. Of a task
// that may have had some of them nothing is known, and nothing is held against
// any other, for which they may have been the reason. What is left is judged.
func TestForgotten(t *testing.T) {
	const full = "the server's journal was full"
	// The request of task Z ended at 1s, and is the first that is left.
	for _, tt := range []struct {
		name, tasks, journal string
		retry                *oracle.Retry
		doubt, retries       bool // of the first task
		did                  string
	}{
		{name: "before, right by the plan", tasks: "A:0-10=200", doubt: true},
		{name: "before, wrong by the plan", tasks: "A:0-10=503", doubt: true},
		{
			name: "before, and it has what is left", tasks: "A:500-2000=200", journal: "A#1:1500+10=200",
			doubt: true, did: "none",
		},
		{name: "just after", tasks: "A:1050-1060=503", doubt: true},
		{name: "after, right", tasks: "A:2000-2010=200", journal: "A#1:2000+10=200", did: "none"},
		{name: "after, wrong", tasks: "A:2000-2010=503", journal: "A#1:2000+10=200", doubt: true, did: "none"},
		{name: "after, without a request", tasks: "A:2000-2010=200", doubt: true, did: "unasked"},
		{
			name: "after, too often", tasks: "A:2000-2050=200", journal: "A#1:2000+10=200 A#2:2030+10=200",
			retry: &oracle.Retry{}, retries: true, did: "none",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, lost := range []bool{true, false} {
				o := oracle.Oracle{
					Plan: func(string, int, int) record.Planned {
						return record.Planned{PlannedClass: record.OK, PlannedStatus: 200}
					},
					Truth: func(e servers.Entry) record.Planned { return oracle.TruthOf(e, e.Planned, 0) },
					Exact: true, Epoch: time.Unix(1000, 0), Forgotten: lost, Unasked: oracle.Never, Retry: tt.retry,
				}
				samples := tasks(tt.tasks + " Z:990-1000=200")
				for i := range samples {
					samples[i].Seq, samples[i].PlannedClass = i, record.OK
				}
				o.Join(samples, requests("Z#1:990+10=200 "+tt.journal), o.Epoch)
				s := &samples[0]
				if !lost {
					if s.Doubt != "" || s.RetryDoubt != "" {
						t.Errorf("with the whole journal: %q, %q", s.Doubt, s.RetryDoubt)
					}
					continue
				}
				if got := strings.HasPrefix(s.Doubt, full); got != tt.doubt || s.Doubt != "" && !got {
					t.Errorf("the doubt is %q, want one: %v", s.Doubt, tt.doubt)
				}
				got := strings.HasPrefix(s.RetryDoubt, full)
				if got != tt.retries || s.Misstep != "" || s.Did != tt.did {
					t.Errorf("%q, %q, %q; want a doubt: %v, and %q", s.Misstep, s.RetryDoubt, s.Did, tt.retries, tt.did)
				}
			}
		})
	}
}
