package suite

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// A kept file holds the recording of a case from its spec until the report.
//
// The spec may run in another process than the report. Ginkgo offers report
// entries for that, and writes each of them twice into every file that
// --junit-report and --json-report make: megabytes of recordings.
type kept string

const prefix = "teapot-suite-"

// kept names the file of a case.
func (c Config) kept(suite types.SuiteConfig, k scenarios.Case) kept {
	return kept(filepath.Join(c.folder(suite), digest(k.Scenario.File(), k.Executor())+".json"))
}

// folder names the temporary folder of a suite's recordings. The processes of
// one run find the same name, and no other run does: they share a parent, the
// port at which the parent listens, and a seed. Suites that write the same
// report share a folder.
func (c Config) folder(suite types.SuiteConfig) string {
	leader := os.Getpid()
	if suite.ParallelTotal > 1 {
		leader = os.Getppid()
	}
	run := digest(fmt.Sprint(leader), suite.ParallelHost, fmt.Sprint(suite.RandomSeed), c.htmlFile(), c.jsonFile())
	return filepath.Join(os.TempDir(), prefix+run)
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x", sum[:12])
}

func (k kept) remove() error {
	if err := os.Remove(string(k)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// keep writes a recording, if there is one, and fails the spec if it cannot.
func (k kept) keep(rec *record.Recording) {
	if rec == nil {
		return
	}
	if err := k.write(rec); err != nil {
		ginkgo.Fail(err.Error())
	}
}

// write writes the whole recording or nothing, so that a process that is
// killed leaves no half of one.
func (k kept) write(rec *record.Recording) error {
	text, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(string(k)), 0o700); err != nil {
		return err
	}
	return files.Write(string(k), text)
}

// collect reads the recordings of a suite and removes their folder. Ginkgo
// shuffles and processes race: the recordings are sorted by scenario file.
func (c Config) collect(suite types.SuiteConfig) (recs []*record.Recording, err error) {
	folder := c.folder(suite)
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	defer removeOld()
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		rec := new(record.Recording)
		if err := json.Unmarshal(text, rec); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		recs = append(recs, rec)
	}
	slices.SortStableFunc(recs, func(a, b *record.Recording) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Position, b.Position))
	})
	return recs, nil
}

// removeOld removes what suites have left behind that could not come to their
// end: Ginkgo skips the report when one of its processes dies. A folder in
// which nothing has been written for a day has no suite any more.
func removeOld() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(folder)
		}
	}
}
