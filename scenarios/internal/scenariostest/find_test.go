package scenarios_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/search"
	"github.com/teapot-go/teapot/scenarios"
)

// searching is a server of one place, and the highest rate that it can take.
const searching = `name: find
seed: %d
clock: virtual
server: {latency: "%s", capacity: {concurrent: %d}, body: 1KB}
workload: {task: download, keys: {count: 100}, arrivals: {%s: find, for: %s}}
find: {rate: [10/s, 5000/s], within: %s}
executors: [{kind: async}]
expect: {latency: {p99: "<= %s"}}
`

func found(t *testing.T, source string) *record.Recording {
	t.Helper()
	s, mistakes := scenarios.Vocabulary{}.Parse("find.yaml", []byte(source))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	var r scenarios.Runner
	rec, err := r.Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestFind holds the rate that is found to the theory of queues.
func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, latency string
		places        int
		form, length  string
		within, p99   string
		want, off     float64 // the rate by the theory, and by how much the sample lets it be off
	}{
		// D/D/c: nothing waits up to c/D, and beyond it the backlog grows.
		{"D/D/1", "10ms", 1, "rate", "10s", "1%", "20ms", 100, 0.02},
		{"D/D/4", "20ms", 4, "rate", "10s", "1%", "40ms", 200, 0.02},
		// M/M/1: the time in the system is exponential with the rate mu -
		// lambda, so its 99th percentile is ln 100 / (mu - lambda).
		{"M/M/1", "exponential(10ms)", 1, "poisson", "100s", "2%", "200ms", 100 - math.Log(100)/0.2, 0.1},
	} {
		rec := found(t, fmt.Sprintf(searching, 7, tt.latency, tt.places, tt.form, tt.length, tt.within, tt.p99))
		s := rec.Search
		if s == nil || math.Abs(s.Found/tt.want-1) > tt.off {
			t.Errorf("%s: found %+v, want %.4g/s, off by %v at most", tt.name, s, tt.want, tt.off)
			continue
		}
		if len(rec.Violations)+len(rec.Inconclusive) > 0 {
			t.Errorf("%s: the recording is of a run that misses: %v", tt.name, rec.Violations)
		}
		for _, tried := range s.Tried {
			if tried.Meets != (tried.Rate <= s.Found) || tried.Runs != 1 || tried.Meets != (tried.Why == "") {
				t.Errorf("%s: %+v beside the found %v", tt.name, tried, s.Found)
			}
		}
	}
}

// TestFindAgain has equal seeds find equal rates, to the last byte of the
// recording.
func TestFindAgain(t *testing.T) {
	source := fmt.Sprintf(searching, 7, "exponential(10ms)", 1, "poisson", "5s", "5%", "200ms")
	one, _ := json.Marshal(found(t, source))
	again, _ := json.Marshal(found(t, source))
	if !bytes.Equal(one, again) {
		t.Errorf("two searches differ:\n%.300s\n%.300s", one, again)
	}
	other := found(t, strings.Replace(source, "seed: 7", "seed: 8", 1))
	if text, _ := json.Marshal(other.Search); bytes.Contains(one, text) {
		t.Error("another seed has the same search: it tells nothing")
	}
}

// TestFindEnds has ranges whose ends decide.
func TestFindEnds(t *testing.T) {
	source := fmt.Sprintf(searching, 7, "10ms", 1, "rate", "2s", "5%", "50ms")
	for _, tt := range []struct {
		rates, verdict string
		found          float64
		warnings       int
	}{
		{"[300/s, 5000/s]", "missed", 0, 0},
		{"[10/s, 50/s]", "met", 50, 1},
	} {
		// with two attempts the plan alone does not say who waits how long
		again := strings.NewReplacer("[10/s, 5000/s]", tt.rates, "keys: {", "attempts: 2, keys: {")
		rec := found(t, again.Replace(source))
		verdict := "met"
		if len(rec.Violations) > 0 {
			verdict = "missed"
		}
		if verdict != tt.verdict || rec.Search.Found != tt.found || len(rec.Warnings) != tt.warnings {
			t.Errorf("%s: %s, found %v, warnings %q", tt.rates, verdict, rec.Search.Found, rec.Warnings)
		}
	}
}

// TestFindReal finds a rate under the real clock, or says that the machine has
// decided.
func TestFindReal(t *testing.T) {
	source := fmt.Sprintf(searching, 7, "20ms", 1, "rate", "400ms", "50%", "100ms")
	rec := found(t, strings.Replace(source, "virtual", "real", 1))
	s := rec.Search
	switch {
	case len(rec.Inconclusive) > 0: // the machine was busy
	case s.Found > 80:
		t.Errorf("found %+v, and the server can take 50/s", s)
	}
	for _, tried := range s.Tried {
		if tried.Runs < 2 && !tried.Unknown || tried.Runs > 3 {
			t.Errorf("%s: %d runs: want 2 that agree", search.Text(tried.Rate), tried.Runs)
		}
	}
}
