// Package lean sends the requests of the task download with fasthttp, for the
// rates at which the CPU of net/http would be the bottleneck: a request takes
// about half of it. [Open] is a driver for Vocabulary.Drivers of package
// scenarios.
//
// A request takes one goroutine and one connection, of which it has the use
// until its body has ended. There is no HTTP/2, no virtual clock, no proxy from
// the environment and no decompression. Redirects are followed as net/http
// does, up to ten. Only package command imports this one, so that other
// programs carry no fasthttp.
package lean

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/taskid"
)

// maxRedirects is how many redirects net/http follows.
const maxRedirects = 10

// Open returns a function that gets what is at a URL, and one that closes all
// connections, when no request is under way any more.
//
// get copies the body to a writer. It returns an answer without a body, whose
// ContentLength is how many bytes came; the error may come beside one, of which
// the head has come. ctx ends the request. Any number of goroutines may call
// get.
func Open(server *servers.Server) (
	get func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error), end func(),
) {
	p := newPool(server.Certificate())
	return p.get, p.close
}

// get follows redirects. The request of each hop names the task and the
// attempt.
func (p *pool) get(ctx context.Context, at string, attempt int, to io.Writer) (*http.Response, error) {
	for range maxRedirects {
		resp, err := p.getOnce(ctx, at, attempt, to)
		if err != nil || !fasthttp.StatusCodeIsRedirect(resp.StatusCode) {
			return resp, err
		}
		if at, err = next(at, resp.Header.Get("Location")); err != nil {
			return resp, err
		}
	}
	return nil, fmt.Errorf("stopped after %d redirects", maxRedirects)
}

// next returns the URL to which a redirect leads.
func next(from, location string) (string, error) {
	if location == "" {
		return "", errors.New("a redirect without a Location")
	}
	base, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	to, err := base.Parse(location)
	if err != nil {
		return "", fmt.Errorf("a redirect to a Location that is no URL: %w", err)
	}
	return to.String(), nil
}

// getOnce makes one request.
func (p *pool) getOnce(ctx context.Context, at string, attempt int, to io.Writer) (_ *http.Response, err error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(at)
	req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	if task := taskid.FromContext(ctx); task > 0 {
		req.Header.Set(taskid.Header, strconv.Itoa(task))
	}
	c, err := p.take(ctx, req.URI())
	if err != nil {
		return nil, err
	}
	again := false
	// The end of ctx ends all that waits for the connection.
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer func() {
		if stop() && again {
			p.give(c)
		} else {
			_ = c.Close()
		}
	}()
	resp.StreamBody = true
	if err = req.Write(c.w); err == nil {
		err = c.w.Flush()
	}
	if err == nil {
		err = resp.Read(c.r)
	}
	if err != nil {
		return nil, err
	}
	answer, whole, err := read(resp, to)
	again = whole && err == nil && !resp.ConnectionClose()
	return answer, err
}

// read copies the body of an answer whose head has come. It reports whether the
// connection is at the end of the answer.
func read(resp *fasthttp.Response, to io.Writer) (answer *http.Response, whole bool, err error) {
	status := resp.StatusCode()
	answer = &http.Response{StatusCode: status, Status: statusText(resp), Header: http.Header{}}
	for _, name := range []string{"Content-Type", "Retry-After", "Location"} {
		if value := resp.Header.Peek(name); len(value) > 0 {
			answer.Header[name] = []string{string(value)}
		}
	}
	body := resp.BodyStream()
	if body == nil {
		return answer, true, nil
	}
	if fasthttp.StatusCodeIsRedirect(status) {
		to = io.Discard // what counts is the answer that it leads to
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	answer.ContentLength, err = io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{body}, *buffer)
	whole = resp.Header.ContentLength() != -2 // a body that the connection's end ends
	if closed := resp.CloseBodyStream(); err == nil {
		err = closed
	}
	return answer, whole, err
}

// statusText is the status line's text, as net/http has it: "404 Not Found".
func statusText(resp *fasthttp.Response) string {
	text := string(resp.Header.StatusMessage())
	if text == "" {
		text = http.StatusText(resp.StatusCode())
	}
	return strconv.Itoa(resp.StatusCode()) + " " + text
}

// buffers are for bodies.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}
