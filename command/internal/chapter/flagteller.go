package chapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
)

// A flagTeller tells of downloads.
type flagTeller struct {
	c       *Flags
	to      io.Writer
	console *cli.Console
	bars    *cli.Progress
	cancel  context.CancelCauseFunc

	mu      sync.Mutex // the submitting goroutine tells of futures, others of what becomes of them
	futures scheduled
	unsaved string // why a flag could not be saved
	err     error
}

func newFlagTeller(c *Flags, to *cli.Console, out io.Writer, cancel context.CancelCauseFunc) *flagTeller {
	t := &flagTeller{c: c, to: out, console: to, cancel: cancel}
	t.bars = cli.NewProgress(to.Stderr, c.Quiet || c.Verbose || c.Futures)
	return t
}

func (t *flagTeller) printf(format string, args ...any) {
	if t.err == nil {
		if _, t.err = fmt.Fprintf(t.to, format, args...); cli.UnlessClosed(t.err) != nil {
			t.cancel(t.err)
		}
	}
}

// before says what is about to be done.
func (t *flagTeller) before() {
	c := t.c
	t.printf("%s: %s (%s)\n", cmp.Or(c.at.label, "Server"), c.at.url, c.at.about)
	which := "from " + c.codes[0] + " to " + c.codes[len(c.codes)-1]
	if len(c.codes) <= 10 {
		which = strings.Join(c.codes, ", ")
	}
	t.printf("Searching for %s: %s\n", cli.Plural(len(c.codes), "flag"), which)
	if n := c.connections(); n == 1 {
		t.printf("1 connection will be used.\n")
	} else {
		t.printf("%d concurrent connections will be used.\n", n)
	}
	t.bars.Start(live.NewMeter("flags", record.Virtual, len(c.codes)))
}

// scheduled are the futures of a run that are told of. Right after its
// submission each is pending still: its state is told once the executor has had
// its chance to start it. That is when all tasks are submitted and as many have
// started as may run at once, or when the first result is there.
type scheduled struct {
	of      map[string]*executor.Future[harness.Ran]
	waiting []string // the keys of those that are not told of yet
	started int
	open    bool // the executor has had its chance

	printing sync.WaitGroup
}

// scheduled tells of a new future, now or later.
func (t *flagTeller) scheduled(key string, future *executor.Future[harness.Ran]) {
	if !t.c.Futures {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.futures.of == nil {
		t.futures.of = map[string]*executor.Future[harness.Ran]{}
	}
	t.futures.of[key] = future
	t.futures.waiting = append(t.futures.waiting, key)
	t.tellScheduled()
}

// tellScheduled tells of the futures that wait for it, if the executor has had
// its chance. A goroutine prints what their states are now: a task that has
// just started does not wait for the terminal.
func (t *flagTeller) tellScheduled() {
	f := &t.futures
	if f.started >= t.c.connections() && len(f.of) == len(t.c.codes) {
		f.open = true
	}
	if !f.open || len(f.waiting) == 0 {
		return
	}
	var lines strings.Builder
	for _, key := range f.waiting {
		fmt.Fprintf(&lines, "%s scheduled: <Future %v>\n", key, f.of[key].State())
	}
	f.waiting = nil
	f.printing.Go(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.printf("%s", lines.String())
	})
}

// watchFutures tells of the futures at a step of a task. A future is told of
// when it is done, which is at its delivery, after all that were told of
// before.
func (t *flagTeller) watchFutures(step harness.Step) {
	if !t.c.Futures {
		return
	}
	t.mu.Lock()
	switch step {
	case harness.Started:
		t.futures.started++
	case harness.Delivered:
		t.futures.open = true
	}
	t.tellScheduled()
	t.mu.Unlock()
	if step == harness.Delivered {
		t.futures.printing.Wait()
	}
}

// watch tells of a download that has ended, and of its future.
func (t *flagTeller) watch(step harness.Step, s record.Sample) {
	t.watchFutures(step)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch step {
	case harness.Finished:
		t.bars.Count(s.Class)
		if s.Class == record.Failed && t.unsaved == "" && s.Value == unsaved {
			t.unsaved = s.Error
			t.cancel(errors.New(s.Error))
		}
		if t.c.Verbose && s.Class != record.Lost {
			t.printf("%s\n", verbosely(s))
		}
	case harness.Delivered:
		if f := t.futures.of[s.Key]; f != nil {
			t.printf("%s done: %s\n", s.Key, futureWords(f.State(), s))
		}
	}
}

// futureWords is what became of a future. One whose download ended in an error
// has failed, though its task returned.
func futureWords(state executor.State, s record.Sample) string {
	if state == executor.Finished && s.Class.Outcome() == record.OutcomeError {
		return fmt.Sprintf("<Future failed>, %s", outcomeWords(s))
	}
	return fmt.Sprintf("<Future %v>, result: %s", state, outcomeWords(s))
}

func verbosely(s record.Sample) string { return s.Key + " " + outcomeWords(s) }

// outcomeWords is what became of a download.
func outcomeWords(s record.Sample) string {
	switch s.Class.Outcome() {
	case record.OutcomeOK:
		return fmt.Sprintf("OK, %d bytes", s.Bytes)
	case record.OutcomeNotFound:
		return "not found"
	}
	if s.Class == record.Lost {
		return "cancelled"
	}
	return "error: " + fault(s)
}

// fault says in a few words, which are the same for the same fault, what an
// error was.
func fault(s record.Sample) string {
	switch s.Class {
	case record.Status, record.Failed:
		return cmp.Or(s.Error, string(s.Class))
	case record.Timeout:
		return "no answer in time"
	case record.Refused:
		return "connection refused"
	}
	return string(s.Class)
}

// cancelled returns how many tasks did not come to their end.
func cancelled(rec *record.Recording) int {
	return rec.Classes[record.Lost] + rec.Classes[record.CutOff] + rec.Classes[record.NotStarted]
}

// after is the tally.
func (t *flagTeller) after(rec *record.Recording) {
	t.futures.printing.Wait()
	lost := cancelled(rec)
	ok, missing, failed := rec.Outcomes[record.OutcomeOK], rec.Outcomes[record.OutcomeNotFound],
		rec.Outcomes[record.OutcomeError]-rec.Classes[record.Lost]
	t.printf("%s\n%s downloaded.\n", strings.Repeat("-", 20), cli.Plural(ok, "flag"))
	if missing > 0 {
		t.printf("%d not found.\n", missing)
	}
	if failed > 0 {
		t.printf("%s: %s.\n", cli.Plural(failed, "error"), t.faults(rec))
	}
	if lost > 0 {
		t.printf("%d cancelled.\n", lost)
	}
	t.printf("Elapsed time: %.2f s\n", rec.Makespan.Seconds())
	if rec.IdealMakespan > 0 && lost == 0 && rec.Efficiency() <= 1 {
		t.printf("Ideally %.2f s, by the plan.\n", rec.IdealMakespan.Seconds())
	}
	for _, w := range rec.Warnings {
		t.console.Notef("warning: %s", w)
	}
}

// faults counts what the errors were, the most frequent first.
func (t *flagTeller) faults(rec *record.Recording) string {
	n := map[string]int{}
	var kinds []string
	for _, s := range rec.Samples {
		if s.Class.Outcome() == record.OutcomeError && s.Class != record.Lost {
			if n[fault(s)]++; n[fault(s)] == 1 {
				kinds = append(kinds, fault(s))
			}
		}
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return cmp.Compare(n[b], n[a]) })
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d × %s", n[kind], kind)
	}
	return strings.Join(kinds, ", ")
}
