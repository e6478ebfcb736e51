package servers

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"
)

// newFramedTLS returns a framed connection above TLS. The server of net/http
// must see the frames, but wraps no connection of its own above TLS. So the
// framedConn hides TLS from it: to net/http, the client speaks HTTP/2 or HTTP/1
// without TLS. What net/http does for TLS is done here.
func newFramedTLS(c net.Conn, config *tls.Config) *framedConn {
	t := tls.Server(c, config)
	f := newFramedConn(t)
	f.tls = t
	return f
}

// handshake makes the handshake of TLS, unless it has been made. Read calls it,
// so that the goroutine that accepts connections does not wait for it. net/http
// has set a deadline for what is read.
func (c *framedConn) handshake() error {
	if c.tls == nil || c.secured != nil {
		return nil
	}
	_ = c.tls.SetWriteDeadline(time.Now().Add(headerTime)) // if it fails, so does the handshake
	if err := c.tls.Handshake(); err != nil {
		refusePlain(err)
		return err
	}
	_ = c.tls.SetWriteDeadline(time.Time{})
	state := c.tls.ConnectionState()
	c.secured = &state
	return nil
}

// refusePlain answers a client that speaks HTTP without TLS, as net/http does.
func refusePlain(err error) {
	var not tls.RecordHeaderError
	if !errors.As(err, &not) || not.Conn == nil {
		return
	}
	methods := []string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO"}
	if slices.Contains(methods, string(not.RecordHeader[:])) {
		_, _ = io.WriteString(not.Conn,
			"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
	}
	not.Conn.Close()
}

// secure has a request say that it came over TLS, if its connection hides that.
func (i *connInfo) secure(r *http.Request) {
	if i != nil && i.framed != nil && i.framed.secured != nil {
		r.TLS = i.framed.secured
	}
}
