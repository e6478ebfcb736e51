package servers

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
)

// bufferedHead is how many bytes of a body net/http's server keeps before it
// sends the head. A fault that aborts the answer before that sends nothing.
const bufferedHead = 2048

var errClosed error = &net.OpError{Op: "dial", Net: "memory", Addr: memoryListens, Err: net.ErrClosed}

// An answer is the ResponseWriter of a request that has come without a
// connection. It makes of what is written the response that net/http makes of
// the bytes of a connection.
type answer struct {
	client *http.Request // as the client has sent it
	ctx    directContext // of the handler
	trace  *httptrace.ClientTrace

	header   http.Header // of the handler
	sent     http.Header // as of the head, if the handler has looked at header since
	status   int         // 0 until there is a head
	declared int64       // the length of the body, -1 if the handler has not said it
	written  int64       // bytes of the body that the handler has written
	kept     int64       // those of them that were not too many

	headed   chan struct{}  // closed when there is a response or none will come; nil of an answer made at once
	response *http.Response // nil until the head is sent
	body     stream
	broken   bool        // it has ended before its end
	done     bool        // the handler has returned
	err      error       // why there is no response
	stop     func() bool // ends that the client's context ends the body; may be nil
	wire     net.Conn    // the client's end, where a fault answers on a connection

	server     *Server
	listed     bool    // among the server's unread ones
	prev, next *answer // in their list
}

var (
	_ http.Flusher  = (*answer)(nil)
	_ http.Hijacker = (*answer)(nil)
)

// Header implements [http.ResponseWriter]. What is changed after the head is
// for the trailer alone.
func (a *answer) Header() http.Header {
	if a.status != 0 && a.sent == nil {
		a.sent = a.header
		a.header = a.header.Clone()
	}
	return a.header
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	switch {
	case a.status != 0 || a.wire != nil:
		return
	case status < 200 && status != http.StatusSwitchingProtocols:
		if a.trace != nil && a.trace.Got1xxResponse != nil {
			_ = a.trace.Got1xxResponse(status, textproto.MIMEHeader(a.header.Clone()))
		}
		return
	}
	a.status = status
	if length := field(a.header, "Content-Length"); length != "" {
		if n, err := strconv.ParseInt(length, 10, 64); err == nil && n >= 0 {
			a.declared = n
		} else {
			delete(a.header, "Content-Length")
		}
	}
}

// bodiless reports whether the answer has no body, whatever is written.
func (a *answer) bodiless() bool {
	return a.status < 200 || a.status == http.StatusNoContent || a.status == http.StatusNotModified
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(p []byte) (int, error) {
	if a.wire != nil {
		return 0, http.ErrHijacked
	}
	a.WriteHeader(http.StatusOK)
	if len(p) == 0 {
		return 0, nil
	}
	if a.bodiless() {
		return 0, http.ErrBodyNotAllowed
	}
	if a.written += int64(len(p)); a.declared >= 0 && a.written > a.declared {
		return 0, http.ErrContentLength
	}
	if a.written > bufferedHead {
		a.send(p)
	}
	if a.client.Method == http.MethodHead {
		if a.response == nil && len(a.body.data) == 0 {
			a.body.data = append(a.body.data, p...) // to tell their type
		}
		return len(p), nil
	}
	n, err := a.body.Write(p)
	a.kept += int64(n)
	return n, err
}

// Flush implements [http.Flusher].
func (a *answer) Flush() {
	if a.wire == nil {
		a.WriteHeader(http.StatusOK)
		a.send(nil)
	}
}

// Hijack implements [http.Hijacker]. What is written to the connection is read
// as net/http reads it. An answer that has begun has no connection to give.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if a.wire != nil {
		return nil, nil, http.ErrHijacked
	}
	if a.headed == nil || a.response != nil {
		return nil, nil, http.ErrNotSupported
	}
	client, server := memoryPipe(1024)
	a.wire = client
	close(a.headed)
	return server, bufio.NewReadWriter(bufio.NewReader(server), bufio.NewWriter(server)), nil
}

// send sends the head, unless it has been sent. What is written next helps to
// tell the type of a body.
func (a *answer) send(next []byte) {
	if a.response != nil {
		return
	}
	h := a.sent
	if h == nil {
		h = a.header
		a.sent, a.header = h, nil
		if !a.done {
			a.header = h.Clone()
		}
	}
	resp := &http.Response{
		Status: statusLine(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: http.NoBody, ContentLength: a.declared, Request: a.client,
	}
	if _, has := h["Date"]; !has {
		h["Date"] = a.server.date.now()
	}
	switch head := a.client.Method == http.MethodHead; {
	case a.bodiless() && !head:
		resp.ContentLength = 0
	case a.bodiless():
	case head:
		if a.sniff(h, next); a.declared < 0 && a.done && a.written > 0 && h["Trailer"] == nil {
			resp.ContentLength = a.written
			h["Content-Length"] = []string{strconv.FormatInt(a.written, 10)}
		}
	default:
		a.trailers(resp)
		a.length(resp)
		a.sniff(h, next)
		if resp.ContentLength != 0 {
			resp.Body = (*answerBody)(a)
		}
	}
	if a.response = resp; a.headed != nil {
		close(a.headed)
	}
}

// statusLine returns what a response has of its status line.
func statusLine(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// length declares the length of a body that is whole, as net/http does.
func (a *answer) length(resp *http.Response) {
	switch {
	case a.declared >= 0:
	case a.done && resp.Trailer == nil:
		resp.ContentLength = a.written
		resp.Header["Content-Length"] = []string{strconv.FormatInt(a.written, 10)}
	default:
		resp.TransferEncoding = []string{"chunked"}
	}
}

// sniff tells the type of a body that has none, as net/http does.
func (a *answer) sniff(h http.Header, next []byte) {
	_, typed := h["Content-Type"]
	if typed || field(h, "Content-Encoding") != "" {
		return
	}
	if first := a.body.data[a.body.read:]; len(first) > 0 { // as yet the client cannot read them
		next = first
	}
	if len(next) > 0 {
		h["Content-Type"] = []string{http.DetectContentType(next)}
	}
}

// trailers announces the fields of the trailer.
func (a *answer) trailers(resp *http.Response) {
	for _, names := range resp.Header["Trailer"] {
		for name := range strings.SplitSeq(names, ",") {
			if resp.Trailer == nil {
				resp.Trailer = http.Header{}
			}
			resp.Trailer[http.CanonicalHeaderKey(strings.TrimSpace(name))] = nil
		}
	}
	delete(resp.Header, "Trailer")
}

// finish ends the answer, after its handler has returned or has aborted it.
func (a *answer) finish() {
	switch {
	case a.wire != nil:
		return
	case a.done:
		a.WriteHeader(http.StatusOK)
		a.send(nil)
	case a.response == nil:
		if a.err = io.EOF; a.headed != nil {
			close(a.headed)
		}
	default:
		a.broken = true
	}
	a.body.end(false)
}

// wait waits for the response to a request that another goroutine serves.
func (a *answer) wait() (*http.Response, error) {
	ctx := a.client.Context()
	select {
	case <-a.headed:
	case <-ctx.Done():
		a.leave()
		return nil, context.Cause(ctx)
	}
	if a.wire != nil {
		return a.readWire()
	}
	a.stop = context.AfterFunc(ctx, a.leave) // which wakes a Read
	return a.result()
}

// over notes that the client needs nothing more of the answer.
func (a *answer) over() {
	if a.server.unread.remove(a); a.stop != nil {
		a.stop()
	}
}

// leave tells the server that the client is gone.
func (a *answer) leave() {
	a.ctx.end()
	a.body.deafen()
}

func (a *answer) result() (*http.Response, error) {
	switch {
	case a.response == nil:
		a.over()
		return nil, a.err
	case a.response.Body == http.NoBody:
		a.over()
	default:
		a.server.unread.add(a)
	}
	return a.response, nil
}
