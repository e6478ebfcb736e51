package program

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
)

// A Session is one process that does many jobs, as many at once as there are.
// It reads each job as a JSON line, and writes a line with what it saw, in any
// order. Any number of goroutines may call Run.
type Session struct {
	child *child
	stdin *os.File
	said  tail

	writing sync.Mutex // held while a job is written
	mu      sync.Mutex
	waiting map[int]waiter // by task
	broken  string         // why it does no more jobs; "" if it does
	lines   int            // that it has written
	over    chan struct{}  // closed when the process has ended
	err     error          // of the process; set before over is closed
}

// A waiter waits for the report about a job.
type waiter struct {
	key    string
	report chan record.Seen // holds one
}

// A jobLine is a job as the process reads it.
type jobLine struct {
	Key     string `json:"key"`
	URL     string `json:"url"`
	Attempt int    `json:"attempt"`
	Task    int    `json:"task"`
}

// Start starts a Session. The caller must close it.
func (p Program) Start() (*Session, error) {
	cmd, err := p.command(Job{Attempt: 1})
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdin = r
	s := &Session{stdin: w, waiting: map[int]waiter{}, over: make(chan struct{})}
	out, in := io.Pipe()
	s.child, err = start(p.Keeper, cmd, in, &s.said, mostOutput)
	_ = r.Close()
	if err != nil {
		return nil, errors.Join(errors.New(unstartable(cmd.Path, err)), w.Close())
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(out)
		_, _ = io.Copy(io.Discard, out) // so that the process is not blocked
	}()
	go func() {
		err := s.child.wait()
		_ = in.Close() // all that it printed has been read
		<-read
		s.err = err
		close(s.over)
	}()
	return s, nil
}

// read takes reports until there are no more lines.
func (s *Session) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 1<<12), longestLine)
	for lines.Scan() {
		if err := s.take(lines.Bytes()); err != nil {
			s.fail(fmt.Sprintf("line %d of its output: %v", s.lines, err))
			s.child.end()
			return
		}
	}
	if err := lines.Err(); err != nil {
		s.fail(fmt.Sprintf("line %d of its output: longer than %d bytes", s.lines+1, longestLine))
		s.child.end()
	}
}

// take gives a report to the job that waits for it: that of its task, or the
// only one of its key.
func (s *Session) take(line []byte) error {
	if s.lines++; len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	r, problems := seen.Parse(line, fieldNames, lineExample)
	if problems != nil {
		return errors.Join(problems...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	task := r.Task
	if task == 0 {
		for number, w := range s.waiting {
			switch {
			case w.key != r.Key:
			case task != 0:
				return fmt.Errorf("a report about %.60q, which several tasks wait for: want the task too", r.Key)
			default:
				task = number
			}
		}
	}
	w, known := s.waiting[task]
	if !known || r.Key != "" && r.Key != w.key {
		return fmt.Errorf("%.100s: no such task is waiting for a report: want the key of one, and its task, once", line)
	}
	delete(s.waiting, task)
	w.report <- r.Seen
	return nil
}

// fail has all jobs fail, now and from now on. The first reason counts.
func (s *Session) fail(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != "" {
		return
	}
	s.broken = why
	for task, w := range s.waiting {
		delete(s.waiting, task)
		w.report <- failed(why)
	}
}

// Run has the process do a job, and returns what it reports.
func (s *Session) Run(ctx context.Context, job Job) record.Seen {
	w := waiter{job.Key, make(chan record.Seen, 1)}
	s.mu.Lock()
	if why := s.broken; why != "" {
		s.mu.Unlock()
		return failed(why)
	}
	s.waiting[job.Task] = w
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, job.Task)
	}()
	written := make(chan error, 1)
	go func() { written <- s.write(job) }() // ends at the latest with the process
	for {
		select {
		case report := <-w.report:
			return report
		case err := <-written:
			if written = nil; err != nil {
				s.child.end() // it does not read its input any more, if it has not ended
			}
		case <-s.over:
			select {
			case report := <-w.report:
				return report
			default:
			}
			why := "the command ended before it reported (" + ending(s.err) + ")"
			return failed(joined(cmp.Or(s.child.reason(), why), s.said.String()))
		case <-ctx.Done():
			return record.Seen{Class: record.Lost, Error: context.Cause(ctx).Error()}
		}
	}
}

// ending describes how a process ended.
func ending(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// write writes a job.
func (s *Session) write(job Job) error {
	line, err := json.Marshal(jobLine{Key: job.Key, URL: job.URL, Attempt: job.Attempt, Task: job.Task})
	if err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, err = s.stdin.Write(append(line, '\n'))
	return err
}

// Close closes the input of the process, and waits for its end. A process that
// does not end then is made to.
func (s *Session) Close() error {
	_ = s.stdin.Close()
	patience := time.AfterFunc(gracePeriod, s.child.end)
	defer patience.Stop()
	<-s.over
	return nil
}
