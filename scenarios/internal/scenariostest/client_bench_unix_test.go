//go:build unix

package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/lean"
	"github.com/teapot-go/teapot/servers"
)

// BenchmarkClient compares the CPU time that a request costs the task download
// with what it costs a loop that reads the same bodies with the same settings,
// and with what it costs the driver fasthttp alone.
// The server is another process.
func BenchmarkClient(b *testing.B) {
	for _, size := range []int{1500, 100_000} {
		b.Run(fmt.Sprint(size, " bytes"), func(b *testing.B) { benchClient(b, size) })
	}
}

func benchClient(b *testing.B, size int) {
	const conns, requests = 100, 5000
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), fmt.Sprint(benchServer, "=", size)), os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	var addr string
	if _, err := fmt.Fscan(out, &addr); err != nil {
		b.Fatal(err)
	}
	url := "http://" + addr
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: conns, DisableCompression: true}}
	defer client.CloseIdleConnections()
	buffers := sync.Pool{New: func() any { return new(make([]byte, 32<<10)) }}
	download := scenarios.Downloader{URL: url, Client: client}
	asks := []func(ctx context.Context) error{
		func(ctx context.Context) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/jp/jp.gif", nil)
			if err != nil {
				return err
			}
			resp, err := client.Do(r)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			buffer := buffers.Get().(*[]byte)
			defer buffers.Put(buffer)
			_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, *buffer)
			return err
		},
		func(ctx context.Context) error {
			if seen := download.Download(ctx, nil, "JP", 1); seen.Class != record.OK {
				return fmt.Errorf("%+v", seen)
			}
			return nil
		},
	}
	get, end := lean.Open(new(servers.Server))
	defer end()
	asks = append(asks, func(ctx context.Context) error {
		_, err := get(ctx, url+"/jp/jp.gif", 1, io.Discard)
		return err
	})
	var cost [3]time.Duration
	for b.Loop() {
		for i, ask := range asks {
			began := usedTime(b)
			var wg sync.WaitGroup
			for range conns {
				wg.Go(func() {
					for range requests / conns {
						if err := ask(b.Context()); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			cost[i] += usedTime(b) - began
		}
	}
	n := time.Duration(b.N * requests)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64((cost[0]/n).Nanoseconds())/1000, "µs/request-net/http")
	b.ReportMetric(float64((cost[1]/n).Nanoseconds())/1000, "µs/request")
	b.ReportMetric(float64((cost[2]/n).Nanoseconds())/1000, "µs/request-driver")
	b.ReportMetric(float64(cost[1])/float64(cost[0]), "×net/http")
	b.ReportMetric(float64(cost[2])/float64(cost[0]), "×net/http-driver")
}

// usedTime returns the CPU time of this process.
func usedTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
