package servers_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
	waits "github.com/teapot-go/teapot/servers/latency"
)

// events sends three events, a second apart, and flushes each, in both of the
// ways that there are.
func events(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		flusher, ok := w.(http.Flusher)
		if !ok {
			t.Errorf("%s: a %T is no Flusher", r.URL, w)
			return
		}
		flusher.Flush()
		for range 3 {
			time.Sleep(time.Second)
			io.WriteString(w, "data: tea\n\n")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Errorf("%s: %v", r.URL, err)
			}
		}
	}
}

// TestFlush streams events under every plan that leaves a response to the
// content.
func TestFlush(t *testing.T) {
	plans := map[string]servers.Plan{
		"nothing":   {},
		"bandwidth": {Bandwidth: 1000},
		"over":      {Spend: waits.OverBody, Latency: latency(t, "1s")},
		"before":    {Spend: waits.BeforeBody, Latency: latency(t, "1s")},
	}
	for _, kind := range fault.Kinds() {
		if kind != fault.Status && !kind.BeforeRequest() && kind.End() != fault.EndTimeout {
			plans[string(kind)] = servers.Plan{Faults: []servers.Fault{{Kind: kind, Rate: 1}}}
		}
	}
	for name, plan := range plans {
		for wire, c := range wires() {
			if len(plan.Faults) > 0 && !plan.Faults[0].Kind.HTTP1() && !c.HTTP2 {
				continue
			}
			t.Run(name+"/"+wire, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c.Memory, c.Content, c.Plan = true, events(t), plan
					if _, err := ask(t.Context(), start(t, c), http.MethodGet, "http://tea/", 0); err != nil &&
						len(plan.Faults) == 0 {
						t.Error(err)
					}
				})
			})
		}
	}
}

// TestStreams looks at when the head and each event arrive, where the answer is
// no other than the content's.
func TestStreams(t *testing.T) {
	for name, plan := range map[string]servers.Plan{
		"bandwidth":  {Bandwidth: 1_000_000_000},
		"before":     {Spend: waits.BeforeBody, Latency: latency(t, "1ms")},
		"wrong type": {Faults: []servers.Fault{{Kind: fault.WrongType, Rate: 1}}},
		"slow close": {Faults: []servers.Fault{{Kind: fault.SlowClose, Rate: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, servers.Config{Memory: true, Content: events(t), Plan: plan})
				begin := time.Now()
				resp, err := s.Client().Get(s.URL())
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if got := time.Since(begin); got != 0 {
					t.Errorf("the head has come after %v", got)
				}
				if html := strings.HasPrefix(resp.Header.Get("Content-Type"),
					"text/html"); html != (name == "wrong type") {
					t.Errorf("got the type %s", resp.Header.Get("Content-Type"))
				}
				r := bufio.NewReader(resp.Body)
				for i := range 3 {
					line, err := r.ReadString('\n')
					r.ReadString('\n')
					if got := time.Since(begin).Truncate(time.Millisecond); line != "data: tea\n" || err != nil ||
						got != time.Duration(i+1)*time.Second {
						t.Errorf("event %d: got %q after %v, %v", i, line, got, err)
					}
				}
			})
		})
	}
}
