package servers_test

import (
	"errors"
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestResetIsToldOnce reads from a connection that was reset again and again:
// it hears of it once, in memory as over loopback, and is at the end from then
// on.
func TestResetIsToldOnce(t *testing.T) {
	c := servers.Config{Plan: servers.Plan{Faults: []servers.Fault{{Kind: fault.Reset, Rate: 1}}}}
	read := func(t *testing.T, c servers.Config) {
		s := open(t, c)
		defer mustClose(t, s)
		conn := dial(t, s)
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /flags/br/br.gif HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		for i, want := range []error{syscall.ECONNRESET, io.EOF, io.EOF} {
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, want) {
				t.Errorf("read %d: got %v, want %v", i+1, err, want)
			}
		}
	}
	t.Run("loopback", func(t *testing.T) { read(t, c) })
	t.Run("memory", func(t *testing.T) {
		c.Memory = true
		synctest.Test(t, func(t *testing.T) { read(t, c) })
	})
}

// TestCloseIsToldAlike meets the fault close in memory many times: equal
// recordings need equal words for it.
func TestCloseIsToldAlike(t *testing.T) {
	heard := map[string]int{}
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, servers.Config{
				Memory: true,
				Plan:   servers.Plan{Faults: []servers.Fault{{Kind: fault.Close, Rate: 1}}},
			})
			_, err := ask(t.Context(), s, http.MethodGet, s.URLFor("BR", 1)+servers.FlagPath("BR"), 1)
			if err == nil {
				t.Fatal("got an answer")
			}
			heard[err.Error()]++
		})
	}
	if len(heard) != 1 {
		t.Errorf("got %v", heard)
	}
}
