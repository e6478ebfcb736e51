package teapottest_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// TestKeyIsStruck: what a fault or a latency says of a key is what the URL of
// that key meets, whatever the key looks like.
func TestKeyIsStruck(t *testing.T) {
	const body, routes = "body: 4KB", `content: {routes: [{path: "/{rest...}", body: x}]}`
	for _, test := range []struct{ server, other, key string }{
		{body, "item-1", "item-7"},
		{body, "a", "b"},
		{body, "A", "B"},
		{body, "a1", "A1"},
		{body, "de", "br"},
		{body, "DE", "br"},
		{body, "DE", "BR"},
		{body, "a b", "c d"},
		{body, "a/b", "a/c"},
		{body, "what?", "50%"},
		{body, "/x", "/y?z=1"},
		{"body: doubling(1KB, 4KB)", "7", "8"},
		{"", "DE", "BR"},
		{routes, "/a", "/b"},
	} {
		for _, at := range []string{
			"faults: [{kind: status, status: 503, keys: ['KEY']}]",
			"faults: [{kind: status, status: 503, at: {key: 'KEY'}}]",
			"faults: [{kind: status, status: 503, every: 2}]",
			"faults: [{kind: status, status: 503, rate: 1, except: ['OTHER']}]",
			"latencies: [{keys: ['KEY'], latency: 2s}]",
		} {
			server := strings.Trim(strings.Replace(test.server, "doubling(1KB, 4KB)", `"doubling(1KB, 4KB)"`, 1)+", "+
				strings.NewReplacer("KEY", strings.ReplaceAll(test.key, "?", "[?]"), "OTHER",
					strings.ReplaceAll(test.other, "?", "[?]")).Replace(at), ", ")
			if strings.HasPrefix(at, "faults: [{kind: status, status: 503, at") {
				server = strings.ReplaceAll(server, "[?]", "?") // not a pattern
			}
			world := "server: {" + server + "}\nworkload: {task: check, keys: ['" + test.other + "', '" + test.key +
				"'], timeout: 1s}\nexecutors: [{kind: sequential}]"
			var failed []bool
			said := checked(t, world, func(ctx context.Context, client *http.Client, url string) error {
				err := get(ctx, client, url)
				failed = append(failed, err != nil)
				return err
			})
			if said != "" || !slices.Equal(failed, []bool{false, true}) {
				t.Errorf("%s: failed %t, want [false true]; %s", world, failed, said)
			}
		}
	}
}

// TestKeyOfNothing: a key that is no flag is a mistake where there is nothing
// else, and all else is not.
func TestKeyOfNothing(t *testing.T) {
	for _, test := range []struct{ world, want string }{
		{"workload: {task: check, keys: [item-1]}", `workload.keys: "item-1": the server has nothing but flags`},
		{"workload: {task: check, keys: {count: 3, prefix: k}}", `workload.keys: "k0"`},
		{"workload: {task: check, keys: [br]}", `workload.keys: "br"`},
		{"workload: {task: check, keys: [/items/1]}", `workload.keys: "/items/1"`},
		{"workload: {task: check, keys: [BR, ZZ]}", ""},
		{"server: {body: 1KB}\nworkload: {task: check, keys: [item-1]}", ""},
	} {
		said := checked(t, test.world, get)
		if !strings.HasPrefix(said, test.want) || said != "" && test.want == "" {
			t.Errorf("%s: got %q, want %q", test.world, said, test.want)
		}
	}
}

// TestKeyAtFlagPath: a task that makes the path of a flag of any key meets what
// the key has, as one that asks for the flag of a code does.
func TestKeyAtFlagPath(t *testing.T) {
	for _, test := range []struct{ server, other, key string }{
		{"body: 4KB", "item-1", "item-7"},
		{"body: 4KB", "A1", "B1"},
		{"body: 4KB", "DE", "BR"},
		{"latency: 0s", "DE", "BR"},
		{"latency: 0s", "item-1", "item-7"},
	} {
		statuses := map[string]int{}
		own := func(ctx context.Context, s *servers.Server, key string, _ int) record.Seen {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+servers.FlagPath(key), nil)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				return record.Seen{Class: record.Failed, Error: err.Error()}
			}
			defer resp.Body.Close()
			statuses[key] = resp.StatusCode
			return record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode}
		}
		v := scenarios.Vocabulary{Tasks: map[string]scenarios.WorkloadFunc{"own": scenarios.RequestWorkload(own)}}
		s, mistakes := v.Parse("own.yaml", fmt.Appendf(nil, `
name: own
clock: virtual
server: {%s, faults: [{kind: status, status: 503, keys: [%s]}]}
workload: {task: own, keys: [%s, %s]}
executors: [{kind: sequential}]`, test.server, test.key, test.other, test.key))
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		rec, err := (&scenarios.Runner{Vocabulary: v}).Run(t.Context(), s.Cases()[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range rec.Findings() {
			t.Errorf("%v: %s", test, finding)
		}
		if statuses[test.key] != 503 || statuses[test.other] == 503 {
			t.Errorf("%v: got %v, want 503 for the key alone", test, statuses)
		}
	}
}
