package fault

import (
	"bufio"
	"net"
	"net/http"
)

// A headHook calls a function before the head of an answer is sent, which may
// change the headers.
type headHook struct {
	http.ResponseWriter
	before func(status int)
	begun  bool // the head has been sent
	wrote  bool // some of the body has been sent
	taken  bool // the handler answers on the connection itself
}

var _ http.Flusher = (*headHook)(nil)

// WriteHeader passes 1xx responses on, since they are not the answer.
func (h *headHook) WriteHeader(status int) {
	if answer := status >= 200 || status == http.StatusSwitchingProtocols; answer && !h.begun {
		h.begun = true
		h.before(status)
	}
	h.ResponseWriter.WriteHeader(status)
}

func (h *headHook) begin() {
	if !h.begun {
		h.WriteHeader(http.StatusOK)
	}
}

func (h *headHook) Write(p []byte) (int, error) {
	h.begin()
	h.wrote = h.wrote || len(p) > 0
	return h.ResponseWriter.Write(p)
}

// Flush implements [http.Flusher].
func (h *headHook) Flush() { _ = h.FlushError() }

// FlushError is for [http.ResponseController].
func (h *headHook) FlushError() error {
	h.begin()
	return http.NewResponseController(h.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker].
func (h *headHook) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	h.taken = err == nil
	return c, rw, err
}

// Unwrap is for [http.ResponseController].
func (h *headHook) Unwrap() http.ResponseWriter { return h.ResponseWriter }
