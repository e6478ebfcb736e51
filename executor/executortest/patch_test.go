package executortest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A hunk is one hunk of a unified diff.
type hunk struct {
	file  string   // without the leading b/
	lines []string // each with its first character: ' ', '-' or '+'
}

// An edit replaces the lines [from, to) of a text.
type edit struct {
	from, to int
	with     []string
}

// parseDiff reads a unified diff, and accepts nothing else but empty lines
// before it. The line numbers of a hunk are for readers: see locate.
func parseDiff(text string) (hunks []hunk, err error) {
	var file string
	var old, added int // lines that the current hunk must still have
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if old > 0 || added > 0 {
			if line == "" {
				line = " " // an editor may have cut it
			}
			h := &hunks[len(hunks)-1]
			h.lines = append(h.lines, line)
			if line[0] == ' ' || line[0] == '-' {
				old--
			}
			if line[0] == ' ' || line[0] == '+' {
				added--
			}
			if !strings.ContainsRune(" -+", rune(line[0])) || old < 0 || added < 0 {
				return nil, fmt.Errorf("line %d of the diff: %q does not belong to the hunk", i+1, line)
			}
			continue
		}
		var at [2]int
		switch name, isNew := strings.CutPrefix(line, "+++ b/"); {
		case line == "" && file == "", strings.HasPrefix(line, "--- a/"):
		case isNew:
			file = name
		default:
			if n, _ := fmt.Sscanf(line, "@@ -%d,%d +%d,%d @@", &at[0], &old, &at[1], &added); n != 4 || file == "" {
				return nil, fmt.Errorf("line %d of the diff: %q is not a line of a unified diff", i+1, line)
			}
			hunks = append(hunks, hunk{file: file})
		}
	}
	if old > 0 || added > 0 || len(hunks) == 0 {
		return nil, fmt.Errorf("the diff ends too early")
	}
	return hunks, nil
}

// locate returns what the hunk changes in a text. The lines that the hunk has
// in common with the text must be there exactly once, wherever that is.
func (h hunk) locate(text string) ([]edit, error) {
	lines := strings.Split(text, "\n")
	var old []string
	for _, l := range h.lines {
		if l[0] != '+' {
			old = append(old, l[1:])
		}
	}
	var starts []int
	for i := range max(0, len(lines)-len(old)+1) {
		if slices.Equal(lines[i:i+len(old)], old) {
			starts = append(starts, i)
		}
	}
	if len(starts) != 1 {
		return nil, fmt.Errorf("want these lines once, found them %d times:\n%s", len(starts), strings.Join(old, "\n"))
	}
	var edits []edit
	at, open := starts[0], false // open while the last edit goes on
	for _, l := range h.lines {
		if l[0] == ' ' {
			at, open = at+1, false
			continue
		}
		if !open {
			edits, open = append(edits, edit{from: at, to: at}), true
		}
		e := &edits[len(edits)-1]
		if l[0] == '-' {
			at++
			e.to = at
		} else {
			e.with = append(e.with, l[1:])
		}
	}
	return edits, nil
}

// apply makes all edits of a text. Insertions in one place stand in the order
// given. Two edits that change the same line are an error.
func apply(text string, edits []edit) (string, error) {
	lines := strings.Split(text, "\n")
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return a.to - b.to // insertions come before a replacement
	})
	var out []string
	at := 0
	for _, e := range edits {
		if e.from < at {
			return "", fmt.Errorf("line %d is changed twice", e.from+1)
		}
		out = append(append(out, lines[at:e.from]...), e.with...)
		at = e.to
	}
	return strings.Join(append(out, lines[at:]...), "\n"), nil
}

func TestPatch(t *testing.T) {
	const text = "one\ntwo\nthree\nfour\n"
	patch := func(body string) string { return "\n--- a/x\n+++ b/x\n" + body }
	for _, c := range []struct {
		name, patch, want string
		fails             bool
	}{
		{"a replacement", patch("@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"), "one\nzwei\nthree\nfour\n", false},
		{
			"an insertion elsewhere", patch("@@ -7,2 +7,3 @@\n two\n+and\n three\n"),
			"one\ntwo\nand\nthree\nfour\n", false,
		},
		{
			"two in one place", patch("@@ -1,1 +1,2 @@\n two\n+a\n@@ -1,1 +1,2 @@\n two\n+b\n"),
			"one\ntwo\na\nb\nthree\nfour\n", false,
		},
		{"two changes of a line", patch("@@ -2,1 +2,1 @@\n-two\n+a\n@@ -2,1 +2,1 @@\n-two\n+b\n"), "", true},
		{"other lines", patch("@@ -1,1 +1,1 @@\n-zwei\n+two\n"), "", true},
		{"lines that are there twice", patch("@@ -1,0 +1,1 @@\n+two\n"), "", true},
		{"a hunk that is too short", patch("@@ -1,2 +1,2 @@\n one\n"), "", true},
		{"a hunk that is too long", patch("@@ -1,1 +1,1 @@\n one\n two\n"), "", true},
		{"no diff", "not a diff\n", "", true},
		{"an empty diff", "", "", true},
	} {
		hunks, err := parseDiff(c.patch)
		var edits []edit
		for _, h := range hunks {
			found, failed := h.locate(text)
			edits = append(edits, found...)
			if err == nil {
				err = failed
			}
		}
		got := ""
		if err == nil {
			got, err = apply(text, edits)
		}
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}
