package latency_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/teapot-go/teapot/servers/latency"
)

var update = flag.Bool("update", false, "rewrite the golden file")

func parse(t *testing.T, text string) latency.Distribution {
	t.Helper()
	d, err := latency.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGolden holds what every distribution draws, to the nanosecond: a seed
// must bring back the same waits on every platform, and with every release of
// Go.
func TestGolden(t *testing.T) {
	var got bytes.Buffer
	for _, text := range []string{
		"0s", "2s", "uniform(500ms, 5s)", "normal(2s, 300ms)", "normal(0s, 1h)", "lognormal(80ms, 2s)",
		"lognormal(1ns, 24h)",
		"exponential(300ms)", "exponential(24h)", "pareto(50ms, 2s)", "pareto(1ns, 24h)", "list(10ms, 20ms, 2s)",
	} {
		for _, seed := range []uint64{0, 1, 418, math.MaxUint64} {
			src := rand.NewPCG(seed, 7)
			fmt.Fprintf(&got, "%s, seed %d:", text, seed)
			for range 8 {
				fmt.Fprintf(&got, " %d", parse(t, text).Draw(src))
			}
			got.WriteByte('\n')
		}
	}
	golden := filepath.Join("testdata", "draws.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestShapes draws many and looks at their percentiles. The numbers are the
// same in every run; the bounds are about four standard deviations.
func TestShapes(t *testing.T) {
	const n = 100_000
	sec := float64(time.Second)
	for _, tt := range []struct {
		text      string
		p50, p99  float64 // in seconds
		tolerance float64 // a share
		min, max  time.Duration
	}{
		{"2s", 2, 2, 0, 2 * time.Second, 2 * time.Second},
		{"uniform(1s, 3s)", 2, 2.98, 0.02, time.Second, 3 * time.Second},
		{"normal(2s, 300ms)", 2, 2 + 0.3*2.3263, 0.01, 0, 4 * time.Second},
		{"normal(0s, 1s)", 0, 2.3263, 0.03, 0, 6 * time.Second},
		{"lognormal(80ms, 2s)", 0.08, 2, 0.1, 0, 100 * time.Second},
		{"exponential(300ms)", 0.3 * math.Ln2, 0.3 * math.Log(100), 0.05, 0, 6 * time.Second},
		{
			"pareto(50ms, 2s)", 0.05 * math.Pow(40, math.Log(2)/math.Log(100)), 2, 0.15,
			50 * time.Millisecond, latency.Max,
		},
		{"list(1s, 1s, 2s)", 1, 2, 0, time.Second, 2 * time.Second},
		{
			"pareto(1h, 24h)", 1 * 3600 * math.Pow(24, math.Log(2)/math.Log(100)), 24 * 3600, 0.15,
			time.Hour, latency.Max,
		},
	} {
		d, src := parse(t, tt.text), rand.NewPCG(11, 12)
		draws := make([]time.Duration, n)
		for i := range draws {
			draws[i] = d.Draw(src)
		}
		slices.Sort(draws)
		if draws[0] < tt.min || draws[n-1] > tt.max {
			t.Errorf("%s: from %v to %v", tt.text, draws[0], draws[n-1])
		}
		p50, p99 := float64(draws[n/2])/sec, float64(draws[n*99/100])/sec
		if math.Abs(p50-tt.p50) > tt.tolerance*tt.p50 || math.Abs(p99-tt.p99) > tt.tolerance*tt.p99 {
			t.Errorf("%s: got a median of %.4f and a 99th percentile of %.4f, want %.4f and %.4f", tt.text, p50, p99,
				tt.p50, tt.p99)
		}
	}
}
