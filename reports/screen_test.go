package reports

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// No line of a table is wider than its screen, down to 60 columns, and what
// matters most is never left out.
func TestScreenWidth(t *testing.T) {
	for name, recs := range map[string][]*record.Recording{
		"suite": fixture.Suite(20), "trouble": fixture.Troubled(), "late": {fixture.Late()},
	} {
		before := 0
		for _, width := range []int{60, 70, 80, 100, 120, 0} {
			var b bytes.Buffer
			screen := Screen{Width: width}
			screen.writeTable(&b, recs)
			columns := 0
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				if n := utf8.RuneCountInString(line); width > 0 && n > width && !strings.Contains(line, ": ") &&
					!strings.Contains(line, " connections") {
					t.Errorf("%s: %d columns on a screen of %d: %q", name, n, width, line)
				}
				columns = max(columns, len(strings.Fields(line)))
			}
			head, _, _ := strings.Cut(b.String(), "\n")
			for _, always := range []string{"executor", "verdict"} {
				if !strings.Contains(head, always) {
					t.Errorf("%s: no column %s on a screen of %d: %q", name, always, width, head)
				}
			}
			if n := len(strings.Fields(head)); n < before {
				t.Errorf("%s: %d columns on a screen of %d, and %d on a narrower one", name, n, width, before)
			} else {
				before = n
			}
		}
	}
}

// No line of a text is wider than its screen, unless it is a command, which is
// to be copied, a word, or a table that has no more to leave out.
func TestFold(t *testing.T) {
	recs := fixture.Troubled()
	for i, r := range recs {
		r.Warnings = append(r.Warnings, strings.Repeat("a long warning ", 20))
		r.Reproduce = "teapot run " + strings.Repeat("long ", 40)
		for k := range r.Violations {
			r.Violations[k].Got = strings.Repeat("word ", 30) + strings.Repeat("x", 100) + " and more\nwords"
			r.Violations[k].Reproduce = r.Reproduce
		}
		r.Leaks = append(r.Leaks, fmt.Sprint(i, strings.Repeat(" frames of a stack", 20)))
	}
	render := func(width int) string {
		var b bytes.Buffer
		if err := (Screen{Width: width}).Text(recs)(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, width := range []int{60, 80, 110} {
		for line := range strings.Lines(render(width)) {
			line = strings.TrimRight(line, "\n")
			words := strings.TrimSpace(line)
			if n := utf8.RuneCountInString(line); n > width && strings.Contains(words, " ") &&
				!strings.HasPrefix(words, "teapot run ") {
				t.Errorf("%d columns on a screen of %d: %q", n, width, line)
			}
		}
	}
	squeezed := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	wide, narrow := render(0), render(120)
	if squeezed(wide) != squeezed(narrow) {
		t.Error("a narrow screen has other words")
	}
}

// Colours are those of verdicts, and change nothing else.
func TestScreenColour(t *testing.T) {
	recs := fixture.Troubled()
	var plain, painted bytes.Buffer
	if err := Text(recs)(&plain); err != nil {
		t.Fatal(err)
	}
	if err := (Screen{Colour: true}).Text(recs)(&painted); err != nil {
		t.Fatal(err)
	}
	without := painted.String()
	for _, code := range []int{31, 32, 33, 0} {
		without = strings.ReplaceAll(without, fmt.Sprintf("\x1b[%dm", code), "")
	}
	if without != plain.String() {
		t.Errorf("without its colours the text is another:\n%s\n%s", without, plain.String())
	}
	for verdict, code := range map[string]int{
		"ok": 32, "2 violations": 31, "deadlock": 31, "inconclusive": 33, "invalid": 33, "interrupted": 33,
	} {
		want := fmt.Sprintf("\x1b[%dm%s  \x1b[0m", code, verdict)
		if got := (Screen{Colour: true}).paint(verdict + "  "); got != want {
			t.Errorf("%s: %q, want %q", verdict, got, want)
		}
	}
	if n := strings.Count(painted.String(), "\x1b[0m"); n != len(recs) {
		t.Errorf("%d colours for %d runs", n, len(recs))
	}
}

// TestNoCommand wants no line of a text to begin, after spaces, with what a CI
// server obeys, whatever a recording has for its names, files and messages.
func TestNoCommand(t *testing.T) {
	for _, command := range []string{"::error title=x::y", "##[error]y", "##teamcity[buildStop]", "##vso[task.x]y"} {
		for _, bad := range []string{command, "x\n" + command, "x\n \t" + command, strings.Repeat("x ", 30) + command} {
			r := fixture.Simulate(bad, bad, 3, 20, 0)
			r.Scenario, r.Executor, r.File, r.About, r.Reproduce = bad, bad, bad, bad, bad
			r.Violations = []record.Violation{{
				Check: bad, Got: bad, Want: bad, File: bad, Reproduce: bad, Requests: []string{bad, bad},
			}}
			r.Inconclusive = []record.Violation{{Check: bad, Got: bad, Want: bad, File: bad, Inconclusive: true}}
			r.Warnings, r.Leaks, r.Stuck = []string{bad}, []string{bad}, []string{bad}
			for i := range r.Samples {
				r.Samples[i].Key, r.Samples[i].Error, r.Samples[i].Did = bad, bad, bad
			}
			hung := *r
			hung.Deadlock = bad
			cut := *r
			cut.Interrupted = true
			for _, width := range []int{0, 60} {
				said := render(t, Screen{Width: width}.Text([]*record.Recording{r, &hung, &cut}))
				for line := range strings.Lines(said) {
					begin := strings.TrimSpace(line)
					if strings.HasPrefix(begin, "::") || strings.HasPrefix(begin, "##") {
						t.Errorf("%q: a line is %q", bad, line)
					}
				}
			}
		}
	}
}
