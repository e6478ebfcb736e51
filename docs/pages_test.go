package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the repository, as seen from this one.
const root = ".."

// A page is one Markdown file.
type page struct {
	file   string // relative to root, with slashes
	text   string
	blocks []block
}

// A block is a fenced block of a page. The first word behind its fence is the
// language; a further word is the name of the file that it holds, or exit=N for
// the exit status of its last command.
type block struct {
	page       *page
	line       int // of the first line of text, from 1
	lang, name string
	exit       int
	text       string
}

var fence = regexp.MustCompile("(?m)^```([^\n`]*)\n((?s).*?)^```$")

// pages returns the README, CONTRIBUTING and every page of docs.
func pages(t *testing.T) []*page {
	t.Helper()
	files := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	inDocs, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range inDocs {
		files = append(files, "docs/"+f)
	}
	var all []*page
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(root, f))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parse(f, string(text)))
	}
	if len(all) < 5 {
		t.Fatalf("only %d pages found: the tests of this package hold nothing", len(all))
	}
	return all
}

func parse(file, text string) *page {
	p := &page{file: file, text: text}
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		b := block{page: p, line: strings.Count(text[:m[4]], "\n") + 1, text: text[m[4]:m[5]]}
		for i, word := range strings.Fields(text[m[2]:m[3]]) {
			switch {
			case i == 0:
				b.lang = word
			case word == "exit=1":
				b.exit = 1
			case word == "exit=2":
				b.exit = 2
			default:
				b.name = word
			}
		}
		p.blocks = append(p.blocks, b)
	}
	return p
}

// folder is the page's folder in the module of the snippets.
func (p *page) folder() string {
	name := strings.ToLower(strings.TrimSuffix(p.file, ".md"))
	return strings.NewReplacer("/", "", "-", "").Replace(name)
}

// TestPages holds what every page must have: blocks of known languages, links
// that lead somewhere, and files, and names in files, that exist.
func TestPages(t *testing.T) {
	all := pages(t)
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.file] = headings(p.text)
	}
	known := map[string]bool{"go": true, "yaml": true, "sh": true, "console": true}
	files := map[string]bool{"python": true, "javascript": true} // if they have a name, by which a command runs them
	for _, p := range all {
		for _, b := range p.blocks {
			if !known[b.lang] && !(files[b.lang] && b.name != "") {
				t.Errorf("%s:%d: no test runs %q: want go, yaml, sh or console, or a file", p.file, b.line, b.lang)
			}
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			to := p.file
			if target != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(p.file), target))
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: the link %s leads nowhere", p.file, m[1])
			} else if known, page := anchors[to]; page && anchor != "" && !known[anchor] {
				t.Errorf("%s: %s has no heading for the link %s", p.file, to, m[1])
			}
		}
	}
	for _, p := range all {
		prose := fence.ReplaceAllString(p.text, "")
		for _, m := range place.FindAllStringSubmatch(prose, -1) {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m[2])))
			if err != nil && !isDir(m[2]) {
				t.Errorf("%s: there is no %s", p.file, m[2])
			} else if m[1] != "" && !strings.Contains(string(text), m[1]) {
				t.Errorf("%s: there is no %s in %s", p.file, m[1], m[2])
			}
		}
	}
	readme, index := all[0], ""
	for _, p := range all {
		if p.file == "docs/README.md" {
			index = p.text
		}
	}
	for _, p := range all {
		name, inDocs := strings.CutPrefix(p.file, "docs/")
		if inDocs && name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md has no link to %s", p.file)
		}
	}
	if n := strings.Count(readme.text, "\n"); n > 130 {
		t.Errorf("README.md has %d lines, want at most 130", n)
	}
	if info, err := os.Stat("report.png"); err != nil || info.Size() > 150<<10 {
		t.Errorf("docs/report.png must exist and have at most 150 KiB: make picture (%v)", err)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	folders = "(?:cmd|docs|executor|harness|reports|scenarios|servers)"
	place   = regexp.MustCompile("(?:`(\\w+)` in )?`(" + folders + "/[\\w./-]+)`")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	nonWord = regexp.MustCompile(`[^a-z0-9 _-]`)
)

func isDir(name string) bool {
	info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil && info.IsDir()
}

// headings returns the anchors that GitHub gives to a page's headings.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		anchors[strings.ReplaceAll(nonWord.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return anchors
}
