package scenarios_test

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/scenarios"
)

// TestParseServer: a file that only the server is taken of may leave out the
// rest. What it has is held to the same as in any other file.
func TestParseServer(t *testing.T) {
	const task = "workload: {task: download, flags: [BR]}\n"
	const limits = "server: {rate_limit: {per_second: 10}, capacity: {concurrent: 2, policy: refuse}}\n"
	const other = "server: {faults: [{kind: reset, at: {key: XX, attempt: 7}}]}\n"
	const every = "server: {faults: [{kind: reset, every: 3}]}\n"
	const alone = "server: {capacity: {concurrent: 1, retry_after: 1s}}\n"
	const unknown = "server: {latency: 1s}\nworkload: {task: tea, flags: [BR]}\n"
	const hang = "server: {faults: [{kind: hang, rate: 0.5}]}\n"
	for name, tt := range map[string]struct{ text, name, wrong string }{
		"a server alone":         {"server: {latency: 1s}\n", "shop", ""},
		"a limit":                {limits, "shop", ""},
		"keys of the client":     {other, "shop", ""},
		"a fault without an end": {hang, "shop", ""},
		"no server":              {"seed: 3\n", "shop", ""},
		"a name":                 {"name: mine\nserver: {latency: 1s}\n", "mine", ""},
		"a workload":             {"server: {latency: 1s}\n" + task, "shop", ""},
		"a bad name":             {"name: My Shop\nserver: {latency: 1s}\n", "", "name: "},
		"a bad value":            {"server: {latency: tea}\n", "", "server.latency: "},
		"every":                  {every, "", "server.faults[0].every: without a workload"},
		"a contradiction":        {alone, "", "server.capacity.retry_after: "},
		"an unknown task":        {unknown, "", "workload.task: "},
		"no timeout":             {hang + task, "", "want workload.timeout"},
		"a key that no task has": {
			"server: {faults: [{kind: reset, keys: [US]}]}\n" + task, "",
			"matches no key",
		},
	} {
		s, mistakes := scenarios.Vocabulary{}.ParseServer("a/shop.yaml", []byte(tt.text))
		switch {
		case tt.wrong != "":
			if len(mistakes) != 1 || !strings.Contains(mistakes.Error(), tt.wrong) {
				t.Errorf("%s: got %v, want %s", name, mistakes, tt.wrong)
			}
		case mistakes != nil:
			t.Errorf("%s: %v", name, mistakes)
		default:
			_, ok, err := scenarios.Vocabulary{}.ServerConfig(s)
			if s.Name != tt.name || err != nil || ok != strings.Contains(tt.text, "server") {
				t.Errorf("%s: got %s, %v, %v", name, s.Name, ok, err)
			}
		}
		if _, mistakes := (scenarios.Vocabulary{}).Parse("shop.yaml", []byte(tt.text)); mistakes == nil {
			t.Errorf("%s: a run of it has no workload or executors", name)
		}
	}
}
