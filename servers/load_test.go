package servers_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/content"
)

// files counts the process's open files, 0 where the system does not say. The
// runtime opens two with the first connection of the process, and keeps them.
func files(t *testing.T) int {
	t.Helper()
	if first, err := net.Listen("tcp", "localhost:0"); err == nil {
		first.Close()
	}
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(names)
}

// TestCloseUnderLoad closes servers that thousands of requests wait for, an
// hour each: nothing is left, and under the virtual clock Close takes no time
// at all.
func TestCloseUnderLoad(t *testing.T) {
	for name, test := range map[string]struct {
		c        servers.Config
		requests int
	}{
		"http":          {servers.Config{}, 1000}, // two files each; for more see TestCloseThousands
		"http, memory":  {servers.Config{Memory: true}, 2000},
		"h2c":           {servers.Config{HTTP2: true}, 2000},
		"h2c, memory":   {servers.Config{HTTP2: true, Memory: true}, 1000},
		"https":         {servers.Config{TLS: true}, 200},
		"https, memory": {servers.Config{TLS: true, Memory: true}, 100},
		"h2":            {servers.Config{TLS: true, HTTP2: true}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			test.c.Plan.Latency = latency(t, "1h")
			if test.c.Memory {
				synctest.Test(t, func(t *testing.T) { closeUnderLoad(t, test.c, test.requests) })
				return
			}
			none, before := goleak.IgnoreCurrent(), files(t)
			s := closeUnderLoad(t, test.c, test.requests)
			goleak.VerifyNone(t, none)
			if after := files(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
			l, err := net.Listen("tcp", strings.SplitAfter(s.URL(), "://")[1])
			if err != nil {
				t.Fatalf("the port is still taken: %v", err)
			}
			l.Close()
		})
	}
}

// TestCloseThousands closes a server that 10,000 connections of another process
// wait for, in handlers and parked.
func TestCloseThousands(t *testing.T) {
	requests := 10_000
	if most := mayOpen(t) - 500; most < requests {
		t.Logf("%d requests instead of %d: no more files may be open", most, requests)
		requests = most
	}
	for name, park := range map[string]bool{"in handlers": false, "parked": true} {
		t.Run(name, func(t *testing.T) {
			none, before := goleak.IgnoreCurrent(), files(t)
			s := open(t, servers.Config{Plan: servers.Plan{Latency: latency(t, "1h")}, Park: park})
			leave := client(t, "hold", s.URL()[len("http://"):], requests)
			for s.Load().Requests < requests {
				<-time.After(time.Millisecond) // what is sent has not all arrived
			}
			mustClose(t, s)
			if n := len(s.Journal()); n != requests {
				t.Errorf("got %d entries, want %d", n, requests)
			}
			leave()
			goleak.VerifyNone(t, none)
			if after := files(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
		})
	}
}

func closeUnderLoad(t *testing.T, c servers.Config, requests int) *servers.Server {
	s := open(t, c)
	var wg sync.WaitGroup
	ended := make(chan error, requests)
	// by the hundred, because over TLS net/http dials for every request that
	// finds no connection yet
	for begun := 0; begun < requests; {
		for range 100 {
			begun++
			wg.Go(func() {
				_, err := ask(t.Context(), s, http.MethodGet, s.URL()+servers.FlagPath("BR"), 0)
				ended <- err
			})
		}
		for s.Load().Requests < begun {
			select {
			case err := <-ended:
				t.Fatalf("a request of an hour has ended: %v", err)
			case <-time.After(time.Millisecond):
			}
		}
	}
	begin := time.Now()
	mustClose(t, s)
	if took := time.Since(begin); c.Memory && took != 0 {
		t.Errorf("Close has taken %v", took)
	}
	wg.Wait()
	for range requests {
		if err := <-ended; err == nil {
			t.Error("got an answer")
		}
	}
	if n := len(s.Journal()); n != requests {
		t.Errorf("got %d entries, want %d", n, requests)
	}
	if got := s.Load(); got != (servers.Load{}) {
		t.Errorf("after Close: got %+v", got)
	}
	return s
}

// TestCloseWithin has content that does not heed its context.
func TestCloseWithin(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		entered, leave := make(chan struct{}), make(chan struct{})
		c.Content = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			close(entered)
			<-leave
		})
		s := open(t, c)
		var wg sync.WaitGroup
		wg.Go(func() { ask(t.Context(), s, http.MethodGet, s.URL()+"/", 0) })
		<-entered
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if err := s.CloseWithin(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(),
			"1 of its requests still run") {
			t.Errorf("got %v, want the number of requests and a deadline", err)
		}
		close(leave)
		mustClose(t, s)
		if err := s.CloseWithin(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		wg.Wait()
	})
}

// TestIdleConnections opens connections that say nothing, or little, and little
// by little: the others are served, and Close ends them all.
func TestIdleConnections(t *testing.T) {
	for name, test := range map[string]struct {
		c     servers.Config
		conns int
	}{
		"loopback": {servers.Config{}, 1000},
		"tls":      {servers.Config{TLS: true, HTTP2: true}, 500},
		"memory":   {servers.Config{Memory: true}, 5000},
	} {
		t.Run(name, func(t *testing.T) {
			if test.c.Memory {
				synctest.Test(t, func(t *testing.T) { idle(t, test.c, test.conns) })
				return
			}
			none, before := goleak.IgnoreCurrent(), files(t)
			idle(t, test.c, test.conns)
			goleak.VerifyNone(t, none)
			if after := files(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
		})
	}
}

func idle(t *testing.T, c servers.Config, conns int) {
	s := open(t, c)
	before := inUse()
	var all []net.Conn
	for i := range conns {
		conn := dial(t, s)
		all = append(all, conn)
		said := []string{"", "G", "GET / HTTP/1.1\r\nX-"}[i%3]
		if c.TLS {
			said = []string{"", "\x16", "\x16\x03\x01\x02"}[i%3]
		}
		if said != "" {
			io.WriteString(conn, said)
		}
	}
	for s.Load().Connections < conns {
		<-time.After(time.Millisecond)
	}
	const each = 64 << 10
	if grown := inUse() - before; grown > int64(conns)*each {
		t.Errorf("%d idle connections hold %d bytes, more than %d each", conns, grown, each)
	}
	if a := mustAsk(t, s, http.MethodGet, servers.FlagPath("BR")); a.status != http.StatusOK {
		t.Errorf("beside them: got %d", a.status)
	}
	mustClose(t, s)
	for _, conn := range all {
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("a connection is still open")
		}
		conn.Close()
	}
}

// inUse is the memory in use, of heap and stacks.
func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestEndlessHeader sends a header without an end: the server takes its bound
// of it and no more.
func TestEndlessHeader(t *testing.T) {
	const most = 64<<10 + 4<<10 + 4<<10 + 16<<10 // the bound, what net/http adds to it, a buffer, and a stream
	synctest.Test(t, func(t *testing.T) {
		s := start(t, servers.Config{Memory: true})
		for range 20 {
			conn := dial(t, s)
			var wg sync.WaitGroup
			wg.Go(func() {
				taken, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n")
				for err == nil && taken < 10*most {
					var n int
					n, err = io.WriteString(conn, "X-Tea: "+strings.Repeat("y", 100)+"\r\n")
					taken += n
				}
				if err == nil || taken > most {
					t.Errorf("the server has taken %d bytes, more than %d", taken, most)
				}
			})
			io.Copy(io.Discard, conn)
			conn.Close()
			wg.Wait()
		}
	})
}

// TestRawPaths sends paths that no client's library would, to a server of a
// directory: nothing outside of it is served.
func TestRawPaths(t *testing.T) {
	top := t.TempDir()
	for name, text := range map[string]string{"secret": "secret", "tree/tea": "tea"} {
		if err := os.MkdirAll(top+"/tree", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(top+"/"+name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := content.OpenDir(top + "/tree")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	for _, memory := range []bool{false, true} {
		s := start(t, servers.Config{Content: dir, Memory: memory})
		for target, want := range map[string]string{
			"/tea": "200", "/tea?x=../../secret": "200", "http://anywhere.invalid/tea": "200",
			"/../secret": "404", "/%2e%2e/secret": "404", "/..%2fsecret": "404", "/tea/../../secret": "404",
			"//secret": "404", "/..": "404",
			"http://x/../secret": "404", "/%00": "404", "/tea%00.gif": "404", `/..\secret`: "404",
			"/%5c..%5csecret": "404", "*": "404", "/%zz": "400",
			"../secret": "400", "/" + strings.Repeat("../", 2000) + "secret": "404",
		} {
			conn := dial(t, s)
			var wg sync.WaitGroup
			wg.Go(func() {
				io.WriteString(conn, "GET "+target+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			})
			answer, _ := io.ReadAll(conn)
			conn.Close()
			wg.Wait()
			if !strings.HasPrefix(string(answer), "HTTP/1.1 "+want) || strings.HasSuffix(string(answer), "\nsecret") {
				t.Errorf("%.60s: got %.60q, want %s", target, answer, want)
			}
		}
	}
}
