package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios"
)

// A progress says on the standard error how far the runs are: a bar for the one under way where that is a terminal, and a line for each
// that is over.
//
// Tasks only count up a number, and a goroutine of the progress's own moves the bar: a task may live in a bubble, where waiting for the
// bar's goroutines would hold up the virtual clock.
type progress struct {
	lines io.Writer
	bars  *mpb.Progress // nil where no bar is drawn
	bar   *mpb.Bar
	ended atomic.Int64
	stop  chan struct{}
	moved sync.WaitGroup
}

func newProgress(stderr io.Writer, quiet bool) *progress {
	p := &progress{lines: stderr}
	if quiet {
		p.lines = io.Discard
		return p
	}
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bars = mpb.New(mpb.WithOutput(f), mpb.WithAutoRefresh())
		p.lines = p.bars
	}
	return p
}

// count counts a task that has ended. Any goroutine may call it.
func (p *progress) count() { p.ended.Add(1) }

// begin shows a run that starts.
func (p *progress) begin(k scenarios.Case) {
	p.ended.Store(0)
	if p.bars == nil {
		return
	}
	p.bar = p.bars.AddBar(int64(k.Tasks()), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(k.Name()+" "), decor.CountersNoUnit("%d/%d ")),
		mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)),
	)
	p.stop = make(chan struct{})
	p.moved.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.bar.SetCurrent(min(p.ended.Load(), int64(k.Tasks())-1)) // the last step is end's
			case <-p.stop:
				return
			}
		}
	})
}

// end shows what became of the run; rec is nil if it could not be made.
func (p *progress) end(k scenarios.Case, rec *harness.Recording) {
	if p.bar != nil {
		close(p.stop)
		p.moved.Wait()
		p.bar.Abort(true)
		p.bar.Wait()
		p.bar = nil
	}
	if rec == nil {
		return
	}
	word := "ok"
	switch {
	case rec.Interrupted:
		word = "interrupted"
	case len(rec.Violations) > 0:
		word = plural(len(rec.Violations), "violation")
	}
	fmt.Fprintf(p.lines, "%s %s\n", k.Name(), word)
}

// close ends the drawing.
func (p *progress) close() {
	if p.bars != nil {
		p.bars.Wait()
	}
}
