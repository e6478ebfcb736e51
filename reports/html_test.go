package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
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

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func TestHTMLStructure(t *testing.T) {
	for name, recs := range map[string][]*harness.Recording{
		"suite": slices.Concat(suite(20), suite(100)), "trouble": troubled(), "hostile": {hostile()}, "empty": nil,
	} {
		t.Run(name, func(t *testing.T) {
			root := parse(t, render(t, HTML(testHost, recs)))
			for _, once := range []string{"main", "header", "footer", "h1"} {
				if n := len(all(root, once)); n != 1 {
					t.Errorf("%d <%s>, want 1", n, once)
				}
			}
			for _, never := range []string{"script", "img", "iframe", "object", "form", "base"} {
				if len(all(root, never)) > 0 {
					t.Errorf("the page holds <%s>", never)
				}
			}
			if got := len(all(root, "details")); got != len(recs) {
				t.Errorf("%d <details>, want one for each of %d runs", got, len(recs))
			}
			for _, th := range all(root, "th") {
				if attr(th, "scope") == "" {
					t.Errorf("a table header without scope: %s", text(th))
				}
			}
			checkLinks(t, root)
			checkDrawings(t, root)
		})
	}
}

// checkLinks: every identifier is unique, every link leads to one of them, nothing is loaded from anywhere.
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

// checkDrawings: every drawing has a label or is hidden from those who cannot see it.
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
	root := parse(t, render(t, HTML(testHost, troubled())))
	var heads []string
	for _, h := range all(root, "h2") {
		heads = append(heads, text(h))
	}
	if want := []string{"What went wrong", "Warnings", "All runs", "slow-12"}; !slices.Equal(heads, want) {
		t.Errorf("got headings %q, want %q", heads, want)
	}
	if got, want := strings.TrimSpace(text(all(root, "h1")[0])), "✗ 2 violations in 3 runs"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var commands []string
	for _, pre := range all(root, "pre") {
		if attr(pre, "class") == "command" {
			commands = append(commands, text(pre))
		}
	}
	if want := "teapot run scenarios/slow-12.yaml --executor pool/3 --seed 418"; len(commands) != 2 || commands[0] != want {
		t.Errorf("got commands %q, want %q twice", commands, want)
	}
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct {
		total total
		want  string
		good  bool
	}{
		{total{}, "Nothing was run", false},
		{total{Runs: 1}, "The run is ok", true},
		{total{Runs: 12}, "All 12 runs are ok", true},
		{total{Runs: 12, Failed: 2, Interrupted: 2}, "2 of 12 runs not ok", false},
		{total{Runs: 12, Failed: 2, Violations: 1}, "1 violation in 12 runs", false},
	} {
		if got, good := headline(c.total); got != c.want || good != c.good {
			t.Errorf("got %q %v, want %q %v", got, good, c.want, c.good)
		}
	}
}

func TestHTMLShowsHostileTextAsText(t *testing.T) {
	page := render(t, HTML(testHost, []*harness.Recording{hostile()}))
	all := text(parse(t, page))
	if !strings.Contains(all, `<script>alert("x")</script>`) || !strings.Contains(all, "שלום") {
		t.Error("the text of the names is not to be seen")
	}
	if len(page) > 400_000 {
		t.Errorf("%d bytes: long names are to be cut", len(page))
	}
}

func TestHTMLSize(t *testing.T) {
	for _, c := range []struct {
		recs []*harness.Recording
		most int
	}{
		{suite(20)[:3], 60_000},
		{slices.Concat(suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3],
			suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3], suite(676)[:3]), 1_000_000},
		{[]*harness.Recording{simulate("large", "pool", 1000, 20_000, 0)}, 400_000},
	} {
		size := len(render(t, HTML(testHost, c.recs)))
		t.Logf("%d runs of %d samples: %d bytes", len(c.recs), len(c.recs[0].Samples), size)
		if size > c.most {
			t.Errorf("%d runs of %d samples: %d bytes, want at most %d", len(c.recs), len(c.recs[0].Samples), size, c.most)
		}
	}
}

func TestTimelineKeepsErrorsAndTheSlowest(t *testing.T) {
	r := simulate("large", "pool", 50, 5000, 0)
	slowest, errors := 0, 0
	for i, s := range r.Samples {
		if s.Latency() > r.Samples[slowest].Latency() {
			slowest = i
		}
		if failed(s) {
			errors++
		}
	}
	shown, notes := choose(r.Samples)
	kept := 0
	for _, i := range shown {
		if failed(r.Samples[i]) {
			kept++
		}
	}
	if len(shown) != mostBars || kept != errors || !slices.Contains(shown, slowest) || !slices.IsSorted(shown) || len(slices.Compact(slices.Clone(shown))) != mostBars {
		t.Errorf("%d bars with %d of %d errors; the slowest is shown: %v", len(shown), kept, errors, slices.Contains(shown, slowest))
	}
	if want := "3000 of 5000 bars are left out, 0 errors among them."; !slices.Equal(notes, []string{want}) {
		t.Errorf("got %q, want %q", notes, want)
	}
	for i := range r.Samples {
		r.Samples[i].Class = harness.Failed
	}
	shown, notes = choose(r.Samples)
	if want := "3000 of 5000 bars are left out, 3000 errors among them."; len(shown) != mostBars || !slices.Equal(notes, []string{want}) {
		t.Errorf("got %q, want %q", notes, want)
	}
}

func TestTimelineBars(t *testing.T) {
	r := simulate("three", "pool", 2, 3, 0)
	for i, at := range [][2]time.Duration{{0, 4}, {0, 2}, {2, -1}} {
		r.Samples[i].Started, r.Samples[i].Finished = at[0]*time.Second, at[1]*time.Second
	}
	r.Samples[2].Finished = -1
	for i := range r.Samples {
		r.Samples[i].Class = harness.OK
		r.Samples[i].Worker = i % 2 // the third shares a lane with the first
	}
	r.Makespan, r.IdealMakespan = 4*time.Second, 2*time.Second
	line := draw(r, 2)
	var paths []string
	for _, b := range line.Bars[0].Named {
		paths = append(paths, b.Path)
	}
	if got, want := strings.Join(paths, " ")+" "+line.Bars[0].Rest, "M0 5h9990 M0 15h4990 M5000 5h4990"; got != want {
		t.Errorf("got bars %s, want %s", got, want)
	}
	if line.Ideal == nil || line.Ideal.At != width/2 {
		t.Errorf("got the ideal makespan at %v, want it halfway", line.Ideal)
	}
}

func TestTimelineStaysOnAScreen(t *testing.T) {
	for _, lanes := range []int{1, 2, 9, 34, 100, 676, 5000} {
		r := simulate("lanes", "async", 0, lanes, 0)
		line := draw(r, 10)
		if line.Height > 480 || line.Height < 28 || len(line.Lanes) > 37 || len(line.Lanes) == 0 {
			t.Errorf("%d lanes: %d pixels high, %d labels", lanes, line.Height, len(line.Lanes))
		}
		for i, l := range line.Lanes[1:] {
			if l.Y-line.Lanes[i].Y < 13 {
				t.Errorf("%d lanes: the labels %d and %d overlap", lanes, line.Lanes[i].Name, l.Name)
			}
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want string
	}{
		{scale{}, "0s"},
		{scale{hi: 15}, "0s 2ns 4ns 6ns 8ns 10ns 12ns 14ns"},
		{scale{hi: 51 * time.Millisecond}, "0s 10ms 20ms 30ms 40ms 50ms"},
		{scale{hi: 20600 * time.Millisecond}, "0s 5s 10s 15s 20s"},
		{scale{hi: 85 * time.Second}, "0s 15s 30s 45s 1m 1m15s"},
		{scale{hi: 24 * time.Hour}, "0s 6h 12h 18h 24h"},
		{scale{hi: 1<<63 - 1}, ""},
		{scale{lo: time.Millisecond, hi: 5 * time.Second, log: true}, "1ms 10ms 100ms 1s"},
		{scale{lo: 10 * time.Millisecond, hi: 90 * time.Millisecond, log: true}, "10ms 20ms 50ms"},
	} {
		ticks := c.s.ticks()
		var labels []string
		for _, k := range ticks {
			labels = append(labels, k.Label)
		}
		if got := strings.Join(labels, " "); got != c.want && c.want != "" || len(ticks) > 8 || len(ticks) == 0 {
			t.Errorf("%+v: got ticks %s, want %s", c.s, got, c.want)
		}
	}
	for _, s := range []scale{{hi: time.Hour}, {lo: time.Millisecond, hi: time.Minute, log: true}} {
		for x := 0; x <= width; x += 100 {
			if got := s.at(s.back(x)); got < x-1 || got > x+1 {
				t.Errorf("%+v: at(back(%d)) is %d", s, x, got)
			}
		}
	}
}

func TestHistogramCountsEveryTask(t *testing.T) {
	for _, stretch := range []time.Duration{1, 1000} {
		r := simulate("spread", "pool", 10, 300, 0)
		r.Samples[7].Finished = r.Samples[7].Started + r.Samples[7].PlannedLatency*stretch
		h := distribute(r)
		sum := 0
		for _, c := range h.Columns {
			var n int
			_, after, _ := strings.Cut(c.Title, ": ")
			fmt.Sscanf(after, "%d", &n)
			sum += n
		}
		if sum != 300 {
			t.Errorf("the columns hold %d of 300 tasks", sum)
		}
		if logarithmic := len(h.Notes) > 0; logarithmic != (stretch > 1) {
			t.Errorf("stretch %d: notes %q", stretch, h.Notes)
		}
	}
}
