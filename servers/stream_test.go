package servers

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"
)

// TestMemoryConn holds a connection in memory to what each net.Conn keeps.
func TestMemoryConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2 = memoryPipe(1)
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
}

// TestMemoryConnAsSocket holds both ends to what a socket does and a net.Pipe
// does not. No case lets time pass.
func TestMemoryConnAsSocket(t *testing.T) {
	tea := []byte("tea")
	for name, try := range map[string]func(t *testing.T, near, far net.Conn){
		"both ends write before they read": func(t *testing.T, near, far net.Conn) {
			for _, c := range []net.Conn{near, far} {
				if n, err := c.Write(tea); n != len(tea) || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
			}
			for _, c := range []net.Conn{near, far} {
				got := make([]byte, 10)
				if n, err := c.Read(got); string(got[:n]) != "tea" || err != nil {
					t.Errorf("read %q, %v", got[:n], err)
				}
			}
		},
		"both ends close TLS at once": func(t *testing.T, near, far net.Conn) {
			cert, err := selfSigned("")
			if err != nil {
				t.Fatal(err)
			}
			client := tls.Client(near, &tls.Config{InsecureSkipVerify: true})
			server := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{cert}})
			var ends sync.WaitGroup
			for _, c := range []*tls.Conn{client, server} {
				ends.Go(func() {
					if err := c.Handshake(); err != nil {
						t.Errorf("handshake: %v", err)
					}
				})
			}
			ends.Wait()
			for _, c := range []*tls.Conn{client, server} {
				ends.Go(func() { c.Close() }) // the later of them may find the other closed
			}
			ends.Wait()
		},
		"what was written before the end is read": func(t *testing.T, near, far net.Conn) {
			near.Write(tea)
			near.Close()
			if got, err := io.ReadAll(far); string(got) != "tea" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
			if n, err := far.Write(tea); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("wrote %d, %v", n, err)
			}
		},
		"a reset comes once, after what was written": func(t *testing.T, near, far net.Conn) {
			near.Write(tea)
			near.(*memoryConn).SetLinger(0)
			near.Close()
			got, err := io.ReadAll(far)
			if string(got) != "tea" || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("read %q, %v", got, err)
			}
			if got, err = io.ReadAll(far); len(got) > 0 || err != nil {
				t.Errorf("then %q, %v", got, err)
			}
		},
		"a writer waits for room": func(t *testing.T, near, far net.Conn) {
			long := bytes.Repeat(tea, streamRoom)
			var wrote int
			var err error
			go func() { wrote, err = near.Write(long) }()
			synctest.Wait()
			if wrote != 0 || err != nil {
				t.Fatalf("wrote %d, %v where nothing is read", wrote, err)
			}
			if got, _ := io.ReadAll(io.LimitReader(far, int64(len(long)))); !bytes.Equal(got, long) {
				t.Errorf("read %d other bytes", len(got))
			}
			if synctest.Wait(); wrote != len(long) || err != nil {
				t.Errorf("wrote %d, %v", wrote, err)
			}
		},
		"a close ends what waits": func(t *testing.T, near, far net.Conn) {
			errs := make(chan error, 2)
			go func() {
				_, err := near.Write(make([]byte, 2*streamRoom))
				errs <- err
			}()
			go func() {
				_, err := near.Read(make([]byte, 1))
				errs <- err
			}()
			synctest.Wait()
			near.Close()
			for range 2 {
				if err := <-errs; !errors.Is(err, net.ErrClosed) {
					t.Errorf("got %v", err)
				}
			}
			if err := near.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
				t.Errorf("a deadline after Close: %v", err)
			}
		},
		"a deadline that has passed ends a read of what is there": func(t *testing.T, near, far net.Conn) {
			far.Write(tea)
			near.SetReadDeadline(time.Now())
			if n, err := near.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("read %d, %v", n, err)
			}
			near.SetReadDeadline(time.Time{})
			if n, err := near.Read(make([]byte, 10)); n != len(tea) || err != nil {
				t.Errorf("then %d, %v", n, err)
			}
		},
		"no timer is left when one end has closed": func(t *testing.T, near, far net.Conn) {
			near.SetDeadline(time.Now().Add(time.Hour))
			far.SetDeadline(time.Now().Add(time.Hour))
			near.Close()
			far.SetDeadline(time.Now().Add(time.Hour))
			if c := far.(*memoryConn); c.in.reading.timer != nil || c.out.writing.timer != nil {
				t.Error("a timer is left")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				near, far := memoryPipe(1)
				defer far.Close()
				defer near.Close()
				if try(t, near, far); time.Since(began) > 0 {
					t.Errorf("it took %v", time.Since(began))
				}
			})
		})
	}
}
