package servers_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/teapot-go/teapot/servers"
)

// holding is the address of the server at which the program is to hold requests, as the client of [BenchmarkHeld].
const holding = "TEAPOT_TEST_HOLDING"

func TestMain(m *testing.M) {
	if addr := os.Getenv(holding); addr != "" {
		if err := hold(addr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// held is how many requests wait at once: as many as a process with 20,000 open files can serve.
const held = 19_500

// hold sends the requests, says so, and keeps them until its input ends.
func hold(addr string) error {
	conns := make([]net.Conn, held)
	for i := range conns {
		c, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%8))}}).Dial("tcp", addr)
		if err != nil {
			return fmt.Errorf("request %d: %w", i+1, err)
		}
		defer c.Close()
		conns[i] = c
		if _, err := fmt.Fprintf(c, "GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\nUser-Agent: tea\r\n\r\n"); err != nil {
			return err
		}
	}
	fmt.Println(held)
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// BenchmarkHeld has as many requests wait at once as one process can serve, over loopback, and reports what each takes of its memory, parked
// and in a handler of net/http that sleeps. The client is another process, which is this program started anew. It runs once.
func BenchmarkHeld(b *testing.B) {
	for _, bench := range []struct {
		name string
		open func(b *testing.B) (addr string, arrived func() int, end func())
	}{{"bare handler", sleeping}, {"parked", parked}} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				addr, arrived, end := bench.open(b)
				before := inUse()
				leave := client(b, addr)
				after := inUse()
				for range 100 { // until all have arrived and settled
					again := inUse()
					if again == after && arrived() == held {
						break
					}
					after = again
				}
				if n := arrived(); n != held {
					b.Errorf("%d requests have arrived, want %d: as many files must be open", n, held)
				}
				b.ReportMetric(float64(after-before)/held, "B/request")
				b.ReportMetric(held, "held")
				leave()
				end()
			}
		})
	}
}

// sleeping is a bare server of net/http.
func sleeping(b *testing.B) (addr string, arrived func() int, end func()) {
	var n atomic.Int64
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		n.Add(1)
		<-r.Context().Done()
	})}
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

func parked(b *testing.B) (addr string, arrived func() int, end func()) {
	s, err := servers.Start(servers.Config{Plan: servers.Plan{Latency: latency(b, "1h")}, Park: true})
	if err != nil {
		b.Fatal(err)
	}
	return s.URL()[len("http://"):], func() int { return s.Load().Requests }, func() { s.Close() }
}

// client starts the other process, and returns when it has sent all requests.
func client(b *testing.B, addr string) (leave func()) {
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env, cmd.Stderr = append(os.Environ(), holding+"="+addr), os.Stderr
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
	line, _ := bufio.NewReader(out).ReadString('\n')
	leave = func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	}
	if line != strconv.Itoa(held)+"\n" {
		leave()
		b.FailNow()
	}
	return leave
}
