package compare

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func render(t *testing.T, r reports.Reporter) string {
	t.Helper()
	var b strings.Builder
	if err := r(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// every is a comparison with every verdict in it.
func every() Comparison {
	m := &machine{rng: rand.New(rand.NewPCG(21, 22)), noise: 0.01}
	var old, new []*record.Recording
	add := func(scenario string, runs int, change func(r *record.Recording)) {
		a, b := m.turns(runs, 1, 1)
		for _, r := range append(a[:runs:runs], b...) {
			r.Scenario = scenario
		}
		for _, r := range b {
			change(r)
		}
		old, new = append(old, a...), append(new, b...)
	}
	add("same", 20, func(*record.Recording) {})
	add("worse", 20, func(r *record.Recording) {
		r.Cost.CPU = r.Cost.CPU * 12 / 10
		r.Outcomes[record.OutcomeOK] -= 3
		r.Outcomes[record.OutcomeError] += 3
	})
	add("better", 20, func(r *record.Recording) { r.Makespan /= 2; r.Cost.Allocs /= 4; r.Cost.AllocBytes /= 40 })
	add("inconclusive", 20, func(r *record.Recording) { r.Cost.CPU = r.Cost.CPU * 21 / 20 })
	add("few", 3, func(*record.Recording) {})
	add("virtual", 1, func(r *record.Recording) { r.Makespan += 1500 })
	for _, r := range append(old[:len(old):len(old)], new...) {
		if r.Scenario == "virtual" {
			r.Clock, r.Cost = record.Virtual, nil
		}
	}
	gone := m.run(1)
	gone.Scenario = "gone"
	news := m.run(1)
	news.Scenario = "news"
	c := Recordings(append(old, gone), append(new, news), Rule{InTurns: true})
	c.Warnings = []string{"old and new runs had another number of CPUs: 2 and 4"}
	return c
}

func TestReports(t *testing.T) {
	for file, report := range map[string]func(Comparison) reports.Reporter{
		"every.txt": Text, "every.md": Markdown,
		"every.json": JSON,
	} {
		got := render(t, report(every()))
		if again := render(t, report(every())); again != got {
			t.Errorf("%s: not the same twice", file)
		}
		name := "testdata/" + file
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got; rewrite it with go test ./reports/compare -update):\n%s", name, diff)
		}
		for _, v := range verdicts() {
			if !strings.Contains(got, string(v)) {
				t.Errorf("%s: nothing is %s", file, v)
			}
		}
	}
}

// TestHostileNames wants a name shown as it is, whatever it tries, and
// everything else as with a tame one.
func TestHostileNames(t *testing.T) {
	all := every()
	for _, hostile := range []string{
		"<script>alert(1)</script>", `"quotes" 'and' more`, "a | b\n| c |", "</details>", "[x](http://evil.example)",
		"https://evil.example www.evil.example @you #1",
		"\x1b[31mred\x1b[0m\a", "\u202eesrever", "👩‍🚀 مرحبا", strings.Repeat("long ", 2000),
		"`code` **bold** $x$", "\xff\xfe",
	} {
		named := func(name string) Comparison {
			c := all
			c.Cases = slices.Clone(c.Cases)
			for i := range c.Cases {
				c.Cases[i].Scenario = name
				c.Cases[i].Why += name
			}
			c.Warnings = []string{name}
			return c
		}
		text := render(t, Text(named(hostile)))
		if strings.ContainsAny(text, "\x1b\a\u202e") ||
			strings.Count(text, "\n") != strings.Count(render(t, Text(named("tame"))), "\n") {
			t.Errorf("%.40q: the text is torn:\n%.500q", hostile, text)
		}
		if got, want := tags(t, render(t, Markdown(named(hostile)))), tags(t,
			render(t, Markdown(named("tame")))); got != want {
			t.Errorf("%.40q: the Markdown is read as something else:\n%s", hostile, cmp.Diff(want, got))
		}
		var read struct{ Cases []struct{ Scenario string } }
		if err := json.Unmarshal([]byte(render(t, JSON(named(hostile)))), &read); err != nil ||
			read.Cases[0].Scenario != strings.ToValidUTF8(hostile, "\ufffd\ufffd") &&
				read.Cases[0].Scenario != hostile {
			t.Errorf("%.40q: JSON has %.40q (%v)", hostile, read.Cases[0].Scenario, err)
		}
	}
}

// tags renders Markdown as GitHub does, and keeps the tags of the page alone.
func tags(t *testing.T, text string) string {
	t.Helper()
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for part := range strings.SplitSeq(page.String(), "<") {
		if tag, _, found := strings.Cut(part, ">"); found && !strings.HasPrefix(tag, "!--") {
			b.WriteString("<" + tag + ">\n")
		}
	}
	return b.String()
}

// TestMarkdownFits wants a comment that GitHub takes, with the gravest verdicts
// in it.
func TestMarkdownFits(t *testing.T) {
	c := every()
	for len(c.Cases) < 2000 {
		k := c.Cases[0]
		k.Scenario = strings.Repeat("wide ", 20)
		c.Cases = append([]Case{k}, c.Cases...)
	}
	text := render(t, Markdown(c))
	if len(text) > 65_536 || !strings.Contains(text, "| worse/pool/2 | ✗ worse |") ||
		!strings.Contains(text, "more cases") || !strings.Contains(text, "more tables") {
		t.Errorf("%d characters: %.300s", len(text), text)
	}
}
