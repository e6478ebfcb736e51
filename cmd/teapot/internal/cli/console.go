// Package cli has what the commands share: where they speak, how they end, the
// files that they read and write, and the bar.
package cli

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// The exit statuses.
const (
	StatusHolds       = 0
	StatusViolated    = 1
	StatusBadInput    = 2
	StatusUnknown     = 3
	StatusInterrupted = 130
)

// A Console is where a command speaks, and how it was called.
type Console struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Self           string // the command line that calls this program
}

// A Verdict is an exit status that needs no further words.
type Verdict int

// Error implements error.
func (v Verdict) Error() string { return fmt.Sprintf("exit status %d", int(v)) }

// UnlessClosed forgives a reader that has gone away: head has seen enough.
func UnlessClosed(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// Plural is a number of things: "1 run", "2 runs".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
