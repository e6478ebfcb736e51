package hunt_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
)

// twenty returns a scenario of 20 requests that meet faults, and a hunt.
func twenty(t testing.TB, server string) (scenarios.Case, hunt.Hunt) {
	t.Helper()
	text := fmt.Sprintf("name: twenty\nclock: virtual\nserver: {latency: \"uniform(1ms, 2s)\", transport: %s, "+
		"faults: [{kind: truncate, rate: 0.1}, {kind: status, status: 503, rate: 0.1}]}\n"+
		"workload: {task: download, flags: top20}\nexecutors: [{kind: pool, workers: 10}]\n", server)
	s, mistakes := scenarios.Vocabulary{}.Parse("twenty.yaml", []byte(text))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	return s.Cases()[0], hunt.Hunt{Runner: func() *scenarios.Runner { return new(scenarios.Runner) }, Jobs: 2}
}

// TestFlat wants the memory of a hunt not to grow with the worlds that it has
// tried.
func TestFlat(t *testing.T) {
	const few, many = 200, 2000
	c, h := twenty(t, "handler")
	h.Seeds, h.Jobs = many, 1
	used := map[int]float64{}
	h.Tried = func(world int, _ *record.Recording) {
		if world+1 == few || world+1 == many {
			var m runtime.MemStats
			runtime.GC()
			runtime.GC() // what the first has found to be garbage may have finalizers
			runtime.ReadMemStats(&m)
			used[world+1] = float64(m.HeapAlloc + m.StackInuse)
		}
	}
	if found := run(t, h, c); found.Tried != many || len(found.Failures) > 0 {
		t.Fatalf("%d worlds, failures %v", found.Tried, found.Failures)
	}
	t.Logf("%.0f bytes after %d worlds, %.0f after %d", used[few], few, used[many], many)
	if ratio := used[many] / used[few]; ratio > 1.5 {
		t.Errorf("%d times as many worlds take %.2f times the memory, want as much", many/few, ratio)
	}
}

// BenchmarkWorlds tries worlds of 20 requests, in two jobs.
func BenchmarkWorlds(b *testing.B) {
	for _, transport := range []string{"connection", "handler"} {
		b.Run(transport, func(b *testing.B) {
			c, h := twenty(b, transport)
			h.Seeds = b.N
			b.ResetTimer()
			if _, err := h.Run(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "worlds/s")
		})
	}
}
