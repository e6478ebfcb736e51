package servers_test

import (
	"bytes"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// What waits at once: over HTTP/1.1 as many requests as a process with 20,000
// open files can serve, and over HTTP/2 more.
const (
	held        = 19_500
	heldStreams = 50_000
)

// BenchmarkHeld has as many requests wait at once as one process can serve,
// over loopback, and reports what each takes of its memory, in a server of ours
// and in a handler of net/http that sleeps. The client is another process. It
// runs once.
func BenchmarkHeld(b *testing.B) {
	for _, bench := range []struct {
		name   string
		client string
		n      int
		open   func(b *testing.B) (addr string, arrived func() int, end func())
	}{
		{"HTTP/1.1, bare handler", "hold", held, func(b *testing.B) (string, func() int,
			func(),
		) {
			return sleeping(b, false)
		}},
		{"HTTP/1.1, parked", "hold", held, func(b *testing.B) (string, func() int,
			func(),
		) {
			return waiting(b, servers.Config{Park: true})
		}},
		{"h2c, bare handler", "hold h2c", heldStreams, func(b *testing.B) (string, func() int,
			func(),
		) {
			return sleeping(b, true)
		}},
		{"h2c", "hold h2c", heldStreams, func(b *testing.B) (string, func() int,
			func(),
		) {
			return waiting(b, servers.Config{HTTP2: true})
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				addr, arrived, end := bench.open(b)
				before := inUse()
				leave := client(b, bench.client, addr, bench.n)
				after := inUse()
				for range 100 { // until all have arrived and settled
					again := inUse()
					if again == after && arrived() == bench.n {
						break
					}
					after = again
				}
				if n := arrived(); n != bench.n {
					b.Errorf("%d requests have arrived, want %d: as many files must be open", n, bench.n)
				}
				b.ReportMetric(float64(after-before)/float64(bench.n), "B/request")
				b.ReportMetric(float64(bench.n), "held")
				leave()
				end()
			}
		})
	}
}

// sleeping is a bare server of net/http.
func sleeping(b *testing.B, http2 bool) (addr string, arrived func() int, end func()) {
	var n atomic.Int64
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		timer := time.NewTimer(time.Hour)
		defer timer.Stop()
		select {
		case <-timer.C:
			http.ServeContent(w, r, "br.gif", time.Time{}, bytes.NewReader(nil))
		case <-r.Context().Done():
		}
	}), Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP1(!http2)
	s.Protocols.SetUnencryptedHTTP2(http2)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { s.Serve(l) })
	return l.Addr().String(), func() int { return int(n.Load()) }, func() {
		s.Close()
		wg.Wait()
	}
}

// waiting is a server of ours.
func waiting(b *testing.B, c servers.Config) (addr string, arrived func() int, end func()) {
	c.Plan.Latency = latency(b, "1h")
	s, err := servers.Start(c)
	if err != nil {
		b.Fatal(err)
	}
	return s.URL()[len("http://"):], func() int { return s.Load().Requests }, func() { s.Close() }
}
