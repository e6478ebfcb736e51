package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
)

// TestUsers has users of every kind of task, on executors with room for all of
// them and for some. Each does one task at a time, and a right client is not
// accused.
func TestUsers(t *testing.T) {
	const world = "server: {latency: 'uniform(5ms, 60ms)', body: 2KB, " +
		"faults: [{kind: status, status: 503, rate: 0.2}]}\nworkload: {keys: {count: 3, prefix: i}, "
	const few = "users: 4, iterations: 3, think: 'exponential(10ms)'"
	for _, tt := range []struct {
		name, text string // with the task
		clocks     []record.Clock
		n          int // tasks, 0 for any number
	}{
		{"download", world + "task: download, " + few + "}", bothClocks, 12},
		{"picked", world + "task: download, pick: zipf(1.1), " + few + "}", bothClocks, 12},
		{"a time", world + "task: download, users: 4, for: 400ms, think: 20ms}", bothClocks, 0},
		{"a ramp", world + "task: download, users: {ramp: [0, 4], for: 300ms}, think: 1ms}", bothClocks, 0},
		{"of a program's own", world + "task: fetch, " + few + "}", bothClocks, 12},
		{"loiter", "workload: {task: loiter, keys: [0.01, 0.02], " + few + "}", bothClocks, 12},
		{"prime", "workload: {task: prime, keys: [7, 8, 9], " + few + "}", []record.Clock{record.Real}, 12},
	} {
		for _, clock := range tt.clocks {
			for _, executor := range []string{
				"{kind: async}", "{kind: pool, workers: 2}", "{kind: sequential}", "{kind: process, workers: 2}",
			} {
				if process := strings.Contains(executor, "process"); process != (tt.name == "prime") {
					continue
				}
				t.Run(strings.Join([]string{tt.name, string(clock), executor}, "/"), func(t *testing.T) {
					rec := runUsers(t, item(asSeen), clock, 5, tt.text, executor)
					n := len(rec.Samples)
					if got := verdictOf(rec); got != "ok" || tt.n > 0 && n != tt.n || n < 4 {
						t.Fatalf("%s: %d tasks, want %d: %v %v", got, n, tt.n, rec.Findings(), rec.Limit)
					}
					ended := map[int]time.Duration{}
					for _, s := range rec.Samples {
						if last, again := ended[s.User]; again && (s.Due != last+s.Think || s.Started < s.Due) {
							t.Errorf("user %d: due at %v after %v, started %v", s.User, s.Due, last, s.Started)
						}
						ended[s.User] = s.Finished
					}
				})
			}
		}
	}
}

var bothClocks = []record.Clock{record.Virtual, record.Real}

func asSeen(_ string, seen record.Seen) record.Seen { return seen }

func runUsers(t *testing.T, v scenarios.Vocabulary, clock record.Clock, seed uint64, text, executor string,
) *record.Recording {
	t.Helper()
	s, mistakes := v.Parse("users.yaml", []byte("name: users\nclock: "+string(clock)+"\n"+text+"\nexecutors: ["+
		executor+"]\n"))
	if mistakes != nil {
		t.Fatalf("%v\n%s", mistakes, text)
	}
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.With("", &seed).Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestUsersWrong has clients that are wrong in one way be found, whichever
// executor runs them.
func TestUsersWrong(t *testing.T) {
	const text = "server: {latency: 'uniform(5ms, 300ms)', body: 'uniform(1KB, 3KB)', " +
		"faults: [{kind: status, status: 503, rate: 0.1}]}\n" +
		"workload: {task: fetch, keys: {count: 20, prefix: item-}, pick: uniform, users: 6, for: 5s, think: 50ms}"
	for name, says := range map[string]func(key string, seen record.Seen) record.Seen{
		"takes a 503 for a success": func(_ string, seen record.Seen) record.Seen {
			if seen.Class == record.Status {
				seen = record.Seen{Class: record.OK}
			}
			return seen
		},
		"loses a byte of some keys": func(key string, seen record.Seen) record.Seen {
			if seen.Class == record.OK && key == "item-0" {
				seen.Bytes--
			}
			return seen
		},
	} {
		for _, executor := range []string{"{kind: async}", "{kind: pool, workers: 3}"} {
			t.Run(name+"/"+executor, func(t *testing.T) {
				if rec := runUsers(t, item(says), record.Virtual, 5, text, executor); verdictOf(rec) != "found" {
					t.Errorf("got %s", verdictOf(rec))
				}
			})
		}
	}
}

// TestSameWorld has users meet the same on every executor: a task of a user has
// the same key and the same plan however late it comes.
func TestSameWorld(t *testing.T) {
	const text = "server: {latency: 'uniform(5ms, 300ms)', body: 1KB, " +
		"faults: [{kind: status, status: 503, rate: 0.3}]}\n" +
		"workload: {task: download, keys: {count: 9, prefix: i}, pick: zipf(1.2), users: 5, iterations: 8, " +
		"think: 'uniform(0s, 100ms)'}"
	type world struct {
		key     string
		plan    record.Planned
		think   time.Duration
		attempt int
	}
	var first map[int]world
	for _, executor := range []string{"{kind: async}", "{kind: pool, workers: 3}", "{kind: sequential}"} {
		rec := runUsers(t, scenarios.Vocabulary{}, record.Virtual, 3, text, executor)
		met := map[int]world{}
		for _, s := range rec.Samples {
			met[s.Task()] = world{s.Key, s.Planned, s.Think, s.Attempt}
		}
		if first == nil {
			first = met
		}
		if len(met) != 40 || verdictOf(rec) != "ok" {
			t.Errorf("%s: %d tasks, %s", executor, len(met), verdictOf(rec))
		}
		for task, is := range met {
			if is != first[task] {
				t.Errorf("%s: task %d is %+v, want %+v", executor, task, is, first[task])
			}
		}
	}
}

// TestRepeated has equal seeds give recordings that are equal byte for byte,
// however many processors there are, and other seeds other ones, of every way
// to say when tasks fall due.
func TestRepeated(t *testing.T) {
	dir := t.TempDir()
	const trace = "0,a\n0,b\n0.1,c d\n0.1,a\n0.35,\n"
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte(trace), 0o600); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const world = "server: {latency: 'uniform(5ms, 300ms)', body: 2KB, " +
		"faults: [{kind: status, status: 503, rate: 0.2}]}\n"
	for name, when := range map[string]string{
		"all at once": "limit: 40",
		"rate":        "arrivals: {rate: 40/s, for: 1s}",
		"poisson":     "arrivals: {poisson: 40/s, for: 1s}",
		"ramp":        "arrivals: {ramp: [10/s, 90/s], for: 1s}",
		"burst":       "arrivals: {burst: 9, every: 100ms, for: 500ms}",
		"trace":       "arrivals: {trace: t.csv}",
		"stages":      "arrivals: [{burst: 3, every: 1s, for: 1s}, {poisson: true, ramp: [10/s, 50/s], for: 1s}]",
		"users":       "users: 5, iterations: 8, think: 'exponential(100ms)', pick: uniform",
		"think alike": "users: 9, for: 2s, think: 100ms",
		"no think":    "users: 9, iterations: 8",
		"ramped":      "users: {ramp: [1, 9], for: 1s}, for: 2s, think: 'uniform(0s, 50ms)'",
	} {
		for _, executor := range []string{"{kind: async}", "{kind: pool, workers: 4}", "{kind: sequential}"} {
			t.Run(name+"/"+executor, func(t *testing.T) {
				run := func(seed uint64, processors int) string {
					runtime.GOMAXPROCS(processors)
					rec := runUsers(t, scenarios.Vocabulary{Folder: dir}, record.Virtual, seed, world+
						"workload: {task: download, keys: {count: 50, prefix: i}, "+when+"}", executor)
					if got := verdictOf(rec); got != "ok" {
						t.Fatalf("%s: %v", got, rec.Findings())
					}
					rec.Seed = 0
					text, err := json.Marshal(rec)
					if err != nil {
						t.Fatal(err)
					}
					return string(text)
				}
				first := run(1, 1)
				if first != run(1, 2) || first != run(1, 1) {
					t.Error("equal seeds give other recordings")
				}
				if first == run(2, 2) {
					t.Error("other seeds give equal recordings")
				}
			})
		}
	}
}

// TestUsersOnMap refuses a map, which may read keys ahead.
func TestUsersOnMap(t *testing.T) {
	v := scenarios.Vocabulary{Maps: map[string]func(int) (harness.Map, error){
		"mapped": func(int) (harness.Map, error) { return nil, nil },
	}}
	_, mistakes := v.Parse("x.yaml", []byte("name: x\nserver: {}\nworkload: {task: download, flags: [BR], users: 1, "+
		"iterations: 1}\nexecutors: [{kind: mapped}]\n"))
	if len(mistakes) != 1 || !strings.Contains(mistakes.Error(), "4:20: executors[0].kind: mapped: it is a map") {
		t.Errorf("got %v", mistakes)
	}
}
