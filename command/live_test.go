package command

import (
	"bufio"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

const liveScenario = `name: shown
server: {latency: 1ms}
workload: {task: download, flags: top20, timeout: 30s}
executors: [{kind: pool, workers: 2}, {kind: async}]
expect: {leaks: any} # the page is read in this process
`

// TestLive reads the page of runs that are under way, as a browser does: it
// shows them, and then names the report.
func TestLive(t *testing.T) {
	inFolder(t, map[string]string{"shown.yaml": liveScenario})
	for _, line := range []string{
		"run shown.yaml --live --report=", "run shown.yaml --live --report= --clock virtual",
		"run shown.yaml --live --quiet",
	} {
		from, to := io.Pipe()
		var ended sync.WaitGroup
		var status int
		var stdout strings.Builder
		ended.Go(func() {
			defer to.Close()
			status = calling(t.Context(), strings.Fields(line), strings.NewReader(""), &stdout, to)
		})
		stderr := bufio.NewReader(from)
		first, _ := stderr.ReadString('\n')
		url := regexp.MustCompile(`http://\S+`).FindString(first)
		if _, page := fetch(t, url); !strings.Contains(page, "EventSource") {
			t.Errorf("%s: at %q is %.200s", line, first, page)
		}
		// What the command says of its first run waits until it is read here:
		// the run is under way, or has just been, when the page listens.
		follow, err := http.Get(url + "events")
		if err != nil {
			t.Fatal(err)
		}
		var rest sync.WaitGroup
		rest.Go(func() { _, _ = io.Copy(io.Discard, stderr) })
		text, _ := io.ReadAll(follow.Body)
		follow.Body.Close()
		events := string(text)
		if !strings.Contains(events, "event: underway") || !strings.Contains(events, `data: "/report"`) {
			t.Errorf("%s: got the events %.300s", line, events)
		}
		if _, report := fetch(t, url+"report"); !strings.Contains(report, "All runs") {
			t.Errorf("%s: got the report %.200s", line, report)
		}
		ended.Wait()
		rest.Wait()
		if status != cli.StatusHolds && status != cli.StatusUnknown { // the machine may be busy
			t.Errorf("%s: status %d\n%s", line, status, &stdout)
		}
	}
}
