package command

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// TestFutures wants the futures as they are once the executor has started as
// many as it may, and each again when it is done. The server answers when all
// are told of, so that none can be done before.
func TestFutures(t *testing.T) {
	inFolder(t, nil)
	for _, executor := range []string{"pool", "async"} {
		var mu sync.Mutex
		var stdout, stderr bytes.Buffer
		told := make(chan struct{})
		tell := sync.OnceFunc(func() { close(told) })
		watch := writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			defer func() {
				if bytes.Count(stdout.Bytes(), []byte(" scheduled: ")) == 5 {
					tell()
				}
			}()
			return stdout.Write(p)
		})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-told:
			case <-r.Context().Done():
			}
			_, _ = w.Write([]byte("GIF89a"))
		}))
		args := append(strings.Fields("flags br cn id in us -m 3 --futures --timeout 1m --dest= -s"), server.URL,
			"--executor", executor)
		status := calling(t.Context(), args, strings.NewReader(""), watch, &stderr)
		server.Close()
		var states, ends []string
		for line := range strings.Lines(stdout.String()) {
			if key, state, ok := strings.Cut(line, " scheduled: "); ok {
				states = append(states, key+" "+strings.TrimSpace(state))
			}
			if key, _, ok := strings.Cut(line, " done: <Future finished>, result: OK"); ok {
				ends = append(ends, key)
			}
		}
		slices.Sort(ends)
		want := []string{
			"BR <Future running>", "CN <Future running>", "ID <Future running>", "IN <Future pending>",
			"US <Future pending>",
		}
		if status != cli.StatusHolds || !slices.Equal(states, want) || strings.Join(ends, " ") != "BR CN ID IN US" {
			t.Errorf("%s: status %d\n%s%s", executor, status, stdout.String(), stderr.String())
		}
	}
}

// TestFuturesOfAll wants every future told of twice, on every executor: before
// it is done, and when it is.
func TestFuturesOfAll(t *testing.T) {
	inFolder(t, nil)
	for _, executor := range []string{"sequential", "pool", "async", "process"} {
		_, stdout, stderr := teapot(t, append(strings.Fields("flags a b --futures --timeout 1m --dest= --executor"),
			executor, "--port", freePort(t))...)
		var scheduled []string
		for line := range strings.Lines(stdout) {
			key, what, _ := strings.Cut(line, " ")
			switch {
			case strings.HasPrefix(what, "scheduled: "):
				scheduled = append(scheduled, key)
			case strings.HasPrefix(what, "done: ") && !slices.Contains(scheduled, key):
				t.Errorf("%s: %s is done before it is scheduled", executor, key)
			}
		}
		if done := strings.Count(stdout, " done: "); len(scheduled) != 52 || done != 52 {
			t.Errorf("%s: %d scheduled and %d done\n%s%s", executor, len(scheduled), done, stdout, stderr)
		}
	}
}
