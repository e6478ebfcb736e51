// Package program runs clients that are programs of their own, in any language:
// a process for each task, or one that reads tasks and writes reports as JSON
// lines.
//
// Every process leads a group of its own, which is ended with it: when its task
// is over, when its context is done, and when the program is closed. A [Keeper]
// finds processes that have left their group, and ends all of them also if this
// process is killed. What a process prints is bounded.
package program

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
)

// Output is what the standard output of a process is.
type Output string

// The outputs.
const (
	Ignored Output = "ignored"
	Body    Output = "body"   // what it downloaded: its bytes are counted and their digest is taken
	Report  Output = "report" // the last line is a report
)

// The placeholders in the arguments of a program for each task, of one that
// reads tasks as lines, and of one that does all with a pool of its own.
var (
	Placeholders      = []string{"{url}", "{key}", "{attempt}", "{task}", "{timeout}"}
	LinePlaceholders  = []string{"{timeout}"}
	BatchPlaceholders = []string{"{workers}", "{timeout}"}
)

// A Program is what is run. It must not be changed once it runs.
type Program struct {
	// Args are the program and its arguments, in which {url}, {key}, {attempt},
	// {task} and {timeout} stand for those of a task.
	Args []string
	Dir  string   // where it runs, and what a path to it is relative to
	Env  []string // beside the environment of this process
	// Exit has the classes that exit statuses stand for. Of a status that is
	// not 0 there may be several.
	Exit    map[int][]record.Class
	Output  Output
	Timeout time.Duration // of {timeout}; 0 for none
	Limit   time.Duration // for which a process of a job may run; 0 for ever
	Keeper  *Keeper       // of its processes; nil for none
}

// A Job is a task that a program is to do.
type Job struct {
	Key, URL      string
	Task, Attempt int // from 1
}

// endings bound what happens once a process is told to end.
const (
	gracePeriod = time.Second // from the request to end until it is killed
	drainPeriod = time.Second // for output that a process outside its group still holds
)

// Find returns the path of a program, and an error that says what to do if it
// cannot be run.
func (p Program) Find() (string, error) {
	name := p.Args[0]
	if strings.ContainsRune(name, filepath.Separator) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		info, err := os.Stat(name)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s: no such file: want a program, by its path from the scenario file's folder", name)
		case info.IsDir():
			return "", fmt.Errorf("%s: a folder: want a program", name)
		}
		// exec.Command takes a path for one relative to the folder of this
		// process.
		if name, err = filepath.Abs(name); err != nil {
			return "", err
		}
	}
	path, err := exec.LookPath(name)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%s: no such program in PATH: install it, or give its path, such as ./%s", name, name)
	case err != nil:
		return "", fmt.Errorf("%s: this user cannot run it: want an executable file, as after chmod +x", name)
	}
	if by := interpreterOf(path); by != "" {
		if _, err := os.Stat(by); err != nil {
			return "", fmt.Errorf("%s: its first line, #!%s, names no program: want one that this machine has", path,
				strings.Trim(strconv.Quote(by), `"`))
		}
	}
	return path, nil
}

// interpreterOf returns the program that the first line of a script names; ""
// if it is not a script.
func interpreterOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	first := make([]byte, 256)
	n, _ := io.ReadFull(f, first)
	line, script := strings.CutPrefix(string(first[:n]), "#!")
	if !script {
		return ""
	}
	line, _, _ = strings.Cut(line, "\n")
	line, _, _ = strings.Cut(strings.TrimLeft(line, " \t"), " ")
	return line
}

// unstartable returns why a program that there is did not start.
func unstartable(path string, err error) string {
	if errors.Is(err, syscall.ENOEXEC) {
		return path + ": not a program of this machine, and its first line names none: want a line such as #!/bin/sh"
	}
	if start := new(os.PathError); errors.As(err, &start) {
		err = start.Err
	}
	return fmt.Sprintf("%s: it does not start: %v", path, err)
}

// command returns the command that does a job, not yet started.
func (p Program) command(job Job) (*exec.Cmd, error) {
	path, err := p.Find()
	if err != nil {
		return nil, err
	}
	timeout := strconv.FormatFloat(p.Timeout.Seconds(), 'f', -1, 64)
	words := strings.NewReplacer("{url}", job.URL, "{key}", job.Key, "{attempt}", strconv.Itoa(job.Attempt),
		"{task}", strconv.Itoa(job.Task), "{timeout}", timeout)
	args := make([]string, len(p.Args))
	for i, arg := range p.Args {
		args[i] = words.Replace(arg)
	}
	args[0] = p.Args[0]
	cmd := &exec.Cmd{Path: path, Args: args, Dir: p.Dir, Env: p.environment()}
	ownGroup(cmd)
	return cmd, nil
}

// environment returns that of this process without its proxies, which would
// come between the client and the server, and with that of the program.
func (p Program) environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch strings.ToLower(name) {
		case "http_proxy", "https_proxy", "all_proxy", "no_proxy":
		default:
			kept = append(kept, variable)
		}
	}
	return append(append(kept, p.Env...), p.Keeper.environment()...)
}

// Run does a job with a process of its own, and returns what that reports. When
// ctx is done it ends the process with its group.
func (p Program) Run(ctx context.Context, job Job) record.Seen {
	cmd, err := p.command(job)
	if err != nil {
		return failed(err.Error())
	}
	var said tail
	stdout := io.Discard
	var body counter
	var report lastLine
	switch p.Output {
	case Body:
		body.hash = sha256.New()
		stdout = &body
	case Report:
		stdout = &report
	}
	most := int64(mostOutput)
	if p.Output == Report {
		most = mostText
	}
	child, err := start(p.Keeper, cmd, stdout, &said, most)
	if err != nil {
		return failed(unstartable(cmd.Path, err))
	}
	stop := context.AfterFunc(ctx, child.end)
	defer p.limit(child)()
	err = child.wait()
	stop()
	if ctx.Err() != nil {
		return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
	}
	if why := child.reason(); why != "" {
		return failed(joined(why, said.String()))
	}
	s := p.classify(err, said.String())
	switch p.Output {
	case Body:
		if s.Class == record.OK {
			s.Bytes = body.n
			s.SetSHA256(body.hash.Sum(nil))
		}
	case Report:
		return reported(s, report.line(), said.String())
	}
	return s
}

// startingTime is what a process may take beside the timeout of its task: how
// long it takes to start is not known.
const startingTime = 30 * time.Second

// LimitOf returns for how long a process may run whose task may take as long as
// timeout; 0 for ever.
func LimitOf(timeout time.Duration) time.Duration {
	if timeout == 0 {
		return 0
	}
	return timeout + startingTime
}

// limit ends a process when its time is over. The caller calls stop when it has
// ended.
func (p Program) limit(c *child) (stop func()) {
	if p.Limit == 0 {
		return func() {}
	}
	timer := time.AfterFunc(p.Limit, func() {
		c.endFor(fmt.Sprintf("teapot ended the command after %v: its timeout and %v to start are over",
			p.Limit, startingTime))
	})
	return func() { timer.Stop() }
}

// fieldNames are the fields of a report by a program.
var fieldNames = []string{"key", "url", "task", "attempt", "class", "status", "bytes", "digest", "error"}

// What reports look like: that of a process which does one task, and that of
// one which does several.
const (
	reportExample = `{"status": 200, "bytes": 3208}`
	lineExample   = `{"task": 7, "status": 200, "bytes": 3208}`
)

// reported returns what the last line of the output reports. A process that
// fails without a report is judged by its exit status.
func reported(s record.Seen, line []byte, said string) record.Seen {
	switch {
	case len(line) == 0 && s.Class != record.OK:
		return s
	case len(line) == 0:
		return failed(joined("the command printed no report: want one as the last line of its output, such as "+
			reportExample, said))
	}
	r, problems := seen.Parse(line, fieldNames, reportExample)
	if problems != nil {
		return failed(joined("the last line of its output: "+errors.Join(problems...).Error(), said))
	}
	return r.Seen
}

// classify returns what an exit status stands for.
func (p Program) classify(err error, said string) record.Seen {
	exit := new(exec.ExitError)
	switch {
	case err == nil:
		s := record.Seen{Class: record.OK}
		if classes := p.Exit[0]; len(classes) > 0 {
			s.Class = classes[0]
		}
		return s
	case !errors.As(err, &exit) || !exit.Exited():
		return failed(joined(err.Error(), said))
	}
	s := record.Seen{Class: record.Failed, Exit: exit.ExitCode(), Error: joined(err.Error(), said)}
	if classes := p.Exit[s.Exit]; len(classes) > 0 {
		s.Class = classes[0]
	} else {
		s.Error = joined(fmt.Sprintf("%v, which has no class in task.exit", err), said)
	}
	return s
}

// Means returns the classes that a report may stand for, and why it is not
// known which of them it does; "" if each of them is right.
func (p Program) Means(s record.Seen) (classes []record.Class, doubt string) {
	switch {
	case s.Exit == 0:
		return nil, ""
	case p.Exit[s.Exit] != nil:
		return p.Exit[s.Exit], ""
	}
	for _, c := range record.Classes() {
		if c != record.OK && c != record.Lost {
			classes = append(classes, c)
		}
	}
	return classes, fmt.Sprintf("exit status %d of the command has no class: add it to task.exit", s.Exit)
}

func failed(why string) record.Seen { return record.Seen{Class: record.Failed, Error: why} }

// joined adds what a process has printed last to an error.
func joined(err, said string) string {
	if said == "" {
		return err
	}
	return err + ": " + said
}

// A counter counts and digests what is written to it.
type counter struct {
	n    int64
	hash hash.Hash
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.hash.Write(p)
}

// longestLine is the most that is kept of a line.
const longestLine = 1 << 20

// A lastLine keeps the last line that is written to it and is not blank, up to
// longestLine.
type lastLine struct {
	last, current []byte
}

func (l *lastLine) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		part, more, whole := bytes.Cut(rest, []byte("\n"))
		l.current = append(l.current, part[:min(len(part), longestLine-len(l.current))]...)
		if whole {
			if len(bytes.TrimSpace(l.current)) > 0 {
				l.last = append(l.last[:0], l.current...)
			}
			l.current = l.current[:0]
		}
		rest = more
	}
	return len(p), nil
}

func (l *lastLine) line() []byte {
	if current := bytes.TrimSpace(l.current); len(current) > 0 {
		return current
	}
	return bytes.TrimSpace(l.last)
}
