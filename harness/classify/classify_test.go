package classify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"testing"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
)

// answered is the error of a client that makes an error of an answer.
type answered struct {
	status int
	err    error
}

func (a answered) Error() string       { return fmt.Sprintf("operation error: %d: %v", a.status, a.err) }
func (a answered) Unwrap() error       { return a.err }
func (a answered) HTTPStatusCode() int { return a.status }

func TestClass(t *testing.T) {
	answer := func(status int) *http.Response { return &http.Response{StatusCode: status} }
	get := func(err error) error { return &url.Error{Op: "Get", URL: "http://x", Err: err} }
	dial := func(err error) error { return get(&net.OpError{Op: "dial", Net: "tcp", Err: err}) }
	read := func(err error) error { return get(&net.OpError{Op: "read", Net: "tcp", Err: err}) }
	for _, test := range []struct {
		name string
		resp *http.Response
		err  error
		want record.Class
	}{
		{"neither", nil, nil, record.OK},
		{"ok", answer(204), nil, record.OK},
		{"not found", answer(404), nil, record.NotFound},
		{"another status", answer(503), nil, record.Status},
		{"a timeout", nil, get(context.DeadlineExceeded), record.Timeout},
		{"a timeout in the body", answer(200), context.DeadlineExceeded, record.Timeout},
		{"a timeout of the network", nil, dial(syscall.ETIMEDOUT), record.Timeout},
		{"cancelled", nil, get(context.Canceled), record.Lost},
		{"cancelled in the body", answer(200), context.Canceled, record.Lost},
		{"refused", nil, dial(syscall.ECONNREFUSED), record.Refused},
		{"no name", nil, dial(&net.DNSError{Err: "no such host"}), record.Failed},
		{"no files", nil, dial(syscall.EMFILE), record.Failed},
		{"reset", nil, read(syscall.ECONNRESET), record.Reset},
		{"a broken pipe", nil, get(syscall.EPIPE), record.Reset},
		{"the end before the head", nil, get(io.EOF), record.Reset},
		{"the end within the head", nil, get(fmt.Errorf("broken: %w", io.ErrUnexpectedEOF)), record.Reset},
		{
			"the end within the head, of a transport alone", nil,
			fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", io.ErrUnexpectedEOF), record.Reset,
		},
		{"the end within the body, alone", nil, fmt.Errorf("get: %w", io.ErrUnexpectedEOF), record.Truncated},
		{
			"those of all attempts", nil,
			errors.Join(get(context.DeadlineExceeded), dial(syscall.ECONNREFUSED), read(syscall.ECONNRESET)),
			record.Reset,
		},
		{
			"those of all attempts, and that there are no more", nil,
			fmt.Errorf("three attempts: %w", errors.Join(read(syscall.ECONNRESET), get(context.DeadlineExceeded),
				errors.New("no more"))), record.Timeout,
		},
		{"one with a word for it", nil, fmt.Errorf("%w: %w", errors.New("failed"), get(io.EOF)), record.Reset},
		{"a word for one", nil, fmt.Errorf("%w: %w", get(io.EOF), errors.New("failed")), record.Reset},
		{"words", nil, errors.Join(errors.New("one"), errors.New("two")), record.Failed},
		{"a word", nil, errors.New("no order today"), record.Failed},
		{"a word around one that tells", nil, fmt.Errorf("no order today: %w", get(io.EOF)), record.Reset},
		{"a word around none that tells", nil, fmt.Errorf("no order today: %w", errors.New("closed")), record.Failed},
		{"closed while idle", nil, get(errors.New("http: server closed idle connection")), record.Reset},
		{"a reset body", answer(200), syscall.ECONNRESET, record.Reset},
		{"the end within the body", answer(200), io.ErrUnexpectedEOF, record.Truncated},
		{"a reset stream", answer(200), errors.New("stream error: stream ID 1; INTERNAL_ERROR"), record.Reset},
		{"no HTTP", nil, get(errors.New(`malformed HTTP status code "and"`)), record.Malformed},
		{
			"no HTTP, by fasthttp", nil,
			errors.New(`error when reading response headers: invalid response status code "and"`), record.Malformed,
		},
		{"no HTTP, by a transport", nil, errors.New(`malformed HTTP response "x"`), record.Malformed},
		{
			"a head that is too long, by a transport", nil,
			errors.New("net/http: server response headers exceeded 10485760 bytes; aborted"), record.Malformed,
		},
		{"a bad chunk", answer(200), errors.New("invalid byte in chunk length"), record.Malformed},
		{"too many redirects", answer(302), get(errors.New("stopped after 10 redirects")), record.Redirect},
		{"too many redirects, without the last", nil, errors.New("too many redirects detected"), record.Redirect},
		{"an answer as an error", nil, fmt.Errorf("S3: %w", answered{status: 503}), record.Status},
		{"a missing one as an error", nil, fmt.Errorf("S3: %w", answered{status: 404}), record.NotFound},
		{
			"too many redirects, with the last in the error", nil,
			fmt.Errorf("S3: %w", answered{302, errors.New("stopped after 10 redirects")}), record.Redirect,
		},
		{"a success that breaks off, in the error", nil, answered{200, io.ErrUnexpectedEOF}, record.Truncated},
		{"a reset success, in the error", nil, answered{200, syscall.ECONNRESET}, record.Reset},
		{"a success that cannot be read, in the error", nil, answered{200, errors.New("bad XML")}, record.Malformed},
	} {
		if got := classify.Class(test.resp, test.err); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func ExampleClass() {
	errBusy := errors.New("shop: too many customers")
	busy := func(err error) record.Class {
		if errors.Is(err, errBusy) {
			return record.Status
		}
		return ""
	}
	fmt.Println(classify.Class(nil, fmt.Errorf("order 7: %w", errBusy), busy))
	fmt.Println(classify.Class(&http.Response{StatusCode: http.StatusOK}, io.ErrUnexpectedEOF, busy))
	// Output:
	// status
	// truncated
}
