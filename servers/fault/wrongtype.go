package fault

import "net/http"

// wrongType says of whatever next answers with that it is a page of HTML.
func wrongType(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&mislabeled{ResponseWriter: w}, r)
	})
}

// A mislabeled response has another Content-Type than the handler set.
type mislabeled struct {
	http.ResponseWriter
	begun bool
}

func (m *mislabeled) WriteHeader(status int) {
	if !m.begun {
		m.begun = true
		m.Header().Set("Content-Type", "text/html; charset=utf-8")
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *mislabeled) Write(p []byte) (int, error) {
	if !m.begun {
		m.WriteHeader(http.StatusOK)
	}
	return m.ResponseWriter.Write(p)
}

// Unwrap is for [http.ResponseController].
func (m *mislabeled) Unwrap() http.ResponseWriter { return m.ResponseWriter }
