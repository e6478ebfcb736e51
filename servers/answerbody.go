package servers

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
)

// longestHead is how many bytes of a head a client made with net/http reads.
const longestHead = 10 << 20

// An answerBody is the body of a response.
type answerBody answer

var _ io.ReadCloser = (*answerBody)(nil)

// Read implements [io.Reader].
func (b *answerBody) Read(p []byte) (int, error) {
	if ctx := b.client.Context(); ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	n, err := b.body.Read(p)
	if err == nil {
		return n, nil
	}
	(*answer)(b).over()
	switch ctx := b.client.Context(); {
	case ctx.Err() != nil:
		return n, context.Cause(ctx)
	case err == net.ErrClosed:
		return n, http.ErrBodyReadAfterClose
	case err == io.EOF && (b.broken || b.declared > b.kept):
		return n, io.ErrUnexpectedEOF
	case err == io.EOF:
		b.fillTrailer()
	}
	return n, err
}

// fillTrailer gives the response the trailer, which ends the body.
func (b *answerBody) fillTrailer() {
	for name := range b.response.Trailer {
		if values, has := b.header[name]; has {
			b.response.Trailer[name] = values
		}
	}
	for name, values := range b.header {
		if name, is := strings.CutPrefix(name, http.TrailerPrefix); is {
			if b.response.Trailer == nil {
				b.response.Trailer = http.Header{}
			}
			b.response.Trailer[name] = values
		}
	}
}

// Close implements [io.Closer].
func (b *answerBody) Close() error {
	(*answer)(b).over()
	(*answer)(b).leave()
	return nil
}

// readWire reads what a fault sends on a connection.
func (a *answer) readWire() (*http.Response, error) {
	ctx := a.client.Context()
	a.stop = context.AfterFunc(ctx, func() { a.wire.Close() })
	limited := &headLimit{Conn: a.wire, left: longestHead}
	resp, err := http.ReadResponse(bufio.NewReader(limited), a.client)
	if err != nil {
		a.over()
		a.wire.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, err
	}
	limited.left = math.MaxInt64
	if resp.Body != http.NoBody {
		a.server.unread.add(a)
	}
	resp.Body = &wireBody{ReadCloser: resp.Body, answer: a}
	return resp, nil
}

// A headLimit fails when a head is too long.
type headLimit struct {
	net.Conn
	left int64
}

var errLongHead = errors.New("the head of the response is longer than 10 MiB")

func (c *headLimit) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errLongHead
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// A wireBody is the body of a response that is read from a connection.
type wireBody struct {
	io.ReadCloser
	answer *answer
	closed atomic.Bool
}

func (b *wireBody) Read(p []byte) (int, error) {
	ctx := b.answer.client.Context()
	switch {
	case b.closed.Load():
		return 0, http.ErrBodyReadAfterClose
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	}
	n, err := b.ReadCloser.Read(p)
	if err == nil {
		return n, nil
	}
	b.answer.over()
	b.answer.wire.Close()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return n, err
}

// Close does not close the body below, which would be read to its end.
func (b *wireBody) Close() error {
	b.closed.Store(true)
	b.answer.over()
	return b.answer.wire.Close()
}
