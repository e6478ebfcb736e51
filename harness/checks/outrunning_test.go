package checks

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// TestOutrunning compares with counting every pair, on small inputs full of
// ties and of times that were never reached.
func TestOutrunning(t *testing.T) {
	random := rand.New(rand.NewPCG(418, 1))
	from := func(s *record.Sample) time.Duration { return s.Started }
	to := func(s *record.Sample) time.Duration { return s.Finished }
	violations := 0
	for round := range 5000 {
		samples := make([]record.Sample, random.IntN(9))
		instants := 1 + random.IntN(12)
		draw := func() time.Duration { return time.Duration(random.IntN(instants+1) - 1) }
		for i := range samples {
			samples[i] = record.Sample{Seq: i, Key: fmt.Sprint(i), Started: draw(), Finished: draw()}
		}
		slack := random.IntN(4)

		counts, most := map[string]int{}, slack
		for i := range samples {
			s := &samples[i]
			for k := range samples {
				other := &samples[k]
				reached := min(from(s), to(s), from(other), to(other)) >= 0
				if reached && from(other) < from(s) && to(other) > to(s) {
					counts[s.Key]++
				}
			}
			most = max(most, counts[s.Key])
		}

		found := outrunning(samples, "start", from, to, slack)
		if most == slack {
			if len(found) > 0 {
				t.Fatalf("round %d: got %v of %v, want none", round, found, counts)
			}
			continue
		}
		violations++
		if len(found) != 1 {
			t.Fatalf("round %d: got %v of %v, want one", round, found, counts)
		}
		right := false
		for key, n := range counts {
			right = right || n == most && strings.HasPrefix(found[0].Got,
				fmt.Sprintf("start of %s ahead of %d ", key, n))
		}
		if !right || found[0].Want != fmt.Sprintf("ahead of at most %d", slack) {
			t.Fatalf("round %d: got %+v of %v, slack %d", round, found[0], counts, slack)
		}
	}
	if violations < 1000 {
		t.Errorf("only %d inputs were violations", violations)
	}
}

// TestOutrunningScales starts very many tasks last in, first out: quadratic
// work would take minutes.
func TestOutrunningScales(t *testing.T) {
	const n = 50_000
	samples := make([]record.Sample, n)
	for i := range samples {
		samples[i] = record.Sample{Seq: i, Key: fmt.Sprint(i), Started: time.Duration(n - i)}
	}
	found := Order(BySubmission)(&record.Recording{Clock: record.Virtual, Samples: samples})
	if want := fmt.Sprintf("start of %d ahead of %d ", n-1, n-1); len(found) == 0 ||
		!strings.HasPrefix(found[0].Got, want) {
		t.Errorf("got %v, want %s", found, want)
	}
}
