package command

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
	"github.com/teapot-go/teapot/harness/record"
)

// TestLoad has the options, and the scenario that they print, do the same.
func TestLoad(t *testing.T) {
	inFolder(t, map[string]string{"paths.txt": "/a\n/b?x=1\n"})
	var mu sync.Mutex
	asked := map[string]int{}
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.RequestURI()]++
	}))
	defer service.Close()
	for _, tt := range []struct {
		options string
		want    map[string]int
	}{
		{service.URL + "/items?page=2 --rate 100/s --for 100ms", map[string]int{"/items?page=2": 10}},
		{service.URL + " --rate 100/s --for 100ms", map[string]int{"/": 10}},
		{service.URL + "/v1/ --keys paths.txt --rate 100/s --for 100ms", map[string]int{"/v1/a": 5, "/v1/b?x=1": 5}},
		{service.URL + "/f --rate 100/s --for 100ms --driver fasthttp", map[string]int{"/f": 10}},
		{
			service.URL + " --keys paths.txt --rate 100/s --for 100ms --timeout 30s --errors <=0",
			map[string]int{"/a": 5, "/b?x=1": 5},
		},
	} {
		status, yaml, stderr := teapot(t, append([]string{"load", "--yaml"}, strings.Fields(tt.options)...)...)
		if status != cli.StatusHolds {
			t.Fatalf("%s: status %d: %s", tt.options, status, stderr)
		}
		if err := os.WriteFile("load.yaml", []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{
			"load --quiet --report= --json run.json " + tt.options, "run load.yaml --report= --json run.json",
		} {
			clear(asked)
			status, stdout, stderr := teapot(t, strings.Fields(line)...)
			if status != cli.StatusHolds && status != cli.StatusUnknown { // the machine may be busy
				t.Fatalf("%s: status %d\n%s%s", line, status, stdout, stderr)
			}
			rec := recordings(t, "run.json")[0]
			runs := 0
			for uri, n := range tt.want {
				runs = max(runs, asked[uri]/n)
			}
			for uri, n := range tt.want { // an invalid run is repeated
				if runs == 0 || asked[uri] != runs*n {
					t.Errorf("%s: asked for %v, want %v", line, asked, tt.want)
				}
			}
			if rec.Outcomes[record.OutcomeOK] != 10 || len(asked) != len(tt.want) {
				t.Errorf("%s: %v, asked for %v", line, rec.Outcomes, asked)
			}
		}
	}
	if status, _, _ := teapot(t, strings.Fields("load "+service.URL+" --for 100ms --report r.html")...); status != 0 &&
		status != cli.StatusUnknown {
		t.Errorf("status %d", status)
	}
	if _, err := os.Stat("r.html"); err != nil {
		t.Error(err)
	}
}

// TestLoadRefuses has targets that are no service of this machine refused.
func TestLoadRefuses(t *testing.T) {
	inFolder(t, map[string]string{"paths.txt": "/a\n", "words.txt": "tea\n"})
	for line, want := range map[string]string{
		"ftp://127.0.0.1/x":                           "want a URL of this machine",
		"127.0.0.1:3000":                              "want a URL of this machine",
		"http://u:p@127.0.0.1:3000":                   "want a URL of this machine",
		"http://192.0.2.1/x --report=":                "this machine",
		"http://127.0.0.1:1/?x=1 --keys paths.txt":    "remove that of the URL",
		"http://127.0.0.1:1 --keys words.txt --yaml":  "workload.keys",
		"http://127.0.0.1:1 --keys nothing.txt":       "--keys nothing.txt: no such file",
		"http://127.0.0.1:1 --rate 1e400/s --yaml":    "--rate",
		"http://127.0.0.1:1 --rate 99999999/s --yaml": "arrivals",
	} {
		status, stdout, stderr := teapot(t, append([]string{"load"}, strings.Fields(line)...)...)
		if status != cli.StatusBadInput || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, want %q\n%s%s", line, status, want, stdout, stderr)
		}
	}
}
