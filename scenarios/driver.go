package scenarios

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/limits"
)

const driverPath = "workload.driver"

// validateDriver reports a driver that the program does not have, or that has
// nothing to drive.
func (v Vocabulary) validateDriver(d *strict.Document, s *Scenario) {
	switch name := s.Workload.Driver; {
	case !d.Has(driverPath):
	case s.Workload.Task.Name != "download" || s.Workload.Task.Command != nil:
		d.Reject(driverPath, "only the task download has a driver: want task: download")
	case v.Drivers[name] == nil:
		names := slices.Sorted(maps.Keys(v.Drivers))
		d.RejectName(driverPath, name, names, others(len(names), "driver"))
	case s.Server == nil:
	case s.Server.Protocol == "h2" || s.Server.Protocol == "h2c":
		d.Reject(driverPath, fmt.Sprintf("a driver speaks HTTP/1.1, and server.protocol is %s", s.Server.Protocol))
	case s.Server.Transport == transportHandler:
		d.Reject(driverPath, "server.transport is handler, which has no connections: remove one of them")
	}
}

// getFunc is what a driver of [Vocabulary].Drivers gets with.
type getFunc = func(ctx context.Context, url string, attempt int, to io.Writer) (*http.Response, error)

// driven is the task download with a driver.
func driven(open func(*servers.Server) (get getFunc, end func())) WorkloadFunc {
	return func(s *Scenario, server *servers.Server) (*harness.Workload, error) {
		get, end := open(server)
		w, err := RequestWorkload(Downloader{get: get}.Download)(s, server)
		if err != nil {
			end()
			return nil, err
		}
		release := w.Release
		w.Release = func() {
			release()
			end()
		}
		return w, nil
	}
}

// drive makes one attempt with the driver.
func (f Downloader) drive(ctx context.Context, url string, attempt int) (seen record.Seen, retryAfter time.Duration) {
	reading := readings.Get().(*reading)
	defer readings.Put(reading)
	reading.head = reading.head[:0]
	resp, err := f.get(ctx, url, attempt, &reading.head)
	if err != nil {
		return record.Seen{Class: classifyError(ctx, resp, err), Error: err.Error()}, 0
	}
	retryAfter, _ = limits.RetryAfter(resp.Header.Get("Retry-After"), time.Now())
	return judgeAnswer(ctx, resp, resp.ContentLength, reading.head), retryAfter
}
