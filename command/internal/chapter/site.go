package chapter

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/servers/loopback"
)

// FirstPort is that of LOCAL, before those of DELAY and ERROR. Tests change it,
// before anything else, to ports at which nothing else listens.
var FirstPort = 8000

// Labels are the servers that have a name of their own.
var Labels = [...]string{"LOCAL", "DELAY", "ERROR"}

// remoteURL is where REMOTE is.
const remoteURL = "https://www.fluentpython.com/data/flags"

// A site is where flags are downloaded from.
type site struct {
	label   string // LOCAL, DELAY or ERROR, "" for another server
	url     string // of the folder of flags, without a slash at its end
	about   string
	port    int
	planned bool // the run starts the server itself
	remote  bool // it is not of this machine
}

// siteOf reads a label or a URL, and looks whether a server listens at a
// label's port.
func siteOf(server string, port *int) (site, error) {
	label := strings.ToUpper(server)
	if i := slices.Index(Labels[:], label); i >= 0 {
		s := site{label: label, port: FirstPort + i}
		if port != nil {
			s.port = *port
		}
		s.url = fmt.Sprintf("http://localhost:%d/flags", s.port)
		if s.planned = !listens(s.port); s.planned {
			s.about = "no server listens there: this run starts a planned one instead"
		} else {
			s.about = "a server that listens there: its answers are held to no plan"
		}
		return s, nil
	}
	if label == "REMOTE" {
		return site{url: remoteURL, remote: true, about: "on the Internet: at most 5 requests a second"}, nil
	}
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" ||
		u.Fragment != "" || u.User != nil || !isPort(u.Port()) {
		return site{}, fmt.Errorf("-s/--server %s: want LOCAL, DELAY, ERROR or REMOTE, or the URL of a folder of "+
			"flags, such as http://localhost:8000/flags", server)
	}
	s := site{url: strings.TrimRight(server, "/"), about: "its answers are held to no plan"}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !ip.IsLoopback()) {
		s.remote, s.about = true, "not of this machine: at most 5 requests a second"
	}
	return s, nil
}

// isPort reports whether a URL's port is empty, or one that exists.
func isPort(port string) bool {
	n, err := strconv.Atoi(port)
	return port == "" || err == nil && n > 0 && n < 1<<16
}

// listens reports whether a server listens at a port of this machine.
func listens(port int) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := loopback.Dial(new(net.Dialer))(ctx, "tcp", net.JoinHostPort("localhost", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// scenario is the command as a scenario. One to be printed has the name of a
// task that any program knows.
func (s site) scenario(c *Flags) string {
	var b strings.Builder
	task := "flags"
	if c.YAML {
		task = "download"
	}
	fmt.Fprintf(&b, "name: flags\nseed: %d\nclock: real\n", c.seed())
	if s.planned || c.YAML {
		b.WriteString("server:\n  protocol: http\n")
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
	fmt.Fprintf(&b, "workload: {task: %s, flags: [%s], timeout: %v, deliver: as_completed}\n", task,
		strings.Join(quoted, ", "), c.Timeout)
	fmt.Fprintf(&b, "executors: [%s]\n", executorEntry(c.Executor, c.connections()))
	if !s.planned && !c.YAML {
		b.WriteString("expect: {classification: any}\n") // what it should be is not known
	}
	return b.String()
}

// tasks is the task that the scenario names.
func (c *Flags) tasks() map[string]scenarios.WorkloadFunc {
	o := order{
		URL: c.at.url, Timeout: c.Timeout, Dest: c.dest(), Remote: c.AllowRemote,
		Elsewhere: c.Executor == "process",
	}
	return map[string]scenarios.WorkloadFunc{"flags": o.Task}
}
