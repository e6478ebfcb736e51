package servers

import (
	"bytes"
	"net"
	"strconv"
)

// A noted connection is one that a fault has taken from the server, under the
// eyes of the witness: what is written first is the head of the answer, up to
// the Write that ends with an empty line, whatever follows is body.
type noted struct {
	net.Conn
	witness *witness
	begun   bool
	headed  bool
}

// NetConn is the connection itself.
func (c *noted) NetConn() net.Conn { return c.Conn }

func (c *noted) Write(p []byte) (int, error) {
	if !c.begun {
		c.begun = true
		c.witness.answers(statusOf(p))
	}
	if !c.headed {
		c.headed = bytes.HasSuffix(p, []byte("\r\n\r\n"))
		return c.Conn.Write(p)
	}
	n, err := c.Conn.Write(p)
	c.witness.sent(int64(n))
	return n, err
}

// statusOf is the status in the head of an answer, 0 if there is none to be
// read.
func statusOf(head []byte) int {
	rest, ok := bytes.CutPrefix(head, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 {
		return 0
	}
	status, _ := strconv.Atoi(string(rest[:3]))
	return status
}
