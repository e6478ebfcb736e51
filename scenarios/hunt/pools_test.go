package hunt_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/hunt"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
)

// A pool works as the pool of package executor does: a worker that has nothing
// to do waits, the latest first to be woken, and one at a time is on its way to
// the queue. Its bugs are in the order of what happens at one instant.
type pool struct {
	bug   string
	limit int
	yield func() // of SetYield

	mu      sync.Mutex
	queue   []executor.Task
	idle    []chan struct{}
	workers int
	waking  bool
	shut    bool
	done    sync.WaitGroup
}

// The bugs.
const (
	noBug      = "a correct pool"
	forgets    = "looks at the queue, and then becomes idle without another look"
	repeats    = "runs its last task again if another worker was faster"
	again      = "a correct dispatcher"
	startsOnce = "starts what hands out its tasks once, and ends it when nothing is left"
)

// SetYield has the pool stop where the order is open.
func (p *pool) SetYield(yield func()) { p.yield = yield }

func (p *pool) Execute(t executor.Task) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return executor.ErrShutdown
	}
	p.queue = append(p.queue, t)
	p.wake()
	return nil
}

// wake sends a worker to the queue. The caller holds mu.
func (p *pool) wake() {
	if n := len(p.idle); p.waking || len(p.queue) == 0 || n == 0 && p.workers == p.limit {
		return
	} else if p.waking = true; n > 0 {
		p.idle[n-1] <- struct{}{}
		p.idle = p.idle[:n-1]
		return
	}
	p.workers++
	p.done.Go(p.work)
}

// next returns the next task, nil if there is none. The caller holds mu.
func (p *pool) next() (t executor.Task) {
	if len(p.queue) > 0 {
		t, p.queue = p.queue[0], p.queue[1:]
	}
	return t
}

func (p *pool) work() {
	woken := make(chan struct{}, 1)
	var last executor.Task
	for open := true; open; _, open = <-woken {
		p.yield()
		p.mu.Lock()
		t := p.next()
		p.waking = false
		p.wake()
		if p.bug == repeats && t == nil {
			t = last
		}
		for t != nil {
			p.mu.Unlock()
			t.Run(context.Background())
			last = t
			p.mu.Lock()
			if t = p.next(); t == nil && p.bug == forgets {
				p.mu.Unlock()
				p.yield()
				p.mu.Lock()
			}
		}
		if p.idle = append(p.idle, woken); p.shut {
			p.end()
		}
		p.mu.Unlock()
	}
}

// end ends the idle workers. The caller holds mu.
func (p *pool) end() {
	for _, woken := range p.idle {
		close(woken)
	}
	p.idle = nil
}

func (p *pool) Shutdown(context.Context) error {
	p.mu.Lock()
	if p.shut = true; len(p.queue) == 0 {
		p.end()
	}
	p.mu.Unlock()
	p.done.Wait()
	return nil
}

// A dispatcher is a pool without a yield point. One goroutine hands its tasks
// out. That is started with the first task and ends with the last one, and then
// it must be started again, which a dispatcher that starts it once does not do.
type dispatcher struct {
	once bool
	free chan struct{} // has room for as many as may run

	mu      sync.Mutex
	queue   []executor.Task
	started bool
	done    sync.WaitGroup
}

func (d *dispatcher) Execute(t executor.Task) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, t)
	if !d.started {
		d.started = true
		d.done.Go(d.dispatch)
	}
	return nil
}

func (d *dispatcher) dispatch() {
	for {
		d.free <- struct{}{}
		d.mu.Lock()
		if len(d.queue) == 0 {
			d.started = d.once
			d.mu.Unlock()
			<-d.free
			return
		}
		t := d.queue[0]
		d.queue = d.queue[1:]
		d.mu.Unlock()
		d.done.Go(func() {
			t.Run(context.Background())
			<-d.free
		})
	}
}

func (d *dispatcher) Shutdown(context.Context) error {
	d.done.Wait()
	return nil
}

// pooled returns the scenario of a pool whose tasks take no time, and a hunt
// through it.
func pooled(t *testing.T, bug string, workers int, interleave string) (scenarios.Case, hunt.Hunt) {
	t.Helper()
	v := scenarios.Vocabulary{
		Tasks: map[string]scenarios.WorkloadFunc{"get": scenarios.RequestWorkload(
			func(ctx context.Context, s *servers.Server, key string, n int) record.Seen {
				return once(ctx, s, key, n).seen
			},
		)},
		Executors: map[string]func(int) (executor.Executor, error){
			"mine": func(workers int) (executor.Executor, error) {
				if bug == startsOnce || bug == again {
					return &dispatcher{once: bug == startsOnce, free: make(chan struct{}, workers)}, nil
				}
				return &pool{bug: bug, limit: workers, yield: func() {}}, nil
			},
		},
	}
	if interleave != "" {
		interleave = "interleave: " + interleave
	}
	text := fmt.Sprintf(`name: pool
clock: virtual
%s
server: {transport: handler}
workload: {task: get, flags: top20}
executors: [{kind: mine, workers: %d}]
expect: {order: submission}
`, interleave, workers)
	s, mistakes := v.Parse("pool.yaml", []byte(text))
	if mistakes != nil {
		t.Fatalf("%v\n%s", mistakes, text)
	}
	return s.Cases()[0], hunt.Hunt{Runner: func() *scenarios.Runner { return &scenarios.Runner{Vocabulary: v} }}
}

// TestOrderBugs wants a bug in the order of what happens at one instant to be
// found in few worlds, to repeat, and to be kept with the order that shows it.
func TestOrderBugs(t *testing.T) {
	var table strings.Builder
	table.WriteString("\n| the pool | workers | found by | in world | keys | the order of the smallest |\n" +
		"|---|---|---|---|---|---|\n")
	for _, bad := range []struct {
		bug     string
		workers int
		check   string
	}{{startsOnce, 2, "deadlock"}, {forgets, 1, "deadlock"}, {repeats, 2, "runs"}} {
		c, h := pooled(t, bad.bug, bad.workers, "mixed")
		h.Jobs = 2
		found := run(t, h, c)
		if len(found.Failures) != 1 {
			t.Fatalf("%s: %d failures in %d worlds", bad.bug, len(found.Failures), found.Tried)
		}
		f := found.Failures[0]
		tree, err := strict.ParseNode([]byte(f.Text))
		if f.Check != bad.check || !f.Repeats() || err != nil || f.Text == "" {
			t.Fatalf("%s: %s, %d of %d again, %v: want a small world with a finding of %s", bad.bug, f.Kind, f.Again,
				f.Runs, err, bad.check)
		}
		way, keys := tree.At("interleave").Text(), len(tree.At("workload", "keys").Items())
		if way == "" || way == "mixed" || keys == 0 || keys > 8 {
			t.Errorf("%s: %d keys, interleave: %s, want few keys and an order:\n%s", bad.bug, keys, way, f.Text)
		}
		t.Logf("%d smaller worlds tried", f.Tries)
		fmt.Fprintf(&table, "| %s | %d | %s | %d | %d | %s |\n", bad.bug, bad.workers, f.Check, found.Tried, keys, way)
	}
	if !t.Failed() {
		tabulate(t, "<!-- order -->\n", "<!-- end of order -->\n", table.String()+"\n")
	}
}

// TestOrderJobs wants the same result from any number of jobs, where the seed
// decides the order.
func TestOrderJobs(t *testing.T) {
	var want string
	for _, jobs := range []int{1, 2, 7} {
		c, h := pooled(t, startsOnce, 2, "mixed")
		h.Jobs, h.Seeds, h.KeepGoing = jobs, 20, true
		found := run(t, h, c)
		found.Took = 0
		text, err := json.MarshalIndent(found, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if want = cmp.Or(want, string(text)); string(text) != want || len(found.Failures) == 0 {
			t.Errorf("%d jobs: got\n%s\nwant as from one job\n%s", jobs, text, want)
		}
	}
}

// TestOrderRight wants no order to accuse a pool that is correct in all of
// them.
func TestOrderRight(t *testing.T) {
	for _, right := range []string{noBug, again} {
		for _, way := range []string{"random", "priorities(3)", "mixed"} {
			c, h := pooled(t, right, 2, way)
			h.Seeds, h.Jobs = 100, 2
			if found := run(t, h, c); len(found.Failures) > 0 || found.Unknown > 0 || found.Tried != 100 {
				text, _ := json.MarshalIndent(found.Failures, "", " ") // as a report has them
				t.Errorf("%s, %s: %d worlds, %d unknown (%s)\n%s", right, way, found.Tried, found.Unknown, found.Why,
					text)
			}
		}
	}
}
