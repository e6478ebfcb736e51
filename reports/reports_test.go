package reports

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestReportersSurvive(t *testing.T) {
	for name, recs := range fixture.Empties() {
		for kind, r := range map[string]Reporter{"text": Text(recs), "json": JSON(testHost, recs)} {
			if first, again := render(t, r), render(t, r); first != again || first == "" {
				t.Errorf("%s of %s: empty, or different when written again", kind, name)
			}
			if err := r(broken{}); !errors.Is(err, errFull) {
				t.Errorf("%s of %s to a full disk: got error %v, want %v", kind, name, err, errFull)
			}
		}
	}
}

var errFull = errors.New("disk full")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.txt")
	say := func(s string) Reporter {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	for _, text := range []string{"first", "second"} {
		if err := WriteFile(path, say(text)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	err := WriteFile(path, func(w io.Writer) error { io.WriteString(w, "half"); return errFull })
	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), path) {
		t.Errorf("got error %v, want %v and the path", err, errFull)
	}
	if got, _ := os.ReadFile(path); string(got) != "second" {
		t.Errorf("a report that failed left %q, want the one before it", got)
	}
	link := filepath.Join(dir, "link.txt")
	if err := os.Symlink("report.txt", link); err == nil {
		if err := WriteFile(link, say("third")); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != "third" {
			t.Errorf("through a link: got %q, want third", got)
		}
	}
	if err := WriteFile(filepath.Join(dir, "missing", "r.txt"), say("x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got error %v, want %v", err, os.ErrNotExist)
	}
	if err := WriteFile(dir, say("x")); err == nil {
		t.Error("a folder was replaced by a report")
	}
	if err := WriteFile(os.DevNull, say("x")); err != nil {
		t.Error(err)
	}
	for _, good := range []string{path, link, filepath.Join(dir, "new"), os.DevNull} {
		if err := Writable(good); err != nil {
			t.Error(err)
		}
	}
	missing := filepath.Join(dir, "missing", "r.txt")
	for file, want := range map[string]error{
		dir: syscall.EISDIR, missing: os.ErrNotExist,
		filepath.Join(path, "r.txt"): syscall.ENOTDIR,
	} {
		for _, err := range []error{Writable(file), WriteFile(file, say("x"))} {
			if err == nil || !strings.HasPrefix(err.Error(), "report "+file+": ") ||
				strings.Contains(err.Error(), ".tmp") {
				t.Errorf("got error %v, want the path and no other", err)
			}
		}
		if err := Writable(file); !errors.Is(err, want) {
			t.Errorf("got error %v, want %v", err, want)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "third" {
		t.Errorf("to ask whether a report can be written left %q of it", got)
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestThisHost(t *testing.T) {
	h := ThisHost(time.Date(2026, 11, 3, 15, 5, 9, 7, time.FixedZone("CET", 3600)))
	if !strings.Contains(h.String(), "2026-11-03 14:05:09 UTC, took ") || h.CPUs < 1 || h.MaxProcs < 1 || h.Arch == "" {
		t.Errorf("got %v", h)
	}
	h.CPUs, h.MaxProcs = 8, 2
	if !strings.Contains(h.String(), "8 CPUs (2 used)") {
		t.Errorf("got %v", h)
	}
}

func TestInJob(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want Host
	}{
		"none":         {map[string]string{"GITHUB_SHA": "abc"}, Host{}},
		"switched off": {map[string]string{"GITHUB_ACTIONS": "false", "GITHUB_SHA": "abc"}, Host{}},
		"GitHub, a pull request": {
			map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_SHA": "abc",
				"GITHUB_HEAD_REF": "fix", "GITHUB_REF_NAME": "12/merge",
				"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r", "GITHUB_RUN_ID": "7",
			},
			Host{Commit: "abc", Branch: "fix", Job: "https://github.com/o/r/actions/runs/7"},
		},
		"GitHub, a push": {
			map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_SHA": "abc", "GITHUB_REF_NAME": "main"},
			Host{Commit: "abc", Branch: "main"},
		},
		"GitLab": {
			map[string]string{
				"GITLAB_CI": "true", "CI_COMMIT_SHA": "abc",
				"CI_COMMIT_REF_NAME": "main", "CI_JOB_URL": "https://g/j/1",
			},
			Host{Commit: "abc", Branch: "main", Job: "https://g/j/1"},
		},
		"CircleCI": {
			map[string]string{
				"CIRCLECI": "true", "CIRCLE_SHA1": "abc", "CIRCLE_BRANCH": "b", "CIRCLE_BUILD_URL": "https://c",
			},
			Host{Commit: "abc", Branch: "b", Job: "https://c"},
		},
		"Buildkite": {
			map[string]string{
				"BUILDKITE": "true", "BUILDKITE_COMMIT": "abc",
				"BUILDKITE_BRANCH": "b", "BUILDKITE_BUILD_URL": "https://b",
			},
			Host{Commit: "abc", Branch: "b", Job: "https://b"},
		},
		"Jenkins": {
			map[string]string{
				"JENKINS_URL": "https://j", "GIT_COMMIT": "abc", "GIT_BRANCH": "b", "BUILD_URL": "https://j/1",
			},
			Host{Commit: "abc", Branch: "b", Job: "https://j/1"},
		},
	} {
		if got := (Host{}).InJob(func(key string) string { return c.env[key] }); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
