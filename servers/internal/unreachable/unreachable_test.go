package unreachable_test

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/servers/internal/unreachable"
)

// TestAddresses dials the two addresses, and afterwards neither.
func TestAddresses(t *testing.T) {
	var a unreachable.Addresses
	if err := a.Open(func() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := a.Dial(t.Context(), a.Refusing); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("refusing: %v", err)
			}
			c, err := a.Dial(t.Context(), a.Closing)
			if err != nil {
				t.Errorf("closing: %v", err)
				return
			}
			if m, err := c.Read(make([]byte, 1)); m != 0 || err == nil {
				t.Errorf("read %d bytes", m)
			}
			c.Close()
		})
	}
	wg.Wait()
	if !a.Has(a.Refusing) || !a.Has(a.Closing) || a.Has("127.0.0.1:1") || new(unreachable.Addresses).Has("") {
		t.Error("it takes another address for one of the two, or one of them for another")
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Error(err)
	}
}
