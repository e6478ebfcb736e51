package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/cupwriter"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/scenarios"
)

// A Progress says on the standard error how far the runs are: a bar for the one
// under way where that is a terminal, and a line for each that is over.
//
// Tasks only count up a number, and a goroutine of the progress's own moves the
// bar: a task may live in a bubble, where waiting for the bar's goroutines
// would hold up the virtual clock.
type Progress struct {
	Lines io.Writer
	bars  *mpb.Progress // nil where no bar is drawn
	bar   *mpb.Bar
	done  [3]atomic.Int64 // of outcomes ok, not_found and error
	stop  chan struct{}
	moved sync.WaitGroup
}

// NewProgress returns a progress that draws a bar if stderr is a terminal, and
// that shows nothing if quiet.
func NewProgress(stderr io.Writer, quiet bool) *Progress {
	p := &Progress{Lines: stderr}
	if quiet {
		p.Lines = io.Discard
		return p
	}
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		bars := cupwriter.New(leftmost{f}, false)
		bars.SetTermFd(int(f.Fd()))
		p.bars = mpb.New(mpb.WithConsoleWriter(bars), mpb.WithAutoRefresh())
		p.Lines = p.bars
	}
	return p
}

// A leftmost begins each write at the first column: what was typed at the same
// time, such as Ctrl-C, is echoed by the terminal and moves its cursor, so that
// a bar would be drawn and wiped from there on, and leave its beginning behind.
type leftmost struct{ to io.Writer }

func (l leftmost) Write(p []byte) (int, error) {
	n, err := l.to.Write(append([]byte{'\r'}, p...))
	return max(0, n-1), err
}

// Count counts a task that has ended. Any goroutine may call it.
func (p *Progress) Count(c record.Class) {
	switch c.Outcome() {
	case record.OutcomeOK:
		p.done[0].Add(1)
	case record.OutcomeNotFound:
		p.done[1].Add(1)
	default:
		if c != record.Lost {
			p.done[2].Add(1)
		}
	}
}

// margin is what a bar leaves free at the end of its line: a terminal shows ^C
// there, and a line that is broken could not be taken away.
const margin = 3

// Start shows a run of so many tasks that begins.
func (p *Progress) Start(name string, tasks int) {
	for i := range p.done {
		p.done[i].Store(0)
	}
	if p.bars == nil {
		return
	}
	began := time.Now()
	p.bar = p.bars.New(int64(tasks), mpb.NopStyle(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(at decor.Statistics) string {
			return barLine(p.state(name, tasks, time.Since(began)), at.AvailableWidth-margin)
		})))
	p.stop = make(chan struct{})
	p.moved.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.bar.SetCurrent(int64(min(p.state(name, tasks, 0).Done, tasks-1))) // the last step is end's
			case <-p.stop:
				return
			}
		}
	})
}

func (p *Progress) state(name string, tasks int, elapsed time.Duration) barState {
	ok, missing, failed := int(p.done[0].Load()), int(p.done[1].Load()), int(p.done[2].Load())
	return barState{Name: name, Done: ok + missing + failed, Total: tasks, Elapsed: elapsed, OK: ok, Missing: missing}
}

// clear takes the bar away.
func (p *Progress) clear() {
	if p.bar == nil {
		return
	}
	close(p.stop)
	p.moved.Wait()
	p.bar.Abort(true)
	p.bar.Wait()
	p.bar = nil
}

// End shows what became of the run; rec is nil if it could not be made.
func (p *Progress) End(k scenarios.Case, rec *record.Recording) {
	p.clear()
	if rec == nil {
		return
	}
	fmt.Fprintf(p.Lines, "%s %s\n", k.Name(), summary.Verdict(rec))
}

// Close ends the drawing.
func (p *Progress) Close() {
	p.clear()
	if p.bars != nil {
		p.bars.Wait()
	}
}
