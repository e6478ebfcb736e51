// Package cli has what the commands share: where they speak, how they end, the
// files that they read and write, and the bar.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"syscall"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
)

// The exit statuses. The first that fits, from the last upward, is that of the
// command.
const (
	StatusHolds       = 0   // every expectation holds
	StatusViolated    = 1   // one is violated, or a comparison is worse
	StatusBadInput    = 2   // nothing was run: a mistake in what was asked for
	StatusUnknown     = 3   // it cannot be known: a run is inconclusive or invalid
	StatusInterrupted = 130 // the run was stopped
)

// Judged returns the verdict on runs. worse is whether what they were compared
// with was better. A violation counts more than what cannot be known.
func Judged(sum summary.Total, worse bool) error {
	switch {
	case sum.Violations > 0 || worse:
		return Verdict(StatusViolated)
	case sum.Unknown() > 0:
		return Verdict(StatusUnknown)
	}
	return nil
}

// A Console is where a command speaks, how it was called, and what its
// scenario files may name.
type Console struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Name           string   // of the program, in help texts and messages
	Self           string   // the command line that calls this program
	Args           []string // what it was called with
	Vocabulary     scenarios.Vocabulary
	Definitions    []executor.Definition // the tasks that run in other processes
	// Hard is done when the program is to end at once, with nothing half
	// written; nil is never. It outlasts the context of a command, which the
	// first interrupt ends, and with which reports are still written.
	Hard context.Context
}

// AtOnce returns the context that is done when the program is to end at once.
func (c *Console) AtOnce() context.Context {
	if c.Hard == nil {
		return context.Background()
	}
	return c.Hard
}

// WriteFile writes a report even after an interrupt, unless the program is to
// end at once.
func (c *Console) WriteFile(path string, r reports.Reporter) error {
	return reports.WriteFile(path, StopReport(c.AtOnce(), r))
}

// CommandLine returns the command that calls this program once more as it was
// called.
func (c *Console) CommandLine() string {
	words := []string{c.Self}
	for _, arg := range c.Args {
		words = append(words, ShellWord(arg))
	}
	return strings.Join(words, " ")
}

// Notef prints a message on the standard error, as a line that begins with the
// name of the program. More lines of it may begin with the name of a file, and
// are no command to a CI server all the same.
func (c *Console) Notef(format string, args ...any) {
	io.WriteString(c.Stderr, text.Inert(fmt.Sprintf("%s: %s\n", c.Name, fmt.Sprintf(format, args...))))
}

var shellSafe = regexp.MustCompile(`^[\w./@:=,%+-]+$`)

// ShellWord quotes a word for a POSIX shell, if necessary.
func ShellWord(word string) string {
	if shellSafe.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
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
