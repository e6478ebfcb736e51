package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/executor/process"
)

// peer is what Python's ProcessPoolExecutor is measured with.
const peer = "../../executor/process/testdata/peer.py"

// children is how many child processes the contenders have.
const children = 2

var (
	double = executor.Define("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	vanish = executor.Define("vanish", func(context.Context, int) (int, error) { os.Exit(3); return 0, nil })
	took   = executor.Define("took", func(_ context.Context, n int64) (time.Duration, error) {
		begin := time.Now()
		for d := int64(3); n%2 != 0 && d*d <= n && n%d != 0; d += 2 {
		}
		return time.Since(begin), nil
	})
)

// definitions are the tasks of child processes.
func definitions() []executor.Definition { return []executor.Definition{double, vanish, took} }

// processes are the cases of child processes. Children and the peer live
// through several turns, and end with this process.
func processes() []bench {
	p := findPeer()
	warm := sync.OnceValue(func() *process.Executor { return openProcess(children) })
	return []bench{
		{"child processes: typed future", 4000, "ns", p.beside(1.0/40, "submit",
			contender{"teapot", 0, func(n int) func() {
				fs := make([]*executor.Future[int], 0, n)
				for k := range n {
					fs = append(fs, double.Submit(background, warm(), k))
				}
				for k, f := range fs {
					v, err := f.Result(background)
					must(err)
					wrong(v, 2*k)
				}
				return nil
			}})},
		{"child processes: one at a time", 2000, "ns", p.beside(1.0/12, "one-at-a-time",
			contender{"teapot", 0, func(n int) func() {
				for k := range n {
					v, err := double.Submit(background, warm(), k).Result(background)
					must(err)
					wrong(v, 2*k)
				}
				return nil
			}})},
		{"child processes: Map", 100_000, "ns", slices.Concat(
			p.beside(1.0/7, "map-100", contender{"teapot, chunks by itself", 0, processMap(warm)}),
			p.beside(0, "map-1000", contender{
				"teapot, chunks of 100", 0,
				processMap(warm, executor.MapOptions{Chunk: 100}),
			}),
		)},
		childReady(p), childCrash(p), primeList(warm),
	}
}

func openProcess(workers int) *process.Executor {
	ex, err := process.New(process.Config{Workers: workers})
	must(err)
	return ex
}

func processMap(warm func() *process.Executor, how ...executor.MapOptions) func(n int) func() {
	return func(n int) func() {
		in := make([]int, n)
		for i := range in {
			in[i] = i
		}
		i := 0
		for v, err := range double.Map(background, warm(), slices.Values(in), how...) {
			must(err)
			wrong(v, 2*i)
			i++
		}
		wrong(i, n)
		return nil
	}
}

// ready starts n executors with a child each, one after another.
func ready(n int) (opened []*process.Executor) {
	for k := range n {
		ex := openProcess(1)
		v, err := double.Submit(background, ex, k).Result(background)
		must(err)
		wrong(v, 2*k)
		opened = append(opened, ex)
	}
	return opened
}

func closeAll(opened []*process.Executor) {
	for _, ex := range opened {
		must(ex.Shutdown(background))
	}
}

// yardstick takes so long for each of the n.
func yardstick(each time.Duration) contender {
	return contender{fmt.Sprintf("%v by the clock", each), 1, func(n int) func() {
		time.Sleep(time.Duration(n) * each)
		return nil
	}}
}

// childReady: from nothing to the first result.
func childReady(p *python) bench {
	all := append(p.beside(0, "start-fork", contender{"teapot", 0, func(n int) func() {
		opened := ready(n)
		return func() { closeAll(opened) }
	}}), yardstick(4*time.Millisecond))
	return bench{"child processes: ready", 10, "ns", all}
}

// childCrash: from the submission of a task that ends its process to the error.
// The executors were opened after the last turn.
func childCrash(p *python) bench {
	var opened []*process.Executor
	all := []contender{{"teapot", 0, func(n int) func() {
		for _, ex := range opened {
			if _, err := vanish.Submit(background, ex, 1).Result(background); err == nil {
				panic("no error")
			}
		}
		return func() { closeAll(opened); opened = ready(n) }
	}}, yardstick(5 * time.Millisecond)}
	if p != nil {
		all = append(all, contender{"Python, crash", 0, func(n int) func() {
			p.do("crash", n)
			return func() { p.do("close", n); p.do("start-fork", n) }
		}})
	}
	return bench{"child processes: crash reported", 10, "ns", all}
}

// primeList: numbers that take long to try, and some that take no time, largest
// first, on as many children as may run at once. What it should take is known
// from the tasks of the turn before.
func primeList(warm func() *process.Executor) bench {
	list := []int64{
		9999999999999999, 9999999999999917, 7777777777777777, 7777777777777753, 7777777536340681,
		6666667141414921, 6666666666666719,
		6666666666666666, 5555555555555555, 5555555555555503, 5555553133149889, 4444444488888889,
		4444444444444444, 4444444444444423,
		3333335652092209, 3333333333333333, 3333333333333301, 299593572317531, 142702110479723, 2,
	}
	var ideal time.Duration
	return bench{"child processes: list of primes", 1, "ns", []contender{
		{"teapot", 0, func(int) func() {
			var total, longest time.Duration
			for d, err := range took.Map(background, warm(), slices.Values(list)) {
				must(err)
				total += d
				longest = max(longest, d)
			}
			ideal = max(longest, total/children)
			return nil
		}},
		{"max(longest, total / children)", 1.1, func(int) func() { time.Sleep(ideal); return nil }},
	}}
}

// A python does what it is told in a process of its own, which ends with its
// standard input.
type python struct {
	path string
	to   io.Writer
	from *bufio.Reader
}

// findPeer returns nil, having said so, where there is no Python.
func findPeer() *python {
	path, err := exec.LookPath("python3")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: no python3: child processes are not compared with Python's")
		return nil
	}
	return &python{path: path}
}

// do returns when Python has done its job.
func (p *python) do(job string, n int) {
	if p.to == nil {
		cmd := exec.Command(p.path, peer)
		cmd.Stderr = os.Stderr
		to, err := cmd.StdinPipe()
		must(err)
		from, err := cmd.StdoutPipe()
		must(err)
		must(cmd.Start())
		p.to, p.from = to, bufio.NewReader(from)
	}
	fmt.Fprintln(p.to, job, n)
	_, err := p.from.ReadString('\n')
	must(err)
}

// beside adds what Python takes for its job, where there is Python.
func (p *python) beside(goal float64, job string, ours contender) []contender {
	if p == nil {
		return []contender{ours}
	}
	return []contender{ours, {"Python, " + job, goal, func(n int) func() {
		p.do(job, n)
		return func() { p.do("close", n) }
	}}}
}
