package reports

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files and recording.schema.json")

var testHost = Host{
	Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, MaxProcs: 2,
	Started: time.Date(2026, time.November, 3, 14, 5, 9, 0, time.UTC),
}

// render is what the reporter writes.
func render(t testing.TB, r Reporter) string {
	t.Helper()
	var b strings.Builder
	if err := r(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// golden compares got with the file in testdata, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
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
		t.Errorf("%s (-want +got; rewrite it with go test ./reports -update):\n%s", path, diff)
	}
}
