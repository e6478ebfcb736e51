package formats_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"golang.org/x/net/html"
	"golang.org/x/perf/benchfmt"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

// named are recordings in which everything that anybody can name has the name.
func named(name string) []*record.Recording {
	failed, held := fixture.Simulate(name, name, 2, 4, 1), fixture.Simulate(name, "pool", 2, 4, 0)
	failed.About, failed.File, failed.Warnings = name, name, []string{name}
	held.File = name
	failed.Violations = []record.Violation{{Check: name, Got: name, Want: name, File: name, Line: 1, Reproduce: name}}
	for i := range failed.Samples {
		s := &failed.Samples[i]
		s.Key, s.Error, s.Value, s.Did, s.PlannedFault = name, name, name, name, name
	}
	return []*record.Recording{failed, held}
}

// A reading is what a reader of a format makes of a report: its structure, and
// all text in it.
type reading struct{ shape, text string }

// readers read the formats as their users do.
var readers = map[string]func(text string) (reading, error){
	"junit.xml":       readXML,
	"bench.txt":       readBenchmarks,
	"lines.jsonl":     readJSON,
	"summary.md":      readMarkdown,
	"annotations.txt": readCommands,
	"quality.json":    readJSON,
	"trace.json":      readJSON,
	"samples.csv":     readCSV,
}

// readCommands reads workflow commands as the runner of GitHub Actions does.
func readCommands(text string) (r reading, err error) {
	whole := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for line := range strings.Lines(text) {
		command, message, found := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "::"), "::")
		if !strings.HasPrefix(line, "::") || !found {
			return r, fmt.Errorf("%q is no command", line)
		}
		name, properties, _ := strings.Cut(command, " ")
		r.shape += name
		for property := range strings.SplitSeq(properties, ",") {
			key, value, _ := strings.Cut(property, "=")
			r.shape, r.text = r.shape+" "+key, r.text+whole.Replace(value)+"\n"
		}
		r.shape, r.text = r.shape+"\n", r.text+whole.Replace(message)+"\n"
	}
	return r, nil
}

func readXML(text string) (r reading, err error) {
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			r.shape += "<" + e.Name.Local
			for _, a := range e.Attr {
				r.shape += " " + a.Name.Local
				r.text += a.Value + "\n"
			}
			r.shape += ">"
		case xml.EndElement:
			r.shape += "</>"
		case xml.CharData:
			r.text += string(e) + "\n"
		default:
			r.shape += fmt.Sprintf("%T", e)
		}
	}
}

func readBenchmarks(text string) (r reading, err error) {
	for b := benchfmt.NewReader(strings.NewReader(text), "bench.txt"); b.Scan(); {
		switch line := b.Result().(type) {
		case *benchfmt.SyntaxError:
			return r, line
		case *benchfmt.Result:
			base, parts := line.Name.Parts()
			r.text += string(base)
			r.shape += fmt.Sprintf("%d parts, %d values, %d keys\n", len(parts), len(line.Values), len(line.Config))
		case *benchfmt.UnitMetadata:
			r.shape += line.Unit + line.Key + line.Value + "\n"
		}
	}
	return r, nil
}

func readJSON(text string) (r reading, err error) {
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			return r, nil
		} else if err != nil {
			return r, err
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, k := range slices.Sorted(maps.Keys(v)) {
					r.shape += k + "{"
					walk(v[k])
					r.shape += "}"
				}
			case []any:
				for _, e := range v {
					walk(e)
					r.shape += ","
				}
			case string:
				r.text += v + "\n"
			}
		}
		walk(v)
		r.shape += "\n"
	}
}

func readCSV(text string) (r reading, err error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	for _, row := range rows {
		r.shape += fmt.Sprintln(len(row))
		r.text += strings.Join(row, "\n") + "\n"
	}
	if got := strings.Count(text, "\n"); err == nil && got != len(rows) {
		return r, fmt.Errorf("%d lines for %d rows", got, len(rows))
	}
	return r, err
}

func readMarkdown(text string) (r reading, err error) {
	var page bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(text), &page); err != nil {
		return r, err
	}
	for z := html.NewTokenizer(&page); ; {
		switch z.Next() {
		case html.ErrorToken:
			return r, nil
		case html.TextToken:
			r.text += string(z.Text())
		case html.CommentToken: // what keeps a name behind an @ from being called
		default:
			name, _ := z.TagName()
			r.shape += string(name) + " "
		}
	}
}

// tame are the structures of the reports of a name without tricks.
var tame = sync.OnceValue(func() map[string]string {
	shapes := map[string]string{}
	for file, read := range readers {
		var text strings.Builder
		_ = all[file](host, named("tame"))(&text) // a builder takes everything
		r, _ := read(text.String())
		shapes[file] = r.shape
	}
	return shapes
})

// hold wants reports of recordings with the name to be read as those of
// recordings with a tame one are, and to show it as text.
func hold(t *testing.T, name string) {
	t.Helper()
	for file, read := range readers {
		got, err := read(render(t, all[file](host, named(name))))
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if want := tame()[file]; got.shape != want {
			t.Errorf("%s: a name changes what is read (-want +got):\n%.2000s", file, cmp.Diff(want, got.shape))
		}
	}
}

// TestNames shows names that want out of the report as text, in every format.
func TestNames(t *testing.T) {
	for _, c := range []struct{ name, shown string }{
		{"tame", "tame"},
		{`<script>alert("x")</script>`, `<script>alert("x")</script>`},
		{`</failure></testcase>]]>`, `</failure></testcase>]]>`},
		{`"quoted", 'and' ` + "`so`", `"quoted", 'and' ` + "`so`"},
		{"a|b\\|c\\\\|d", `a|b\|c\\|d`},
		{"*a* _b_ ~~c~~ [d](http://e) ![f](g) $h$ :i:", "*a* _b_ ~~c~~ [d](http://e) ![f](g) $h$ :i:"},
		{"http://a.b/c www.d.e f@g.h", "http://a.b/c www.d.e f@g.h"},
		{"# heading", "# heading"},
		{"- item", "- item"},
		{"1. item", "1. item"},
		{"```", "```"},
		{"~~~~", "~~~~"},
		{"  spaces  ", "spaces"},
		{"|", "|"},
		{"\\", `\`},
		{"=1+1", "=1+1"},
		{"a/b=c%20:d", "a/b=c%20:d"},
		{"one\ntwo\r\n\n# three", "three"},
		{"\x00\x1b[31m\u202e\u2028\ufeff", "[31m"},
		{"\xff\xfe", ""},
		{"שלום עולם", "שלום עולם"},
		{"👩‍💻🫖", "👩‍💻🫖"},
		{strings.Repeat("long", 2560), "longlonglong"},
		{strings.Repeat("`", 10000), "`````"},
		{strings.Repeat("👩‍💻", 3000), "👩‍💻👩‍💻"},
		{"{{.}} ${x} %s %[1]d %!d", "{{.}} ${x} %s %[1]d %!d"},
		{"&amp; &#60; &nbsp;", "&amp; &#60; &nbsp;"},
		{" ", ""},
		{"\t\n", ""},
		{"\u00a0", ""},
		{"\u200b", ""},
		{"a ", "a"},
		{"a\u00a0", "a"},
		{"a.", "a."},
		{"-", "-"},
		{"-2", "-2"},
		{"---", "---"},
		{"***", "***"},
		{"===", "==="},
	} {
		t.Run(fmt.Sprintf("%.20q", c.name), func(t *testing.T) {
			hold(t, c.name)
			for file, read := range readers {
				got, _ := read(render(t, all[file](host, named(c.name))))
				if file != "bench.txt" && !strings.Contains(got.text, c.shown) {
					t.Errorf("%s: no %q in\n%.1000s", file, c.shown, got.text)
				}
			}
		})
	}
}

func FuzzNames(f *testing.F) {
	f.Add("tame")
	f.Add("a|b\\|c `d` *e* [f](g)")
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" { // an empty error
			return
		}
		hold(t, name)
	})
}

// commands are what CI servers obey where a line begins with it, after spaces:
// GitHub Actions, Azure Pipelines and TeamCity.
var commands = []string{"::error title=x::y", "##[error]y", "##teamcity[buildStop]", " \t::stop-commands::y"}

// TestNoCommand wants no more lines of a report to be commands than where all
// names are tame: those of GitHub's annotations, and headings of Markdown.
func TestNoCommand(t *testing.T) {
	obeyed := func(said string) (lines []string) {
		for line := range strings.Lines(said) {
			begin := strings.TrimLeft(line, " \t")
			if strings.HasPrefix(begin, "::") || strings.HasPrefix(begin, "##") {
				lines = append(lines, line)
			}
		}
		return lines
	}
	for format, report := range all {
		want := len(obeyed(render(t, report(host, named("tame")))))
		for _, command := range commands {
			for _, name := range []string{command, "x\n" + command, "x\r\n" + command + "\n" + command} {
				if lines := obeyed(render(t, report(host, named(name)))); len(lines) != want {
					t.Errorf("%s, %q: %d lines are commands, want %d: %.200q", format, name, len(lines), want, lines)
				}
			}
		}
	}
}
