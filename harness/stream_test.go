package harness_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/checks"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/taskid"
)

// A caller is a client of a server, which is right if it calls get once for
// each task and reports what that returns.
type caller func(ctx context.Context, get asking) record.Seen

// An asking sends a request for the key of the task.
type asking func(context.Context) record.Seen

func right(ctx context.Context, get asking) record.Seen {
	return get(ctx)
}

// streaming is an open workload of n tasks that share some keys, of a client
// whose requests name their tasks. A fifth of them fail.
func streaming(t testing.TB, clock record.Clock, n, keyed int, call caller) harness.Trial {
	schedule, err := arrivals.New(1, arrivals.Stage{Rate: 1000, For: time.Duration(n) * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	wait, err := servers.ParseLatency("uniform(1ms, 9ms)")
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("/%d", i%keyed)
	}
	plan := servers.Plan{
		Seed: 1, Latency: wait, Faults: []servers.Fault{{Kind: servers.StatusFault, Status: 503, Rate: 0.2}},
		Positions: servers.Positions(all),
	}
	return harness.Trial{
		Scenario: "stream", Kind: "async", Clock: clock, Delivery: record.AsCompleted, Keys: all, Pacer: schedule,
		Executor: func() (executor.Executor, error) { return executor.NewAsync(0) },
		Workload: serving(t, all, servers.Config{
			Plan: plan, Memory: clock == record.Virtual, Direct: clock == record.Virtual,
		}, call),
	}
}

// serving is the workload of a client of a server of some text.
func serving(t testing.TB, all []string, c servers.Config, call caller) func() (*harness.Workload, error) {
	t.Helper()
	c.Content = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "some text") })
	c.Key = keys.OfPaths(all)
	return func() (*harness.Workload, error) {
		server, err := servers.Start(c)
		if err != nil {
			return nil, err
		}
		w := &harness.Workload{Oracle: oracle.Of(c.Plan, 0), Server: server}
		w.Epoch, w.Exact = server.Started(), c.Memory
		w.Do = func(ctx context.Context, key string, _ int) record.Seen {
			ctx, end := server.BeginTask(ctx, key)
			defer end()
			return call(ctx, func(ctx context.Context) record.Seen { return ask(ctx, server, key) })
		}
		return w, nil
	}
}

// ask sends a request that names its task.
func ask(ctx context.Context, server *servers.Server, key string) record.Seen {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL()+key, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	req.Header.Set(servers.AttemptHeader, "1")
	taskid.Mark(req)
	resp, err := server.Client().Do(req)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		return record.Seen{Class: record.Truncated, Error: err.Error()}
	}
	return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n}
}

// some is every 97th task of a run, whatever its key.
func some(ctx context.Context) bool { return taskid.FromContext(ctx)%97 == 0 }

var judged = []checks.Expectation{
	{Check: checks.Limits},
	{Check: checks.Deadlock},
	{Check: checks.Concurrency},
	{Check: checks.Runs},
	{Check: checks.Shutdown},
	{Check: checks.Exact},
	{Check: checks.Classification},
	{Check: checks.Retries},
	{Check: checks.Leaks},
	{Check: checks.Efficiency(0.5)},
	{Check: checks.Generator(0)},
	{Check: checks.Bounded("errors", bounds.Errors(), bounds.Bound{Unit: bounds.Percent, HasMost: true, Most: 30})},
	{Check: checks.Bounded("latency", bounds.Latency("p99", bounds.Window{}),
		bounds.Bound{Unit: bounds.Time, HasMost: true, Most: 20e6})},
}

// found returns the checks that find violations, and those that doubt.
func found(r *record.Recording) (violations, doubts []string) {
	checks.Settle(r, judged, "")
	names := func(all []record.Violation) []string {
		of := map[string]bool{}
		for _, v := range all {
			of[v.Check] = true
		}
		return slices.Sorted(maps.Keys(of))
	}
	return names(r.Violations), names(r.Inconclusive)
}

// TestStreamJudges has clients and executors that are right and wrong, each in
// a run that has all samples and in one that leaves out those that it can. What
// the first finds, the second finds or doubts, and no more than that.
func TestStreamJudges(t *testing.T) {
	const n, limit = 2000, 100
	for _, tt := range []struct {
		name  string
		call  caller
		keyed int // keys, 50 if it is 0
		spoil func(*harness.Trial)
		// what is found in the stream, and what is doubted
		violations, doubts string
	}{
		{name: "right", call: right},
		{name: "lies", call: func(ctx context.Context, get asking) record.Seen {
			if seen := get(ctx); !some(ctx) {
				return seen
			}
			return record.Seen{Class: record.Reset}
		}, violations: "classification"},
		{name: "lies always", call: func(ctx context.Context, get asking) record.Seen {
			get(ctx)
			return record.Seen{Class: record.Truncated}
		}, violations: "classification errors"},
		{name: "does not ask", call: func(ctx context.Context, get asking) record.Seen {
			if some(ctx) {
				return record.Seen{Class: record.OK}
			}
			return get(ctx)
		}, doubts: "classification"},
		{name: "asks twice", call: func(ctx context.Context, get asking) record.Seen {
			seen := get(ctx)
			if some(ctx) {
				return get(ctx)
			}
			return seen
		}},
		{name: "asks when it is over", call: func(ctx context.Context, get asking) record.Seen {
			if some(ctx) {
				go func() {
					time.Sleep(300 * time.Millisecond)
					get(ctx)
				}()
			}
			return get(ctx)
		}, doubts: "classification retries"},
		{name: "asks for ever", call: func(ctx context.Context, get asking) (seen record.Seen) {
			for n := 0; n == 0 || taskid.FromContext(ctx) == 97 && n < 1100; n++ {
				seen = get(ctx)
			}
			return seen
		}, doubts: "classification retries"},
		{name: "does not name its tasks", call: func(ctx context.Context, get asking) record.Seen {
			if some(ctx) {
				ctx = context.Background()
			}
			return get(ctx)
		}, keyed: 1, doubts: "classification retries"},
		{name: "panics", call: func(ctx context.Context, get asking) record.Seen {
			if some(ctx) {
				panic("no")
			}
			return get(ctx)
		}, violations: "panic"},
		{name: "is slow", call: func(ctx context.Context, get asking) record.Seen {
			time.Sleep(20 * time.Millisecond)
			return get(ctx)
		}, violations: "latency"},
		{name: "an executor that runs tasks twice", call: right, spoil: func(tr *harness.Trial) {
			tr.Executor = spoiltBy(func(ex executor.Executor, task executor.Task) error {
				return ex.Execute(later{task, 0})
			})
		}, violations: "runs"},
		{name: "an executor that runs tasks again much later", call: right, spoil: func(tr *harness.Trial) {
			tr.Executor = spoiltBy(func(ex executor.Executor, task executor.Task) error {
				return ex.Execute(later{task, time.Second})
			})
		}, violations: "runs"},
		{name: "an executor that starts tasks out of order", call: right, spoil: func(tr *harness.Trial) {
			n := 0
			tr.Executor = spoiltBy(func(ex executor.Executor, task executor.Task) error {
				if n++; n%7 == 0 {
					return ex.Execute(delayed{task})
				}
				return ex.Execute(task)
			})
		}, violations: "latency"},
		{name: "an executor that refuses tasks", call: right, spoil: func(tr *harness.Trial) {
			n := 0
			tr.Executor = spoiltBy(func(ex executor.Executor, task executor.Task) error {
				if n++; n%97 == 0 {
					return executor.ErrShutdown
				}
				return ex.Execute(task)
			})
		}, violations: "classification"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			run := func(keep int) *record.Recording {
				tr := streaming(t, record.Virtual, n, cmp.Or(tt.keyed, 50), tt.call)
				if tr.Keep = keep; tt.spoil != nil {
					tt.spoil(&tr)
				}
				rec, err := harness.Run(t.Context(), tr)
				if err != nil {
					t.Fatal(err)
				}
				return rec
			}
			whole, rec := run(0), run(limit)
			if whole.LeftOut() != nil || rec.LeftOut() == nil || rec.Tasks() != n {
				t.Fatalf("%d of %d tasks in the stream", rec.Tasks(), n)
			}
			wrong, unclear := found(whole)
			violations, doubts := found(rec)
			t.Logf("whole: %v, doubts %v; stream: %v, doubts %v: %v %v", wrong, unclear, violations, doubts,
				rec.Violations, rec.Inconclusive)
			if len(doubts) == 0 && !strings.Contains(tt.name, "much later") {
				wantEqual(t, whole, rec)
			}
			for _, check := range wrong {
				if !slices.Contains(violations, check) && !slices.Contains(doubts, check) {
					t.Errorf("%s: acquitted", check)
				}
			}
			for _, check := range violations {
				if !slices.Contains(wrong, check) {
					t.Errorf("%s: accused", check)
				}
			}
			if got := strings.Join(violations, " "); got != tt.violations {
				t.Errorf("got violations of %q, want %q", got, tt.violations)
			}
			if got := strings.Join(doubts, " "); got != tt.doubts {
				t.Errorf("got doubts of %q, want %q", got, tt.doubts)
			}
			if rec.Keep(limit); rec.Tasks() != n || len(rec.Samples) > limit {
				t.Errorf("%d samples of %d tasks are kept", len(rec.Samples), rec.Tasks())
			}
			if err := rec.Validate(); err != nil {
				t.Error(err)
			}
			if whole.Keep(limit); len(doubts) == 0 && !strings.Contains(tt.name, "much later") {
				wantLanes(t, whole, rec)
			}
		})
	}
}

// wantEqual wants two recordings of a run to have the same violations, but for
// those of times and their culprits.
func wantEqual(t *testing.T, whole, rec *record.Recording) {
	t.Helper()
	untimed := func(r *record.Recording) []record.Violation {
		return slices.DeleteFunc(slices.Clone(r.Violations), func(v record.Violation) bool { return v.Timed })
	}
	culprit := cmpopts.IgnoreFields(record.Violation{}, "Culprit")
	if diff := gocmp.Diff(untimed(whole), untimed(rec), culprit); diff != "" {
		t.Error(diff)
	}
}

// wantLanes wants two recordings to keep the same tasks, in the same lanes.
func wantLanes(t *testing.T, whole, rec *record.Recording) {
	t.Helper()
	for i := range whole.Samples {
		if a, b := &whole.Samples[i], &rec.Samples[i]; a.Seq != b.Seq || a.Worker != b.Worker {
			t.Fatalf("task %d in lane %d, want task %d in lane %d", b.Seq, b.Worker, a.Seq, a.Worker)
		}
	}
}

// spoiltBy returns an executor without a limit that executes as told.
func spoiltBy(execute func(executor.Executor, executor.Task) error) func() (executor.Executor, error) {
	return func() (executor.Executor, error) {
		ex, err := executor.NewAsync(0)
		return wrapped{Executor: ex, execute: func(t executor.Task) error { return execute(ex, t) }}, err
	}
}

// delayed is a task that waits before it runs.
type delayed struct{ executor.Task }

func (d delayed) Run(ctx context.Context) {
	time.Sleep(500 * time.Millisecond)
	d.Task.Run(ctx)
}

// later is a task that runs again after a while.
type later struct {
	executor.Task
	after time.Duration
}

func (t later) Run(ctx context.Context) {
	t.Task.Run(ctx)
	time.Sleep(t.after)
	t.Task.Run(ctx)
}

// TestStreamIsFlat measures what a run holds when a quarter of its tasks have
// come, and when all have. Without a stream it would be a kilobyte for each.
func TestStreamIsFlat(t *testing.T) {
	const n = 40_000
	held := map[int]uint64{}
	tr := streaming(t, record.Virtual, n, 50, func(ctx context.Context, get asking) record.Seen {
		if task := taskid.FromContext(ctx); task == n/4 || task == n-100 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			held[task] = m.HeapAlloc
		}
		return get(ctx)
	})
	tr.Keep = 1000
	rec, err := harness.Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	if grown := int64(held[n-100] - held[n/4]); grown > 50*n {
		t.Errorf("%d more tasks take %d bytes more", n-100-n/4, grown)
	}
	if violations, doubts := found(rec); violations != nil || doubts != nil {
		t.Errorf("%v %v", rec.Violations, rec.Inconclusive)
	}
}

// TestStreamUnderTheRealClock wants a right client not to be accused, whatever
// the machine does.
func TestStreamUnderTheRealClock(t *testing.T) {
	const n, limit = 1500, 100
	tr := streaming(t, record.Real, n, 50, right)
	tr.Keep = limit
	rec, err := harness.Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	if rec.LeftOut() == nil || rec.Tasks() != n {
		t.Fatalf("%d of %d tasks in the stream", rec.Tasks(), n)
	}
	checks.Settle(rec, judged, "")
	for _, v := range rec.Violations {
		if !v.Timed && !v.Noise {
			t.Errorf("accused: %v", v)
		}
	}
	if rec.Keep(limit); rec.Validate() != nil {
		t.Error(rec.Validate())
	}
}

// TestStreamEndsEarly has runs that do not come to their end: one that is
// interrupted, one that hangs, and one that cannot be judged. Every task is
// counted all the same.
func TestStreamEndsEarly(t *testing.T) {
	const n, limit = 2000, 100
	for _, tt := range []struct {
		name    string
		call    func(cancel context.CancelFunc) caller
		is      func(*record.Recording) bool
		violate string
	}{
		{"interrupted", func(cancel context.CancelFunc) caller {
			return func(ctx context.Context, get asking) record.Seen {
				if taskid.FromContext(ctx) == n/2 {
					cancel()
				}
				return get(ctx)
			}
		}, func(r *record.Recording) bool {
			return r.Interrupted && r.Classes[record.NotStarted] > n/4 && r.Classes[record.OK] > n/4
		}, ""},
		{"hangs", func(context.CancelFunc) caller {
			return func(ctx context.Context, get asking) record.Seen {
				if taskid.FromContext(ctx) == n/2 {
					<-ctx.Done()
				}
				return get(ctx)
			}
		}, func(r *record.Recording) bool { return r.Deadlock != "" && r.Classes[record.OK] > n/4 }, "deadlock"},
		{"panics of the clock", func(context.CancelFunc) caller {
			return func(ctx context.Context, get asking) record.Seen {
				if taskid.FromContext(ctx) == n/2 {
					panic("synctest")
				}
				return get(ctx)
			}
		}, func(r *record.Recording) bool { return r.Limit != "" && r.Classes[record.OK] > n/4 }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tr := streaming(t, record.Virtual, n, 50, tt.call(cancel))
			tr.Keep = limit
			rec, err := harness.Run(ctx, tr)
			if err != nil {
				t.Fatal(err)
			}
			violations, doubts := found(rec)
			if got := strings.Join(violations, " "); got != tt.violate || !tt.is(rec) || rec.Tasks() != n {
				t.Errorf("%d tasks, violations of %q, doubts of %v: %v %v %v", rec.Tasks(), got, doubts, rec.Classes,
					rec.Violations, rec.Inconclusive)
			}
			if rec.Keep(limit); rec.Tasks() != n || len(rec.Samples) > limit {
				t.Errorf("%d samples of %d tasks are kept", len(rec.Samples), rec.Tasks())
			}
			if err := rec.Validate(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStreamReleases has requests that end long after their tasks: their client
// has gone, which the server notices when it has waited. Hardly any of these
// tasks is held in the end, or there could be too many.
func TestStreamReleases(t *testing.T) {
	const n, limit, timeout = 5000, 100, 100 * time.Millisecond
	wait, err := servers.ParseLatency("uniform(10ms, 1s)")
	if err != nil {
		t.Fatal(err)
	}
	hasty := func(ctx context.Context, get asking) record.Seen {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		if seen := get(ctx); ctx.Err() == nil {
			return seen
		}
		return record.Seen{Class: record.Timeout}
	}
	run := func(keep int) *record.Recording {
		tr := streaming(t, record.Virtual, n, 50, hasty)
		plan := servers.Plan{Seed: 1, Latency: wait, Positions: servers.Positions(tr.Keys), Foreign: true}
		open := serving(t, tr.Keys, servers.Config{Memory: true, Park: true, Plan: plan}, hasty)
		tr.Keep, tr.Workload = keep, func() (*harness.Workload, error) {
			w, err := open()
			if err == nil {
				known := oracle.Of(plan, timeout)
				known.Epoch, known.Exact = w.Epoch, w.Exact
				w.Oracle = known
			}
			return w, err
		}
		rec, err := harness.Run(t.Context(), tr)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	whole, rec := run(0), run(limit)
	if violations, doubts := found(rec); slices.Contains(violations, "classification") || doubts != nil {
		t.Errorf("%v %v", rec.Violations, rec.Inconclusive)
	}
	if diff := gocmp.Diff(whole.Classes, rec.Classes); diff != "" || whole.Classes[record.Timeout] < n/2 {
		t.Errorf("%v: %s", whole.Classes, diff)
	}
	if len(rec.Samples) > n/4 {
		t.Errorf("%d samples are held", len(rec.Samples))
	}
}

// TestStreamHoldsSome has more tasks that end wrongly than are held. The run is
// not right, and what is not held is told.
func TestStreamHoldsSome(t *testing.T) {
	const n, limit = 21_000, 100
	tr := streaming(t, record.Virtual, n, 50, func(context.Context, asking) record.Seen {
		return record.Seen{Class: record.OK}
	})
	tr.Keep = limit
	rec, err := harness.Run(t.Context(), tr)
	if err != nil {
		t.Fatal(err)
	}
	_, doubts := found(rec)
	told := fmt.Sprint(rec.Inconclusive)
	if !slices.Contains(doubts, "classification") || !strings.Contains(told, "1000 tasks more") {
		t.Errorf("doubts of %v: %v", doubts, rec.Inconclusive)
	}
	if rec.Keep(limit); rec.Tasks() != n || rec.Validate() != nil {
		t.Errorf("%d tasks: %v", rec.Tasks(), rec.Validate())
	}
}

// TestKey wants a trial whose keys are those of a function to be the same as
// one that lists them, with a stream and without one.
func TestKey(t *testing.T) {
	const n = 300
	for _, keep := range []int{0, 100} {
		run := func(spoil func(*harness.Trial)) *record.Recording {
			tr := streaming(t, record.Virtual, n, 7, right)
			tr.Keep = keep
			spoil(&tr)
			rec, err := harness.Run(t.Context(), tr)
			if err != nil {
				t.Fatal(err)
			}
			if (rec.LeftOut() != nil) != (keep > 0) {
				t.Fatalf("keep %d: a stream: %v", keep, rec.LeftOut() != nil)
			}
			rec.Keep(100)
			return rec
		}
		listed := run(func(*harness.Trial) {})
		made := run(func(tr *harness.Trial) {
			tr.Keys, tr.Tasks = nil, n
			tr.Key = func(seq int) (string, int) { return fmt.Sprintf("/%d", seq%7), seq/7 + 1 }
		})
		if !reflect.DeepEqual(listed, made) || len(made.Samples) == 0 {
			t.Errorf("keep %d: %+v\nwant %+v", keep, made, listed)
		}
	}
	tr := trial(record.Virtual)
	tr.Key = func(int) (string, int) { return "a", 1 }
	if _, err := harness.Run(t.Context(), tr); err == nil {
		t.Error("a trial with a list and a function of keys is run")
	}
}
