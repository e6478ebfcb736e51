package html

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	protocol "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

var update = flag.Bool("update", false, "take the pictures of testdata/failing")

// planted are faults of clients, executors, files and machines, and what the
// first screen of a report must say of each.
var planted = []struct {
	name     string
	scenario string
	culprit  string   // the beginning of what is said of it
	words    []string // the cause
	doubt    bool     // it cannot be judged, rather than wrong
}{
	{"goroutine-left", `clock: virtual
server: {latency: "uniform(10ms, 50ms)"}
workload: {task: leaves, flags: top20}
executors: [{kind: pool, workers: 4}]`, "the client or the executor", []string{"leaks", "20 goroutines left", "planted_test.go"}, false},

	{
		"error-hidden", `clock: virtual
server: {latency: "uniform(10ms, 50ms)", faults: [{kind: status, status: 503, rate: 0.2}]}
workload: {task: hides, flags: top20}
executors: [{kind: pool, workers: 4}]`, "the client",
		[]string{"classification", "status", "503", "reported ok", "a correct one reports status"},
		false,
	},

	{
		"truncated-as-success", `clock: virtual
server: {latency: "uniform(10ms, 50ms)", faults: [{kind: truncate, rate: 0.2}]}
workload: {task: gullible, flags: top20}
executors: [{kind: pool, workers: 4}]`, "the client",
		[]string{"classification", "truncate", "reported ok", "a correct one reports truncated"},
		false,
	},

	{"retry-after-ignored", `clock: virtual
server: {latency: "uniform(10ms, 50ms)", faults: [{kind: status, status: 503, retry_after: 2s, attempts: 1, rate: 0.3}]}
workload: {task: hasty, flags: top20, retry: {attempts: 3}}
executors: [{kind: pool, workers: 4}]`, "the client", []string{"retries", "Retry-After", "attempt", "2s"}, false},

	{"order-swapped", `clock: virtual
server: {latency: "uniform(10ms, 50ms)"}
workload: {task: download, flags: top20}
executors: [{kind: swapped, workers: 4}]
expect: {order: submission}`, "the executor", []string{"order", "submission"}, false},

	{"executor-idle", `clock: virtual
server: {latency: "uniform(10ms, 50ms)"}
workload: {task: download, flags: top20}
executors: [{kind: idle, workers: 4}]
expect: {efficiency: ">= 0.9"}`, "the executor", []string{"efficiency", "no more than 2 of 4 workers were ever busy", "ideally"}, false},

	{"executor-slow", `clock: virtual
server: {latency: "uniform(10ms, 50ms)"}
workload: {task: download, flags: top20}
executors: [{kind: slow, workers: 4}]
expect: {schedule: {within: 1ms}}`, "the executor", []string{"schedule", "in all while tasks waited"}, false},

	{"expectation-impossible", `clock: virtual
server: {latency: "uniform(10ms, 50ms)"}
workload: {task: hides, flags: top20}
executors: [{kind: pool, workers: 4}]
expect: {p50: "<= 5ms"}`, "the file: its own plan rules this out", []string{"p50", "the expectation cannot be met", "planned"}, false},

	{"generator-late", `clock: real
workload: {task: naps, keys: [a], arrivals: {rate: 1000/s, for: 100ms}}
executors: [{kind: async}]
expect: {lateness: "<= 1ns"}`, "the machine: it was too slow or too busy for the client to be judged", []string{"the generator could not keep the rate", "lateness", "the generator was late"}, true},

	{"files-left-open", `clock: real
server: {latency: 1ms}
workload: {task: opens, flags: top20}
executors: [{kind: pool, workers: 4}]`, "the client or the executor", []string{"20 file descriptors left open"}, false},
}

// plantedVocabulary has the clients and executors that are wrong.
func plantedVocabulary(t *testing.T) scenarios.Vocabulary {
	download := scenarios.Downloader{}.Download
	request := func(after func(record.Seen) record.Seen) scenarios.WorkloadFunc {
		return scenarios.RequestWorkload(func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
			return after(download(ctx, s, key, n))
		})
	}
	calls := func(class record.Class) scenarios.WorkloadFunc {
		return request(func(seen record.Seen) record.Seen {
			if seen.Class == class {
				return record.Seen{Class: record.OK}
			}
			return seen
		})
	}
	return scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{
			"hides":    calls(record.Status),
			"gullible": calls(record.Truncated),
			"hasty":    scenarios.RequestWorkload(hasty),
			"leaves": request(func(seen record.Seen) record.Seen {
				go func() { <-time.After(time.Hour) }()
				return seen
			}),
			"opens": request(func(seen record.Seen) record.Seen {
				f, err := os.Open(os.DevNull)
				if err != nil {
					t.Error(err)
				}
				t.Cleanup(func() { f.Close() })
				return seen
			}),
			"naps": func(*scenarios.Scenario, *servers.Server) (*harness.Workload, error) {
				return &harness.Workload{
					Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned {
						return record.Planned{PlannedClass: record.OK}
					}},
					Do: func(context.Context, string, int) record.Seen { return record.Seen{Class: record.OK} },
				}, nil
			},
		},
		Executors: map[string]func(int) (executor.Executor, error){
			"idle": func(int) (executor.Executor, error) { return executor.NewPool(2) },
			"slow": func(workers int) (executor.Executor, error) {
				pool, err := executor.NewPool(workers)
				return &slow{pool}, err
			},
		},
		Maps: map[string]func(int) (harness.Map, error){"swapped": func(workers int) (harness.Map, error) {
			return swapped(workers), nil
		}},
	}
}

// hasty tries again at once, whatever the server says.
func hasty(ctx context.Context, s *servers.Server, key string, _ int) (seen record.Seen) {
	for range 3 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), http.NoBody)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		res, err := s.Client().Do(req)
		if err != nil {
			return record.Seen{Class: record.Failed, Error: err.Error()}
		}
		n, err := io.Copy(io.Discard, res.Body)
		res.Body.Close()
		seen = record.Seen{Class: record.ClassOf(res.StatusCode), Status: res.StatusCode, Bytes: n}
		if err == nil && seen.Class == record.OK {
			break
		}
	}
	return seen
}

// slow lets each task wait before it starts.
type slow struct{ executor.Executor }

func (s *slow) Execute(t executor.Task) error { return s.Executor.Execute(late{t}) }

type late struct{ executor.Task }

func (l late) Run(ctx context.Context) {
	<-time.After(20 * time.Millisecond)
	l.Task.Run(ctx)
}

// swapped delivers the results from the last to the first.
func swapped(workers int) harness.Map {
	return func(ctx context.Context, inputs iter.Seq[int], f func(context.Context, int) int) iter.Seq[int] {
		return func(yield func(int) bool) {
			slots := make(chan struct{}, workers)
			all := slices.Collect(inputs)
			var group sync.WaitGroup
			for i := range all {
				slots <- struct{}{}
				group.Go(func() {
					all[i] = f(ctx, all[i])
					<-slots
				})
			}
			group.Wait()
			for _, result := range slices.Backward(all) {
				if !yield(result) {
					return
				}
			}
		}
	}
}

// firstScreen is the text of the first 900 pixels, without the table of runs.
const firstScreen = `[...document.querySelectorAll("h1, .flaw h3, .flaw p, .flaw dd, .flaw caption, .flaw td, .flaw figcaption")]
	.filter(e => e.getBoundingClientRect().bottom <= 900).map(e => e.textContent).join("\n")`

// From the first screen alone one sees what is wrong and whose fault it is.
// With -update it keeps the pictures for people to look at.
func TestBrowserFirstScreen(t *testing.T) {
	ctx := browse(t)
	v := plantedVocabulary(t)
	for _, c := range planted {
		t.Run(c.name, func(t *testing.T) {
			s, mistakes := v.Parse(c.name+".yaml", fmt.Appendf(nil, "name: %s\n%s\n", c.name, c.scenario))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "report.html")
			if err := reports.WriteFile(path, Report(testHost, []*record.Recording{rec})); err != nil {
				t.Fatal(err)
			}
			page := chromedp.Navigate("file://" + path)
			if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), page); err != nil {
				t.Fatal(err)
			}
			got, err := chromedp.Run(ctx, chromedp.Evaluate[string](firstScreen))
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				photograph(t, ctx, filepath.Join("testdata", "failing", c.name+".png"))
			}
			_, verdict, _ := strings.Cut(got, " ")
			want := c.name + " fails"
			if c.doubt {
				want = "The run cannot be judged"
			}
			if !strings.HasPrefix(verdict, want) {
				t.Errorf("the headline is not %q", want)
			}
			said := ""
			if _, after, found := strings.Cut(got, "Cause: "); found {
				said, _, _ = strings.Cut(after, "\n")
			}
			if who, _, _ := strings.Cut(said, ": "); who != c.culprit && said != c.culprit {
				t.Errorf("the culprit is %q, want %q", said, c.culprit)
			}
			for _, word := range c.words {
				if !strings.Contains(got, word) {
					t.Errorf("no word of %q", word)
				}
			}
			if t.Failed() {
				t.Log(got)
			}
		})
	}
}

// A scenario that fails on four executors takes four pages of paper at most, as
// does one whose generator was late, and a comparison with more changes than a
// page has room for: its table begins below the headline.
func TestBrowserPrints(t *testing.T) {
	ctx := browse(t)
	v := plantedVocabulary(t)
	s, mistakes := v.Parse("shop.yaml", []byte(`name: shop
clock: virtual
server: {latency: "uniform(10ms, 30ms)", faults: [{kind: truncate, rate: 0.2}, {kind: status, status: 503, rate: 0.1}]}
workload: {task: gullible, flags: all, limit: 40}
executors:
  - {kind: sequential}
  - {kind: pool, workers: [4, 10]}
  - {kind: async}
expect:
  classification: exact
  order: submission
  p50: "<= 15ms"
`))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	var failing []*record.Recording
	for _, c := range s.Cases() {
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		failing = append(failing, rec)
	}
	before, after, found := sides()
	found.Changes = slices.Repeat(found.Changes, 10) // more than a page of them
	before.Runs, after.Runs = before.Runs[:1], after.Runs[:1]
	for name, tt := range map[string]struct {
		report reports.Reporter
		most   int
	}{
		"failing":    {Report(testHost, failing), 4},
		"late":       {Report(testHost, []*record.Recording{fixture.Late()}), 4},
		"comparison": {Comparison(before, after, found), 3},
	} {
		path := filepath.Join(t.TempDir(), "report.html")
		if err := reports.WriteFile(path, tt.report); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.Navigate("file://"+path)); err != nil {
			t.Fatal(err)
		}
		printed, err := chromedp.Call(ctx, protocol.PrintToPDF, protocol.PrintToPDFParams{})
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(printed.Data, []byte("/Type /Page\n")); n < 1 || n > tt.most {
			t.Errorf("%s: %d pages, want at most %d", name, n, tt.most)
		}
	}
}

func photograph(t *testing.T, ctx context.Context, file string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, picture, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
