package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFound holds the page of what was found in libraries to the gallery, which
// is made by a run: each row of the one has a row of the other, in which every
// run found the mistake.
func TestFound(t *testing.T) {
	gallery := string(read(t, filepath.Join(root, "docs", "gallery.md")))
	_, wrong, _ := strings.Cut(gallery, "\n## Wrong clients\n")
	rows := regexp.MustCompile(`(?m)^\| ([^|]+[0-9][^|]*), ([^|]+) \|`).FindAllStringSubmatch(
		string(read(t, filepath.Join(root, "docs", "found.md"))), -1)
	if len(rows) < 5 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		name := row[1] + ", " + row[2]
		if !strings.Contains(wrong, "\n| "+name+" | 100 of 100 |") {
			t.Errorf("the gallery has no such client that is found in every run: %s", name)
		}
	}
	libraries := regexp.MustCompile(`(?m)^\| (\S+ (?:v\d )?\d+\.[^ ,]+), `)
	for _, library := range libraries.FindAllStringSubmatch(wrong, -1) {
		if !strings.Contains(string(read(t, filepath.Join(root, "docs", "found.md"))), library[1]) {
			t.Errorf("the gallery has found something in %s, of which found.md says nothing", library[1])
		}
	}
}
