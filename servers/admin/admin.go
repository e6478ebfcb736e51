package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/limits"
	"github.com/teapot-go/teapot/servers/loopback"
)

// What an admin's visitors may take of its patience and memory: a visit holds a
// copy of the journal at most, and one that brings something a body of it.
const (
	visits      = 2
	waiting     = 16
	bringing    = 8
	toBring     = 1024
	headerBytes = 1 << 14
	patience    = 10 * time.Second
	answerTime  = time.Minute
)

// A Config says where an Admin listens and what it shows. The zero value
// listens at a free port, and shows the metrics and the journal.
type Config struct {
	// Address is where Start listens. "" is a free port of 127.0.0.1, or of ::1
	// where 127.0.0.1 does not work.
	Address string
	// Want, if not nil, returns what a correct client reports of a request. The
	// journal then has it beside each entry. Any number of goroutines may call
	// it.
	Want func(servers.Entry) Want
	// Pages are served beside those of the Admin, and named by its index.
	Pages []Page
}

// A Want is what a correct client reports of a request.
type Want struct {
	Class  string // such as ok or timeout
	Status int    // 0 for none
	Bytes  int64  // of the body; 0 if not known
	Digest string // of these bytes, as in "sha256:…"; "" if not known
}

// A Page is a further page of an Admin. The Handler answers requests with every
// method.
type Page struct {
	Path    string // such as "/verdict"
	About   string // a few words for the index
	Handler http.Handler
}

// An Admin watches a server. Its methods may be called by any number of
// goroutines.
type Admin struct {
	server   *servers.Server
	metrics  *metrics
	config   Config
	gate     *limits.Gate // of those who read
	brought  *limits.Gate // of those who bring something
	mux      *http.ServeMux
	http     *http.Server // nil without a listener
	url      string
	stop     func()
	running  sync.WaitGroup
	stopOnce sync.Once
}

var _ http.Handler = (*Admin)(nil)

// Start watches a server and listens at a loopback address until Close. An
// address that is not of loopback is an error. The requests that the server's
// journal still holds are counted too.
func Start(server *servers.Server, c Config) (*Admin, error) {
	addr := c.Address
	if addr == "" {
		c.Address = "127.0.0.1:0"
		a, err := Start(server, c)
		if err != nil {
			c.Address = "[::1]:0"
			a, err = Start(server, c)
		}
		return a, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	if !loopback.Name(host) {
		return nil, fmt.Errorf("admin: %s is not a loopback address: want 127.0.0.1, [::1] or localhost, with a port",
			addr)
	}
	if host == "localhost" { // which the machine's table of hosts may have at another address
		addr = net.JoinHostPort(loopback.Host(), port)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	a := New(server, c)
	a.url = "http://" + listener.Addr().String()
	a.http = &http.Server{
		Handler:           a,
		MaxHeaderBytes:    headerBytes,
		ReadHeaderTimeout: patience,
		ReadTimeout:       patience,
		WriteTimeout:      answerTime,
		IdleTimeout:       patience,
		ErrorLog:          log.New(io.Discard, "", 0), // a visitor's mistakes are the visitor's
	}
	a.running.Go(func() { _ = a.http.Serve(listener) }) // it ends with ErrServerClosed, by Close
	return a, nil
}

// New watches a server without listening. The caller serves the Admin, which is
// a handler, from its own server, and must call Close to end the watch.
func New(server *servers.Server, c Config) *Admin {
	a := &Admin{
		server: server, config: c, metrics: newMetrics(server), mux: http.NewServeMux(),
		gate: newGate(visits, waiting), brought: newGate(bringing, toBring),
	}
	a.mux.Handle("GET /metrics", a.metrics.handler())
	a.mux.HandleFunc("GET /journal", a.journal)
	var index strings.Builder
	index.WriteString("/metrics\tnumbers, in the text format of Prometheus\n/journal\twhat was done to each " +
		"request, in JSON; /journal?last=100 for the latest\n")
	for _, p := range c.Pages {
		a.mux.Handle(p.Path, p.Handler)
		index.WriteString(p.Path + "\t" + p.About + "\n")
	}
	a.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, index.String())
	})
	a.stop = server.Observe(a.metrics.count)
	return a
}

// newGate lets some visitors in at a time, and some more wait.
func newGate(concurrent, queue int) *limits.Gate {
	gate, err := limits.NewGate(limits.Capacity{Concurrent: concurrent, Queue: queue, Policy: limits.Unavailable},
		limits.Rate{}, false)
	if err != nil {
		panic(err) // the numbers above are wrong
	}
	return gate
}

// URL returns the base URL of an Admin that Start made, without a slash at its
// end.
func (a *Admin) URL() string { return a.url }

// ServeHTTP answers a request for /, /metrics, /journal or a further page. It
// answers 2 requests with GET or HEAD at a time, and lets 16 more wait. Of
// requests with other methods it answers 8, and lets 1024 more wait. It refuses
// all others with 503. A request for a host that is not loopback gets 403.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback.Name(r.Host) {
		http.Error(w, "this answers to names of loopback only", http.StatusForbidden)
		return
	}
	gate := a.gate
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		gate = a.brought
	}
	if refusal := gate.Enter(r.Context(), w.Header(), 0); refusal != nil {
		refusal.ServeHTTP(w, r)
		return
	}
	defer gate.Leave()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	a.mux.ServeHTTP(w, r)
}

// Close ends the watch and stops listening. It waits at most a second for
// answers that are under way, and then closes every connection. It may be
// called more than once.
func (a *Admin) Close() error {
	a.stopOnce.Do(a.stop)
	if a.http == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := a.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = a.http.Close()
	}
	a.running.Wait()
	return err
}
