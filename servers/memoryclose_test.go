package servers_test

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// TestClosedAlike holds what a client is told of a closed connection to what it
// can be told of a socket, in memory as over loopback. net/http has a word of
// its own for an end that it sees before it writes.
func TestClosedAlike(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		c.Plan.Faults = []servers.Fault{{Kind: fault.Close, Rate: 1}}
		s := open(t, c)
		defer mustClose(t, s)
		for _, body := range []string{"", strings.Repeat("tea", 1<<20)} {
			resp, err := s.Client().Post(s.URLFor("BR", 1)+servers.FlagPath("BR"), "text/tea", strings.NewReader(body))
			if err == nil {
				resp.Body.Close()
			}
			ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
				errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
			if c.Memory && c.TLS && !ended || err == nil || errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("%d bytes: got %v", len(body), err)
			}
		}
	})
}
