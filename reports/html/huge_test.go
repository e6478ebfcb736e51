package html

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// huge is a run of n tasks, every twentieth of which fails.
func huge(n int) []*record.Recording {
	r := fixture.Simulate("huge", "pool", 100, n, 20*time.Microsecond)
	for i := range r.Samples {
		s := &r.Samples[i]
		s.Key, s.Submitted = fmt.Sprintf("key-%d", i), s.Started/2
		if s.Class, s.Error = record.OK, ""; i%20 == 7 {
			s.Class, s.Error = record.Status, "418 I'm a teapot"
		}
		s.PlannedClass = s.Class
	}
	fixture.Summarize(r)
	return []*record.Recording{r}
}

// TestHuge wants the report of 250,000 samples small, made without a second
// copy of them, and with all that failed.
func TestHuge(t *testing.T) {
	if testing.Short() {
		t.Skip("250,000 samples take their time")
	}
	const (
		n     = 250_000
		fixed = 30 << 20 // for the page itself, whatever the number of samples
	)
	recs := huge(n)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	peak, stop := watchHeap()
	page := render(t, Report(testHost, recs))
	most := stop(peak)
	runtime.ReadMemStats(&after)
	t.Logf("%d bytes; %d MB allocated, at most %d MB more on the heap", len(page),
		(after.TotalAlloc-before.TotalAlloc)>>20, (most-min(most, before.HeapAlloc))>>20)
	if len(page) > 1_000_000 {
		t.Errorf("%d bytes, want at most 1,000,000: it must not grow with the samples", len(page))
	}
	if grown := most - min(most, before.HeapAlloc); grown > n*300+fixed {
		t.Errorf("the heap grew by %d MB, want at most 300 bytes for each sample and %d MB", grown>>20, fixed>>20)
	}
	if want := "The table lists 12 of 250000 tasks"; !strings.Contains(page, want) {
		t.Errorf("the page does not say what it leaves out: no %q", want)
	}
	t.Run("browser", func(t *testing.T) { openHuge(t, page) })
}

// openHuge opens the page in a browser, and logs when it could be used.
func openHuge(t *testing.T, page string) {
	ctx := browse(t)
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate("file://"+path)); err != nil {
		t.Fatal(err)
	}
	evaluate[int](t, ctx, `new Promise(done => {
		const run = document.querySelector(".run");
		run.scrollIntoView();
		const look = () => run.dataset.rich === "drawn" ? done(1) : requestAnimationFrame(look);
		look();
	})`)
	t.Logf("drawn %.0f ms after the navigation began", evaluate[float64](t, ctx, `performance.now()`))
	if got := evaluate[string](t, ctx,
		`document.querySelector(".tasks [role=status]").textContent`); !strings.Contains(got, "of 250,000 tasks") {
		t.Errorf("the search says %q, want what the report carries", got)
	}
	took := evaluate[float64](t, ctx,
		`(async () => { const began = performance.now(), c = document.querySelector("canvas");
		c.focus(); c.dispatchEvent(new KeyboardEvent("keydown", {key: "+"})); await new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d))); return performance.now() - began })()`)
	t.Logf("zoomed in %.0f ms", took)
}

// watchHeap looks at the size of the heap until it is stopped, and returns the
// most that it saw.
func watchHeap() (seen chan uint64, stop func(chan uint64) uint64) {
	done := make(chan struct{})
	seen = make(chan uint64, 1)
	go func() {
		var most uint64
		// as MemStats.HeapAlloc, but without stopping the program each time
		heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				metrics.Read(heap)
				most = max(most, heap[0].Value.Uint64())
			case <-done:
				seen <- most
				return
			}
		}
	}()
	return seen, func(seen chan uint64) uint64 { close(done); return <-seen }
}

func BenchmarkMillion(b *testing.B) {
	recs := huge(1_000_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Report(testHost, recs)(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
