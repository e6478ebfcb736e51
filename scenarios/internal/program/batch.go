package program

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
)

// RunAll has one process do all jobs, as many at once as it likes. It reads
// them as JSON lines up to the end of its input, and writes a line for each, in
// the order in which it delivers them. emit is called with each. {workers} in
// an argument stands for workers. RunAll returns when the process has ended. An
// error says that it gave up, or is a [*Broken].
func (p Program) RunAll(ctx context.Context, jobs []Job, workers int, emit func(key string, s record.Seen)) error {
	p.Args = append([]string{}, p.Args...)
	for i := range p.Args[1:] {
		p.Args[i+1] = strings.ReplaceAll(p.Args[i+1], "{workers}", strconv.Itoa(workers))
	}
	cmd, err := p.command(Job{Attempt: 1})
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdin = r
	var said tail
	out, in := io.Pipe()
	child, err := start(p.Keeper, cmd, in, &said, mostOutput)
	_ = r.Close()
	if err != nil {
		return errors.Join(errors.New(unstartable(cmd.Path, err)), w.Close())
	}
	defer context.AfterFunc(ctx, child.end)()
	written, read := make(chan struct{}), make(chan *Broken, 1)
	all := newReports(jobs)
	go func() {
		defer close(written)
		writeJobs(w, jobs)
	}()
	go func() {
		broken := all.read(out, emit)
		if broken != nil && broken.Ended {
			child.end()
		}
		_, _ = io.Copy(io.Discard, out) // so that the process is not blocked
		read <- broken
	}()
	ended := child.wait()
	_ = w.Close() // ends the writing, if the process has not read all
	<-written
	_ = in.Close()
	broken := <-read
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return all.outcome(broken, child.reason(), ended, said.String())
}

// outcome returns the error of a process that has ended, if teapot has not
// ended it for that reason, and has said something last.
func (all *reports) outcome(broken *Broken, reason string, ended error, said string) error {
	status := joined(ending(ended), said)
	switch {
	case broken != nil && broken.Ended: // its end is teapot's doing
		broken.Got = joined(broken.Got, said)
		return broken
	case reason != "":
		return &Broken{Got: joined(reason, said), Want: "fewer lines", Ended: true}
	case broken != nil && ended != nil:
		broken.Also = errors.New(status)
		return broken
	case broken != nil:
		return broken
	case ended != nil:
		return errors.New(status)
	case all.silent() > 0:
		return &Broken{
			Got:  fmt.Sprintf("the program reported %d of %d keys (%s)", all.told(), all.told()+all.silent(), status),
			Want: "a report of every task",
		}
	}
	return nil
}

// Broken is the error of a program that does not keep to the lines. It is not
// the error of a program that gives up.
type Broken struct {
	Got, Want string
	Ended     bool  // teapot has ended the program for it, so that it could not report the rest
	Also      error // with which the program ended; nil if that was well
}

// Error implements error.
func (b *Broken) Error() string { return b.Got + ": want " + b.Want }

// Breach returns how the program broke the protocol, whether teapot ended it
// for that, and what else went wrong.
func (b *Broken) Breach() (got, want string, ended bool, also error) {
	return b.Got, b.Want, b.Ended, b.Also
}

// writeJobs writes the jobs, a line each, and closes the file. A process that
// does not read them all says so by what it does not report.
func writeJobs(to *os.File, jobs []Job) {
	buffered := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, job := range jobs {
		if encoder.Encode(jobLine{Key: job.Key, URL: job.URL, Attempt: job.Attempt, Task: job.Task}) != nil {
			break
		}
	}
	_ = buffered.Flush()
	_ = to.Close()
}

// reports reads what a program reports of jobs.
type reports struct {
	jobs   map[int]Job // by task
	times  map[int]int // that each task was reported by its number
	keys   map[string]int
	seen   map[string]bool // keys
	broken *Broken         // the first line that is about no job
}

func newReports(jobs []Job) *reports {
	all := &reports{map[int]Job{}, map[int]int{}, map[string]int{}, map[string]bool{}, nil}
	for _, job := range jobs {
		all.jobs[job.Task] = job
		all.keys[job.Key]++
	}
	return all
}

// told and silent return how many keys were reported, and how many were not.
func (all *reports) told() int   { return len(all.seen) }
func (all *reports) silent() int { return len(all.keys) - len(all.seen) }

// read reads reports, which have the key of a job or the number of its task. It
// reads on after one about no job.
func (all *reports) read(from io.Reader, emit func(key string, s record.Seen)) *Broken {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<12), longestLine)
	n := 0
	for lines.Scan() {
		if n++; len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		r, problems := seen.Parse(lines.Bytes(), fieldNames, lineExample)
		if problems != nil {
			return unreadable(n, errors.Join(problems...).Error())
		}
		key, wrong := all.take(r)
		if wrong != nil {
			wrong.Got = fmt.Sprintf("line %d of its output, %.100s, %s", n, bytes.TrimSpace(lines.Bytes()), wrong.Got)
			if all.broken == nil {
				all.broken = wrong
			}
			continue
		}
		emit(key, r.Seen)
	}
	if lines.Err() != nil {
		return unreadable(n+1, fmt.Sprintf("longer than %d bytes", longestLine))
	}
	return all.broken
}

func unreadable(line int, why string) *Broken {
	return &Broken{
		Got: fmt.Sprintf("line %d of its output: %s", line, why), Want: "a report in each line of its standard output",
		Ended: true,
	}
}

// take returns the key that a report is about.
func (all *reports) take(r seen.Report) (key string, wrong *Broken) {
	if r.Task == 0 && r.Key == "" {
		return "", &Broken{Got: "has neither a task nor a key", Want: "the task of each report"}
	}
	if key = r.Key; r.Task != 0 {
		job, known := all.jobs[r.Task]
		switch all.times[r.Task]++; {
		case !known:
			return "", &Broken{Got: fmt.Sprintf("is about task %d, which there is not", r.Task), Want: fmt.Sprintf(
				"a task from 1 to %d", len(all.jobs))}
		case r.Key != "" && r.Key != job.Key:
			return "", &Broken{Got: "has the key of another task", Want: fmt.Sprintf("the key of task %d, %q", r.Task,
				job.Key)}
		case all.times[r.Task] > 1 && all.keys[job.Key] > 1:
			return "", &Broken{Got: fmt.Sprintf("is about task %d again", r.Task), Want: "one report of each task"}
		}
		key = job.Key
	}
	if all.keys[key] > 0 {
		all.seen[key] = true
	}
	return key, nil
}
