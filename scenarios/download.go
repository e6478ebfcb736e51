package scenarios

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/limits"
	"github.com/teapot-go/teapot/servers/taskid"
)

// errRedirects reports a chain of more than maxRedirects redirects.
var errRedirects = errors.New("too many redirects")

const (
	maxRedirects = 10       // as the default of net/http's clients
	maxSaved     = 16 << 20 // the largest body, in bytes, that is passed to Save
)

// downloadTask is the built-in task download.
var downloadTask = taskKind{
	noun: "the task download", open: RequestWorkload(Download), server: true, keys: flagsPath, localOnly: true,
}

// Download is the built-in task download. It fetches a flag with net/http and
// returns the class of the result. It tries again after a failure, as the
// workload says, and not before the Retry-After of the answer. It is a
// [RequestFunc].
func Download(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	return Downloader{}.Download(ctx, server, key, attempt)
}

// A Downloader downloads flags. The zero Downloader downloads from the
// scenario's server and saves nothing. Any number of goroutines may use a
// Downloader, if they may call Save.
type Downloader struct {
	// URL is the folder of the flags on another server, without a slash at the
	// end. If "", the Downloader uses the scenario's server and its client.
	URL string
	// Client is the client for URL.
	Client *http.Client
	// Timeout is how long each attempt may take, in addition to the limit of
	// the workload. 0 means no further limit.
	Timeout time.Duration
	// Save, if not nil, is called with each downloaded flag of at most 16 MiB.
	// If Save returns an error, the download has failed.
	Save func(key string, body []byte) error
}

// Download downloads one flag. It is a [RequestFunc]. server may be nil if the
// Downloader has a URL.
func (f Downloader) Download(ctx context.Context, server *servers.Server, key string, attempt int) (seen record.Seen) {
	began := time.Now()
	for n, one := range Attempts(ctx) {
		earlier := time.Since(began)
		one, cancel := withTimeout(one, f.Timeout)
		var retryAfter time.Duration
		seen, retryAfter = f.tryOnce(one, server, key, attempt-1+n)
		cancel()
		if seen.Head > 0 {
			seen.Head += earlier
		}
		if !pauseAfter(ctx, n, seen, retryAfter) {
			break
		}
	}
	return seen
}

// tryOnce makes one attempt, and returns how long the answer's Retry-After says
// to wait before another.
func (f Downloader) tryOnce(ctx context.Context, server *servers.Server, key string, attempt int) (
	seen record.Seen, retryAfter time.Duration,
) {
	var p progress
	ctx = httptrace.WithClientTrace(ctx, p.trace())
	client, url := f.Client, f.URL+strings.TrimPrefix(servers.FlagPath(key), "/flags")
	if f.URL == "" {
		client, url = server.Client(), server.URLOf(ctx, key, attempt)+servers.FlagPath(key)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, 0
	}
	req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	taskid.Mark(req)
	following := *client
	following.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) >= maxRedirects {
			return errRedirects
		}
		return nil
	}
	began := time.Now()
	resp, err := following.Do(req)
	if err != nil {
		return record.Seen{Class: p.classify(ctx, err), Error: err.Error()}, 0
	}
	defer resp.Body.Close()
	p.stage.Store(inBody)
	retryAfter, _ = limits.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return f.read(ctx, &p, key, resp, time.Since(began)), retryAfter
}

// readFile reads an answer whose head has come, and saves it if it is a flag.
func (f Downloader) read(ctx context.Context, p *progress, key string, resp *http.Response,
	headAfter time.Duration,
) record.Seen {
	var head contentHead
	var body bytes.Buffer
	from, to := io.Reader(resp.Body), io.Writer(&head)
	if f.Save != nil {
		from, to = io.LimitReader(from, maxSaved+1), io.MultiWriter(&head, &body)
	}
	n, err := io.Copy(to, from)
	if err != nil {
		return record.Seen{Class: p.classify(ctx, err), Head: headAfter, Error: err.Error()}
	}
	seen := record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n, Head: headAfter}
	switch seen.Class {
	case record.Status:
		seen.Error = resp.Status
	case record.OK:
		if found, declared := http.DetectContentType(head), resp.Header.Get("Content-Type"); strings.HasPrefix(found,
			"image/") && found != declared {
			seen.Class, seen.Error = record.Malformed, "the Content-Type is "+declared+", the content "+found
		}
	}
	if f.Save == nil || seen.Class != record.OK {
		return seen
	}
	if body.Len() > maxSaved {
		seen.Class, seen.Error = record.Malformed, "more than 16 MiB"
	} else if err := f.Save(key, body.Bytes()); err != nil {
		seen.Class, seen.Error = record.Failed, err.Error()
	}
	return seen
}

// contentHead is a writer that keeps the first 512 bytes, which are enough to
// detect a content type.
type contentHead []byte

func (s *contentHead) Write(p []byte) (int, error) {
	*s = append(*s, p[:min(len(p), 512-len(*s))]...)
	return len(p), nil
}

// progress is the stage that a request has reached. net/http exports no error
// for a malformed answer or for a connection that was closed while idle, and
// error texts are not made to be matched. So classify derives the class from
// the stage and from the errors of the network.
type progress struct{ stage atomic.Int32 }

// The stages of a request.
const (
	dialing int32 = iota // it has no connection
	waiting              // it has a connection; no byte of the answer has arrived
	inHead               // the first byte of the answer has arrived
	inBody               // the head of the answer has arrived
)

// trace returns hooks that record the stage. A redirect, or a request that the
// transport sends again, starts at the first stage again.
func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:              func(string) { p.stage.Store(dialing) },
		GotConn:              func(httptrace.GotConnInfo) { p.stage.Store(waiting) },
		GotFirstResponseByte: func() { p.stage.Store(inHead) },
	}
}

// classify returns the class of a request that failed with err before the end
// of the answer.
func (p *progress) classify(ctx context.Context, err error) record.Class {
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	// of in-memory connections
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe)
	cause, stage := context.Cause(ctx), p.stage.Load()
	switch {
	case errors.Is(cause, errTimeout):
		return record.Timeout
	case cause != nil:
		return record.Lost
	case errors.Is(err, errRedirects):
		return record.Redirect
	case errors.Is(err, syscall.ECONNREFUSED):
		return record.Refused
	case reset, stage == waiting, stage != inBody && ended:
		return record.Reset
	case stage == inBody && ended:
		return record.Truncated
	case stage == dialing:
		return record.Failed
	default:
		return record.Malformed
	}
}
