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

	"github.com/teapot-go/teapot/command/internal/live"
	"github.com/teapot-go/teapot/harness"
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
	Live  *live.Page // shows the same, if not nil

	place string        // of the run among those that are planned, "" for none
	bars  *mpb.Progress // nil where no bar is drawn
	bar   *mpb.Bar
	meter atomic.Pointer[live.Meter]
	stop  chan struct{}
	moved sync.WaitGroup
}

// NewProgress returns a progress that draws a bar if stderr is a terminal, and
// that shows nothing if quiet.
func NewProgress(stderr io.Writer, quiet bool) *Progress {
	p := &Progress{Lines: stderr}
	p.meter.Store(live.NewMeter("", "", 0))
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

// Count counts a task that has ended, of which nothing else is known. Any
// goroutine may call it.
func (p *Progress) Count(c record.Class) { p.meter.Load().Count(c) }

// Step notes a step of a task. Any goroutine may call it.
func (p *Progress) Step(step harness.Step, s record.Sample) { p.meter.Load().Step(step, s) }

// Follow shows the workers that a function returns, until the next run begins.
// Any goroutine may call it.
func (p *Progress) Follow(workers func() []live.Worker) { p.meter.Load().Follow(workers) }

// margin is what a bar leaves free at the end of its line: a terminal shows ^C
// there, and a line that is broken could not be taken away.
const margin = 3

// Place tells which of the planned runs is about to begin.
func (p *Progress) Place(run, planned int) {
	if p.place = ""; planned > 1 {
		p.place = fmt.Sprintf("run %d of %d: ", run, planned)
	}
}

// Start shows a run that begins.
func (p *Progress) Start(run *live.Meter) {
	p.meter.Store(run)
	p.Live.Show(run)
	if p.bars == nil {
		return
	}
	tasks, place := run.Read().Tasks, p.place
	p.bar = p.bars.New(int64(tasks), mpb.NopStyle(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(at decor.Statistics) string {
			return barLine(place, run.Read(), at.AvailableWidth-margin)
		})))
	p.stop = make(chan struct{})
	p.moved.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.bar.SetCurrent(int64(min(run.Read().Done(), tasks-1))) // the last step is end's
			case <-p.stop:
				return
			}
		}
	})
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
	verdict := summary.Verdict(rec)
	p.Live.End(k.Name(), verdict)
	fmt.Fprintf(p.Lines, "%s%s %s\n", p.place, k.Name(), verdict)
}

// Close ends the drawing.
func (p *Progress) Close() {
	p.clear()
	if p.bars != nil {
		p.bars.Wait()
	}
}
