package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	concpool "github.com/sourcegraph/conc/pool"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/executortest"
	"golang.org/x/sync/errgroup"
)

// claims is what was found out about the peers themselves, row by row: Y yes, p
// partly, – no, ! harmful, for pond, ants, conc and errgroup. What an adapter
// passes beyond that is teapot's future, not the peer.
//
//go:embed claims.txt
var claims string

// An adapter is a peer as an executor: two functions.
type adapter struct {
	execute  func(executor.Task) error
	shutdown func(context.Context) error
}

// Execute implements [executor.Executor]. A panic of the peer in the caller's
// goroutine is a refusal.
func (a adapter) Execute(t executor.Task) (err error) {
	defer refused(&err)
	return a.execute(t)
}

// Shutdown implements [executor.Executor].
func (a adapter) Shutdown(ctx context.Context) (err error) {
	defer refused(&err)
	return a.shutdown(ctx)
}

func refused(err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("the peer panicked: %v", v)
	}
}

// patiently waits for a peer that knows no context.
func patiently(wait func()) func(context.Context) error {
	return func(ctx context.Context) error {
		over := make(chan error, 1)
		go func() {
			var err error
			defer func() { over <- err }()
			defer refused(&err)
			wait()
		}()
		select {
		case err := <-over:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

var errWorkers = errors.New("the peer takes any number of workers as unlimited; its adapter does not")

var peers = []struct {
	name string
	open executortest.Open
}{
	{"pond", func(workers int) (executor.Executor, error) {
		p := pond.NewPool(workers)
		return adapter{
			func(t executor.Task) error {
				err := p.Go(func() { t.Run(context.Background()) })
				if errors.Is(err, pond.ErrPoolStopped) {
					return fmt.Errorf("%w: %w", executor.ErrShutdown, err)
				}
				return err
			},
			patiently(p.StopAndWait),
		}, nil
	}},
	{"ants", func(workers int) (executor.Executor, error) {
		p, err := ants.NewPool(workers)
		if err != nil {
			return nil, err
		}
		return adapter{
			func(t executor.Task) error {
				err := p.Submit(func() { t.Run(context.Background()) })
				if errors.Is(err, ants.ErrPoolClosed) {
					return fmt.Errorf("%w: %w", executor.ErrShutdown, err)
				}
				return err
			},
			func(ctx context.Context) error {
				deadline, ok := ctx.Deadline()
				if !ok {
					deadline = time.Now().Add(time.Minute)
				}
				if err := p.ReleaseTimeout(max(time.Until(deadline), time.Millisecond)); err != nil &&
					!errors.Is(err, ants.ErrPoolClosed) {
					return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
				}
				return context.Cause(ctx)
			},
		}, nil
	}},
	{"conc", func(workers int) (executor.Executor, error) {
		if workers < 0 {
			return nil, errWorkers
		}
		p := concpool.New()
		if workers > 0 {
			p = p.WithMaxGoroutines(workers)
		}
		return adapter{
			func(t executor.Task) error {
				p.Go(func() { t.Run(context.Background()) })
				return nil
			},
			patiently(p.Wait),
		}, nil
	}},
	{"errgroup", func(workers int) (executor.Executor, error) {
		g := new(errgroup.Group)
		if workers != 0 {
			g.SetLimit(workers)
		}
		return adapter{
			func(t executor.Task) error {
				g.Go(func() error { t.Run(context.Background()); return nil })
				return nil
			},
			patiently(func() { g.Wait() }),
		}, nil
	}},
}

// holdToLaw prints for each row which peers keep it.
func holdToLaw(out io.Writer) int {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	known := map[string][]string{}
	for line := range strings.Lines(claims) {
		fields := strings.Fields(line)
		known[fields[0]] = fields[1:]
	}
	checks := executortest.Checks()
	passed := make([][]bool, len(peers))
	for i, p := range peers {
		passed[i] = hold(p.open, checks)
	}
	fmt.Fprintln(out, "for each peer: whether it passes under teapot's futures, and in brackets what it has of "+
		"its own (Y yes, p partly, – no, ! harmful)")
	fmt.Fprintln(out, "a peer whose submit blocks fails all checks that queue behind a busy worker; those of "+
		"settings ask for executor.Tune, which no peer has")
	fmt.Fprintf(out, "%-27s", "row")
	for _, p := range peers {
		fmt.Fprintf(out, "%-13s", p.name)
	}
	fmt.Fprintln(out)
	kept := make([]int, len(peers))
	for k, c := range checks {
		fmt.Fprintf(out, "%-3d %-23s", c.Row, c.Name)
		for i := range peers {
			mark := "fails"
			if passed[i][k] {
				mark = "passes"
				kept[i]++
			}
			own := "?"
			if f := known[fmt.Sprint(c.Row)]; i < len(f) {
				own = f[i]
			}
			fmt.Fprintf(out, "%-13s", mark+" ("+own+")")
		}
		fmt.Fprintln(out)
	}
	for i, p := range peers {
		fmt.Fprintf(out, "%s passes %d of %d\n", p.name, kept[i], len(checks))
	}
	return 0
}

// hold runs the checks side by side, as failing ones wait for their deadline,
// but for those that count goroutines or collect garbage.
func hold(open executortest.Open, checks []executortest.Check) []bool {
	alone := []int{27, 54, 62, 69}
	passed := make([]bool, len(checks))
	run := func(i int) {
		passed[i] = true
		for range 3 { // a race is lost now and then
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			err := checks[i].Run(ctx, open)
			cancel()
			if err != nil {
				passed[i] = false
				return
			}
		}
	}
	var all sync.WaitGroup
	room := make(chan struct{}, 12)
	for i, c := range checks {
		if slices.Contains(alone, c.Row) {
			continue
		}
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			run(i)
		})
	}
	all.Wait()
	for i, c := range checks {
		if slices.Contains(alone, c.Row) {
			run(i)
		}
	}
	return passed
}
