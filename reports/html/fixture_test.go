package html

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/reports"
)

var testHost = reports.Host{
	Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2, MaxProcs: 2,
	Started: time.Date(2026, time.November, 3, 14, 5, 9, 0, time.UTC),
}

// render is what the reporter writes.
func render(t testing.TB, r reports.Reporter) string {
	t.Helper()
	var b strings.Builder
	if err := r(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
