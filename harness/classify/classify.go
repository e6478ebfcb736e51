// Package classify says how a request ended, for a task that reports what its
// client saw. It knows the errors of net/http and of clients that wrap them.
package classify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/teapot-go/teapot/harness/record"
)

// A Hook knows the errors of another client. It returns "" for an error that it
// does not know.
type Hook func(error) record.Class

// Class returns the class of a request. resp and err are what the client
// returned, or what it returned and the error of reading the body; either may
// be nil. It asks the hooks first, in order, about an error. Without both the
// class is [record.OK], for clients that return no more than an error.
//
// The class is what [record.Class] says of it, with these limits. A context
// that was cancelled, and not because its time was over, makes the task
// [record.Lost]. A client that is told by an own error that it has followed too
// many redirects must return the last response with it, as [http.Client] does.
// Class does not look at bodies, so a Content-Type that the body contradicts is
// for the caller to find. Of errors that are joined, as those of all attempts
// may be, the last decides that tells what happened. An error that tells
// nothing of a request, such as one in words of the client's own, is
// [record.Failed]: let it wrap the error that it is about.
//
// Without the response, an error that ends a body cannot be told from one that
// ends a head, but for io.ErrUnexpectedEOF: net/http has that within an
// [url.Error] if it is of the head.
func Class(resp *http.Response, err error, hooks ...Hook) record.Class {
	if err == nil {
		if resp == nil {
			return record.OK
		}
		return record.ClassOf(resp.StatusCode)
	}
	for _, hook := range hooks {
		if class := hook(err); class != "" {
			return class
		}
	}
	err = deciding(err)
	switch {
	case timedOut(err):
		return record.Timeout
	case errors.Is(err, context.Canceled):
		return record.Lost
	case errors.Is(err, syscall.ECONNREFUSED):
		return record.Refused
	case dialled(err):
		return record.Failed
	case resp != nil:
		return broken(resp.StatusCode, err)
	case errors.Is(err, io.ErrUnexpectedEOF) && statusOf(err) == 0 && !sent(err):
		return record.Truncated
	}
	return headless(err)
}

// deciding returns the last of the errors that are joined in one which tells
// what happened to a request; the whole if none does, or there is but one.
func deciding(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		joined, is := e.(interface{ Unwrap() []error })
		if !is {
			continue
		}
		for _, each := range slices.Backward(joined.Unwrap()) {
			if each != nil && tells(each) {
				return deciding(each)
			}
		}
	}
	return err
}

// tells reports whether an error is one of a request, and not of a client that
// gives up, say.
func tells(err error) bool {
	return sent(err) || timedOut(err) || errors.Is(err, context.Canceled) || errors.Is(err, syscall.ECONNREFUSED) ||
		dialled(err) || reset(err) || ended(err) || statusOf(err) > 0
}

// sent reports whether an error comes from the Do of an [http.Client], or from
// the RoundTrip of its transport, which has no type.
func sent(err error) bool {
	e := (*url.Error)(nil)
	return errors.As(err, &e) || strings.Contains(err.Error(), "HTTP/1.x transport connection broken")
}

// reads are what the errors without a type begin with, or have within, of
// clients that could not read an answer: of net/http without [http.Client], of
// HTTP/2, and of fasthttp.
var reads = []string{"malformed HTTP", "net/http: ", "http: ", "http2: ", "error when reading response"}

// read reports whether an error is about what a server has sent.
func read(err error) bool {
	says := func(words string) bool { return strings.Contains(err.Error(), words) }
	return sent(err) || slices.ContainsFunc(reads, says)
}

// broken is the class of an error after a head with this status.
func broken(status int, err error) record.Class {
	switch {
	case status/100 == 3:
		return record.Redirect
	case reset(err):
		return record.Reset
	case ended(err):
		return record.Truncated
	}
	return record.Malformed
}

// headless is the class of an error before the end of the head.
func headless(err error) record.Class {
	switch status := statusOf(err); {
	case status >= http.StatusBadRequest:
		return record.ClassOf(status)
	case status > 0: // the error is of what came after the head
		return broken(status, err)
	case strings.Contains(err.Error(), "redirect"):
		return record.Redirect
	case reset(err), ended(err):
		return record.Reset
	case !read(err):
		return record.Failed // it may be about anything
	}
	return record.Malformed
}

// statusOf returns the status in the error of a client that makes an error of
// an answer, as that of AWS does; 0 if there is none.
func statusOf(err error) int {
	if e := (interface{ HTTPStatusCode() int })(nil); errors.As(err, &e) {
		return e.HTTPStatusCode()
	}
	return 0
}

func timedOut(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	e := (interface{ Timeout() bool })(nil)
	return errors.As(err, &e) && e.Timeout()
}

// dialled reports whether there was no connection.
func dialled(err error) bool {
	e := (*net.OpError)(nil)
	return errors.As(err, &e) && e.Op == "dial"
}

// resets are errors without a type that mean a broken connection: of net/http
// on one that was used before, of fasthttp, and of HTTP/2.
var resets = []string{
	"server closed idle connection",
	"server closed connection before returning the first response byte",
	"stream error", "GOAWAY", "client connection lost", "client connection force closed",
	"cannot rewind body after connection loss",
}

// reset reports whether the connection broke.
func reset(err error) bool {
	says := func(words string) bool { return strings.Contains(err.Error(), words) }
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || slices.ContainsFunc(resets, says)
}

// ended reports whether the connection ended in order, but too soon.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed)
}
