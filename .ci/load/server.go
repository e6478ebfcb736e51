package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// most is the number of arrivals that a server stamps in one turn.
const most = 1 << 20

// size is the size of every body, in bytes.
const size = 1500

// A stamper is a bare server of net/http that notes when each request comes.
type stamper struct {
	mu     sync.Mutex
	began  time.Time
	at     []time.Duration
	frozen chan struct{} // nil, or closed at the end of a freeze
}

// serve serves until the standard input ends, and prints the address.
func serve(in io.Reader, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &stamper{at: make([]time.Duration, 0, most), began: time.Now()}
	mux := http.NewServeMux()
	mux.HandleFunc("/reset", func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at, s.began = s.at[:0], time.Now()
	})
	mux.HandleFunc("/arrivals", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		at := slices.Clone(s.at)
		s.mu.Unlock()
		_ = json.NewEncoder(w).Encode(at)
	})
	mux.HandleFunc("/freeze", func(_ http.ResponseWriter, r *http.Request) { s.freeze(r.FormValue("for")) })
	body := make([]byte, size)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		if frozen := s.stamp(); frozen != nil {
			<-frozen
		}
		w.Header()["Content-Type"] = []string{"application/octet-stream"}
		w.Header()["Content-Length"] = []string{strconv.Itoa(size)}
		_, _ = w.Write(body)
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }()
	fmt.Fprintln(out, l.Addr())
	_, _ = io.Copy(io.Discard, in)
	return server.Close()
}

func (s *stamper) stamp() (frozen chan struct{}) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.at) < most {
		s.at = append(s.at, now.Sub(s.began))
	}
	return s.frozen
}

// freeze holds back every answer for a while.
func (s *stamper) freeze(length string) {
	d, err := time.ParseDuration(length)
	if err != nil {
		return
	}
	over := make(chan struct{})
	s.mu.Lock()
	s.frozen = over
	s.mu.Unlock()
	time.Sleep(d)
	s.mu.Lock()
	s.frozen = nil
	s.mu.Unlock()
	close(over)
}

// deviation returns how far arrivals are from an even schedule of a rate, at
// the 50th and the 99th percentile. The schedule begins where that makes the
// median deviation least.
func deviation(at []time.Duration, rate float64) (p50, p99 time.Duration) {
	if len(at) == 0 {
		return 0, 0
	}
	slices.Sort(at)
	off := make([]time.Duration, len(at))
	for i, t := range at {
		off[i] = t - time.Duration(float64(i)/rate*float64(time.Second))
	}
	middle := quantile(slices.Clone(off), 0.5)
	for i := range off {
		off[i] = (off[i] - middle).Abs()
	}
	return quantile(off, 0.5), quantile(off, 0.99)
}

// quantile sorts d, which must not be empty.
func quantile(d []time.Duration, q float64) time.Duration {
	slices.Sort(d)
	return d[min(int(q*float64(len(d))), len(d)-1)]
}
