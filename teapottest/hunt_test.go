package teapottest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/teapottest"
)

// huntFaults are the faults of the worlds below.
const huntFaults = "server: {faults: [{kind: truncate, rate: 0.01}, {kind: status, status: 503, rate: 0.1}]}\n"

// gullible takes a truncated body for a success.
func gullible(ctx context.Context, client *http.Client, url string) error {
	if err := get(ctx, client, url); !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return nil
}

// TestCheckHunts wants a scenario with hunt to be tried in many worlds, and the
// smallest that fails to be kept.
func TestCheckHunts(t *testing.T) {
	t.Chdir(t.TempDir())
	const world = huntFaults + "workload: {task: check, flags: top20}\nhunt: {seeds: 20}\n"
	teapottest.Check(t, world, get)

	for _, want := range []string{"the smallest of ", "still fails: "} {
		found := checked(t, world, gullible)
		if strings.Count(found, "a correct client: ") != 2 || !strings.Contains(found, want) ||
			!strings.Contains(found, "{kind: truncate, at: {key: ") ||
			!strings.Contains(found, "classification: plain") {
			t.Errorf("got %s, want %s", found, want)
		}
	}
	files, err := filepath.Glob("testdata/hunt/TestCheckHunts/check/*.yaml")
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	teapottest.Check(t, world, get) // the file, too
	if err := os.RemoveAll("testdata"); err != nil {
		t.Fatal(err)
	}
}

// backwards is a program that reports the last key first.
func backwards(program harness.Batch) harness.Batch {
	return func(ctx context.Context, s *servers.Server, keys []string, emit func(string, record.Seen)) error {
		seen := map[string]record.Seen{}
		err := program(ctx, s, keys, func(key string, is record.Seen) { seen[key] = is })
		for _, key := range slices.Backward(keys) {
			emit(key, seen[key])
		}
		return err
	}
}

// TestBatchHunts: the smallest world for a whole program leaves it its workers,
// of which it is not told: once it is mended, it passes there too.
func TestBatchHunts(t *testing.T) {
	t.Chdir(t.TempDir())
	const world = "server: {latency: \"uniform(1ms, 1s)\"}\nworkload: {batch: check, flags: top20}\n" +
		"executors: [{kind: own, workers: 4}]\nexpect: {order: submission}\nhunt: {seeds: 20}\n"
	all := func(string) bool { return true }
	hasty := func(t testing.TB) { teapottest.CheckBatch(t, world, backwards(downloading(4, true, all))) }
	for _, want := range []string{"the smallest of ", "still fails: "} {
		if found := said(t, hasty); !strings.Contains(found, "delivery of ") || !strings.Contains(found, want) {
			t.Errorf("got %s, want %s", found, want)
		}
	}
	teapottest.CheckBatch(t, world, downloading(4, true, all))
	if found := said(t, func(t testing.TB) {
		teapottest.CheckBatch(t, world+"vary: {workers: [1, 8]}\n", downloading(4, true, all))
	}); !strings.Contains(found, "vary.workers: ") {
		t.Errorf("got %q", found)
	}
}

func FuzzCheck(f *testing.F) {
	teapottest.Fuzz(f, huntFaults+"workload: {task: check, flags: top20}\n", get)
}
