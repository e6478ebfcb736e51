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
)

// What an admin's visitors may take of its patience and memory: a visit holds a
// copy of the journal at most.
const (
	visits      = 2
	waiting     = 16
	headerBytes = 1 << 14
	patience    = 10 * time.Second
	answerTime  = time.Minute
)

// An Admin watches a server. Its methods may be called by any number of
// goroutines.
type Admin struct {
	server   *servers.Server
	metrics  *metrics
	gate     *limits.Gate
	mux      *http.ServeMux
	http     *http.Server // nil without a listener
	url      string
	stop     func()
	running  sync.WaitGroup
	stopOnce sync.Once
}

var _ http.Handler = (*Admin)(nil)

// Start watches a server and listens at a loopback address until Close. An addr
// of "" is a free port of 127.0.0.1, or of ::1 where 127.0.0.1 does not work.
// An address that is not of loopback is an error. The requests that the
// server's journal still holds are counted too.
func Start(server *servers.Server, addr string) (*Admin, error) {
	if addr == "" {
		a, err := Start(server, "127.0.0.1:0")
		if err != nil {
			a, err = Start(server, "[::1]:0")
		}
		return a, err
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	if !isLoopback(host) {
		return nil, fmt.Errorf("admin: %s is not a loopback address: want 127.0.0.1, [::1] or localhost, with a port",
			addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	a := New(server)
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
func New(server *servers.Server) *Admin {
	gate, err := limits.NewGate(limits.Capacity{Concurrent: visits, Queue: waiting, Policy: limits.Unavailable},
		limits.Rate{}, false)
	if err != nil {
		panic(err) // the numbers above are wrong
	}
	a := &Admin{server: server, metrics: newMetrics(server), gate: gate, mux: http.NewServeMux()}
	a.mux.Handle("GET /metrics", a.metrics.handler())
	a.mux.HandleFunc("GET /journal", a.journal)
	a.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "/metrics\tnumbers, in the text format of Prometheus\n/journal\twhat was done to "+
			"each request, in JSON; /journal?last=100 for the latest\n")
	})
	a.stop = server.Observe(a.metrics.count)
	return a
}

// URL returns the base URL of an Admin that Start made, without a slash at its
// end.
func (a *Admin) URL() string { return a.url }

// ServeHTTP answers a request for /, /metrics or /journal. It answers 2
// requests at a time, lets 16 more wait, and refuses all others with 503. A
// request for a host that is not loopback gets 403.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if host := hostOf(r.Host); !isLoopback(host) {
		http.Error(w, "this answers to names of loopback only", http.StatusForbidden)
		return
	}
	if refusal := a.gate.Enter(r.Context(), w.Header(), 0); refusal != nil {
		refusal.ServeHTTP(w, r)
		return
	}
	defer a.gate.Leave()
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

// hostOf is the host of a Host field, without its port.
func hostOf(field string) string {
	if host, _, err := net.SplitHostPort(field); err == nil {
		return host
	}
	return strings.Trim(field, "[]")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
