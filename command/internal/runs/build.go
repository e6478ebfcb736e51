package runs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports"
	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/scenarios"
)

// against plays every case twice, in this build, which goes by the name of
// self, and in another that the command calls; dir is for what they write. Each
// runs in a process of its own: a process that has run before has its memory
// and its connections at hand, and which of two builds that favours would be a
// matter of which one asks. They take turns at being the first.
func against(command, self, dir string) (player, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	other, err := commandWords(command)
	if err != nil {
		return nil, err
	}
	builds := [2]build{{"the other build", other, other[0], dir}, {"this build", []string{executable}, self, dir}}
	return func(ctx context.Context, k scenarios.Case, round int) (old, new *record.Recording, err error) {
		var recs [2]*record.Recording
		for i := range builds {
			side := (i + round) % 2
			if recs[side], err = builds[side].run(ctx, k); err != nil || recs[side] == nil {
				return nil, nil, err // half a pair says nothing
			}
		}
		return recs[0], recs[1], nil
	}, nil
}

// violated is the exit status of a run with violations, which its recording
// has.
const violated = 1

// A build is a teapot to be called: how messages name it, and its command,
// which goes by another name to itself.
type build struct {
	label   string
	command []string
	as      string
	dir     string
}

// run has the build run one case, and reads what it recorded; nil when ctx
// ended it.
func (b build) run(ctx context.Context, k scenarios.Case) (*record.Recording, error) {
	file := filepath.Join(b.dir, "recording.json")
	defer os.Remove(file) // what an earlier turn has left must not be read by a later one
	s := k.Scenario
	args := append(b.command[1:len(b.command):len(b.command)], "run", s.File(), "--only", k.Name(), "--clock",
		string(s.Clock),
		"--seed", strconv.FormatUint(s.Seed, 10), "--json", file, "--report=", "--quiet")
	cmd := exec.CommandContext(ctx, b.command[0], args...)
	cmd.Args[0] = b.as // so that it calls itself, in what it prints, as it is called
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return nil, nil
	}
	if exited := new(exec.ExitError); errors.As(err, &exited) && exited.ExitCode() == violated {
		err = nil // the recording says which
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w: want a command that runs teapot\n%s", b.label, k.Name(), err,
			tail(said.String()))
	}
	recs, err := read(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %s: it did not write a recording: %w\n%s", b.label, k.Name(), err,
			tail(said.String()))
	case len(recs) != 1 || recs[0].Case() != k.Name():
		return nil, fmt.Errorf("%s: %s: it recorded something else", b.label, k.Name())
	}
	return recs[0], nil
}

func read(file string) ([]*record.Recording, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_, recs, err := reports.Read(f)
	return recs, err
}

// tail is the end of what a program said, fit for a terminal.
func tail(said string) string {
	const most = 2000
	if len(said) > most {
		said = "…" + said[len(said)-most:]
	}
	return text.Visible(strings.TrimSpace(strings.ToValidUTF8(said, "\ufffd")))
}

// commandWords splits a command at its spaces, but for those in single or
// double quotes. It knows nothing else of a shell.
func commandWords(command string) ([]string, error) {
	var list []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range command {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n'):
			if begun {
				list = append(list, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a %c without its end: want a command, as in './teapot-base' or 'go run "+
			"./base/cmd/teapot'", quote)
	}
	if begun {
		list = append(list, word.String())
	}
	if len(list) == 0 || list[0] == "" {
		return nil, errors.New("want a command, as in './teapot-base'")
	}
	return list, nil
}
