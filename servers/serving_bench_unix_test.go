//go:build unix

package servers_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// BenchmarkServing compares the CPU time that a request costs a server with
// what it costs a server of net/http whose handler writes the same bytes. Both
// serve the same clients in turn, which are another process.
func BenchmarkServing(b *testing.B) {
	const requests = 5000
	flag := httptest.NewRecorder()
	content.NewFlags(0, nil).ServeHTTP(flag, httptest.NewRequest(http.MethodGet, servers.FlagPath("JP"), nil))
	body := flag.Body.Bytes()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	bare := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/gif")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	})}
	go bare.Serve(l)
	defer bare.Close()
	s, err := servers.Start(servers.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var cost [2]time.Duration
	for b.Loop() {
		for i, addr := range []string{l.Addr().String(), s.URL()[len("http://"):]} {
			began := processorTime(b)
			client(b, "keep busy", addr, requests)()
			cost[i] += processorTime(b) - began
		}
	}
	n := time.Duration(b.N * requests)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64((cost[0]/n).Nanoseconds())/1000, "µs/request-net/http")
	b.ReportMetric(float64((cost[1]/n).Nanoseconds())/1000, "µs/request")
	b.ReportMetric(float64(cost[1])/float64(cost[0]), "×net/http")
}

// processorTime returns the CPU time of this process.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
