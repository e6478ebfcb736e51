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
)

// errRedirects says that a chain of redirects has no end that anybody would
// wait for.
var errRedirects = errors.New("too many redirects")

// mostRedirects is how many a download follows: as many as net/http's clients
// do by themselves.
const mostRedirects = 10

// downloadTask is the built-in task download.
var downloadTask = taskKind{noun: "a download", open: RequestWorkload(Download), server: true, keys: flagsPath, here: true}

// Download is the built-in task download: it fetches a flag with net/http, as
// often as the workload allows until it comes, and classifies whatever goes
// wrong. It is a [RequestFunc].
func Download(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	return Downloader{}.Download(ctx, server, key, attempt)
}

// A Downloader is a download that says where from and where to. The zero
// Downloader asks
// the scenario's server, and keeps nothing. It may be used by any number of
// goroutines, if Save may.
type Downloader struct {
	// URL is the folder of the flags at a server of somebody else's, without a
	// slash at its end, and Client who asks there. "" stands for the scenario's
	// server and its own client.
	URL    string
	Client *http.Client
	// Timeout bounds each attempt, besides what the workload allows it; 0 for
	// no further bound.
	Timeout time.Duration
	// Save, if not nil, is handed the flags that come, of 16 MiB at most. What
	// it fails to save is no success.
	Save func(key string, body []byte) error
}

// mostSaved is the largest body that is kept in memory to be saved.
const mostSaved = 16 << 20

// Download downloads one flag. It is a [RequestFunc]; server may be nil where
// the fetch has a URL.
func (f Downloader) Download(ctx context.Context, server *servers.Server, key string, attempt int) (seen record.Seen) {
	began := time.Now()
	for n, ctx := range Attempts(ctx) {
		earlier := time.Since(began)
		ctx, cancel := limited(ctx, f.Timeout)
		seen = f.once(ctx, server, key, attempt-1+n)
		cancel()
		if seen.Head > 0 {
			seen.Head += earlier
		}
		if seen.Class.Outcome() != record.OutcomeError {
			break
		}
	}
	return seen
}

// once is one attempt.
func (f Downloader) once(ctx context.Context, server *servers.Server, key string, attempt int) record.Seen {
	var t trip
	ctx = httptrace.WithClientTrace(ctx, t.trace())
	client, url := f.Client, f.URL+strings.TrimPrefix(servers.FlagPath(key), "/flags")
	if f.URL == "" {
		client, url = server.Client(), server.URLFor(key, attempt)+servers.FlagPath(key)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}
	}
	req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	following := *client
	following.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) >= mostRedirects {
			return errRedirects
		}
		return nil
	}
	began := time.Now()
	resp, err := following.Do(req)
	if err != nil {
		return record.Seen{Class: t.classify(ctx, err), Error: err.Error()}
	}
	defer resp.Body.Close()
	t.stage.Store(inBody)
	return f.read(ctx, &t, key, resp, time.Since(began))
}

// read reads an answer whose head has come, and saves it if it is a flag.
func (f Downloader) read(ctx context.Context, t *trip, key string, resp *http.Response, came time.Duration) record.Seen {
	var head sample
	var whole bytes.Buffer
	from, to := io.Reader(resp.Body), io.Writer(&head)
	if f.Save != nil {
		from, to = io.LimitReader(from, mostSaved+1), io.MultiWriter(&head, &whole)
	}
	n, err := io.Copy(to, from)
	if err != nil {
		return record.Seen{Class: t.classify(ctx, err), Head: came, Error: err.Error()}
	}
	seen := record.Seen{Class: record.ClassOf(resp.StatusCode), Status: resp.StatusCode, Bytes: n, Head: came}
	switch seen.Class {
	case record.Status:
		seen.Error = resp.Status
	case record.OK:
		if is, says := http.DetectContentType(head), resp.Header.Get("Content-Type"); strings.HasPrefix(is, "image/") && is != says {
			seen.Class, seen.Error = record.Malformed, "the Content-Type is "+says+", the content "+is
		}
	}
	if f.Save == nil || seen.Class != record.OK {
		return seen
	}
	if whole.Len() > mostSaved {
		seen.Class, seen.Error = record.Malformed, "more than 16 MiB"
	} else if err := f.Save(key, whole.Bytes()); err != nil {
		seen.Class, seen.Error = record.Failed, err.Error()
	}
	return seen
}

// A sample is as much of what is written to it as tells its type.
type sample []byte

func (s *sample) Write(p []byte) (int, error) {
	*s = append(*s, p[:min(len(p), 512-len(*s))]...)
	return len(p), nil
}

// A trip is how far a request has come. net/http has no exported error for an
// answer that makes no sense, nor for a connection that was closed while idle,
// and text is for people: where the request stood, and whether the network
// complained, say which of them it was.
type trip struct{ stage atomic.Int32 }

const (
	dialing int32 = iota // no connection
	waiting              // the request has a connection, and no byte of an answer
	inHead               // the first byte has come
	inBody               // the head has come
)

// trace notes the stages. A redirect, and a request that the transport sends
// again, begin anew.
func (t *trip) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:              func(string) { t.stage.Store(dialing) },
		GotConn:              func(httptrace.GotConnInfo) { t.stage.Store(waiting) },
		GotFirstResponseByte: func() { t.stage.Store(inHead) },
	}
}

// classify says what went wrong with a request that got no complete answer.
func (t *trip) classify(ctx context.Context, err error) record.Class {
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) // which is memory's
	cause, stage := context.Cause(ctx), t.stage.Load()
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
