package command

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestBadProxy: one error that says what is wanted, and no proxy.
func TestBadProxy(t *testing.T) {
	inFolder(t, map[string]string{"typo.yaml": "server: {latency: tea}\n"})
	const itself = ": that is the address of the proxy itself: want the URL of the service, or another --port than "
	for args, want := range map[string]string{
		"http://127.0.0.1:8080":                              itself + "8080",
		"http://localhost:8080":                              itself + "8080",
		"http://127.0.0.1:9000/api --port 9000":              itself + "9000",
		"http://127.0.0.1:9000 --port 9000 --bind 0.0.0.0":   itself + "9000",
		"http://127.0.0.1:9000 --port 9000 --bind localhost": itself + "9000",

		"http://127.0.0.1:1 --allow-remote tea":      "want its host",
		"http://127.0.0.1:1 --scenario typo.yaml":    "typo.yaml:1:19: server.latency",
		"http://127.0.0.1:1 --scenario nowhere.yaml": "--scenario nowhere.yaml: no such file",
		"http://127.0.0.1:1 --scenario .":            "want the file of one scenario",

		"tea": "want the URL of a service, such as http://127.0.0.1:3000",

		"http://192.0.2.1": "want a service of this machine, or add --allow-remote 192.0.2.1",
	} {
		status, stdout, stderr := teapot(t, append([]string{"proxy"}, strings.Fields(args)...)...)
		if status != cli.StatusBadInput || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("teapot proxy %s: status %d, %s%s, want %s", args, status, stdout, stderr, want)
		}
	}
}
