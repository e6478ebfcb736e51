package suite_test

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/scenarios/suite"
)

// TestSamples wants the reports of a suite to keep no more samples than they
// are to, and those of a suite that sets no limit to keep all.
func TestSamples(t *testing.T) {
	const tasks = 300
	files := fstest.MapFS{"many.yaml": {Data: []byte("name: many\nclock: virtual\nserver: {body: 1B}\n" +
		"workload: {task: download, keys: {count: 300}}\nexecutors: [{kind: async}]\n")}}
	for _, tt := range []struct{ samples, least, most int }{{0, tasks, tasks}, {1, 40, 100}, {200, 80, 200}} {
		dir := t.TempDir()
		c := suite.Config{
			Files: files, Samples: tt.samples, NoCI: true, Report: filepath.Join(dir, "r.html"),
			JSON: filepath.Join(dir, "r.json"),
		}
		suite.Run(t, c)
		text, err := os.Open(c.JSON)
		if err != nil {
			t.Fatal(err)
		}
		_, recs, err := reports.Read(text)
		text.Close()
		if err != nil || len(recs) != 1 {
			t.Fatalf("%d recordings, %v", len(recs), err)
		}
		if n := len(recs[0].Samples); n < tt.least || n > tt.most || recs[0].Tasks() != tasks {
			t.Errorf("with a limit of %d: %d samples of %d tasks", tt.samples, n, recs[0].Tasks())
		}
	}
}
