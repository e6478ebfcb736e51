package servers_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// TestHangIsLeft has clients leave a server that hangs and whose content reads
// no body: the request ends then, not with the server.
func TestHangIsLeft(t *testing.T) {
	bodies := map[string]func(context.Context) io.Reader{
		"none":    func(context.Context) io.Reader { return nil },
		"short":   func(context.Context) io.Reader { return strings.NewReader("tea") },
		"long":    func(context.Context) io.Reader { return strings.NewReader(strings.Repeat("tea", 1<<20)) },
		"unknown": func(context.Context) io.Reader { return io.MultiReader(strings.NewReader("tea")) },
		"endless": func(ctx context.Context) io.Reader {
			r, w := io.Pipe() // which net/http does not close before its Read returns
			context.AfterFunc(ctx, func() { w.CloseWithError(context.Cause(ctx)) })
			return r
		},
	}
	for _, kind := range []servers.Kind{"hang", "hang_body"} {
		for name, body := range bodies {
			t.Run(string(kind)+"/"+name, func(t *testing.T) {
				over(t, func(t *testing.T, c servers.Config) { leaves(t, c, kind, body) })
				synctest.Test(t, func(t *testing.T) { leaves(t, servers.Config{Direct: true}, kind, body) })
			})
		}
	}
}

func leaves(
	t *testing.T, c servers.Config, kind servers.Kind, body func(context.Context) io.Reader,
) {
	c.Plan.Faults = []servers.Fault{{Kind: kind, Rate: 1}}
	c.Content = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("pot", 100))
	})
	s := open(t, c)
	defer mustClose(t, s)
	ctx, leave := context.WithCancel(t.Context())
	var client sync.WaitGroup
	client.Go(func() {
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, s.URL()+"/pot", body(ctx))
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := s.Client().Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if err == nil {
			t.Error("the request was answered")
		}
	})
	await(t, "the request", func() bool { return s.Load().Requests == 1 })
	<-time.After(time.Millisecond) // who leaves in the same instant has not been gone for any time
	leave()
	client.Wait()
	await(t, "the end of the request", func() bool { return s.Load().Requests == 0 })
	if x := s.Journal(); len(x) != 1 || x[0].Gone == 0 {
		t.Errorf("got the journal %+v, want a client that is gone", x)
	}
}

// await returns when f is true.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx, stop := context.WithTimeout(t.Context(), time.Minute); ; {
		if f() {
			stop()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			stop()
			t.Fatalf("%s does not come", what)
		}
	}
}
