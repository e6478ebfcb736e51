package scenarios_test

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/flags"
)

// same compares scenarios by what the language says of them.
var same = cmp.Options{
	cmpopts.IgnoreUnexported(scenarios.Scenario{}),
	cmp.Comparer(func(a, b servers.Latency) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
	cmp.Comparer(func(a, b content.Size) bool { return a == b }),
}

func drawn(text string) scenarios.Latency {
	l, err := servers.ParseLatency(text)
	if err != nil {
		panic(err)
	}
	return scenarios.Latency{Latency: l}
}

func body(text string) scenarios.Body {
	size, err := content.ParseSize(text)
	if err != nil {
		panic(err)
	}
	return scenarios.Body{Size: size}
}

// good is what the files of testdata/good say.
var good = map[string]scenarios.Scenario{
	"every-key": {
		Name: "every-key", About: `every key: in "block" style`, Seed: 18446744073709551615, Clock: "virtual", Deadline: scenarios.Duration(90 * time.Second),
		Server: &scenarios.Server{
			Latency: drawn("uniform(500ms, 1.5s)"),
			Faults:  []scenarios.Fault{{Kind: "status", Status: 418, Rate: 0.25}, {Kind: "status", Status: 599, Rate: 0.1}, {Kind: "status", Status: 400, Rate: 1}},
		},
		Workload: scenarios.Workload{
			Task: "download", Flags: flags.Top20(), Limit: 12, Timeout: scenarios.Duration(66100 * time.Millisecond), Deliver: "as_completed",
		},
		Executors: []scenarios.Executor{{Kind: "sequential"}, {Kind: "pool", Workers: scenarios.Counts{5, 20}}, {Kind: "async", Limit: scenarios.Counts{7}}, {Kind: "async"}},
		Expect: scenarios.Expect{
			Outcomes: scenarios.Outcomes{"ok": 8, "not_found": 0, "error": 4}, Order: "completion", Efficiency: scenarios.AtLeast{Bound: 0.95},
			Speedup: &scenarios.Speedup{Over: "pool/5", AtLeast: 1.5}, Schedule: &scenarios.Schedule{Within: scenarios.Duration(time.Microsecond)},
			P50: scenarios.AtMost{Bound: time.Second}, P90: scenarios.AtMost{Bound: 1500 * time.Millisecond}, P95: scenarios.AtMost{Bound: 1500 * time.Millisecond},
			P99: scenarios.AtMost{Bound: 2 * time.Second}, Max: scenarios.AtMost{Bound: time.Hour}, Leaks: "any",
		},
	},
	"flow": {
		Name: "flow", About: "every key that a task of one's own has, in JSON", Clock: "real",
		Server:   &scenarios.Server{Latency: drawn("0s"), Faults: []scenarios.Fault{}},
		Workload: scenarios.Workload{Task: "crawl", Keys: scenarios.Keys{"https://example.org/?q=a: b", "1", "-2.50", "true", "", "NO"}, Limit: maxCount, Deliver: "map"},
		Executors: []scenarios.Executor{
			{Kind: "mine", Workers: scenarios.Counts{1, 2}}, {Kind: "mine", Limit: scenarios.Counts{3}}, {Kind: "pool", Workers: scenarios.Counts{maxCount}},
		},
		Expect: scenarios.Expect{Order: "submission", Efficiency: scenarios.AtLeast{Bound: 0.001}, Speedup: &scenarios.Speedup{Over: "mine/1", AtLeast: 2}, Leaks: "none"},
	},
	"faults": {
		Name: "faults", Clock: "real",
		Server: &scenarios.Server{
			Latency: drawn("lognormal(80ms, 2s)"), Spend: "over_body", Pieces: 4, Bandwidth: scenarios.Bandwidth{Bytes: 64e3},
			Faults: []scenarios.Fault{
				{Kind: "status", Status: 503, Reason: "Short and Stout", Body: "tip me over", RetryAfter: scenarios.Duration(2 * time.Second), Attempts: 2},
				{Kind: "redirect", Hops: 5, Keys: []scenarios.Pattern{"B*", "[AB]?"}},
				{Kind: "huge_head", Size: scenarios.Bytes{Size: 20e6}, Every: 3, Rate: 0.5},
				{Kind: "slow_close", Delay: scenarios.Duration(3 * time.Second), From: scenarios.Duration(time.Second), Until: scenarios.Duration(2 * time.Second)},
				{Kind: "hang_body", Until: scenarios.Duration(time.Minute)},
			},
		},
		Workload:  scenarios.Workload{Task: "download", Flags: flags.Top20(), Timeout: scenarios.Duration(6 * time.Second), Attempts: 3, Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async"}},
		Expect:    scenarios.Expect{Classification: "any"},
	},
	"defaults": {
		Name: "defaults", Clock: "real",
		Workload:  scenarios.Workload{Task: "loiter", Keys: scenarios.Keys{"0"}, Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "sequential"}},
	},
	"flags-list": {
		Name: "flags-list", About: "A list of codes and letters, sorted and without repetition.\n", Clock: "real", Server: &scenarios.Server{},
		Workload:  scenarios.Workload{Task: "download", Flags: append(append(scenarios.Flags{"BR"}, column("D")...), "NO", "ZZ"), Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async", Limit: scenarios.Counts{1, 2, 3}}},
		Expect:    scenarios.Expect{Order: "any"},
	},
	"flags-all": {
		Name: "flags-all", Clock: "real", Server: &scenarios.Server{Latency: drawn("0s")},
		Workload:  scenarios.Workload{Task: "download", Flags: flags.Codes(), Limit: 3, Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async"}},
	},
	"flags-every": {
		Name: "2-flags-every", Clock: "real", Server: &scenarios.Server{Latency: drawn("uniform(1s, 1s)")},
		Workload:  scenarios.Workload{Task: "crawl", Flags: flags.Every(), Timeout: scenarios.Duration(50 * time.Millisecond), Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async"}},
	},
	"serving": {
		Name: "serving", Clock: "virtual",
		Server: &scenarios.Server{
			Protocol: "h2", Body: body("doubling(1KB, 1MiB)"),
			Capacity:  &scenarios.Capacity{Concurrent: 10, Queue: 20, Policy: "too_many", RetryAfter: scenarios.Duration(2 * time.Second)},
			RateLimit: &scenarios.RateLimit{PerSecond: 0.5, Burst: 100},
		},
		Workload:  scenarios.Workload{Task: "download", Flags: flags.Codes(), Limit: 150, Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async"}},
		Expect:    scenarios.Expect{Outcomes: scenarios.Outcomes{"ok": 30, "error": 120}},
	},
	"serving-waits": {
		Name: "serving-waits", Clock: "real",
		Server:    &scenarios.Server{Protocol: "h2c", Body: body("64KB"), Capacity: &scenarios.Capacity{Concurrent: 10, Policy: "wait"}},
		Workload:  scenarios.Workload{Task: "download", Flags: flags.Top20(), Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "async"}},
	},
	"loiter": {
		Name: "1", Clock: "real",
		Workload:  scenarios.Workload{Task: "loiter", Keys: scenarios.Keys{"0.25", "1e1", "86400"}, Deliver: "map"},
		Executors: []scenarios.Executor{{Kind: "pool", Workers: scenarios.Counts{1}}},
		Expect:    scenarios.Expect{Outcomes: scenarios.Outcomes{"ok": 3}},
	},
}

// column lists the codes that begin with a letter.
func column(letter string) scenarios.Flags {
	codes, err := flags.Expand(letter)
	if err != nil {
		panic(err)
	}
	return codes
}

func TestGood(t *testing.T) {
	files := filesIn(t, "../../testdata/good")
	if len(files) != len(good) {
		t.Errorf("%d files, but %d scenarios that they should be", len(files), len(good))
	}
	for _, file := range files {
		t.Run(base(file), func(t *testing.T) {
			source := contents(t, file)
			s, mistakes := registered.Parse(file, source)
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			if diff := cmp.Diff(good[base(file)], *s, same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkScenario(t, s, source)
			checkPlaces(t, s, source)
		})
	}
}

func TestBuiltInFiles(t *testing.T) {
	for _, file := range filesIn(t, "../..") {
		t.Run(base(file), func(t *testing.T) {
			source := contents(t, file)
			s, mistakes := scenarios.Vocabulary{}.Parse(file, source)
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			if want := base(file); s.Name != want || s.About == "" {
				t.Errorf("named %q, about %q: want the file's name, and a sentence", s.Name, s.About)
			}
			if first, _, _ := strings.Cut(string(source), "\n"); first != "# yaml-language-server: $schema=scenario.schema.json" {
				t.Errorf("the first line does not name the schema: %s", first)
			}
			checkScenario(t, s, source)
			checkPlaces(t, s, source)
		})
	}
}

// checkPlaces holds every key's place to where the key stands.
func checkPlaces(t *testing.T, s *scenarios.Scenario, source []byte) {
	t.Helper()
	lines, seen, d := linesOf(source), 0, document(source)
	for _, path := range paths(d, s) {
		key := path[strings.LastIndex(path, ".")+1:]
		if strings.HasSuffix(key, "]") {
			continue // an item of a list
		}
		seen++
		line, column := d.Place(path)
		rest := string([]rune(lines[line-1])[column-1:])
		if !strings.HasPrefix(strings.TrimPrefix(rest, `"`), key) {
			t.Errorf("%s: not at %d:%d, where %q stands", path, line, column, rest)
		}
	}
	if seen < 5 {
		t.Errorf("only %d keys seen", seen)
	}
}

// document is where everything stands in a scenario's file.
func document(source []byte) *strict.Document {
	return strict.Decode("x", source, new(scenarios.Scenario))
}

// paths lists what a scenario's file has.
func paths(d *strict.Document, s *scenarios.Scenario) []string {
	var all []string
	var within func(v reflect.Value, path string)
	note := func(v reflect.Value, path string) {
		if d.Has(path) {
			all = append(all, path)
			within(v, path)
		}
	}
	within = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Pointer:
			within(v.Elem(), path)
		case reflect.Struct:
			for i, key := range keysOf(v.Type()) {
				if key != "" {
					note(v.Field(i), strings.TrimPrefix(path+"."+key, "."))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				note(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				note(v.MapIndex(key), path+"."+key.String())
			}
		}
	}
	within(reflect.ValueOf(s).Elem(), "")
	return all
}

// keysOf lists the keys of a struct's fields, "" for one that is not part of
// the language.
func keysOf(t reflect.Type) []string {
	var keys []string
	for f := range t.Fields() {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

// TestPlaces finds lines that violations name.
func TestPlaces(t *testing.T) {
	d := document(contents(t, filepath.Join("..", "..", "testdata", "good", "every-key.yaml")))
	for path, want := range map[string][2]int{
		"name": {3, 1}, "seed": {5, 1}, "server.faults[1]": {16, 7}, "server.faults[1].status": {17, 7}, "executors[0]": {31, 5},
		"executors[2]": {36, 5}, "executors[2].limit": {37, 5}, "expect": {40, 1}, "expect.outcomes": {41, 3}, "expect.outcomes.error": {44, 5}, "expect.order": {45, 3},
		"expect.speedup": {47, 3}, "expect.speedup.at_least": {49, 5}, "expect.p99": {55, 3}, "expect.max": {57, 3}, "expect.leaks": {58, 3},
	} {
		if line, column := d.Place(path); line != want[0] || column != want[1] {
			t.Errorf("%s: got %d:%d, want %v", path, line, column, want)
		}
	}
}

// TestForms writes one scenario in other ways that mean the same.
func TestForms(t *testing.T) {
	source := string(contents(t, filepath.Join("..", "..", "testdata", "good", "every-key.yaml")))
	for name, test := range map[string]struct {
		source string
		down   int // the lines that stand above
	}{
		"CRLF":                {strings.ReplaceAll(source, "\n", "\r\n"), 0},
		"CR":                  {strings.ReplaceAll(source, "\n", "\r"), 0},
		"byte order mark":     {"\ufeff" + source, 0},
		"mark and CRLF":       {"\ufeff" + strings.ReplaceAll(source, "\n", "\r\n"), 0},
		"no last line end":    {strings.TrimSuffix(source, "\n"), 0},
		"header":              {"---\n" + source, 1},
		"header and comment":  {"# one\n--- # two\n" + source, 2},
		"end":                 {source + "...\n", 0},
		"blank lines":         {"\n  \n" + source + "\n\n", 2},
		"spaces behind lines": {strings.ReplaceAll(source, "\n", "  \n"), 0},
		"comment at the end":  {source + "# the end", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, mistakes := scenarios.Vocabulary{}.Parse("x", []byte(test.source))
			if mistakes != nil {
				t.Fatal(mistakes)
			}
			if diff := cmp.Diff(good["every-key"], *s, same); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if line, column := document([]byte(test.source)).Place("expect.p99"); line != 55+test.down || column != 3 {
				t.Errorf("expect.p99 stands at %d:%d, want line %d", line, column, 55+test.down)
			}
		})
	}
}

// TestEveryKeyIsTested finds keys of the language that no good file has.
func TestEveryKeyIsTested(t *testing.T) {
	used := map[string]bool{}
	for _, file := range filesIn(t, "../../testdata/good") {
		source := contents(t, file)
		s, mistakes := registered.Parse(file, source)
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		for _, path := range paths(document(source), s) {
			used[path[strings.LastIndex(path, ".")+1:]] = true
		}
	}
	for _, of := range []any{scenarios.Scenario{}, scenarios.Server{}, scenarios.Fault{}, scenarios.Workload{}, scenarios.Executor{}, scenarios.Expect{}, scenarios.Speedup{}, scenarios.Schedule{}, scenarios.Capacity{}, scenarios.RateLimit{}} {
		for _, key := range keysOf(reflect.TypeOf(of)) {
			if key != "" && !used[key] {
				t.Errorf("no good file has the key %s of %T", key, of)
			}
		}
	}
}
