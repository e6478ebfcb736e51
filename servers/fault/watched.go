package fault

import "net/http"

// A watched response has somebody look at its headers before they are sent, who
// may change them.
type watched struct {
	http.ResponseWriter
	before func(status int)
	begun  bool // the head is sent
	wrote  bool // and something of the body
}

var _ http.Flusher = (*watched)(nil)

// WriteHeader lets signs of life pass, which are no answer.
func (w *watched) WriteHeader(status int) {
	if answer := status >= 200 || status == http.StatusSwitchingProtocols; answer && !w.begun {
		w.begun = true
		w.before(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) begin() {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
}

func (w *watched) Write(p []byte) (int, error) {
	w.begin()
	w.wrote = w.wrote || len(p) > 0
	return w.ResponseWriter.Write(p)
}

// Flush implements [http.Flusher].
func (w *watched) Flush() { _ = w.FlushError() }

// FlushError is for [http.ResponseController].
func (w *watched) FlushError() error {
	w.begin()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap is for [http.ResponseController].
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
