package fault

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
)

// garbage answers with bytes that are not HTTP.
func garbage(Fault, http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		onWire(w, r, func(c net.Conn) {
			send(c, r, []byte("\x16\x03short and stout\x00: here is my handle\r\nhere is my spout\r\n\r\n"), nil)
		})
	})
}

// badChunk sends half of the body in a chunk, and the rest in a chunk whose
// length is not a number.
func badChunk(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		if a.sentBare(w, r) {
			return
		}
		a.header.Del("Content-Length")
		half := a.half()
		var body []byte
		if len(half) > 0 {
			body = fmt.Appendf(body, "%x\r\n%s\r\n", len(half), half)
		}
		body = fmt.Appendf(body, "teapot\r\n%s\r\n0\r\n\r\n", a.body[len(half):])
		onWire(w, r, func(c net.Conn) { send(c, r, a.head("", "Transfer-Encoding: chunked"), body) })
	})
}

// badLength sends two Content-Length headers, of which the first is right. RFC
// 9112 (6.3) requires a client to discard such a response.
func badLength(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := record(next, r)
		a.header.Del("Content-Length")
		n := len(a.body)
		head := a.head("", fmt.Sprintf("Content-Length: %d", n), fmt.Sprintf("Content-Length: %d", n+1))
		onWire(w, r, func(c net.Conn) { send(c, r, head, a.body) })
	})
}

// surplus sends next's answer, and more bytes than its Content-Length says. A
// client that reads as many as the length says has the whole answer; a client
// that reads to the end of the connection has too many.
func surplus(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := recordTo(math.MaxInt, next, r)
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		if len(a.body) == 0 {
			skipBodyWait(w)
		}
		body := append(a.body, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n"...)
		onWire(w, r, func(c net.Conn) { send(c, r, a.head(""), body) })
	})
}

// wrongType labels next's answer as HTML.
func wrongType(_ Fault, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&headHook{ResponseWriter: w, before: func(int) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}}, r)
	})
}
