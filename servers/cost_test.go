package servers_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// BenchmarkInjecting compares a request to a server that draws a fate, carries
// it out and enters it in the journal with one to the bare handler of the same
// content, over the same writer. The difference is what injecting costs.
func BenchmarkInjecting(b *testing.B) {
	bare := content.NewFlags(0, nil)
	faults := []servers.Fault{teapots(0.1), {Kind: servers.StatusFault, Status: 503, Keys: []string{"C*", "D*"}}}
	for _, bench := range []struct {
		name string
		plan servers.Plan
		bare bool
	}{
		{"bare handler", servers.Plan{}, true},
		{"zero plan", servers.Plan{}, false},
		{"faults", servers.Plan{Faults: faults}, false},
		{"faults and a drawn latency of 0", servers.Plan{Faults: faults, Latency: latency(b, "normal(0s, 0s)")}, false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s, err := servers.Start(servers.Config{Plan: bench.plan, Memory: true})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var h http.Handler = s
			if bench.bare {
				h = bare
			}
			r := httptest.NewRequest(http.MethodGet, servers.FlagPath("BR"), nil)
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// ReadFrom copies nothing, as a socket that sends a file.
func (d *discard) ReadFrom(r io.Reader) (int64, error) {
	n, err := r.(*io.LimitedReader).R.(io.Seeker).Seek(0, io.SeekEnd)
	return n, err
}

// BenchmarkPunctuality keeps so many requests under way over loopback, each
// with a latency of its own, and reports how much later than planned the server
// began to answer. The client is another process.
func BenchmarkPunctuality(b *testing.B) {
	for _, flight := range []int{30, 1000} {
		b.Run(fmt.Sprint(flight), func(b *testing.B) {
			var late []time.Duration
			for b.Loop() {
				s, err := servers.Start(servers.Config{Plan: servers.Plan{Latency: latency(b, "uniform(200ms, 1s)")}})
				if err != nil {
					b.Fatal(err)
				}
				client(b, "come by turn", s.URL()[len("http://"):], flight)()
				s.Close()
				for _, e := range s.Journal() {
					late = append(late, e.Waited-e.Planned.Latency)
				}
			}
			slices.Sort(late)
			if n := len(late); n > 0 {
				b.ReportMetric(float64(late[n/2].Microseconds()), "µs-late-p50")
				b.ReportMetric(float64(late[n*99/100].Microseconds()), "µs-late-p99")
			}
		})
	}
}
