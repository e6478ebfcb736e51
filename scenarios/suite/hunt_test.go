package suite

import (
	"context"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// get returns a client that reports a truncated body as a class.
func get(as record.Class) scenarios.RequestFunc {
	return func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
		seen := scenarios.Downloader{}.Download(ctx, s, key, n)
		if seen.Class == record.Truncated {
			seen = record.Seen{Class: as}
		}
		return seen
	}
}

// TestHunted tries the worlds of a scenario with hunt, as a spec does.
func TestHunted(t *testing.T) {
	t.Chdir(t.TempDir())
	client := func(as record.Class) Config {
		return Config{Vocabulary: scenarios.Vocabulary{Folder: ".", Tasks: map[string]scenarios.WorkloadFunc{
			"get": scenarios.RequestWorkload(get(as)),
		}}}
	}
	for _, tt := range []struct {
		name  string
		as    record.Class
		rate  string
		wrong []string // of what is wrong; none if nothing is
	}{
		{"correct", record.Truncated, "0.1", nil},
		{"nothing met", record.Truncated, "1e-9", []string{"no request met any fault"}},
		{
			"wrong", record.OK, "0.1",
			[]string{
				"truncate: got ok, want truncated", "at: {key: ", "testdata/hunt/hunted/", "reproduce: make again",
			},
		},
		{"wrong again", record.OK, "0.1", []string{"still fails: testdata/hunt/hunted/"}},
		{"mended", record.Truncated, "0.1", nil},
	} {
		text := "name: hunted\nclock: virtual\nserver: {faults: [{kind: truncate, rate: " + tt.rate + "}]}\n" +
			"workload: {task: get, flags: top20}\nexecutors: [{kind: pool, workers: 5}]\nhunt: {seeds: 10}\n"
		c := client(tt.as)
		s, mistakes := c.Vocabulary.Parse("hunted.yaml", []byte(text))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		rec, wrong := c.hunted(t.Context(), s.Cases()[0], "make again")
		if rec == nil {
			t.Fatal(wrong)
		}
		for _, part := range tt.wrong {
			if !strings.Contains(wrong, part) {
				t.Errorf("%s: got %s, want %q", tt.name, wrong, part)
			}
		}
		if tt.wrong == nil && wrong != "" {
			t.Errorf("%s: got %s", tt.name, wrong)
		}
	}
}
