package html

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/internal/fixture"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/trend"
	"golang.org/x/net/html"
)

// parse reads the page as a browser does.
func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// all returns the elements of that name in the order of the page.
func all(root *html.Node, name string) (found []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestHTMLStructure(t *testing.T) {
	for name, recs := range map[string][]*record.Recording{
		"suite": slices.Concat(fixture.Suite(20), fixture.Suite(100)), "trouble": fixture.Troubled(),
		"hostile": {fixture.Alien()}, "long": {fixture.Long()}, "empty": nil,
	} {
		t.Run(name, func(t *testing.T) {
			root := parse(t, render(t, Report(testHost, recs)))
			for _, once := range []string{"main", "header", "footer", "h1"} {
				if n := len(all(root, once)); n != 1 {
					t.Errorf("%d <%s>, want 1", n, once)
				}
			}
			if n := running(root); n != 1 {
				t.Errorf("%d scripts that run, want 1", n)
			}
			for _, never := range []string{"img", "iframe", "object", "form", "base"} {
				if len(all(root, never)) > 0 {
					t.Errorf("the page holds <%s>", never)
				}
			}
			if got := len(runsOf(root)); got != len(recs) {
				t.Errorf("%d runs are shown, want %d", got, len(recs))
			}
			for _, th := range all(root, "th") {
				if attr(th, "scope") == "" {
					t.Errorf("a table header without scope: %s", textOf(th))
				}
			}
			checkLinks(t, root)
			checkDrawings(t, root)
		})
	}
}

// running counts the scripts that a browser runs: those of no type.
func running(root *html.Node) (n int) {
	for _, script := range all(root, "script") {
		if attr(script, "type") == "" {
			n++
		}
	}
	return n
}

// runsOf are the elements that show a run.
func runsOf(root *html.Node) (runs []*html.Node) {
	for _, div := range all(root, "div") {
		if attr(div, "class") == "run" {
			runs = append(runs, div)
		}
	}
	return runs
}

// checkLinks: every identifier is unique, every link leads to one of them,
// nothing is loaded from anywhere.
func checkLinks(t *testing.T, root *html.Node) {
	ids := map[string]bool{"hatch": true}
	for n := range root.Descendants() {
		if id := attr(n, "id"); id != "" {
			if ids[id] && id != "hatch" {
				t.Errorf("two elements are called %s", id)
			}
			ids[id] = true
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" {
				t.Errorf("<%s> has %s", n.Data, a.Key)
			}
		}
	}
	for _, a := range all(root, "a") {
		if to, inside := strings.CutPrefix(attr(a, "href"), "#"); !inside || !ids[to] {
			t.Errorf("a link leads to %q", attr(a, "href"))
		}
	}
}

// checkDrawings: every drawing has a label or is hidden from those who cannot
// see it.
func checkDrawings(t *testing.T, root *html.Node) {
	for _, svg := range all(root, "svg") {
		nested := false
		for p := svg.Parent; p != nil; p = p.Parent {
			nested = nested || p.Data == "svg"
		}
		if !nested && attr(svg, "aria-hidden") == "" && (attr(svg, "role") != "img" || attr(svg, "aria-label") == "") {
			t.Error("a drawing has no label")
		}
	}
}

func TestHTMLOrder(t *testing.T) {
	root := parse(t, render(t, Report(testHost, fixture.Troubled())))
	var heads []string
	for _, h := range all(root, "h2") {
		heads = append(heads, textOf(h))
	}
	if want := []string{
		"What went wrong", "Warnings", "All runs", "slow-12", "open-12", "Environment",
	}; !slices.Equal(heads, want) {
		t.Errorf("got headings %q, want %q", heads, want)
	}
	if got, want := strings.TrimSpace(textOf(all(root, "h1")[0])), "✗ slow-12 fails in 2 of 4 runs"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var requests []string
	for i, dt := range all(root, "dt") {
		if textOf(dt) == "requests" {
			requests = append(requests, textOf(all(root, "dd")[i]))
		}
	}
	wanted := []string{"CN attempt 1 from 1s to 1.5s: reset\nCN attempt 2 from 2s to 2.5s: status 418"}
	if !slices.Equal(requests, wanted) {
		t.Errorf("got requests %q, want %q", requests, wanted)
	}
	var commands []string
	for _, pre := range all(root, "pre") {
		if attr(pre, "class") == "command" {
			commands = append(commands, textOf(pre))
		}
	}
	if want := "teapot run scenarios/slow-12.yaml --executor pool/3 --seed 418"; len(commands) != 2 ||
		commands[0] != want {
		t.Errorf("got commands %q, want %q twice", commands, want)
	}
}

// dozen is twelve scenarios of n keys on three executors each.
func dozen(n int) (recs []*record.Recording) {
	for i := range 12 {
		for _, r := range fixture.Suite(n)[:3] {
			r.Scenario += fmt.Sprint("-", i)
			recs = append(recs, r)
		}
	}
	return recs
}

// TestHTMLShowsOneOfManyRepeats wants one run for many that are the same, what
// is wrong with others too, and that said.
func TestHTMLShowsOneOfManyRepeats(t *testing.T) {
	var recs []*record.Recording
	for i := range 15 {
		for _, workers := range []int{2, 4} {
			r := fixture.Simulate("again", "pool", workers, 12, time.Duration((i*7)%15)*time.Millisecond)
			if i%5 == 2 {
				r.Violations = []record.Violation{{Check: "p99", Got: "1", Want: "0"}}
			}
			recs = append(recs, r)
		}
	}
	root := parse(t, render(t, Report(testHost, recs)))
	if n := len(runsOf(root)); n != 2*(1+mostFlawed) {
		t.Errorf("%d runs are shown, want the typical one of each and %d flawed ones", n, mostFlawed)
	}
	all := textOf(root)
	for _, want := range []string{
		" fails in 6 of 30 runs", "30 runs, 6 violations", "The median of 15 repeats, with makespans from",
		"3 of them failed.",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		total   summary.Total
		failing []failure
		cut     string
		want    string
		good    bool
	}{
		{summary.Total{Runs: 5}, nil, "Interrupted after 5 of 45 runs", "Interrupted after 5 of 45 runs", false},
		{summary.Total{Runs: 12, Failed: 1}, []failure{{"a", 1, 1, 3}}, "Interrupted", "a fails", false},
		{summary.Total{}, nil, "", "Nothing was run", false},
		{summary.Total{Runs: 1}, nil, "", "The run is ok", true},
		{summary.Total{Runs: 12}, nil, "", "All 12 runs are ok", true},
		{summary.Total{Runs: 12, Failed: 2, Interrupted: 2}, nil, "", "2 of 12 runs are not ok", false},
		{summary.Total{Runs: 1, Failed: 1, Inconclusive: 1}, nil, "", "The run cannot be judged", false},
		{summary.Total{Runs: 12, Failed: 2, Inconclusive: 2}, nil, "", "2 of 12 runs cannot be judged", false},
		{summary.Total{Runs: 12, Failed: 1}, []failure{{"a", 1, 1, 3}}, "", "a fails", false},
		{summary.Total{Runs: 12, Failed: 2}, []failure{{"a", 2, 4, 3}}, "", "a fails in 2 of 4 runs", false},
		{
			summary.Total{Runs: 12, Failed: 2},
			[]failure{{"a", 2, 4, 3}, {"b", 1, 1, 3}},
			"", "2 of 3 scenarios fail: a, b", false,
		},
	} {
		if got, good := headline(c.total, c.failing, c.cut); got != c.want || good != c.good {
			t.Errorf("got %q %v, want %q %v", got, good, c.want, c.good)
		}
	}
}

// TestInterrupted says how far the runs of an interrupted command came. It
// accuses no client.
func TestInterrupted(t *testing.T) {
	half := func() *record.Recording {
		r := fixture.Simulate("s", "pool", 3, 20, 0)
		for i := 8; i < 20; i++ {
			r.Samples[i].Started, r.Samples[i].Finished = -1, -1
		}
		r.Interrupt()
		r.Summarize()
		return r
	}
	whole := fixture.Simulate("s", "async", 3, 20, 0)
	failed := fixture.Simulate("s", "async", 3, 20, 0)
	failed.Violations = []record.Violation{{Check: "order"}}
	for name, tt := range map[string]struct {
		planned int
		recs    []*record.Recording
		want    string
	}{
		"the only run": {0, []*record.Recording{half()}, "? Interrupted after 8 of 20 tasks"},
		"the first": {
			3,
			[]*record.Recording{half()},
			"? Interrupted after 8 of 20 tasks of run 1 of 3; 2 runs not begun",
		},
		"the last":         {0, []*record.Recording{whole, half()}, "? Interrupted after 8 of 20 tasks of run 2 of 2"},
		"between two":      {3, []*record.Recording{whole}, "? Interrupted after 1 of 3 runs"},
		"before the first": {3, nil, "? Interrupted after 0 of 3 runs"},
		"after a failure":  {3, []*record.Recording{failed, half()}, "✗ s fails in 1 of 2 runs"},
	} {
		h := testHost
		h.Planned = tt.planned
		root := parse(t, render(t, Report(h, tt.recs)))
		if got := strings.TrimSpace(textOf(all(root, "h1")[0])); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if said := textOf(all(root, "header")[0]); name == "after a failure" &&
			!strings.Contains(said, "interrupted after 8 of 20 tasks of run 2 of 3; 1 run not begun") {
			t.Errorf("%s: the header says %q", name, said)
		}
	}
}

func TestHTMLShowsHostileTextAsText(t *testing.T) {
	page := render(t, Report(testHost, []*record.Recording{fixture.Alien()}))
	all := textOf(parse(t, page))
	if !strings.Contains(all, `<script>alert("x")</script>`) || !strings.Contains(all, "שלום") {
		t.Error("the text of the names is not to be seen")
	}
	if len(page) > 400_000 {
		t.Errorf("%d bytes: long names are to be cut", len(page))
	}
}

// TestNoCommand wants no line of a page to be a command to a CI server that
// prints it, whatever a recording has for its names, files and messages.
func TestNoCommand(t *testing.T) {
	for _, command := range []string{"::error title=x::y", "##[error]y", " \t##teamcity[buildStop]"} {
		for _, bad := range []string{command, "x\n" + command, "x\r\n" + command + "\n" + command} {
			r := fixture.Simulate(bad, bad, 3, 20, 0)
			r.Scenario, r.Executor, r.File, r.About, r.Reproduce, r.Source = bad, bad, bad, bad, bad, bad
			r.Violations = []record.Violation{{
				Check: bad, Got: bad, Want: bad, File: bad, Reproduce: bad, Requests: []string{bad, bad},
			}}
			r.Inconclusive = []record.Violation{{Check: bad, Got: bad, Want: bad, File: bad, Inconclusive: true}}
			r.Checked = []record.Checked{{Check: bad, Want: bad, Got: bad, Verdict: "met"}}
			r.Warnings, r.Leaks, r.Stuck, r.Held = []string{bad}, []string{bad}, []string{bad}, []string{bad}
			for i := range r.Samples {
				r.Samples[i].Key, r.Samples[i].Error, r.Samples[i].Did = bad, bad, bad
			}
			hung := *r
			hung.Deadlock = bad
			recs := []*record.Recording{r, &hung}
			host := testHost
			host.Commit, host.Branch, host.Command, host.Job = bad, bad, bad, bad
			side := Side{Name: bad, Host: host, Runs: recs}
			found := Judged{Headline: bad, Changes: []Change{{Scenario: bad, Executor: bad, Figure: bad, Why: bad}}}
			for name, page := range map[string]string{
				"report":     render(t, Report(host, recs)),
				"comparison": render(t, Comparison(side, side, found)),
				"trend":      render(t, Trend(trend.Of([]trend.Entry{trend.Measure(bad, host, recs)}, trend.Rule{}))),
			} {
				for line := range strings.Lines(page) {
					begin := strings.TrimSpace(line)
					if strings.HasPrefix(begin, "::") || strings.HasPrefix(begin, "##") {
						t.Errorf("%s of %q: a line is %q", name, bad, line)
					}
				}
			}
		}
	}
}

// TestOperators wants no string of a script to have an operator in it, which
// the page has without its spaces.
func TestOperators(t *testing.T) {
	literals := regexp.MustCompile("\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`")
	inserted := regexp.MustCompile(`\$\{[^}]*\}`)
	files, err := fs.Glob(scripts, "script/*.js")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts (error: %v)", len(files), err)
	}
	for _, file := range files {
		source, err := fs.ReadFile(scripts, file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			for _, literal := range literals.FindAllString(line, -1) {
				if said := inserted.ReplaceAllString(literal, ""); tight(said) != said {
					t.Errorf("%s: %s", file, literal)
				}
			}
		}
	}
}

func TestHTMLSize(t *testing.T) {
	for _, c := range []struct {
		recs []*record.Recording
		most int
	}{
		{fixture.Suite(1)[:1], 75_000},
		{fixture.Suite(20), 170_000},
		{dozen(676), 2_500_000},
		{[]*record.Recording{fixture.Simulate("large", "pool", 1000, 20_000, 0)}, 600_000},
	} {
		size := len(render(t, Report(testHost, c.recs)))
		t.Logf("%d runs of %d samples: %d bytes", len(c.recs), len(c.recs[0].Samples), size)
		if size > c.most {
			t.Errorf("%d runs of %d samples: %d bytes, want at most %d", len(c.recs), len(c.recs[0].Samples), size,
				c.most)
		}
	}
}

func TestHTMLShowsTheTableOfTruth(t *testing.T) {
	page := render(t, Report(testHost, []*record.Recording{fixture.Mistaken()}))
	if !strings.Contains(page, `<th scope="row"><span class="name"><bdi>truncate</bdi></span></th>`+
		`<td class="false heat2"><strong class="bad">1</strong></td><td></td>`) {
		t.Error("the page does not mark what is wrong")
	}
	if note := "client left first: the client disconnected before"; !strings.Contains(page, note) {
		t.Errorf("the page does not explain: no %q", note)
	}
	for _, jargon := range []string{"nothing", "unasked", "none"} {
		if strings.Contains(page, "<bdi>"+jargon+"</bdi>") {
			t.Errorf("a row says %q", jargon)
		}
	}
}

// TestSaidOnce wants the number of runs and violations beneath the headline
// where that has scenarios, and nowhere else.
func TestSaidOnce(t *testing.T) {
	r := &record.Recording{
		Scenario: "s", Executor: "pool", Violations: []record.Violation{{Check: "p99"}},
		Warnings: []string{"a doubt"},
	}
	page := render(t, Report(testHost, []*record.Recording{r}))
	if !strings.Contains(page, "<bdi>s fails</bdi></h1>") || strings.Count(page, "1 violation, 1 warning") != 1 {
		t.Error("the page says twice how many runs and violations there are, or nowhere that there is a warning")
	}
}

// TestStripOnce shows the workers of a run once, however many findings of its
// times there are, and the command that made the runs at the top.
func TestStripOnce(t *testing.T) {
	r := fixture.Simulate("s", "pool", 3, 20, 0)
	r.Makespan *= 2
	for _, check := range []string{"efficiency", "schedule"} {
		r.Violations = append(r.Violations, record.Violation{
			Check: check, Got: "late", Want: "soon", Culprit: record.ByExecutor, Timed: true,
		})
	}
	page := render(t, Report(testHost.By("teapot run 'a b.yaml'"), []*record.Recording{r}))
	if n := strings.Count(page, `class="evidence"`); n != 1 {
		t.Errorf("the workers are shown %d times as evidence, want once", n)
	}
	if !strings.Contains(textOf(all(parse(t, page), "header")[0]), "teapot run 'a b.yaml'") {
		t.Error("the first screen does not say which command made the runs")
	}
}

func TestHTMLSurvives(t *testing.T) {
	for name, recs := range fixture.Empties() {
		r := Report(testHost, recs)
		if first, again := render(t, r), render(t, r); first != again || first == "" {
			t.Errorf("%s: empty, or different when written again", name)
		}
		if err := r(broken{}); !errors.Is(err, errFull) {
			t.Errorf("%s to a full disk: got error %v, want %v", name, err, errFull)
		}
	}
}

var errFull = errors.New("disk full")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errFull }

// FuzzHTML holds the page to one law: every recording can be shown, also one
// that [reports.Read] refuses.
func FuzzHTML(f *testing.F) {
	var b bytes.Buffer
	if err := reports.JSON(testHost, fixture.Troubled()[:1])(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"format":"teapot.recording/1","runs":[{"makespan_ns":9223372036854775807,"outcomes":null,` +
		`"samples":[{"worker":9223372036854775807,"started_ns":-9223372036854775808,"finished_ns":1},` +
		`{"finished_ns":9223372036854775807,"planned_latency_ns":-5}]}]}`))
	f.Add([]byte(`{"format":"teapot.recording/1","runs":[{"samples":[{},{},{"finished_ns":9223372036854775807}]}]}`))
	f.Add([]byte(`{"format":"teapot.recording/1","runs":[{"executor":"pool",` +
		`"workers":9223372036854775807,"makespan_ns":9,"ideal_makespan_ns":5,"samples":[{"planned_service_ns":9}]},` +
		`{"executor":"pool","workers":1,"makespan_ns":9223372036854775807,"samples":[` +
		`{"worker":9223372036854775807,"started_ns":1,"finished_ns":2,"head_ns":-7,` +
		`"delivered_ns":9223372036854775807}]}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var d struct {
			Host reports.Host
			Runs []*record.Recording
		}
		if json.Unmarshal(in, &d) == nil && !slices.Contains(d.Runs, nil) {
			render(t, Report(d.Host, d.Runs))
		}
	})
}
