package fault

import "net/http"

// hang answers nothing for as long as the client and the server stay.
func hang(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}

// hangBody sends half of the body that next answers with, and then nothing.
func hangBody(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answer(next, r)
		a.copyHeader(w.Header())
		w.Header().Set("Content-Length", itoa(a.length()))
		a.begin(w)
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}
