package starter

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestOwnOutputs wants this project to ignore what it has others ignore.
func TestOwnOutputs(t *testing.T) {
	text, err := os.ReadFile("../../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for _, output := range (Project{}).Outputs() {
		if !slices.Contains(lines, output.Pattern) {
			t.Errorf("%s, which %s leaves, is not in .gitignore", output.Pattern, output.By)
		}
	}
}
