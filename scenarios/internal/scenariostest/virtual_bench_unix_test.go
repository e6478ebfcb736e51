//go:build unix

package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/scenarios"
)

// BenchmarkVirtual compares the CPU time that a request costs under the virtual
// clock, over connections in memory and without any, with what it costs a bare
// client and a bare server of net/http over net.Pipe in the same kind of
// bubble. All of them take turns.
func BenchmarkVirtual(b *testing.B) {
	const requests, workers = 10_000, 100
	run := func(transport string) {
		s, mistakes := scenarios.Vocabulary{}.Parse("one.yaml", fmt.Appendf(nil, `name: one
clock: virtual
server: {latency: 10ms, transport: %s}
workload: {task: download, flags: all, arrivals: {burst: %d, every: 1s, for: 1s}}
executors: [{kind: pool, workers: %d}]
`, transport, requests, workers))
		if mistakes != nil {
			b.Fatal(mistakes)
		}
		rec, err := (&scenarios.Runner{}).Run(b.Context(), s.Cases()[0])
		if err != nil || len(rec.Violations) > 0 {
			b.Fatal(err, rec)
		}
	}
	ways := []struct {
		name string
		run  func()
	}{
		{"net/http", func() { bareBubble(b, requests, workers) }},
		{"connection", func() { run("connection") }},
		{"handler", func() { run("handler") }},
	}
	cost := make([]time.Duration, len(ways))
	for b.Loop() {
		for i, way := range ways {
			runtime.GC()
			began := usedTime(b)
			way.run()
			cost[i] += usedTime(b) - began
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, way := range ways {
		b.ReportMetric(float64(cost[i].Nanoseconds())/float64(b.N*requests)/1000, "µs/request-"+way.name)
		if i > 0 {
			b.ReportMetric(float64(cost[i])/float64(cost[0]), "×net/http-"+way.name)
		}
	}
}

// bareBubble sends requests to a server of net/http over net.Pipe.
func bareBubble(b *testing.B, requests, workers int) {
	body := make([]byte, 1500)
	synctest.Test(new(testing.T), func(*testing.T) {
		l := pipeListener{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(10 * time.Millisecond)
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.Write(body)
		})}
		go server.Serve(l)
		client := &http.Client{Transport: &http.Transport{
			DialContext:         l.dial,
			MaxIdleConnsPerHost: workers, DisableCompression: true,
		}}
		buffers := sync.Pool{New: func() any { return new(make([]byte, 32<<10)) }}
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for range requests / workers {
					r, err := http.NewRequest(http.MethodGet, "http://tea.invalid/flags/br/br.gif", nil)
					if err != nil {
						b.Error(err)
						return
					}
					resp, err := client.Do(r)
					if err != nil {
						b.Error(err)
						return
					}
					buffer := buffers.Get().(*[]byte)
					io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, *buffer)
					buffers.Put(buffer)
					resp.Body.Close()
				}
			})
		}
		all.Wait()
		client.CloseIdleConnections()
		server.Close()
	})
}

// pipeListener accepts the ends of net.Pipe.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l pipeListener) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	l.conns <- server
	return client, nil
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{} }
