package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/panics"
	concpool "github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"github.com/teapot-go/teapot/executor"
	"golang.org/x/sync/errgroup"
)

func cases() []bench {
	all := []bench{}
	for workers, ofPond := range map[int]float64{2: 0.33, 100: 0.2} {
		all = append(all, futures(workers, ofPond), forgotten(workers))
	}
	slices.SortFunc(all, func(a, b bench) int { return len(a.name) - len(b.name) })
	all = append(all, pingPong(), nestedPingPong(), mapped("a task each", 1, 1), mapped("chunks of 1000", 1000, 0.6),
		streamed("a task each", 1, 0.6), streamed("chunks of 16", 16, 0.2), panicking(), pending())
	for _, workers := range []int{100, 1000} {
		all = append(all, sleeping(workers))
	}
	return append(all, processes()...)
}

var background = context.Background()

func open(workers int) executor.Executor {
	ex, err := executor.NewPool(workers)
	must(err)
	return ex
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func wrong[T comparable](got, want T) {
	if got != want {
		panic(fmt.Sprintf("got %v, want %v", got, want))
	}
}

// futures: submit n trivial tasks, then ask each for its typed result.
func futures(workers int, ofPond float64) bench {
	return bench{fmt.Sprintf("typed future, %d workers", workers), 100_000, "ns", []contender{
		{"teapot", 0, func(n int) func() {
			ex := open(workers)
			fs := make([]*executor.Future[int], 0, n)
			for k := range n {
				fs = append(fs, executor.Submit(background, ex, func(context.Context) (int, error) { return k, nil }))
			}
			for k, f := range fs {
				v, err := f.Result(background)
				must(err)
				wrong(v, k)
			}
			return func() { ex.Shutdown(background) }
		}},
		{"pond ResultPool", ofPond, func(n int) func() {
			p := pond.NewResultPool[int](workers)
			fs := make([]pond.Result[int], 0, n)
			for k := range n {
				fs = append(fs, p.Submit(func() int { return k }))
			}
			for k, f := range fs {
				v, err := f.Wait()
				must(err)
				wrong(v, k)
			}
			return p.StopAndWait
		}},
		{"ants + channel", 0, func(n int) func() {
			p, err := ants.NewPool(workers)
			must(err)
			fs := make([]chan int, 0, n)
			for k := range n {
				ch := make(chan int, 1)
				must(p.Submit(func() { ch <- k }))
				fs = append(fs, ch)
			}
			for k, ch := range fs {
				wrong(<-ch, k)
			}
			return p.Release
		}},
		{"go + WaitGroup + slice", 0.8, func(n int) func() {
			results := make([]int, n)
			var all sync.WaitGroup
			for k := range n {
				all.Go(func() { results[k] = k })
			}
			all.Wait()
			wrong(results[n-1], n-1)
			return nil
		}},
	}}
}

// A bare task is what a caller that wants no future gives to Execute.
type bare func()

func (b bare) Run(context.Context) { b() }

// forgotten: submit n trivial tasks without a result, wait for all.
func forgotten(workers int) bench {
	each := func(submit func(func()), stop func()) func(n int) func() {
		return func(n int) func() {
			var all sync.WaitGroup
			all.Add(n)
			for range n {
				submit(all.Done)
			}
			all.Wait()
			return stop
		}
	}
	fresh := func(open func() (submit func(func()), stop func())) func(n int) func() {
		return func(n int) func() {
			submit, stop := open()
			return each(submit, stop)(n)
		}
	}
	return bench{fmt.Sprintf("fire and forget, %d workers", workers), 100_000, "ns", []contender{
		{"teapot", 0, fresh(func() (func(func()), func()) {
			ex := open(workers)
			return func(f func()) { must(ex.Execute(bare(f))) }, func() { ex.Shutdown(background) }
		})},
		{"pond", 0.7, fresh(func() (func(func()), func()) {
			p := pond.NewPool(workers)
			return func(f func()) { must(p.Go(f)) }, p.StopAndWait
		})},
		{"gopool", 0.7, fresh(func() (func(func()), func()) {
			p := gopool.NewPool("bench", int32(workers), gopool.NewConfig())
			return p.Go, nil
		})},
		{"conc", 0.7, fresh(func() (func(func()), func()) {
			p := concpool.New().WithMaxGoroutines(workers)
			return p.Go, p.Wait
		})},
		{"errgroup", 0.7, fresh(func() (func(func()), func()) {
			var g errgroup.Group
			g.SetLimit(workers)
			return func(f func()) { g.Go(func() error { f(); return nil }) }, func() { must(g.Wait()) }
		})},
		{"ants", 0.7, fresh(func() (func(func()), func()) {
			p, err := ants.NewPool(workers)
			must(err)
			return func(f func()) { must(p.Submit(f)) }, p.Release
		})},
		{"gammazero", 0.7, fresh(func() (func(func()), func()) {
			p := workerpool.New(workers)
			return p.Submit, p.StopWait
		})},
	}}
}

func goAndChannel(n int) func() {
	for k := range n {
		ch := make(chan int, 1)
		go func() { ch <- k }()
		wrong(<-ch, k)
	}
	return nil
}

// pingPong: one task at a time, submit and wait.
func pingPong() bench {
	return bench{"one at a time", 20_000, "ns", []contender{
		{"teapot", 0, func(n int) func() {
			ex := open(2)
			for k := range n {
				v, err := executor.Submit(background, ex, func(context.Context) (int, error) {
					return k,
						nil
				}).Result(background)
				must(err)
				wrong(v, k)
			}
			return func() { ex.Shutdown(background) }
		}},
		{"pond ResultPool", 0.15, func(n int) func() {
			p := pond.NewResultPool[int](2)
			for k := range n {
				v, err := p.Submit(func() int { return k }).Wait()
				must(err)
				wrong(v, k)
			}
			return p.StopAndWait
		}},
		{"gammazero", 0, func(n int) func() {
			p := workerpool.New(2)
			for range n {
				p.SubmitWait(func() {})
			}
			return p.StopWait
		}},
		{"ants + channel", 0, func(n int) func() {
			p, err := ants.NewPool(2)
			must(err)
			for k := range n {
				ch := make(chan int, 1)
				must(p.Submit(func() { ch <- k }))
				wrong(<-ch, k)
			}
			return p.Release
		}},
		{"go + channel", 0, goAndChannel},
	}}
}

// nestedPingPong: the same from inside a task on one worker, where the waiter's
// place is what the task runs in.
func nestedPingPong() bench {
	return bench{"one at a time, in a task", 20_000, "ns", []contender{
		{"teapot", 0, func(n int) func() {
			ex := open(1)
			_, err := executor.Submit(background, ex, func(ctx context.Context) (int, error) {
				for k := range n {
					v, err := executor.Submit(ctx, ex, func(context.Context) (int, error) { return k, nil }).Result(ctx)
					must(err)
					wrong(v, k)
				}
				return 0, nil
			}).Result(background)
			must(err)
			return func() { ex.Shutdown(background) }
		}},
		{"go + channel", 0.3, goAndChannel},
	}}
}

// mapping is teapot's Map of a trivial function over a slice, results in order.
func mapping(how executor.MapOptions) func(n int) func() {
	return func(n int) func() {
		inputs := make([]int, n)
		ex := open(2)
		sum := 0
		for v, err := range executor.Map(background, ex, slices.Values(inputs),
			func(_ context.Context, k int) (int, error) { return k + 1, nil }, how) {
			must(err)
			sum += v
		}
		wrong(sum, n)
		return func() { ex.Shutdown(background) }
	}
}

// mapped: a trivial function over a slice, results in order.
func mapped(name string, chunk int, goal float64) bench {
	return bench{"ordered Map over a slice, " + name, 500_000, "ns", []contender{
		{"teapot", 0, mapping(executor.MapOptions{Chunk: chunk})},
		{"conc iter.Map", goal, func(n int) func() {
			inputs := make([]int, n)
			sum := 0
			for _, v := range iter.Map(inputs, func(k *int) int { return *k + 1 }) {
				sum += v
			}
			wrong(sum, n)
			return nil
		}},
	}}
}

// streamed: the same, with results given as they come and a bound on how far
// ahead the inputs are read.
func streamed(name string, chunk int, goal float64) bench {
	return bench{"lazy ordered Map, " + name, 100_000, "ns", []contender{
		{"teapot", 0, mapping(executor.MapOptions{Chunk: chunk, Ahead: 64 * chunk})},
		{"conc stream", goal, func(n int) func() {
			inputs := make([]int, n)
			sum := 0
			s := stream.New().WithMaxGoroutines(2)
			for _, k := range inputs {
				s.Go(func() stream.Callback {
					v := k + 1
					return func() { sum += v }
				})
			}
			s.Wait()
			wrong(sum, n)
			return nil
		}},
	}}
}

// panicking: a task that panics, its error with the stack kept, waited for.
func panicking() bench {
	return bench{"panic captured", 20_000, "ns", []contender{
		{"teapot", 0, func(n int) func() {
			ex := open(2)
			for range n {
				_, err := executor.Submit(background, ex, func(context.Context) (int,
					error,
				) {
					panic("spilled")
				}).Result(background)
				wrong(err != nil, true)
			}
			return func() { ex.Shutdown(background) }
		}},
		{"pond ResultPool", 0.1, func(n int) func() {
			p := pond.NewResultPool[int](2)
			for range n {
				_, err := p.Submit(func() int { panic("spilled") }).Wait()
				wrong(err != nil, true)
			}
			return p.StopAndWait
		}},
		{"conc panics.Try", 0, func(n int) func() {
			for range n {
				wrong(panics.Try(func() { panic("spilled") }) != nil, true)
			}
			return nil
		}},
	}}
}

// pending: what a task takes that waits behind a busy worker.
func pending() bench {
	return bench{"memory of a pending task", 1_000_000, "B", []contender{
		{"teapot", 0, func(n int) func() {
			ex := open(1)
			hold := make(chan struct{})
			executor.Submit(background, ex, func(context.Context) (int, error) { <-hold; return 0, nil })
			for k := range n {
				executor.Submit(background, ex, func(context.Context) (int, error) { return k, nil })
			}
			return func() { close(hold); ex.Shutdown(background) }
		}},
		{"pond ResultPool", 0, func(n int) func() {
			p := pond.NewResultPool[int](1)
			hold := make(chan struct{})
			p.Submit(func() int { <-hold; return 0 })
			for k := range n {
				p.Submit(func() int { return k })
			}
			return func() { close(hold); p.StopAndWait() }
		}},
		{"goroutine each", 0, func(n int) func() {
			hold := make(chan struct{})
			var all sync.WaitGroup
			for range n {
				all.Go(func() { <-hold })
			}
			return func() { close(hold); all.Wait() }
		}},
	}}
}

// sleeping: tasks that take a millisecond each, fire and forget.
func sleeping(workers int) bench {
	const n = 10_000
	nap := func() { time.Sleep(time.Millisecond) }
	ideal := time.Duration(n/workers) * time.Millisecond
	b := bench{name: fmt.Sprintf("10,000 tasks of 1 ms, %d workers (ideal %v)", workers, ideal), n: n, unit: "ns"}
	for _, c := range forgotten(workers).contenders {
		if c.goal > 0 {
			c.goal = 1.03
		}
		c.run = napping(c.name, workers, nap)
		b.contenders = append(b.contenders, c)
	}
	b.contenders = append(b.contenders, contender{"teapot, typed futures", 0, func(n int) func() {
		ex := open(workers)
		fs := make([]*executor.Future[int], 0, n)
		for k := range n {
			fs = append(fs, executor.Submit(background, ex, func(context.Context) (int,
				error,
			) {
				nap()
				return k, nil
			}))
		}
		for _, f := range fs {
			_, err := f.Result(background)
			must(err)
		}
		return func() { ex.Shutdown(background) }
	}})
	return b
}

func napping(name string, workers int, nap func()) func(n int) func() {
	submitted := func(n int, submit func(func())) {
		var all sync.WaitGroup
		all.Add(n)
		for range n {
			submit(func() { nap(); all.Done() })
		}
		all.Wait()
	}
	return func(n int) func() {
		switch name {
		case "teapot":
			ex := open(workers)
			submitted(n, func(f func()) { must(ex.Execute(bare(f))) })
			return func() { ex.Shutdown(background) }
		case "pond":
			p := pond.NewPool(workers)
			submitted(n, func(f func()) { must(p.Go(f)) })
			return p.StopAndWait
		case "gopool":
			p := gopool.NewPool("bench", int32(workers), gopool.NewConfig())
			submitted(n, p.Go)
		case "conc":
			p := concpool.New().WithMaxGoroutines(workers)
			submitted(n, p.Go)
			return p.Wait
		case "errgroup":
			var g errgroup.Group
			g.SetLimit(workers)
			submitted(n, func(f func()) { g.Go(func() error { f(); return nil }) })
			return func() { must(g.Wait()) }
		case "ants":
			p, err := ants.NewPool(workers)
			must(err)
			submitted(n, func(f func()) { must(p.Submit(f)) })
			return p.Release
		case "gammazero":
			p := workerpool.New(workers)
			submitted(n, p.Submit)
			return p.StopWait
		default:
			panic(name)
		}
		return nil
	}
}
