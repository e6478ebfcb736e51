package scenarios

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/internal/held"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/keys"
	"github.com/teapot-go/teapot/servers/limits"
	"github.com/teapot-go/teapot/servers/taskid"
)

// maxSaved is the largest body, in bytes, that is passed to Save.
const maxSaved = 16 << 20

// downloadTask is the built-in task download.
var downloadTask = taskKind{
	noun: "the task download", open: RequestWorkload(Downloader{}.Download), server: true, keys: flagsPath,
	localOnly: true,
	refused: map[string]string{
		"workload.unasked": "the task download sends a request for each task: remove unasked",
		"workload.reads":   "the task download reads whole bodies: remove reads",
	},
}

// A Downloader downloads flags, or what is at the path that a key is. The zero
// Downloader is the built-in task download: it downloads from the scenario's
// server and saves nothing. Any number of goroutines may use a Downloader, if
// they may call Save.
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

	// get sends requests in place of net/http, if it is not nil.
	get getFunc
}

// Download fetches what is at a key with net/http, and returns the class of the
// result. It tries again after a failure, as the workload says, and not before
// the Retry-After of the answer. It is a [RequestFunc]. server may be nil if
// the Downloader has a URL.
func (f Downloader) Download(ctx context.Context, server *servers.Server, key string, attempt int) (seen record.Seen) {
	began := time.Now()
	for n, one := range Attempts(ctx) {
		earlier := time.Since(began)
		one, cancel := held.WithTimeout(one, f.Timeout)
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
	client, url := f.Client, f.URL+strings.TrimPrefix(servers.FlagPath(key), "/flags")
	if f.URL == "" {
		client, url = server.Client(), server.URLOf(ctx, key, attempt)+keys.Path(key)
	}
	if f.get != nil {
		return f.drive(ctx, url, attempt)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return record.Seen{Class: record.Failed, Error: err.Error()}, 0
	}
	req.Header.Set(servers.AttemptHeader, strconv.Itoa(attempt))
	taskid.Mark(req)
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return record.Seen{Class: classifyError(ctx, resp, err), Error: err.Error()}, 0
	}
	defer resp.Body.Close()
	retryAfter, _ = limits.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return f.read(ctx, key, resp, time.Since(began)), retryAfter
}

// read reads an answer whose head has come, and saves it if it is a flag.
func (f Downloader) read(ctx context.Context, key string, resp *http.Response,
	headAfter time.Duration,
) record.Seen {
	reading := readings.Get().(*reading)
	defer readings.Put(reading)
	reading.head = reading.head[:0]
	var body bytes.Buffer
	from, to := io.Reader(resp.Body), io.Writer(&reading.head)
	if f.Save != nil {
		from, to = io.LimitReader(from, maxSaved+1), io.MultiWriter(to, &body)
	}
	n, err := io.CopyBuffer(to, from, reading.buffer)
	if err != nil {
		return record.Seen{Class: classifyError(ctx, resp, err), Head: headAfter, Error: err.Error()}
	}
	seen := judgeAnswer(ctx, resp, n, reading.head)
	seen.Head = headAfter
	if f.Save == nil || seen.Class != record.OK || record.ClassOf(resp.StatusCode) != record.OK {
		return seen
	}
	if body.Len() > maxSaved {
		seen.Class, seen.Error = record.Malformed, "more than 16 MiB"
	} else if err := f.Save(key, body.Bytes()); err != nil {
		seen.Class, seen.Error = record.Failed, err.Error()
	}
	return seen
}

// judgeAnswer returns what a whole answer is, of whose body there were n bytes
// that begin with head.
func judgeAnswer(ctx context.Context, resp *http.Response, n int64, head contentHead) record.Seen {
	seen := record.Seen{Class: classOf(ctx, resp.StatusCode), Status: resp.StatusCode, Bytes: n}
	switch seen.Class {
	case record.Status:
		seen.Error = resp.Status
	case record.OK:
		found, declared := http.DetectContentType(head), resp.Header.Get("Content-Type")
		if strings.HasPrefix(found, "image/") && found != declared {
			seen.Class, seen.Error = record.Malformed, "the Content-Type is "+declared+", the content "+found
		}
	}
	return seen
}

// A reading is what it takes to read a body.
type reading struct {
	head   contentHead
	buffer []byte
}

// readings are used again: a buffer for each body would be most of what a
// request costs.
var readings = sync.Pool{New: func() any {
	return &reading{make(contentHead, 0, 512), make([]byte, 32<<10)} // as large as that of io.Copy
}}

// contentHead is a writer that keeps the first 512 bytes, which are enough to
// detect a content type.
type contentHead []byte

func (s *contentHead) Write(p []byte) (int, error) {
	*s = append(*s, p[:min(len(p), 512-len(*s))]...)
	return len(p), nil
}

// classifyError returns the class of a request that failed with err. The run's
// end makes it lost, whatever the error says.
func classifyError(ctx context.Context, resp *http.Response, err error) record.Class {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, held.ErrTimeout):
		return record.Timeout
	case cause != nil:
		return record.Lost
	}
	return classify.Class(resp, err)
}
