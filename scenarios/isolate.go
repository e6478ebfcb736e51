package scenarios

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/files"
	"github.com/teapot-go/teapot/harness/record"
)

// childVariable names, in the environment of a process that a Runner has
// started to run one case, the folder of its files.
const childVariable = "TEAPOT_CASE"

// The files of such a process.
const (
	requestFile = "case.json"
	begunFile   = "begun" // is there once the process has reached Main
	resultFile  = "recording.gob"
)

const mustCallMain = "the program must call Vocabulary.Main first thing in main or TestMain"

// A childRequest is the case that a process runs.
type childRequest struct {
	File, Source string
	Clock        record.Clock
	Seed         uint64
	Index        int
	Rate         float64 // that a search tries, 0 without one
	Rehearse     bool    // the process runs it twice
}

// A childResult is what [harness.Run] has returned. Its encoding keeps the
// fields that the recording's JSON does not have.
type childResult struct {
	Recording *record.Recording
	Error     string
}

// Main runs one case and ends the process, if a [Runner] with Isolate has
// started the process for that. Otherwise it returns at once.
//
// Call it first thing in main, or in TestMain. What comes before it is run by
// each of these processes too.
func (v Vocabulary) Main() {
	folder := os.Getenv(childVariable)
	if folder == "" {
		return
	}
	// A process that the case starts must not take itself for its child.
	_ = os.Unsetenv(childVariable)
	// The parent passes on one stream.
	os.Stdout = os.Stderr
	if err := v.runChild(folder); err != nil {
		fmt.Fprintln(os.Stderr, "teapot: child:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

func (v Vocabulary) runChild(folder string) error {
	c, rehearse, err := v.requested(folder)
	if err != nil {
		return err
	}
	if err := files.Write(filepath.Join(folder, begunFile), nil); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var result childResult
	t := v.trial(c)
	if !rehearse {
		t.Again = v.again(c, os.Args[1:])
	}
	rec, err := harness.Run(ctx, t)
	if rehearse && err == nil && rec.Limit == "" {
		rec, err = harness.Run(ctx, t)
	}
	if result.Recording = rec; err != nil {
		result.Error = err.Error()
	}
	var text bytes.Buffer
	if err := gob.NewEncoder(&text).Encode(result); err != nil {
		return err
	}
	return files.Write(filepath.Join(folder, resultFile), text.Bytes())
}

// again returns a function that reports whether a case can run twice in one
// process, by having another process do so.
func (v Vocabulary) again(c Case, args []string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		r := Runner{Vocabulary: v, Rehearse: true, ChildArgs: args, ChildStderr: io.Discard}
		rec, err := r.runIsolated(ctx, c)
		return err == nil && rec.Limit == ""
	}
}

// requested returns the case that a process is to run, and whether twice.
func (v Vocabulary) requested(folder string) (c Case, rehearse bool, err error) {
	text, err := os.ReadFile(filepath.Join(folder, requestFile))
	if err != nil {
		return c, false, err
	}
	var request childRequest
	if err := json.Unmarshal(text, &request); err != nil {
		return c, false, err
	}
	s, mistakes := v.Parse(request.File, []byte(request.Source))
	if mistakes != nil {
		return c, false, mistakes
	}
	cases := s.With(request.Clock, &request.Seed).Cases()
	if request.Index >= len(cases) {
		return c, false, fmt.Errorf("%s has no case %d", request.File, request.Index)
	}
	if c = cases[request.Index]; request.Rate > 0 {
		c = c.at(request.Rate)
	}
	return c, request.Rehearse, nil
}

// InChild reports whether a [Runner] has started this process to run one case,
// and [Vocabulary.Main] has not been called yet. It returns the name and the
// text of the case's scenario file.
func InChild() (file, source string, in bool) {
	folder := os.Getenv(childVariable)
	if folder == "" {
		return "", "", false
	}
	var request childRequest
	text, err := os.ReadFile(filepath.Join(folder, requestFile))
	if err == nil {
		err = json.Unmarshal(text, &request)
	}
	return request.File, request.Source, err == nil
}

// isolated reports whether a case must run in a process of its own. Under the
// virtual clock code that uses goroutines or channels from before the run ends
// the process. Only code that is not built in does. A case whose steps the
// program follows stays here, and so does one of a scenario that the program
// has changed.
func (r *Runner) isolated(c Case) bool {
	s := c.Scenario
	if !r.Isolate || s.Clock != clockVirtual || c.builtIn() || r.Watch != nil || r.Scheduled != nil {
		return false
	}
	same, mistakes := r.Vocabulary.Parse(s.file, []byte(s.source))
	return mistakes == nil && same.Name == s.Name && same.Deadline == s.Deadline &&
		reflect.DeepEqual(same.Server, s.Server) && reflect.DeepEqual(same.Workload, s.Workload) &&
		reflect.DeepEqual(same.Executors, s.Executors)
}

// builtIn reports whether a case has a built-in task on a built-in executor,
// and a server whose content is no program's own.
func (c Case) builtIn() bool {
	s := c.Scenario
	_, task := builtInTasks[s.Workload.Task.Name]
	task = task || s.Workload.Task.Command != nil || s.Workload.Batch.Command != nil
	_, kind := builtInExecutors[c.Kind]
	content := s.Server == nil || s.Server.Content.Name == "" || s.Server.Content.Name == flagsContent
	return task && kind && content
}

// runIsolated runs a case in a process of its own. The death of that process
// is a result of the case.
func (r *Runner) runIsolated(ctx context.Context, c Case) (rec *record.Recording, err error) {
	folder, err := files.TempDir("case")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s := c.Scenario
	text, err := json.Marshal(childRequest{
		s.file, s.source, record.Clock(s.Clock), s.Seed, c.index, s.rate, r.Rehearse,
	})
	if err != nil {
		return nil, err
	}
	if err := files.Write(filepath.Join(folder, requestFile), text); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	printed := head{limit: 1 << 20}
	cmd := exec.CommandContext(ctx, program, r.ChildArgs...)
	// Under the race detector every exit would take a second.
	cmd.Env = append(os.Environ(), childVariable+"="+folder, "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	cmd.Stderr = io.MultiWriter(cmp.Or[io.Writer](r.ChildStderr, os.Stderr), &printed)
	cmd.Cancel = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return cmd.Process.Kill() // the system has no interrupts
		}
		return nil
	}
	cmd.WaitDelay = 15 * time.Second
	ended := cmd.Run()

	file, err := os.Open(filepath.Join(folder, resultFile))
	if err == nil {
		defer file.Close()
		var result childResult
		if err := gob.NewDecoder(file).Decode(&result); err != nil {
			return nil, err
		}
		if result.Error != "" {
			return nil, errors.New(result.Error)
		}
		if ended != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%s: the process of the case: %w", c.Name(), ended) // a data race, as it seems
		}
		return result.Recording, nil
	}
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() < 0 {
		awaitSignal(ctx)
	}
	if _, err := os.Stat(filepath.Join(folder, begunFile)); ctx.Err() == nil && (err != nil || ended == nil) {
		return nil, fmt.Errorf("%s: the process of the case did not run it (%v): %s", c.Name(), cmd.ProcessState,
			mustCallMain)
	}
	return harness.Died(ctx, r.Vocabulary.trial(c), printed.String(), cmp.Or(ended, ctx.Err()))
}

// awaitSignal waits a moment for the end of ctx after a signal has killed the
// process of a case: a Ctrl-C is for both processes, and may be the cause.
func awaitSignal(ctx context.Context) {
	moment := time.NewTimer(time.Second)
	defer moment.Stop()
	select {
	case <-ctx.Done():
	case <-moment.C:
	}
}

// A head is a writer that keeps what is written first.
type head struct {
	bytes.Buffer
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.Buffer.Write(p[:min(len(p), h.limit-h.Len())])
	return len(p), nil
}
