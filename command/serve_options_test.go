package command

import (
	"net/http"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestServeOptionsHaveAnEffect gives options to servers that do not have them
// by default.
func TestServeOptionsHaveAnEffect(t *testing.T) {
	for _, tt := range []struct{ args, about string }{
		{"local --error-rate 1 --status 503", "LOCAL"},
		{"delay --latency 0s --error-rate 1 --status 503", "DELAY"},
	} {
		urls, stop := serving(t, append(strings.Fields(tt.args), "--port", "0")...)
		if status, _ := fetch(t, urls[0]+"/flags/br/br.gif"); status != http.StatusServiceUnavailable {
			t.Errorf("teapot serve %s: got %d, want 503", tt.args, status)
		}
		if status, stdout, _ := stop(); status != cli.StatusHolds || !strings.Contains(stdout, "fails 100 % with 503") {
			t.Errorf("teapot serve %s: status %d, %s", tt.args, status, stdout)
		}
	}
	urls, stop := serving(t, "local", "--latency", "1ms", "--port", "0")
	if status, _ := fetch(t, urls[0]+"/flags/br/br.gif"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
	if _, stdout, _ := stop(); !strings.Contains(stdout, "waits 1ms") {
		t.Errorf("LOCAL does not wait: %s", stdout)
	}
}

// TestServeOptionsWithoutEffect wants an error that names the option, and what
// to do instead.
func TestServeOptionsWithoutEffect(t *testing.T) {
	inFolder(t, map[string]string{"little.yaml": scenario})
	for _, tt := range []struct{ args, want string }{
		{"local --status 503", "--status 503: no request fails: add --error-rate"},
		{"error --error-rate 0 --status 503", "--status 503: no request fails"},
		{
			"--scenario little.yaml --latency 1s",
			"--latency: the scenario decides that: change server.latency in little.yaml",
		},
		{"--scenario little.yaml --error-rate 0.5", "--error-rate: the scenario decides that: change server.faults"},
		{"--scenario little.yaml --status 503", "--status: the scenario decides that"},
		{"--scenario little.yaml --seed 1", "--seed: the scenario decides that: change seed"},
		{
			"--scenario little.yaml --admin 0 --timeout 1s",
			"--timeout: the scenario decides that: change workload.timeout in little.yaml",
		},
		{"--scenario little.yaml --protocol h2", "--protocol: the scenario decides that: change server.protocol"},
	} {
		status, stdout, stderr := teapot(t, append([]string{"serve", "--port", "0"}, strings.Fields(tt.args)...)...)
		if status != cli.StatusBadInput || strings.Contains(stdout, "http://") || !strings.Contains(stderr, tt.want) {
			t.Errorf("teapot serve %s: status %d, %s%s, want %s", tt.args, status, stdout, stderr, tt.want)
		}
	}
}
