package formats_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/perf/benchfmt"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/formats"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var host = reports.Host{
	Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, MaxProcs: 2,
	Started: time.Date(2026, time.November, 3, 14, 5, 9, 0, time.UTC),
}

// all are the formats and the names of their golden files.
var all = map[string]formats.Format{
	"junit.xml": formats.JUnit, "bench.txt": formats.Benchmark, "lines.jsonl": formats.Lines,
	"summary.md": formats.Markdown, "annotations.txt": formats.Annotations, "quality.json": formats.CodeQuality,
	"trace.json": formats.Trace, "samples.csv": formats.CSV,
}

func render(t *testing.T, r reports.Reporter) string {
	t.Helper()
	var b strings.Builder
	if err := r(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// everything is recordings of every sort, by the name of the sort.
func everything() map[string][]*record.Recording {
	sorts := fixture.Empties()
	sorts["suite"] = fixture.Suite(30)
	sorts["hostile"] = []*record.Recording{fixture.Alien()}
	sorts["long"] = []*record.Recording{fixture.Long()}
	sorts["mistaken"] = []*record.Recording{fixture.Mistaken()}
	return sorts
}

// each calls f for every sort of recordings in a format.
func each(t *testing.T, format formats.Format, f func(t *testing.T, recs []*record.Recording, text string)) {
	for name, recs := range everything() {
		t.Run(name, func(t *testing.T) { f(t, recs, render(t, format(host, recs))) })
	}
}

func TestGolden(t *testing.T) {
	recs := append(fixture.Troubled(), fixture.Suite(3)...)
	for name, format := range all {
		path, got := filepath.Join("testdata", name), render(t, format(host, recs))
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; rewrite it with go test ./reports/formats -update):\n%s", path, diff)
		}
	}
}

// failing fails after so many bytes.
type failing struct{ left int }

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestFullDisk wants every format to say that not all of it was written,
// wherever that happens.
func TestFullDisk(t *testing.T) {
	recs := append(fixture.Troubled(), fixture.Suite(3)...)
	for name, format := range all {
		whole := len(render(t, format(host, recs)))
		for _, room := range []int{0, 1, whole / 2, whole - 1} {
			if err := format(host, recs)(&failing{left: room}); !errors.Is(err, errFull) {
				t.Errorf("%s of %d bytes with room for %d: got %v", name, whole, room, err)
			}
		}
	}
}

// TestNoControls wants no character in any format that moves a cursor or turns
// the direction of a text: JSON may escape them.
func TestNoControls(t *testing.T) {
	for name, format := range all {
		each(t, format, func(t *testing.T, _ []*record.Recording, text string) {
			// which is a recording, of which nothing is left out
			if i := strings.IndexAny(text, "\x1b\u202e\x00"); i >= 0 && name != "lines.jsonl" {
				t.Errorf("%s: %q", name, text[max(0, i-20):i+20])
			}
		})
	}
}

// TestBenchmarkIsRead has the reader of benchstat read the format.
func TestBenchmarkIsRead(t *testing.T) {
	each(t, formats.Benchmark, func(t *testing.T, recs []*record.Recording, text string) {
		r := benchfmt.NewReader(strings.NewReader(text), "bench.txt")
		read := 0
		for r.Scan() {
			switch line := r.Result().(type) {
			case *benchfmt.SyntaxError:
				t.Error(line)
			case *benchfmt.Result:
				read++
				if got := line.GetConfig("goos"); got != "linux" {
					t.Errorf("goos %q", got)
				}
				if v, ok := line.Value("sec/op"); !ok || v <= 0 {
					t.Errorf("%s: %v of sec/op", line.Name, v)
				}
			}
		}
		want := 0
		for _, rec := range recs {
			if rec.Deadlock == "" && !rec.Interrupted && !rec.Invalid() && rec.Makespan > 0 {
				want++
			}
		}
		if read != want || r.Err() != nil {
			t.Errorf("got %d results, want %d: %v", read, want, r.Err())
		}
	})
}

// TestLinesAreJSON reads every line back.
func TestLinesAreJSON(t *testing.T) {
	each(t, formats.Lines, func(t *testing.T, recs []*record.Recording, text string) {
		count := map[string]int{}
		for line := range strings.Lines(text) {
			var v struct {
				Type     string `json:"type"`
				Scenario string `json:"scenario"`
				Key      string `json:"key"`
			}
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			count[v.Type]++
			if v.Type != "host" && v.Scenario == "" && recs[0].Scenario != "" {
				t.Errorf("a line of no scenario: %.100s", line)
			}
		}
		want := map[string]int{"host": 1}
		for _, r := range recs {
			want["run"]++
			want["sample"] += len(r.Samples)
		}
		maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
		if !maps.Equal(count, want) {
			t.Errorf("got %v, want %v", count, want)
		}
	})
}

// TestTraceIsRead reads the trace back: every task that has started is a slice
// of its length on its lane, and lanes do not overlap.
func TestTraceIsRead(t *testing.T) {
	each(t, formats.Trace, func(t *testing.T, recs []*record.Recording, text string) {
		var trace struct {
			TraceEvents []struct {
				Ph       string
				Pid, Tid int
				Ts, Dur  float64
				Name     string
				Args     map[string]any
			}
		}
		if err := json.Unmarshal([]byte(text), &trace); err != nil {
			t.Fatal(err)
		}
		slicesOf, queue := map[int]int{}, 0
		for _, e := range trace.TraceEvents {
			switch e.Ph {
			case "X":
				slicesOf[e.Pid]++
				samples := recs[e.Pid-1].Samples
				s := samples[slices.IndexFunc(samples, func(s record.Sample) bool {
					return s.Seq == int(e.Args["seq"].(float64))
				})]
				if s.Worker+1 != e.Tid || time.Duration(e.Ts*1e3+0.5) != s.Started || s.Finished >= 0 &&
					time.Duration(e.Dur*1e3+0.5) != s.Latency() {
					t.Errorf("sample %d: %+v", s.Seq, e)
				}
			case "b":
				queue++
			case "e":
				queue--
			}
		}
		for i, r := range recs {
			started := 0
			for _, s := range r.Samples {
				if s.Started >= 0 {
					started++
				}
			}
			if slicesOf[i+1] != started {
				t.Errorf("run %d: got %d slices, want %d", i, slicesOf[i+1], started)
			}
		}
		if queue != 0 {
			t.Errorf("%d waits do not end", queue)
		}
	})
}

// TestCSVIsRead reads the rows back, and wants no cell that a spreadsheet would
// calculate.
func TestCSVIsRead(t *testing.T) {
	hostile := fixture.Alien()
	for i, key := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a,\"b\"\nc"} {
		hostile.Samples[i].Key = key
	}
	recs := []*record.Recording{hostile}
	rows, err := csv.NewReader(strings.NewReader(render(t, formats.CSV(host, recs)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+len(hostile.Samples) {
		t.Fatalf("%d rows", len(rows))
	}
	key := slices.Index(rows[0], "key")
	var got []string
	for _, row := range rows[1:] {
		got = append(got, row[key])
	}
	if want := []string{"'=1+1", "'+1", "'-1", "'@SUM(A1)", `\t=1`, `a,"b"\nc`}; !slices.Equal(got, want) {
		t.Errorf("got the keys %q, want %q", got, want)
	}
	each(t, formats.CSV, func(t *testing.T, recs []*record.Recording, text string) {
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		samples := 0
		for _, r := range recs {
			samples += len(r.Samples)
		}
		if err != nil || len(rows) != 1+samples {
			t.Errorf("got %d rows, want %d: %v", len(rows), 1+samples, err)
		}
	})
}

// TestMarkdownIsRendered has a renderer of GitHub's flavour make HTML of it:
// names stay text, whatever they hold.
func TestMarkdownIsRendered(t *testing.T) {
	renderer := goldmark.New(goldmark.WithExtensions(extension.GFM))
	hostile := fixture.Alien()
	hostile.Scenario = "a|b *c* [d](http://e) <b>f</b> `g` @h #1 www.i.org http://j.org ~~k~~ \n# l"
	sorts := everything()
	sorts["names"] = []*record.Recording{hostile}
	for name, recs := range sorts {
		t.Run(name, func(t *testing.T) {
			var page bytes.Buffer
			if err := renderer.Convert([]byte(render(t, formats.Markdown(host, recs))), &page); err != nil {
				t.Fatal(err)
			}
			html := page.String()
			for _, tag := range regexp.MustCompile(`<[a-zA-Z][a-z0-9]*`).FindAllString(html, -1) {
				if !slices.Contains([]string{
					"<h3", "<table", "<thead", "<tbody", "<tr", "<th", "<td", "<ul", "<li",
					"<p", "<strong", "<pre", "<code",
				}, tag) {
					t.Errorf("it has %s>:\n%s", tag, html)
				}
			}
			want := len(recs) + 1
			for _, r := range recs {
				if r.Open() {
					want += 3
				}
			}
			if slices.ContainsFunc(recs, (*record.Recording).Open) {
				want++ // a table of their percentiles
			}
			if got := strings.Count(html, "<tr>"); len(recs) > 0 && got != want {
				t.Errorf("got %d rows, want %d", got, want)
			}
			for table := range strings.SplitSeq(html, "<table>") {
				for _, row := range strings.Split(table, "<tr>")[1:] {
					if n, first := strings.Count(row, "</td>"), strings.Count(table, "</th>"); n != 0 && n != first {
						t.Errorf("a row of %d cells, want %d", n, first)
					}
				}
			}
		})
	}
}

// TestRunsAgain has runs of one executor told apart.
func TestRunsAgain(t *testing.T) {
	recs := append(fixture.Suite(3), fixture.Suite(3)...)
	for name, want := range map[string]string{
		"junit.xml": `name="pool/10 (run 2)"`, "summary.md": `pool/10 \(run 2\)`,
		"trace.json":  "error-3 on pool/10 (run 2)",
		"samples.csv": "\nerror-3,5,pool,10,",
		"lines.jsonl": `{"type":"sample","run":5,"scenario":"error-3","executor":"pool","workers":10,`,
	} {
		if text := render(t, all[name](host, recs)); !strings.Contains(text, want) {
			t.Errorf("%s: no %s in\n%.3000s", name, want, text)
		}
	}
}

// TestMarkdownIsBounded keeps a summary below what a comment may hold, and the
// run that failed in it.
func TestMarkdownIsBounded(t *testing.T) {
	r := fixture.Alien()
	for range 10 {
		r.Violations = append(r.Violations, r.Violations...)
		r.Warnings = append(r.Warnings, r.Warnings...)
	}
	for i := range r.Violations {
		r.Violations[i].Check = strconv.Itoa(i) + r.Violations[i].Check
	}
	var recs []*record.Recording
	for range 1000 {
		recs = append(recs, fixture.Simulate("held", "pool", 2, 3, 0))
	}
	text := render(t, formats.Markdown(host, append(recs, r)))
	if len([]rune(text)) > 65_536 {
		t.Errorf("%d characters", len([]rune(text)))
	}
	for _, want := range []string{"| **deadlock** |", "more runs", "more findings", "more warnings"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in it", want)
		}
	}
}
