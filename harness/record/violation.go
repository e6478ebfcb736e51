package record

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Culprit is whose fault a finding is. "" is not known.
type Culprit string

// The culprits.
const (
	ByFile     Culprit = "file"     // the scenario expects what its own plan rules out
	ByClient   Culprit = "client"   // the task, batch or program that makes the requests
	ByExecutor Culprit = "executor" // what runs the tasks and delivers their results
	ByServer   Culprit = "server"   // the service behind the server, or the content of a program, answered so
	ByMachine  Culprit = "machine"  // it was too slow or too busy for the run to be judged
)

// culprits are all that are known.
var culprits = []Culprit{ByFile, ByClient, ByExecutor, ByServer, ByMachine}

// A Violation is an expectation that a run did not meet. File and Line name the
// expectation.
//
// Among a recording's inconclusive findings it is an expectation of which it
// cannot be known whether the run met it: Got is why, and Want is what would
// let it be known.
type Violation struct {
	Check     string `json:"check"`
	Got       string `json:"got"`
	Want      string `json:"want"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Reproduce string `json:"reproduce"`
	// Requests lists requests that show the violation, one a line, where the
	// server's journal has them.
	Requests []string `json:"requests,omitempty"`
	// Culprit is whose fault it is, where that is known.
	Culprit Culprit `json:"culprit,omitempty"`
	// Timed reports whether the violation follows from times that were
	// measured, so that a run whose generator was late does not show it.
	Timed bool `json:"timed,omitempty"`
	// Invalid reports, among the inconclusive findings, whether the generator
	// was the bottleneck, so that no time of the run can be judged.
	Invalid bool `json:"invalid,omitempty"`

	// Noise reports whether a busy machine can cause the violation in a run of
	// a correct client. Margin is how late the machine must be for that; 0 if
	// any delay is enough.
	Noise  bool          `json:"-"`
	Margin time.Duration `json:"-"`
	// Final reports whether all other violations follow from this one, so that
	// it is reported alone.
	Final bool `json:"-"`
	// Inconclusive reports whether it cannot be known whether the run met the
	// expectation.
	Inconclusive bool `json:"-"`
}

// A Checked is an expectation that a run was judged by, and what the run had:
// of those that it met too, so that one sees what was not asked.
type Checked struct {
	Check   string `json:"check"`          // as its violations name it
	Want    string `json:"want"`           // in words
	Got     string `json:"got,omitempty"`  // what the run had that met it
	Verdict string `json:"verdict"`        // met, missed or inconclusive
	Line    int    `json:"line,omitempty"` // of the expectation, or of the executor where the file has none
}

// Invalid reports whether the generator was the bottleneck of the run, so that
// its times say nothing of the client.
func (r *Recording) Invalid() bool {
	return slices.ContainsFunc(r.Inconclusive, func(v Violation) bool { return v.Invalid })
}

// Findings returns why the run is not ok: its violations, then what is
// inconclusive, then that it was interrupted. A run without any is ok.
func (r *Recording) Findings() []Violation {
	found := slices.Concat(r.Violations, r.Inconclusive)
	for i := range found[len(r.Violations):] {
		found[len(r.Violations)+i].Inconclusive = true
	}
	if r.Interrupted {
		found = append(found, Violation{
			Check: "interrupted", Got: "a run that was stopped", Want: "let it come to its end",
			File: r.File, Reproduce: r.Reproduce, Inconclusive: true,
		})
	}
	return found
}

// String returns the violation as one line that begins with file and line, if
// there is a file.
func (v Violation) String() string {
	place := ""
	if v.File != "" {
		place = fmt.Sprintf("%s:%d: ", v.File, v.Line)
	}
	if v.Inconclusive {
		return fmt.Sprintf("%s%s: %s: %s; %s", place, v.Check, v.Doubt(), v.Got, v.Want)
	}
	return place + v.Summary()
}

// Doubt returns what a finding that is no violation makes of the run: "invalid"
// or "inconclusive".
func (v Violation) Doubt() string {
	if v.Invalid {
		return "invalid"
	}
	return "inconclusive"
}

// Summary returns the check, what the run had and what it should have had, in
// one line.
func (v Violation) Summary() string {
	line := strings.NewReplacer("\n", "; ")
	return fmt.Sprintf("%s: got %s, want %s", v.Check, line.Replace(v.Got), line.Replace(v.Want))
}
