package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/teapot-go/teapot/cmd/teapot/internal/album"
	"github.com/teapot-go/teapot/executor"
	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers"
)

// remoteURL is where REMOTE is, and politeness the pause between two requests to it or to any other machine.
const (
	remoteURL  = "https://www.fluentpython.com/data/flags"
	politeness = 200 * time.Millisecond
)

// A site is where flags are downloaded from.
type site struct {
	label   string // LOCAL, DELAY or ERROR, "" for another server
	url     string // of the folder of flags, without a slash at its end
	about   string
	port    int
	planned bool // the run starts the server itself
	remote  bool // it is not of this machine
}

// siteOf reads a label or a URL, and looks whether somebody listens at a label's port.
func siteOf(server string, port *int) (site, error) {
	label := strings.ToUpper(server)
	if i := slices.Index(labels[:], label); i >= 0 {
		s := site{label: label, port: firstPort + i}
		if port != nil {
			s.port = *port
		}
		s.url = fmt.Sprintf("http://localhost:%d/flags", s.port)
		if s.planned = !listens(s.port); s.planned {
			s.about = "nobody listens there: a planned server is started for this run"
		} else {
			s.about = "a server that listens there: its answers are held to no plan"
		}
		return s, nil
	}
	if label == "REMOTE" {
		return site{url: remoteURL, remote: true, about: "on the Internet: at most 5 requests a second"}, nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return site{}, fmt.Errorf("-s/--server %s: want LOCAL, DELAY, ERROR or REMOTE, or the URL of a folder of flags, such as http://localhost:8000/flags", server)
	}
	s := site{url: strings.TrimRight(server, "/"), about: "its answers are held to no plan"}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		s.remote, s.about = true, "not of this machine: at most 5 requests a second"
	}
	return s, nil
}

// listens says whether anybody listens at a port of this machine.
func listens(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// scenario is the command as a scenario. One to be printed has the name of a task that any program knows.
func (s site) scenario(c *flagsCommand) string {
	var b strings.Builder
	task := "flags"
	if c.YAML {
		task = "download"
	}
	fmt.Fprintf(&b, "name: flags\nseed: %d\nclock: real\n", c.Seed)
	if s.planned || c.YAML {
		fmt.Fprintf(&b, "server:\n  port: %d\n", s.port)
		if s.label != "LOCAL" {
			b.WriteString("  latency: uniform(500ms, 5s)\n")
		}
		if s.label == "ERROR" {
			b.WriteString("  faults: [{kind: status, status: 418, rate: 0.25}]\n")
		}
	}
	quoted := make([]string, len(c.codes))
	for i, code := range c.codes {
		quoted[i] = strconv.Quote(code) // NO is a word of YAML's
	}
	fmt.Fprintf(&b, "workload: {task: %s, flags: [%s], timeout: %v, deliver: as_completed}\n", task, strings.Join(quoted, ", "), c.Timeout)
	fmt.Fprintf(&b, "executors: [%s]\n", executorEntry(c.Executor, c.connections()))
	return b.String()
}

// inWords says what to do about a server that could not be started.
func (s site) inWords(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("%w: give another --port, or the URL of the server that is to be asked", err)
	}
	return err
}

// tasks is the task that the scenario names.
func (c *flagsCommand) tasks() map[string]scenarios.Task {
	return map[string]scenarios.Task{"flags": func(s *scenarios.Scenario, server *servers.Server) (*harness.Workload, error) {
		o := order{URL: c.at.url, Timeout: c.Timeout, Dest: c.Dest, Remote: c.at.remote}
		if server == nil {
			return o.outside(c.Executor == "process"), nil
		}
		o.URL = server.URL() + "/flags"
		fetch := scenarios.Fetch{Save: o.save()}
		w, err := scenarios.Requests(func(ctx context.Context, server *servers.Server, key string, attempt int) harness.Seen {
			return marked(fetch.Request(ctx, server, key, attempt))
		})(s, server)
		if err == nil && c.Executor == "process" {
			w.Defined, w.Setting = fetching, o.text()
		}
		return w, err
	}}
}

// An order is what a download needs to know, wherever it is made.
type order struct {
	URL     string
	Timeout time.Duration
	Dest    string
	Remote  bool
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
	return album.At(o.Dest).Save
}

// outside is the workload of downloads from a server of somebody else's: nothing is planned of it.
func (o order) outside(elsewhere bool) *harness.Workload {
	client, end := o.client()
	fetch := scenarios.Fetch{URL: o.URL, Client: client, Timeout: o.Timeout, Save: o.save()}
	polite := &courtesy{pause: politeness}
	w := &harness.Workload{
		Plan: func(string, int) harness.Planned { return harness.Planned{} },
		Do: func(ctx context.Context, key string, attempt int) harness.Seen {
			if o.Remote {
				polite.wait(ctx)
			}
			return marked(fetch.Request(ctx, nil, key, attempt))
		},
		Close: func() ([]servers.Entry, error) { end(); return nil, nil },
	}
	if elsewhere {
		w.Defined, w.Setting = fetching, o.text()
	}
	return w
}

// fetching is a download in a child process.
var fetching = executor.Define("teapot flags", func(ctx context.Context, c harness.Call) (harness.Ran, error) {
	var o order
	if err := json.Unmarshal([]byte(c.Setting), &o); err != nil {
		return harness.Ran{}, err
	}
	client, end := o.client()
	defer end()
	ran := harness.Ran{Started: time.Now()}
	ran.Seen = marked(scenarios.Fetch{URL: o.URL, Client: client, Timeout: o.Timeout, Save: o.save()}.Request(ctx, nil, c.Key, c.Attempt))
	ran.Finished = time.Now()
	return ran, nil
})

// unsaved marks, as the value of a download, that it came and could not be saved.
const unsaved = "unsaved"

func marked(seen harness.Seen) harness.Seen {
	if seen.Class == harness.Failed && seen.Status == http.StatusOK {
		seen.Value = unsaved
	}
	return seen
}

// errElsewhere says that a server of this machine has sent the client to another one.
var errElsewhere = errors.New("it leads to another machine, which needs --allow-remote")

// client asks the server, and no other machine unless that is allowed, whatever names and redirects say. end closes its connections.
func (o order) client() (c *http.Client, end func()) {
	t := &http.Transport{MaxIdleConnsPerHost: 1000, DisableCompression: true, ForceAttemptHTTP2: true, Proxy: nil}
	if o.Remote {
		t.Proxy = http.ProxyFromEnvironment
	} else {
		t.DialContext = (&net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().IsLoopback() {
				return errElsewhere
			}
			return nil
		}}).DialContext
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

func defaultProcesses() int { return cmp.Or(runtime.GOMAXPROCS(0), 1) }
