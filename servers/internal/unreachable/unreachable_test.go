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
			if _, ok, err := a.Dial(t.Context(), a.Refusing); !ok || !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("refusing: %v, %v", ok, err)
			}
			c, ok, err := a.Dial(t.Context(), a.Closing)
			if !ok || err != nil {
				t.Errorf("closing: %v, %v", ok, err)
				return
			}
			if m, err := c.Read(make([]byte, 1)); m != 0 || err == nil {
				t.Errorf("read %d bytes", m)
			}
			c.Close()
		})
	}
	wg.Wait()
	if _, ok, _ := a.Dial(t.Context(), "127.0.0.1:1"); ok {
		t.Error("another address is taken for an unreachable one")
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil {
		t.Error(err)
	}
}
