package reports

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/teapot-go/teapot/reports/text"
)

// A Host describes where and when the runs were made. Everything that differs
// between two equal runs under the virtual clock is here.
type Host struct {
	Go       string        `json:"go"`                // the Go release that built the program, as in go1.26.8
	OS       string        `json:"os"`                // the operating system, as GOOS names it
	Arch     string        `json:"arch"`              // the processor's architecture, as GOARCH names it
	CPUs     int           `json:"cpus"`              // the logical processors that the program could use
	MaxProcs int           `json:"max_procs"`         // the processors that Go used at once (GOMAXPROCS)
	Started  time.Time     `json:"started"`           // when the first run began, by the wall clock, in UTC
	Took     time.Duration `json:"took_ns,omitempty"` // from then until all runs were judged, 0 if not known

	Commit string `json:"commit,omitempty"` // that was tested, "" if not known
	Branch string `json:"branch,omitempty"` // it was tested for
	Job    string `json:"job,omitempty"`    // the address of the job of a CI server that ran it

	Command string `json:"command,omitempty"`      // that made the runs, without passwords, "" if not known
	Planned int    `json:"planned_runs,omitempty"` // of an interrupted command, how many runs there were to be

	Turns string `json:"turns,omitempty"` // equal in two recordings whose runs alternated, and in no others
}

// ThisHost returns the facts about the host that the program runs on, for runs
// that began at started and are over.
func ThisHost(started time.Time) Host {
	return Host{
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPUs: runtime.NumCPU(), MaxProcs: runtime.GOMAXPROCS(0),
		Started: started.UTC().Truncate(time.Second), Took: time.Since(started).Round(time.Millisecond),
	}
}

// jobs are the variables in which CI servers tell their jobs the commit, the
// branch and the address of the job. Where several are named, the first that is
// set counts; those of an address are joined, with what is no variable.
var jobs = []struct {
	server, commit string
	branch, job    []string
}{
	{
		"GITHUB_ACTIONS", "GITHUB_SHA",
		[]string{"GITHUB_HEAD_REF", "GITHUB_REF_NAME"},
		[]string{"GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "actions/runs", "GITHUB_RUN_ID"},
	},
	{"GITLAB_CI", "CI_COMMIT_SHA", []string{"CI_COMMIT_REF_NAME"}, []string{"CI_JOB_URL"}},
	{"CIRCLECI", "CIRCLE_SHA1", []string{"CIRCLE_BRANCH"}, []string{"CIRCLE_BUILD_URL"}},
	{"BUILDKITE", "BUILDKITE_COMMIT", []string{"BUILDKITE_BRANCH"}, []string{"BUILDKITE_BUILD_URL"}},
	{"JENKINS_URL", "GIT_COMMIT", []string{"GIT_BRANCH"}, []string{"BUILD_URL"}},
}

// InJob returns the host with what a CI server says, in the environment that
// getenv reads, of the job that made the runs. Elsewhere the commit is that of
// the program, if its tasks are in it.
func (h Host) InJob(getenv func(string) string) Host {
	for _, v := range jobs {
		if server := getenv(v.server); server == "" || server == "false" {
			continue
		}
		h.Commit = getenv(v.commit)
		for _, name := range v.branch {
			h.Branch = cmp.Or(h.Branch, getenv(name))
		}
		var parts []string
		for _, name := range v.job {
			if name != strings.ToUpper(name) { // a part of the address itself
				parts = append(parts, name)
			} else {
				parts = append(parts, getenv(name))
			}
		}
		if getenv(v.job[0]) != "" {
			h.Job = strings.Join(parts, "/")
		}
		return h
	}
	if info, known := debug.ReadBuildInfo(); known {
		h.Commit = builtFrom(info)
	}
	return h
}

// builtFrom returns the commit that a program was built from, "" if that is not
// known, or if the sources had changes. A teapot without tasks of its own tests
// what is not of its commit.
func builtFrom(info *debug.BuildInfo) string {
	commit, changed := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			changed = s.Value != "false"
		}
	}
	if changed || info.Main.Path == "github.com/teapot-go/teapot" {
		return ""
	}
	return commit
}

// passwords are those of addresses, with the users.
var passwords = regexp.MustCompile(`://[^/\s'"@]*@`)

// By returns the host with the command that made the runs.
func (h Host) By(command string) Host {
	h.Command = passwords.ReplaceAllString(command, "://")
	return h
}

// validate returns what no host can be.
func (h Host) validate() (problems []error) {
	for _, x := range []struct {
		key string
		n   int
	}{{"cpus", h.CPUs}, {"max_procs", h.MaxProcs}, {"planned_runs", h.Planned}} {
		if x.n < 0 || x.n > math.MaxInt32 {
			problems = append(problems, fmt.Errorf("host: %s: got %d, want 0 to %d", x.key, x.n, math.MaxInt32))
		}
	}
	if h.Took < 0 {
		problems = append(problems, fmt.Errorf("host: took_ns: got %d, want 0 or more", h.Took))
	}
	return problems
}

// String returns the host as one line, or "" for the zero Host.
func (h Host) String() string {
	if h == (Host{}) {
		return ""
	}
	s := fmt.Sprintf("%s on %s/%s, %s", h.Go, h.OS, h.Arch, text.Plural(h.CPUs, "CPU"))
	if h.MaxProcs != h.CPUs {
		s += fmt.Sprintf(" (%d used)", h.MaxProcs)
	}
	if h.Started.IsZero() {
		return s
	}
	s += ", " + h.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	if h.Took > 0 {
		s += ", took " + text.Short(h.Took)
	}
	return s
}
