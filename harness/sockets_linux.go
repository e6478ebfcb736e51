package harness

import (
	"cmp"
	"maps"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A socket is a connection of this process that is open.
type socket struct {
	name   string // "socket:[123]", which no other one has
	peer   string // its address
	silent bool   // it certainly has carried nothing
}

// socketsAmong returns those open files that are connections to other hosts,
// less what need not end with the run: a connection to the run's server, which
// [run.findConnections] judges, one that a listener of this process has
// accepted, and one that the trial ignores. others are the sockets without a
// peer.
func (r *run) socketsAmong(files, all map[int]string) (conns []socket, others []string) {
	listening, found := map[string]bool{}, false
	for fd, name := range files {
		peer, err := syscall.Getpeername(fd)
		if err != nil {
			others = append(others, "socket")
			continue
		}
		if !found {
			listening, found = listeners(all), true
		}
		local, _ := syscall.Getsockname(fd)
		s := socket{name, address(peer), hasCarriedNothing(fd)}
		switch {
		case portOf(s.peer) != "" && portOf(s.peer) == r.port(), listening[portOf(address(local))]:
		case !r.trial.ignored(s.peer):
			conns = append(conns, s)
		}
	}
	return conns, others
}

// port returns the port of the run's server, "" if it has none.
func (r *run) port() string {
	if r.workload == nil || r.workload.Server == nil {
		return ""
	}
	at, err := url.Parse(r.workload.Server.URL())
	if err != nil {
		return ""
	}
	return at.Port()
}

// address returns an address as text: "127.0.0.1:80", or a path.
func address(a syscall.Sockaddr) string {
	switch a := a.(type) {
	case *syscall.SockaddrInet4:
		return net.JoinHostPort(net.IP(a.Addr[:]).String(), strconv.Itoa(a.Port))
	case *syscall.SockaddrInet6:
		return net.JoinHostPort(net.IP(a.Addr[:]).String(), strconv.Itoa(a.Port))
	case *syscall.SockaddrUnix:
		return cmp.Or(a.Name, "unix")
	}
	return "?"
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}

// listeners returns the ports on which this process accepts connections.
func listeners(files map[int]string) map[string]bool {
	ports := map[string]bool{}
	for fd, name := range files {
		if !strings.HasPrefix(name, "socket:") {
			continue
		}
		if on, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN); err == nil && on == 1 {
			at, _ := syscall.Getsockname(fd)
			ports[portOf(address(at))] = true
		}
	}
	delete(ports, "")
	return ports
}

// hasCarriedNothing reports whether a TCP connection certainly has carried
// nothing. A kernel that counts no segments, not even those that opened the
// connection, knows nothing of it.
func hasCarriedNothing(fd int) bool {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	counts := err == nil && info.Segs_out > 0 && info.Segs_in > 0
	return counts && info.Data_segs_out == 0 && info.Data_segs_in == 0
}

// notCarried returns the connections that no transport of net/http carries.
// Those that have carried something are the transports' before those that have
// not.
func notCarried(conns []socket, carried func(found int) int) []socket {
	if len(conns) == 0 {
		return nil
	}
	slices.SortFunc(conns, func(a, b socket) int {
		if a.silent != b.silent {
			return map[bool]int{false: -1, true: 1}[a.silent]
		}
		return cmp.Or(cmp.Compare(a.peer, b.peer), cmp.Compare(a.name, b.name))
	})
	return conns[min(carried(len(conns)), len(conns)):]
}

// carrying returns a function that returns how many connections transports of
// net/http carry, of so many. It looks again only when that may matter: a look
// makes much garbage, and what the garbage collector closes is not found.
func (r *run) carrying() func(found int) int {
	last := -1
	return func(found int) int {
		if last < 0 || found <= last {
			last = r.carried(true)
		}
		return last
	}
}

// judgeSockets adds connections to other hosts that are left and that no
// goroutine of net/http carries. A pool, of a database for example, keeps
// connections that look like forgotten ones. But it uses them and it refers to
// them: the garbage collector closes a connection that nothing refers to.
func (r *run) judgeSockets(conns []socket, add func(sure bool, what, remedy string)) {
	if len(conns) == 0 {
		return
	}
	unused := len(slices.DeleteFunc(slices.Clone(conns), func(s socket) bool { return !s.silent }))
	collect()
	open := map[string]bool{}
	for name := range maps.Values(openFiles()) {
		open[name] = true
	}
	lost := len(slices.DeleteFunc(slices.Clone(conns), func(s socket) bool { return open[s.name] }))
	var peers []string
	for _, s := range conns {
		peers = append(peers, s.peer)
	}
	what := plural(len(conns), "connection") + " to other hosts left open (" + tally(peers) + ")"
	switch {
	case unused >= several:
		what += ", " + strconv.Itoa(unused) + " of which carried nothing"
	case lost >= several:
		what += ", " + strconv.Itoa(lost) + " of which nothing referred to any more"
	}
	add(max(unused, lost) >= several, what,
		"close what is dialed, open it before the run, or leaks: {ignore: [socket]}")
}

// collect has the garbage collector finalize what nothing refers to. The
// finalizers of one collection run before those of the next.
func collect() {
	for range 2 {
		done := make(chan struct{})
		runtime.SetFinalizer(&sentinel{done}, func(s *sentinel) { close(s.done) })
		runtime.GC()
		select {
		case <-done:
		case <-time.After(10 * time.Second): // a finalizer of the program hangs
			return
		}
	}
}

// A sentinel shows that finalizers have run.
type sentinel struct{ done chan struct{} }
