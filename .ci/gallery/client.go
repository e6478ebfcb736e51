package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/classify"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

const (
	virtual = "virtual"
	real    = "real"

	clientTask = "fetch"
)

// A client is an HTTP client under test, as the author of a program would write
// it.
type client struct {
	name    string
	library string // the module whose version the table shows; "" for net/http
	policy  string // YAML of the workload: what the scenario says of its retries
	coarse  bool   // it goes by plain errors
	patient bool   // it tries again until a busy server lets it in
	// streams reports whether the caller reads the body, so that a failure
	// within it is final. The language of policies cannot say that yet.
	streams bool
	keeps   []string // what outlives a run in its library
	// realOnly is why it cannot be tried under the virtual clock.
	realOnly string
	// apart is why a world is not for this client; "" if it is.
	apart func(world) string
	// interleave is the order within an instant of the virtual clock.
	interleave string
	// open makes the client for one run.
	open func(setup) (scenarios.RequestFunc, error)

	// Of a wrong client: the only worlds in which the fault shows, and the
	// executor that is wrong.
	shows    []world
	executor string
	// missed is why teapot does not find it yet; "" if it does. caveat is why
	// it is found for another reason than its fault.
	missed, caveat string
}

// A setup is what a client is made for.
type setup struct {
	server    *servers.Server
	timeout   time.Duration // of each attempt
	transport *http.Transport
	atEnd     func(func()) // calls a function when all tasks have ended
}

// httpClient returns a client of net/http whose timeout is that of an attempt.
func (s setup) httpClient() *http.Client {
	return &http.Client{Transport: s.transport, Timeout: s.timeout}
}

// workload makes the task of a client. Its transport lives for one run.
func (c client) workload(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
	var ends []func()
	t := server.Client().Transport.(*http.Transport).Clone()
	ends = append(ends, t.CloseIdleConnections)
	fetch, err := c.open(setup{
		server: server, timeout: time.Duration(s.Workload.Timeout), transport: t,
		atEnd: func(f func()) { ends = append(ends, f) },
	})
	if err != nil {
		return nil, err
	}
	w, err := scenarios.RequestWorkload(fetch)(s, server)
	if err != nil {
		return nil, err
	}
	w.Close = func() ([]servers.Entry, error) {
		for _, end := range ends {
			end()
		}
		return nil, nil
	}
	return w, nil
}

// vocabulary names the client's task, and the executors that are wrong.
func (c client) vocabulary() scenarios.Vocabulary {
	return scenarios.Vocabulary{
		Tasks:     map[string]scenarios.WorkloadFunc{clientTask: c.workload},
		Executors: map[string]func(int) (executor.Executor, error){"twice": openTwice},
	}
}

// try runs the client in a world, and returns what teapot finds.
func (c client) try(ctx context.Context, w world, clock string, seed uint64) (*record.Recording, error) {
	v := c.vocabulary()
	text := w.scenario(c, clock, seed)
	s, mistakes := v.Parse("gallery.yaml", []byte(text))
	if mistakes != nil {
		return nil, fmt.Errorf("%w\n%s", mistakes, text)
	}
	return (&scenarios.Runner{Vocabulary: v}).Run(ctx, s.Cases()[0])
}

// place is the URL of a flag.
func place(ctx context.Context, server *servers.Server, key string, attempt int) string {
	return server.URLOf(ctx, key, attempt) + servers.FlagPath(key)
}

// request is a GET of a URL.
func request(ctx context.Context, url string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err) // the URL is the server's
	}
	return r
}

// report reads an answer, and returns what a careful client makes of it.
func report(resp *http.Response, err error) record.Seen {
	if err != nil {
		return failed(resp, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return failed(resp, err)
	}
	return answered(resp.StatusCode, resp.Header.Get("Content-Type"), body)
}

// failed reports an error.
func failed(resp *http.Response, err error, hooks ...classify.Hook) record.Seen {
	return record.Seen{Class: classify.Class(resp, err, hooks...), Error: err.Error()}
}

// answered reports a whole answer. A picture that is said to be something else
// is malformed.
func answered(status int, contentType string, body []byte) record.Seen {
	seen := record.Seen{Class: record.ClassOf(status), Status: status, Bytes: int64(len(body))}
	picture := bytes.HasPrefix(body, []byte("GIF8"))
	if seen.Class == record.OK && picture && contentType != "image/gif" {
		seen.Class, seen.Error = record.Malformed, "a picture of the type "+contentType
	}
	return seen
}

// limited returns the context of one attempt.
func limited(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, timeout)
}

// pause waits, and reports whether the task goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

var errStopped = errors.New("stopped")
