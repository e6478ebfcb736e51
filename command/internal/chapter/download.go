package chapter

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/harness/oracle"
	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/loopback"
)

// politeness is the pause between two requests to another machine.
const politeness = 200 * time.Millisecond

// An order is what a download needs to know, wherever it is made. It may be
// used by any number of goroutines.
type order struct {
	URL       string        // the folder of flags at another server, without a slash at its end
	Timeout   time.Duration // for each answer
	Dest      string        // the folder to save flags in, which is there; "" to save none
	Remote    bool          // the server may be another machine, which is asked at most 5 times a second
	Elsewhere bool          // downloads are made in child processes
}

// Task is a [scenarios.WorkloadFunc]. The scenario's server goes before the
// order's URL, of which nothing is planned.
func (o order) Task(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
	if server == nil {
		return o.outside(), nil
	}
	o.URL = server.URL() + "/flags"
	fetch := scenarios.Downloader{Save: o.save()}
	w, err := scenarios.RequestWorkload(func(ctx context.Context, server *servers.Server, key string,
		attempt int,
	) record.Seen {
		return marked(fetch.Download(ctx, server, key, attempt))
	})(s, server)
	if err == nil && o.Elsewhere {
		w.Defined, w.Setting = fetching, o.text()
	}
	return w, err
}

func (o order) text() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // nothing in it could fail
	}
	return string(text)
}

func (o order) save() func(string, []byte) error {
	if o.Dest == "" {
		return nil
	}
	return flagDirAt(o.Dest).Save
}

// outside is the workload of downloads from another server:
// nothing is planned of it.
func (o order) outside() *harness.Workload {
	client, end := o.client()
	fetch := scenarios.Downloader{URL: o.URL, Client: client, Timeout: o.Timeout, Save: o.save()}
	polite := &courtesy{pause: politeness}
	w := &harness.Workload{
		Oracle: oracle.Oracle{Plan: func(string, int, int) record.Planned { return record.Planned{} }},
		Do: func(ctx context.Context, key string, attempt int) record.Seen {
			if o.Remote {
				polite.wait(ctx)
			}
			return marked(fetch.Download(ctx, nil, key, attempt))
		},
		Close: func() ([]servers.Entry, error) { end(); return nil, nil },
	}
	if o.Elsewhere {
		w.Defined, w.Setting = fetching, o.text()
	}
	return w
}

// Definitions lists the tasks of this package that run in child processes.
func Definitions() []executor.Definition { return []executor.Definition{fetching} }

// fetching is a download in a child process.
var fetching = executor.Define("teapot flags", func(ctx context.Context, c harness.Call) (harness.Ran, error) {
	var o order
	if err := json.Unmarshal([]byte(c.Setting), &o); err != nil {
		return harness.Ran{}, err
	}
	client, end := o.client()
	defer end()
	ran := harness.Ran{Started: time.Now()}
	ran.Seen = marked(scenarios.Downloader{URL: o.URL, Client: client, Timeout: o.Timeout, Save: o.save()}.Download(ctx,
		nil, c.Key, c.Attempt))
	ran.Finished = time.Now()
	return ran, nil
})

// unsaved marks, as the value of a download, that it came and could not be
// saved.
const unsaved = "unsaved"

func marked(seen record.Seen) record.Seen {
	if seen.Class == record.Failed && seen.Status == http.StatusOK {
		seen.Value = unsaved
	}
	return seen
}

// ErrElsewhere says that a server of this machine has sent the client to
// another one.
var ErrElsewhere = errors.New("it leads to another machine, which needs --allow-remote")

// client asks the server, and no other machine unless that is allowed, whatever
// names and redirects say. end closes its connections.
func (o order) client() (c *http.Client, end func()) {
	t := &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true, ForceAttemptHTTP2: true, Proxy: nil}
	if o.Remote {
		t.Proxy = http.ProxyFromEnvironment
	} else {
		t.DialContext = loopback.Dial(&net.Dialer{Control: loopback.Within(ErrElsewhere)})
	}
	return &http.Client{Transport: t}, t.CloseIdleConnections
}

// A courtesy lets one request go in each pause.
type courtesy struct {
	pause time.Duration
	mu    sync.Mutex
	next  time.Time
}

// wait waits for the caller's turn, or until ctx is done.
func (c *courtesy) wait(ctx context.Context) {
	c.mu.Lock()
	now := time.Now()
	turn := c.next
	if turn.Before(now) {
		turn = now
	}
	c.next = turn.Add(c.pause)
	c.mu.Unlock()
	timer := time.NewTimer(time.Until(turn))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
