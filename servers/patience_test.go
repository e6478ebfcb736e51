package servers_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/teapot-go/teapot/servers"
)

// patient is a server, in memory, that waits a minute for what clients send.
func patient(t *testing.T, http2 bool, content http.Handler) *servers.Server {
	return start(t, servers.Config{Memory: true, HTTP2: http2, Content: content, Patience: time.Minute})
}

// TestIdleConnection wants a connection closed that is idle for longer than the
// server waits, and none closed before.
func TestIdleConnection(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := patient(t, http2, nil)
			for _, c := range []struct {
				pause time.Duration
				want  int
			}{{59 * time.Second, 1}, {61 * time.Second, 0}} {
				resp, err := s.Client().Get(s.URL() + servers.FlagPath("BR"))
				if err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				time.Sleep(c.pause)
				synctest.Wait()
				if got := s.Load().Connections; got != c.want {
					t.Errorf("HTTP/2 %v: %d connections %v after a request, want %d", http2, got, c.pause, c.want)
				}
			}
		})
	}
}

// TestHalfSentBody has clients stop within a body, and clients that are slow
// but do not stop, with content that reads bodies, begins late, or leaves
// them to the server.
func TestHalfSentBody(t *testing.T) {
	reads := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
		fmt.Fprint(w, len(body))
	}
	leaves := func(http.ResponseWriter, *http.Request) {}
	for name, c := range map[string]struct {
		pause   time.Duration // before each of ten bytes
		stops   int           // after so many; 0 for never
		content http.HandlerFunc
		ended   bool   // within three minutes
		status  int    // 0 for none
		body    string // of the answer
	}{
		"stops":            {time.Millisecond, 3, reads, true, http.StatusRequestTimeout, "3"},
		"stops, unread":    {time.Millisecond, 3, leaves, true, http.StatusOK, ""},
		"slow":             {59 * time.Second, 0, reads, false, http.StatusOK, "10"},
		"waits, then read": {time.Millisecond, 0, after(time.Hour, reads), false, http.StatusOK, "10"},
		"waits, unread":    {time.Millisecond, 0, after(time.Hour, leaves), false, http.StatusOK, ""},
		"read, then waits": {time.Millisecond, 0, func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			after(time.Hour, reads)(w, r)
			if r.Context().Err() != nil {
				t.Error("the request ended while it was answered")
			}
		}, false, http.StatusOK, "0"},
	} {
		for _, http2 := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := patient(t, http2, c.content)
				body, in := io.Pipe()
				go func() {
					for i := range 10 {
						if time.Sleep(c.pause); c.stops > 0 && i == c.stops {
							return
						}
						in.Write([]byte{byte(i)})
					}
					in.Close()
				}()
				answer := make(chan string, 1)
				go func() {
					resp, err := s.Client().Post(s.URL()+"/", "text/plain", body)
					if err != nil {
						answer <- err.Error()
						return
					}
					defer resp.Body.Close()
					text, _ := io.ReadAll(resp.Body)
					answer <- fmt.Sprint(resp.StatusCode, " ", string(text))
				}()
				time.Sleep(3 * time.Minute)
				synctest.Wait()
				if ended := s.Load().Requests == 0; ended != c.ended {
					t.Errorf("%s, HTTP/2 %v: ended within three minutes: %v, want %v", name, http2, ended, c.ended)
				}
				if got, want := <-answer, fmt.Sprint(c.status, " ", c.body); got != want {
					t.Errorf("%s, HTTP/2 %v: got %q, want %q", name, http2, got, want)
				}
				body.Close()
				before := s.Load().Connections
				if resp, err := s.Client().Post(s.URL()+"/", "", bytes.NewReader([]byte("whole"))); err != nil {
					t.Errorf("%s, HTTP/2 %v: the next request: %v", name, http2, err)
				} else {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				if opened := s.Load().Connections; c.stops == 0 && (before != 1 || opened != 1) {
					t.Errorf("%s, HTTP/2 %v: %d and then %d connections, want the first kept", name, http2, before,
						opened)
				}
			})
		}
	}
}

// after waits before a handler begins.
func after(d time.Duration, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(d)
		h(w, r)
	}
}

// TestFront has requests answered in front of the plan.
func TestFront(t *testing.T) {
	s := start(t, servers.Config{Front: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/front" {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			next.ServeHTTP(w, r)
		})
	}})
	for path, want := range map[string]int{"/front": http.StatusTeapot, servers.FlagPath("BR"): http.StatusOK} {
		resp, err := s.Client().Get(s.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
		}
	}
	s.Close()
	if got := s.Journal(); len(got) != 1 || got[0].Key != "BR" {
		t.Errorf("the journal has %v, want the request that passed alone", got)
	}
}
