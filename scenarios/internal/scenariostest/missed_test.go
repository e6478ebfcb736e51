package scenarios_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestMissed: nothing is assumed of a policy that is not told. A client that
// may make four attempts stops at a status from 400 to 499 or tries it again,
// as it likes. It makes no fifth, and does not take the status for a success.
func TestMissed(t *testing.T) {
	const (
		gaveUp   = "classification"
		tooMany  = "retries"
		lost     = "lost"
		twice    = "{kind: status, status: 404, attempts: 2}"
		half     = "{kind: status, status: 404, rate: 0.5}"
		busy     = "{kind: status, status: 429, attempts: 3}, {kind: status, status: 408, attempts: 9, keys: [BR]}"
		first503 = "{kind: status, status: 503, attempts: 1}, {kind: status, status: 404, attempts: 2}"
	)
	for _, test := range []struct {
		faults string
		tries  int
		lie    string // what the client says that ended with a 404
		want   string // the check that finds something
	}{
		{twice, 1, "", ""},
		{twice, 2, "", ""},
		{twice, 3, "", ""},
		{twice, 4, "", ""},
		{twice, 5, "", tooMany},
		{half, 1, "", ""},
		{half, 3, "", ""},
		{half, 5, "", tooMany},
		{first503, 1, "", gaveUp},
		{first503, 2, "", ""},
		{first503, 4, "", ""},
		{busy, 1, "", ""},
		{busy, 2, "", ""},
		{busy, 4, "", ""},
		{twice, 1, lost, gaveUp},
		{twice, 2, lost, gaveUp},
	} {
		for _, keys := range []string{"[BR, CN, DE, ZZ, XX]", "[BR, BR, BR, ZZ, ZZ]"} {
			for _, clock := range []record.Clock{record.Virtual, record.Real} {
				v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"ask": scenarios.RequestWorkload(
					func(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
						for range test.tries {
							seen, _ = plainly(ctx, s.Client(), s.URL()+servers.FlagPath(key))
							if seen.Class == record.OK {
								return seen
							}
						}
						if test.lie == lost {
							seen = record.Seen{Class: record.OK, Status: 200}
						}
						return seen
					})}}
				s := parsed(t, v, fmt.Sprintf(`name: missed
clock: %s
server: {latency: "uniform(1ms, 9ms)", faults: [%s]}
workload: {task: ask, flags: %s, attempts: 4}
executors: [{kind: pool, workers: 3}]
`, clock, test.faults, keys))
				rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
				if err != nil {
					t.Fatal(err)
				}
				got := rec.Findings()
				if (len(got) == 0) != (test.want == "") || len(got) > 0 &&
					(got[0].Check != test.want || got[0].Inconclusive) {
					t.Errorf("%+v, %s, %s: got %v", test, keys, clock, got)
				}
			}
		}
	}
}
