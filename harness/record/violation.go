package record

import (
	"fmt"
	"time"
)

// A Violation is an expectation that a run did not meet. File and Line name the
// expectation.
type Violation struct {
	Check     string `json:"check"`
	Got       string `json:"got"`
	Want      string `json:"want"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Reproduce string `json:"reproduce"`

	// Noise reports whether a busy machine can cause the violation in a run of
	// a correct client. Margin is how late the machine must have been for that,
	// 0 where any delay will do.
	Noise  bool          `json:"-"`
	Margin time.Duration `json:"-"`
	// Final reports whether all other violations follow from this one, so that
	// it is told alone.
	Final bool `json:"-"`
}

// String is the violation as one line, file and line first.
func (v Violation) String() string {
	return fmt.Sprintf("%s:%d: %s: got %s, want %s", v.File, v.Line, v.Check, v.Got, v.Want)
}
