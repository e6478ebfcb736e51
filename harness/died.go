package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"

	"github.com/teapot-go/teapot/executor/crash"
	"github.com/teapot-go/teapot/harness/record"
)

// Died returns the recording of a trial that ran in a process of its own, which
// ended before the run did. printed is what that process has printed, and ended
// its error. A run that the virtual clock or the machine could not carry out
// cannot be judged; any other death is the client's.
func Died(ctx context.Context, t Trial, printed string, ended error) (*record.Recording, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	r := newRun(ctx, &t)
	r.recorder = new(recorder)
	reason, place := lastWords(printed)
	if where, raced := dataRace(printed); raced && !strings.Contains(reason, "synctest") {
		// It ends a bubble: package testing cannot report it there.
		reason, place = "a data race", where
	}
	if reason == "" {
		reason = ended.Error()
	}
	what := fmt.Sprintf("the process died of %q%s", reason, place)
	exit, _ := errors.AsType[*exec.ExitError](ended)
	spent, remedy := machineSpent(printed)
	switch {
	case ctx.Err() != nil:
		r.interrupted = true
	case spent != "":
		r.limit = fmt.Sprintf("cannot be judged, the process died of %q: %s", spent, remedy)
	case strings.Contains(reason, "synctest"):
		r.limit = unjudged(what, useReal)
	case exit != nil && exit.ExitCode() < 0 && place == "":
		r.limit = "cannot be judged, " + strings.ReplaceAll(what, ": ", ", ") + ": " + runAlone
	default:
		r.deadlock = what
	}
	return r.recording(nil)
}

const (
	moreThreads = "raise the limit of processes, such as with ulimit -u, or run fewer tasks at once"
	moreMemory  = "run it where there is more memory, or fewer tasks at once"
)

// machineSpent returns the words with which the Go runtime has ended a process
// because the machine had no more to give, "" if it has not.
func machineSpent(printed string) (words, remedy string) {
	var end crash.Reader
	io.WriteString(&end, printed)
	spent := end.Exhausted()
	if spent == nil {
		return "", ""
	}
	remedy = moreThreads
	if errors.Is(spent, syscall.ENOMEM) {
		remedy = moreMemory
	}
	return strings.ReplaceAll(spent.Line, ": ", ", "), remedy
}

// lastWords returns why the Go runtime has ended a process, and the place of
// the goroutine that it prints first.
func lastWords(printed string) (reason, place string) {
	for rows := printed; rows != ""; {
		var row string
		row, rows, _ = strings.Cut(rows, "\n")
		fatal, isFatal := strings.CutPrefix(row, "fatal error: ")
		if !isFatal && !strings.HasPrefix(row, "panic: ") {
			continue
		}
		for g := range goroutines(rows) {
			if place = at(g); place != "" {
				break
			}
		}
		return fatal, place
	}
	return "", ""
}

// dataRace reports whether the race detector has printed a race, and the place
// of its first access.
func dataRace(printed string) (place string, raced bool) {
	_, report, raced := strings.Cut(printed, "WARNING: DATA RACE\n")
	if !raced {
		return "", false
	}
	access, _, _ := strings.Cut(report, "\n\n")
	var rows []string
	for row := range strings.Lines(access) {
		rows = append(rows, strings.TrimSpace(row))
	}
	return at(readGoroutine(rows[0], rows[1:])), true
}
