package scenarios_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// runOpen runs a scenario with this workload on its first executor.
func runOpen(t *testing.T, v scenarios.Vocabulary, clock record.Clock, world, tasks, executor string,
) *record.Recording {
	t.Helper()
	text := "name: open\nseed: 5\nclock: " + string(clock) + "\nserver: {" + world + "}\n" +
		"workload: {" + tasks + ", timeout: 5s}\nexecutors: [" + executor + "]\n"
	if clock == record.Real {
		text += "expect: {lateness: '<= 1h'}\n" // this machine may be busy
	}
	s, mistakes := v.Parse("open.yaml", []byte(text))
	if mistakes != nil {
		t.Fatalf("%v\n%s", mistakes, text)
	}
	rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// item is a client that downloads what is at the path of a key, and reports
// what says.
func item(says func(key string, seen record.Seen) record.Seen) scenarios.Vocabulary {
	return fetching(func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
		return says(key, gotten(ctx, s.Client(), s.URL()+"/keys/"+url.PathEscape(key)))
	})
}

// TestOpen has open workloads: each task falls due when the schedule says and
// starts then, if the executor has room, whatever became of those before it.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"trace.csv": "0,a\n0.1,b c\n0.1,ä/ö?%\n0.35,a\n", "keys.txt": "one\ntwo\n", "flags.csv": "0,BR\n0.5,XX\n",
		"paths.csv": "0,/a?b=1\n0.5,/a?b=2\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const slow = "latency: 'uniform(5ms, 900ms)', faults: [{kind: status, status: 503, rate: 0.2}]"
	v := scenarios.Vocabulary{Folder: dir}
	for _, tt := range []struct {
		name, world, tasks string
		due                string // of each task, in milliseconds
		keys               string
		really             bool // under the real clock too, which takes as long
	}{
		{
			"a rate", slow + ", body: 2KB", "keys: {count: 3, prefix: item-}, arrivals: {rate: 10/s, for: 500ms}",
			"0 100 200 300 400", "item-0 item-1 item-2 item-0 item-1", true,
		},
		{
			"bursts of flags", slow, "flags: [BR, CN, DE], limit: 2, arrivals: {burst: 2, every: 200ms, for: 400ms}",
			"0 0 200 200", "BR CN BR CN", false,
		},
		{
			"flags with bodies", slow + ", body: 2KB", "keys: [BR, CN], arrivals: {rate: 2/s, for: 1s}",
			"0 500", "BR CN", false,
		},
		{
			"keys of a file", slow + ", body: 2KB", "keys: {file: keys.txt}, arrivals: {rate: 4/s, for: 1s}",
			"0 250 500 750", "one two one two", false,
		},
		{
			"a trace", slow + ", body: 2KB", "arrivals: {trace: trace.csv}", "0 100 100 350", "a;b c;ä/ö?%;a", true,
		},
		{"a trace of flags", slow, "arrivals: {trace: flags.csv}", "0 500", "BR XX", false},
		{
			"a trace of paths", slow + ", content: {routes: [{path: /a, body: x}]}",
			"arrivals: {trace: paths.csv}", "0 500", "/a?b=1 /a?b=2", false,
		},
		{
			"stages", slow, "flags: [BR], arrivals: [{rate: 2/s, for: 1s}, {ramp: [0/s, 4/s], for: 1s}]",
			"0 500 1000 1707.106781", "BR BR BR BR", false,
		},
	} {
		for _, clock := range []record.Clock{record.Virtual, record.Real} {
			if clock == record.Real && !tt.really {
				continue
			}
			t.Run(tt.name+"/"+string(clock), func(t *testing.T) {
				rec := runOpen(t, v, clock, tt.world, "task: download, "+tt.tasks, "{kind: async}")
				if got := verdictOf(rec); got != "ok" {
					t.Fatalf("%s: %v", got, rec.Findings())
				}
				var due, keys []string
				for _, s := range rec.Samples {
					ms, _ := json.Marshal(float64(s.Due) / float64(time.Millisecond))
					due, keys = append(due, string(ms)), append(keys, s.Key)
					if clock == record.Virtual && s.Started != s.Due || s.Started < s.Due {
						t.Errorf("%s fell due at %v and started at %v", s.Key, s.Due, s.Started)
					}
				}
				by := " "
				if strings.Contains(tt.keys, ";") {
					by = ";"
				}
				if strings.Join(due, " ") != tt.due || strings.Join(keys, by) != tt.keys {
					t.Errorf("got %v of %q, want %s of %q", due, keys, tt.due, tt.keys)
				}
			})
		}
	}
}

// TestOpenRight has clients of many keys, of which some come up often: a right
// one is not accused, and a wrong one is found by what it says of one key.
func TestOpenRight(t *testing.T) {
	const world = "latency: 'uniform(5ms, 300ms)', body: 'uniform(1KB, 3KB)', " +
		"faults: [{kind: status, status: 503, rate: 0.1}, {kind: truncate, keys: ['item-1*'], rate: 0.2}]"
	right := func(_ string, seen record.Seen) record.Seen { return seen }
	for _, tt := range []struct {
		name string
		says func(key string, seen record.Seen) record.Seen
		want string
	}{
		{"right", right, "ok"},
		{"takes a 503 for a success", func(_ string, seen record.Seen) record.Seen {
			if seen.Class == record.Status {
				seen = record.Seen{Class: record.OK}
			}
			return seen
		}, "found"},
		{"takes a part for the whole", func(_ string, seen record.Seen) record.Seen {
			if seen.Class == record.Truncated {
				seen = record.Seen{Class: record.OK}
			}
			return seen
		}, "found"},
		{"loses a byte of some keys", func(key string, seen record.Seen) record.Seen {
			if seen.Class == record.OK && key == "item-0" {
				seen.Bytes--
			}
			return seen
		}, "found"},
	} {
		for _, pick := range []string{"cycle", "uniform", "zipf(1.2)"} {
			for _, executor := range []string{"{kind: async}", "{kind: pool, workers: 3}"} {
				t.Run(strings.Join([]string{tt.name, pick, executor}, "/"), func(t *testing.T) {
					tasks := "task: fetch, keys: {count: 50, prefix: item-}, pick: " + pick +
						", arrivals: {poisson: 100/s, for: 3s}"
					rec := runOpen(t, item(tt.says), record.Virtual, world, tasks, executor)
					if got := verdictOf(rec); got != tt.want {
						t.Errorf("got %s, want %s: %v", got, tt.want, rec.Findings())
					}
				})
			}
		}
	}
}

// TestOpenAgain has equal seeds give equal recordings, and others other ones.
func TestOpenAgain(t *testing.T) {
	const tasks = "task: download, flags: all, pick: uniform, arrivals: {ramp: [10/s, 90/s], for: 2s, poisson: true}"
	run := func(world string) string {
		rec := runOpen(t, scenarios.Vocabulary{}, record.Virtual, world, tasks, "{kind: pool, workers: 9}")
		rec.Cost = nil
		text, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const world = "latency: 'uniform(5ms, 300ms)'"
	if first := run(world); first != run(world) {
		t.Error("equal seeds give other recordings")
	}
}

// TestTraceMistakes has traces that cannot be read as such, and keys beside a
// trace that has them.
func TestTraceMistakes(t *testing.T) {
	dir := t.TempDir()
	for name, tt := range map[string]struct{ trace, more, want string }{
		"keys":         {"0,a\n1,b\n", "keys: [c], ", "workload.keys: the trace has the key of each task"},
		"flags":        {"0,a\n1,b\n", "flags: top20, ", "workload.flags: the trace has the key of each task"},
		"pick":         {"0,a\n1,b\n", "pick: uniform, ", "workload.pick: the trace has the key of each task"},
		"limit":        {"0,a\n1,b\n", "limit: 1, ", "workload.limit: the trace has the key of each task"},
		"more fields":  {"at,key\n0,/b?x=1,2\n", "", "line 2: 3 fields: want 2, as in the first line"},
		"a date":       {"1795914123,a\n", "", "want a time since the start of at most 8784h0m0s; teapot trace counts"},
		"not a number": {"0,a\nsoon,b\n", "", `line 2: "soon": want seconds such as 1.25`},
		"a log":        {"::1 - - [29/Nov/2026:01:02:03 +0000] \"GET / HTTP/1.1\" 200 1\n", "", "teapot trace writes"},
		"a HAR file":   {"{\"log\": {\n", "", "as teapot trace writes them"},
	} {
		if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte(tt.trace), 0o600); err != nil {
			t.Fatal(err)
		}
		_, mistakes := scenarios.Vocabulary{Folder: dir}.Parse("x.yaml", []byte("name: x\nserver: {body: 1KB}\n"+
			"workload: {task: download, "+tt.more+"arrivals: {trace: t.csv}}\nexecutors: [{kind: async}]\n"))
		if mistakes == nil || !strings.Contains(mistakes.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, mistakes, tt.want)
		}
	}
}
