package scenarios_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/bounds"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers/fault"
)

// foreseen are scenarios whose figures are held to what is known of them before
// they run. Each has a server and a workload.
func foreseen() map[string]string {
	const (
		server = "server:\n  latency: uniform(50ms, 150ms)\n  %s\n"
		work   = "workload: {task: download, flags: top20, timeout: 2s%s}\n"
		open   = "workload: {task: download, keys: {count: 9}, timeout: 2s, arrivals: {rate: 20/s, for: 2s}%s}\n"
	)
	all := map[string]string{
		"plain":     fmt.Sprintf(server+work, "spend: before_body", ""),
		"over body": fmt.Sprintf(server+work, "spend: over_body\n  bandwidth: 20KB/s", ""),
		"open":      fmt.Sprintf(server+open, "body: 4KB", ""),
		"open with errors": fmt.Sprintf(server+open, "body: 4KB\n  faults: [{kind: status, status: 503, rate: 0.2}]",
			""),
		"zipf":     fmt.Sprintf(server+open, "body: uniform(1KB, 9KB)", ", pick: zipf(1.1)"),
		"missing":  strings.Replace(fmt.Sprintf(server+work, "spend: before_head", ""), "top20", "[a, b]", 1),
		"timeouts": strings.Replace(fmt.Sprintf(server+work, "protocol: h2", ""), "timeout: 2s", "timeout: 100ms", 1),
		"success":  fmt.Sprintf(server+work, "faults: [{kind: status, status: 409, rate: 0.5}]", ""),
		"loiter":   "workload: {task: loiter, keys: [0.1, 0.2, 0, 0.3, 0.1]}\n",
		"attempts": fmt.Sprintf(server+work, "faults: [{kind: status, status: 503, rate: 0.5}]", ", attempts: 3"),
		"retries": fmt.Sprintf(server+work, "faults: [{kind: reset, rate: 0.5}]",
			", retry: {attempts: 4, wait: 'exponential(10ms, 1s, 0.5)'}"),
		"whole": fmt.Sprintf(server+work, "faults: [{kind: reset, rate: 0.5}]",
			", retry: {attempts: 9, wait: 300ms, timeout: whole}"),
		"told to wait": fmt.Sprintf(server+work,
			"faults: [{kind: status, status: 429, rate: 0.5, retry_after: 1s}]", ", retry: {attempts: 4}"),
		"outage":     fmt.Sprintf(server+open, "body: 4KB\n  faults: [{kind: refuse, from: 500ms, until: 1s}]", ""),
		"before one": fmt.Sprintf(server+open, "body: 4KB\n  faults: [{kind: refuse, from: 1s}]", ""),
		"capacity":   fmt.Sprintf(server+work, "capacity: {concurrent: 2}", ""),
		"full":       fmt.Sprintf(server+work, "capacity: {concurrent: 2, queue: 3}", ""),
		"limited":    fmt.Sprintf(server+work, "rate_limit: {per_second: 5, burst: 2}", ""),
		"users": "server: {latency: 'uniform(50ms, 150ms)'}\n" +
			"workload: {task: download, flags: top20, users: 3, iterations: 4, think: 100ms, timeout: 2s}\n",
		"content": "server: {content: {routes: [{path: /a, status: 500}]}}\n" +
			"workload: {task: download, keys: [/a, /b]}\n",
	}
	for _, kind := range fault.Kinds() {
		more := map[string]string{"status": ", status: 500", "redirect": ", hops: 2"}[string(kind)]
		protocol := "http"
		if strings.Contains(string(kind), "go_away") || kind == "refused_stream" {
			protocol = "h2"
		}
		all[string(kind)] = fmt.Sprintf(server+work,
			fmt.Sprintf("protocol: %s\n  faults: [{kind: %s, rate: 0.5%s}]", protocol, kind, more), "")
	}
	return all
}

// unforeseen are those of them of which the plan alone does not say all.
var unforeseen = strings.Fields("users outage before full capacity limited content attempts retries whole told " +
	"refused_stream go_away_unprocessed")

// met returns expectations that a run just meets.
func met(r *record.Recording) string {
	var lines strings.Builder
	if x, _ := bounds.Throughput().Of(r, bounds.PerSecond); x > 0 && !math.IsInf(x, 0) {
		fmt.Fprintf(&lines, "  throughput: \">= %v/s, <= %v/s\"\n", x, x)
	}
	for check, figure := range timed {
		lines.WriteString("  " + check + ":\n")
		for _, name := range bounds.Statistics() {
			x, why := figure(name, bounds.Window{}).Of(r, bounds.Time)
			d := time.Duration(x)
			if why == "" && d > 0 && name != "mean" { // which is no whole number
				fmt.Fprintf(&lines, "    %s: \">= %v, <= %v\"\n", name, d, d)
			} else if why == "" {
				fmt.Fprintf(&lines, "    %s: \"<= %v\"\n", name, d+1)
			}
		}
	}
	fmt.Fprintf(&lines, "  in_flight: %d\n  outcomes:\n", mostAtOnce(r))
	for _, c := range record.Classes() {
		fmt.Fprintf(&lines, "    %s: \">= %d, <= %d\"\n", c, r.Classes[c], r.Classes[c])
	}
	return strings.ReplaceAll(lines.String(), ">= 0, ", "")
}

var timed = map[string]func(string, bounds.Window) bounds.Figure{"latency": bounds.Latency, "service": bounds.Service}

func mostAtOnce(r *record.Recording) int {
	n, _ := bounds.InFlight().Of(r, bounds.Tasks)
	return int(n)
}

// missed returns expectations, each of which a run just misses.
func missed(r *record.Recording) (all []string) {
	if x, _ := bounds.Throughput().Of(r, bounds.PerSecond); x > 0 && !math.IsInf(x, 0) {
		all = append(all, fmt.Sprintf("throughput: \">= %v/s\"", x*1.002),
			fmt.Sprintf("throughput: \"<= %v/s\"", x/1.002))
	}
	for check, figure := range timed {
		for _, name := range bounds.Statistics() {
			x, _ := figure(name, bounds.Window{}).Of(r, bounds.Time)
			d := time.Duration(x)
			all = append(all, fmt.Sprintf("%s: {%s: \">= %v\"}", check, name, d+d/400+3*time.Millisecond))
			if less := d - d/400 - 3*time.Millisecond; less > 0 {
				all = append(all, fmt.Sprintf("%s: {%s: \"<= %v\"}", check, name, less))
			}
		}
	}
	n := mostAtOnce(r)
	all = append(all, fmt.Sprintf("in_flight: \">= %d\"", n+1), fmt.Sprintf("in_flight: \"<= %d\"", n-1))
	for _, c := range record.Classes() {
		all = append(all, fmt.Sprintf("outcomes: {%s: \">= %d\"}", c, r.Classes[c]+1))
		if r.Classes[c] > 0 {
			all = append(all, fmt.Sprintf("outcomes: {%s: \"<= %d\"}", c, r.Classes[c]-1))
		}
	}
	return all
}

// TestForeseen runs the scenarios, and wants bounds that a run has just met to
// be no mistake of a file, under any clock: what is foreseen must not be wrong.
// Those that a run has just missed are mistakes, where all is known.
func TestForeseen(t *testing.T) {
	tried := 0
	for name, source := range foreseen() {
		executors := []string{"{kind: pool, workers: 3}"}
		if !slices.Contains(fault.Kinds(), fault.Kind(name)) {
			executors = append(executors, "{kind: sequential}", "{kind: pool}", "{kind: async}")
		}
		success := ""
		if name == "success" {
			success = "  success: [409]\n"
		}
		for _, on := range executors {
			base := "name: x\nseed: 7\nclock: virtual\n" + source + "executors: [" + on + "]\nexpect:\n" + success
			expect := "  leaks: none\n"
			if name == "full" || name == "limited" {
				expect = "  outcomes: {ok: \">= 1\"}\n" // as the plan does not say which
			}
			t.Run(name+" "+on, func(t *testing.T) {
				rec := runSource(t, base+expect)
				tried++
				for _, clock := range []string{"virtual", "real", "auto"} {
					file := strings.Replace(base, "clock: virtual", "clock: "+clock, 1) + met(rec)
					if _, mistakes := (scenarios.Vocabulary{}).Parse("x", []byte(file)); mistakes != nil {
						t.Errorf("under the clock %s:\n%v\nin\n%s", clock, mistakes, file)
					}
				}
				if on == "{kind: pool}" || slices.Contains(unforeseen, strings.Fields(name)[0]) {
					return
				}
				for _, line := range missed(rec) {
					file := base + "  " + line + "\n"
					if _, mistakes := (scenarios.Vocabulary{}).Parse("x", []byte(file)); mistakes == nil {
						t.Errorf("no mistake: %s", line)
					}
				}
			})
		}
	}
	if tried < 60 {
		t.Errorf("only %d runs", tried)
	}
}

// runSource runs the only case of a scenario under the virtual clock.
func runSource(t *testing.T, source string) *record.Recording {
	t.Helper()
	s, mistakes := scenarios.Vocabulary{}.Parse("x", []byte(source))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := new(scenarios.Runner).Run(t.Context(), s.Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestPlannedOfUsers wants the planned latency of users, whose tasks fall due
// by the ends of those before them, to be what an ideal executor makes of it.
func TestPlannedOfUsers(t *testing.T) {
	rec := runSource(t, `name: x
clock: virtual
server: {latency: "uniform(50ms, 150ms)"}
workload: {task: download, flags: top20, users: 3, iterations: 4, think: 100ms}
executors: [{kind: pool, workers: 2}]
expect: {latency: [{from: 300ms, max: "<= 1ms"}, {p50: "<= 1ms"}]}
`)
	if len(rec.Violations) != 2 {
		t.Fatalf("got %v", rec.Violations)
	}
	for _, v := range rec.Violations {
		got, planned, _ := strings.Cut(v.Got, ", planned ")
		if x := strings.Fields(got); x[len(x)-1] != planned {
			t.Errorf("got %s, planned %s", got, planned)
		}
	}
}

// TestUnmetAfterOverride wants a bound that another seed has made impossible
// not to be held against a correct client, and a warning that says so.
func TestUnmetAfterOverride(t *testing.T) {
	const source = `name: x
seed: %d
clock: virtual
server: {latency: "uniform(1s, 2s)"}
workload: {task: download, flags: top20}
executors: [{kind: async}]
expect: {latency: {max: "<= %v"}, service: {p50: "<= 2s"}}
`
	var shortest time.Duration
	var with, without uint64 // seeds that meet the bound, and that do not
	for seed := range uint64(5) {
		rec := runSource(t, fmt.Sprintf(source, seed, time.Hour))
		if longest := rec.Percentiles["max"]; shortest == 0 || longest < shortest {
			shortest, with = longest, seed
		} else {
			without = seed
		}
	}
	s, mistakes := scenarios.Vocabulary{}.Parse("x", fmt.Appendf(nil, source, with, shortest))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	rec, err := new(scenarios.Runner).Run(t.Context(), s.With("", &without).Cases()[0])
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(rec.Warnings, "\n")
	if len(rec.Findings()) > 0 || !strings.Contains(warnings, "expect.latency.max") ||
		strings.Contains(warnings, "expect.service") {
		t.Errorf("findings %v, warnings %q", rec.Findings(), warnings)
	}
}

// TestForeseeMany wants bounds of so many tasks that they are not listed to be
// contradicted as those of few are.
func TestForeseeMany(t *testing.T) {
	const text = "name: many\nclock: virtual\nserver: {latency: 'uniform(5ms, 15ms)', body: 1B}\n" +
		"workload: {task: download, keys: {count: 100}, arrivals: {rate: 1000/s, for: %v}, deliver: as_completed}\n" +
		"executors: [{kind: pool, workers: %d}]\nexpect: {%s}\n"
	for bound, bad := range map[string]bool{
		`latency: {p50: "<= 8ms"}`:   true,
		`latency: {p50: "<= 11ms"}`:  false,
		`service: {max: ">= 20ms"}`:  true,
		`service: {mean: ">= 9ms"}`:  false,
		`errors: ">= 1%"`:            true,
		`throughput: ">= 1100/s"`:    true,
		`throughput: ">= 900/s"`:     false,
		`in_flight: ">= 101"`:        true,
		`latency: {p99: "<= 13ms"}`:  true,
		`latency: {p99: "<= 15ms"}`:  false,
		`efficiency: ">= 0.99"`:      false,
		`outcomes: {ok: ">= 0.1%"}`:  false,
		`outcomes: {error: ">= 1%"}`: true,
	} {
		for _, length := range []time.Duration{time.Second, 20 * time.Second} {
			_, err := scenarios.Vocabulary{}.Parse("many.yaml", fmt.Appendf(nil, text, length, 100, bound))
			if (err != nil) != bad {
				t.Errorf("%s for %v: %v", bound, length, err)
			}
		}
	}
}
