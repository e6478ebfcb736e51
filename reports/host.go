package reports

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/teapot-go/teapot/reports/text"
)

// A Host describes where and when the runs were made. Everything that differs
// between two equal runs under the virtual clock is here.
type Host struct {
	Go       string    `json:"go"`        // the Go release that built the program, as in go1.26.8
	OS       string    `json:"os"`        // the operating system, as GOOS names it
	Arch     string    `json:"arch"`      // the processor's architecture, as GOARCH names it
	CPUs     int       `json:"cpus"`      // the logical processors that the program could use
	MaxProcs int       `json:"max_procs"` // the processors that Go used at once (GOMAXPROCS)
	Started  time.Time `json:"started"`   // when the first run began, by the wall clock, in UTC

	Turns string `json:"turns,omitempty"` // equal in two recordings whose runs alternated, and in no others
}

// ThisHost returns the facts about the host that the program runs on, for runs
// that began at started.
func ThisHost(started time.Time) Host {
	return Host{
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPUs: runtime.NumCPU(), MaxProcs: runtime.GOMAXPROCS(0),
		Started: started.UTC().Truncate(time.Second),
	}
}

// validate returns what no host can be.
func (h Host) validate() (problems []error) {
	for _, x := range []struct {
		key string
		n   int
	}{{"cpus", h.CPUs}, {"max_procs", h.MaxProcs}} {
		if x.n < 0 || x.n > math.MaxInt32 {
			problems = append(problems, fmt.Errorf("host: %s: got %d, want 0 to %d", x.key, x.n, math.MaxInt32))
		}
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
	return s + ", " + h.Started.UTC().Format("2006-01-02 15:04:05 UTC")
}
