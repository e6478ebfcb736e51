package explain_test

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/explain"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/servers"
)

// whole completes a part of a scenario: it adds the keys of the file that the
// part does not have.
func whole(part string) string {
	var text strings.Builder
	text.WriteString(part + "\n")
	for _, rest := range []struct{ key, text string }{
		{"name", "name: whole"},
		{"clock", "clock: virtual"},
		{"server", "server: {latency: 10ms}"},
		{"workload", "workload: {task: download, flags: top20, timeout: 3s}"},
		{"executors", "executors: [{kind: sequential}]"},
	} {
		has := regexp.MustCompile(`(?m)^` + rest.key + `:`).MatchString(part)
		alone := strings.Contains(part, "task: loiter") || strings.Contains(part, "task: prime")
		if !has && !(alone && rest.key == "server") {
			text.WriteString(rest.text + "\n")
		}
	}
	return text.String()
}

// at returns the field of a scenario that a path names, in the first item of
// each list. A part of a value with several forms is the whole value.
func at(v reflect.Value, path string) reflect.Value {
	for name := range strings.SplitSeq(path, ".") {
		for v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice && v.Len() > 0 {
			if v.Kind() == reflect.Slice {
				v = v.Index(0)
			} else {
				v = v.Elem()
			}
		}
		if v.Kind() != reflect.Struct {
			return v
		}
		found := false
		for f := range v.Type().Fields() {
			if f.Tag.Get("yaml") == name {
				v, found = v.FieldByIndex(f.Index), true
				break
			}
		}
		if !found {
			return v
		}
	}
	return v
}

// vocabulary has what the examples name.
var vocabulary = scenarios.Vocabulary{
	Batches: map[string]func(int) (harness.Batch, error){"mine": nothing},
	Cluster: func(int, string, bool) (executor.Executor, error) { return nil, nil },
	Drivers: map[string]func(*servers.Server) (
		func(context.Context, string, int, io.Writer) (*http.Response, error), func(),
	){"fasthttp": lean.Open},
}

func nothing(int) (harness.Batch, error) { return nil, nil }

// TestKeys wants every key described, with an example that is right and sets
// it.
func TestKeys(t *testing.T) {
	keys := explain.Keys()
	if len(keys) < 70 {
		t.Errorf("only %d keys", len(keys))
	}
	seen := map[string]bool{}
	for _, k := range keys {
		if seen[k.Path] {
			t.Errorf("%s: twice", k.Path)
		}
		seen[k.Path] = true
		if !strings.HasPrefix(k.About, k.Name()+" ") || !strings.HasSuffix(k.About, ".") {
			t.Errorf("%s: the description %q does not begin with the key, or does not end", k.Path, k.About)
		}
		if k.Accepts == "" || k.Required && k.Default != "" {
			t.Errorf("%s: takes %q, required: %v, default: %q", k.Path, k.Accepts, k.Required, k.Default)
		}
		if parent := k.Path[:max(0, strings.LastIndex(k.Path, "."))]; parent != "" && !seen[parent] {
			t.Errorf("%s: stands before %s", k.Path, parent)
		}
		s, mistakes := vocabulary.Parse("example.yaml", []byte(whole(k.Example)))
		if mistakes != nil {
			t.Errorf("%s: its example is wrong:\n%s\n%v", k.Path, k.Example, mistakes)
			continue
		}
		if set := at(reflect.ValueOf(s).Elem(), k.Path); set.IsZero() || !strings.Contains(k.Example, k.Name()+":") {
			t.Errorf("%s: its example does not set it:\n%s", k.Path, k.Example)
		}
	}
}

// TestDefaults wants the default of a key that takes words to be one of them.
func TestDefaults(t *testing.T) {
	words := regexp.MustCompile(`^[a-z0-9_]+(, [a-z0-9_]+)* or [a-z0-9_]+$`)
	tried := 0
	for _, k := range explain.Keys() {
		if !words.MatchString(k.Accepts) || k.Required {
			continue
		}
		tried++
		accepted := regexp.MustCompile(`, | or `).Split(k.Accepts, -1)
		for way := range strings.SplitSeq(k.Default, ", ") {
			if word, _, _ := strings.Cut(way, " "); !slices.Contains(accepted, word) {
				t.Errorf("%s: the default is %q, want one of %s", k.Path, k.Default, k.Accepts)
			}
		}
	}
	if tried < 10 {
		t.Errorf("only %d keys take words", tried)
	}
}

func TestFind(t *testing.T) {
	for _, tt := range []struct{ name, found, near string }{
		{"clock", "clock", ""},
		{"server.faults.kind", "server.faults.kind", ""},
		{" server.faults[2].kind: ", "server.faults.kind", ""},
		{"executors[].kind", "executors.kind", ""},
		{"faults.kind", "server.faults.kind", ""},
		{"kind", "server.faults.kind executors.kind", ""},
		{"keys", "server.latencies.keys server.faults.keys workload.keys vary.keys", ""},
		{"expect.leaks.grace", "expect.leaks.grace", ""},
		{"outcomes.not_found", "expect.outcomes.not_found", ""},
		{"server", "server", ""},
		{"server.fault.kind", "", "server.faults.kind"},
		{"sever", "", "server"},
		{"fault.knd", "", "server.faults.kind"},
		{"latancy", "", "server.latency server.latencies.latency expect.latency vary.latency"},
		{
			"p9", "", "expect.latency.p90 expect.latency.p95 expect.latency.p99 expect.service.p90 " +
				"expect.service.p95 expect.service.p99 expect.p90 expect.p95 expect.p99",
		},
		{"seeed", "", "seed"},
		{"truncate", "", "server.faults.kind"},
		{"circuit_breaker", "", "workload.unasked"},
		{"duration", "", ""},
		{"", "", ""},
		{"a", "", "server.faults.at"},
		{"quite another thing", "", ""},
		{strings.Repeat("clock", 1000), "", ""},
	} {
		found, near := explain.Find(tt.name)
		var paths []string
		for _, k := range found {
			paths = append(paths, k.Path)
		}
		if got := strings.Join(paths, " "); got != tt.found || strings.Join(near, " ") != tt.near {
			t.Errorf("%.40q: got %q, near %q, want %q, %q", tt.name, got, near, tt.found, tt.near)
		}
	}
}

// TestDefaultForms has keys whose descriptions name their default in each form.
func TestDefaultForms(t *testing.T) {
	for path, want := range map[string]string{
		"seed":                   "0",
		"clock":                  "real",
		"deadline":               "1m plus nine times the longest planned task",
		"server.capacity.policy": "wait without a queue, unavailable with a queue",
		"server.faults.status":   "302 for a redirect",
		"executors.workers":      "of a pool and a cluster is min(32, CPUs + 4), that of process is the number of CPUs",
		"workload.retry.wait":    "none",
		"about":                  "",
	} {
		if found, _ := explain.Find(path); len(found) != 1 || found[0].Default != want {
			t.Errorf("%s: got %+v, want the default %q", path, found, want)
		}
	}
}
