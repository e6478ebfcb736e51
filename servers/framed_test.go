package servers_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/teapot-go/teapot/servers"
	"github.com/teapot-go/teapot/servers/fault"
)

// A wire is a client of HTTP/2 that sends frame by frame.
type wire struct {
	*http2.Framer
	t      *testing.T
	write  sync.Mutex
	acks   bool // acknowledges PINGs
	block  bytes.Buffer
	fields *hpack.Encoder

	mu   sync.Mutex
	said []string // what the server has sent, but for what every connection has
}

// wired connects to a server.
func wired(t *testing.T, s *servers.Server, acks bool) *wire {
	c := dial(t, s)
	if s.Certificate() != nil {
		config := s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		config.NextProtos = []string{"h2"}
		c = tls.Client(c, config)
	}
	t.Cleanup(func() { c.Close() })
	io.WriteString(c, http2.ClientPreface)
	w := &wire{Framer: http2.NewFramer(c, c), t: t, acks: acks}
	w.fields = hpack.NewEncoder(&w.block)
	w.WriteSettings()
	go w.read()
	return w
}

// read notes the frames of the server until the connection closes.
func (w *wire) read() {
	w.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	for {
		f, err := w.ReadFrame()
		if err != nil {
			return
		}
		var said string
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			said = fmt.Sprintf("%d: %s", f.StreamID, f.PseudoValue("status"))
		case *http2.RSTStreamFrame:
			said = fmt.Sprintf("%d: %v", f.StreamID, f.ErrCode)
		case *http2.GoAwayFrame:
			said = fmt.Sprintf("GOAWAY %d %v", f.LastStreamID, f.ErrCode)
		case *http2.PingFrame:
			said = "PING"
			if w.acks && !f.IsAck() {
				w.ack(f.Data)
			}
		default:
			continue
		}
		w.mu.Lock()
		w.said = append(w.said, said)
		w.mu.Unlock()
	}
}

func (w *wire) ack(data [8]byte) {
	w.write.Lock()
	defer w.write.Unlock()
	w.WritePing(true, data)
}

// ask opens a stream. The header block comes in pieces of at most so many
// bytes, with padding.
func (w *wire) ask(stream uint32, path string, piece int, fields ...string) {
	w.write.Lock()
	defer w.write.Unlock()
	w.block.Reset()
	fields = append([]string{":method", "GET", ":scheme", "http", ":authority", "tea", ":path", path}, fields...)
	for i := 0; i < len(fields); i += 2 {
		w.fields.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	rest := w.block.Bytes()
	first := rest[:min(piece, len(rest))]
	rest = rest[len(first):]
	w.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: first, EndStream: true, EndHeaders: len(rest) == 0, PadLength: 7,
	})
	for len(rest) > 0 {
		next := rest[:min(piece, len(rest))]
		rest = rest[len(next):]
		w.WriteContinuation(stream, len(rest) == 0, next)
	}
}

func (w *wire) want(all ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := strings.Join(w.said, "\n"); got != strings.Join(all, "\n") {
		w.t.Errorf("the server sent\n%s\nwant\n%s", got, strings.Join(all, "\n"))
	}
}

// TestFrames has the frames that refuse requests, in an order that net/http's
// client cannot be brought to, with TLS and without.
func TestFrames(t *testing.T) {
	const notice, ping = "GOAWAY 2147483647 NO_ERROR", "PING"
	config := servers.Config{
		HTTP2: true, Memory: true,
		Plan: servers.Plan{Faults: []servers.Fault{
			{Kind: fault.RefusedStream, Keys: []string{"/refused*"}},
			{Kind: fault.GoAwayUnprocessed, Keys: []string{"/away*"}},
			{Kind: fault.Reset, Keys: []string{"/reset*"}},
		}},
		// The fields of the request must come as they were sent.
		Content: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/slow") {
				time.Sleep(time.Minute)
			}
			if got := r.Header["Teapot-Stream"]; len(got) > 0 && got[0] != "mine" {
				w.WriteHeader(http.StatusBadRequest)
			}
			if n := len(r.Header.Get("Long")); n > 0 {
				w.WriteHeader(n)
			}
		}),
	}
	for name, run := range map[string]func(t *testing.T, s *servers.Server){
		"one after the other": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, true)
			for i, path := range []string{"/refused", "/x", "/reset", "/refused", "/y"} {
				w.ask(uint32(1+2*i), path, 1000)
				synctest.Wait()
			}
			w.want("1: REFUSED_STREAM", "3: 200", "5: INTERNAL_ERROR", "7: 200", "9: 200") // the fourth comes again
		},
		"header blocks in pieces": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, true)
			for i, piece := range []int{1, 9, 200, 1000} {
				w.ask(uint32(1+4*i), fmt.Sprint("/refused", i), piece, "long", strings.Repeat("x", 300))
				synctest.Wait()
				w.ask(uint32(3+4*i), "/x", piece, "long", strings.Repeat("x", 300), "teapot-stream", "mine")
				synctest.Wait()
			}
			w.want("1: REFUSED_STREAM", "3: 300", "5: REFUSED_STREAM", "7: 300", "9: REFUSED_STREAM", "11: 300",
				"13: REFUSED_STREAM", "15: 300")
		},
		"GOAWAY": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, true)
			w.ask(1, "/slow", 1000)
			synctest.Wait()
			w.ask(3, "/away", 1000)
			w.want(notice, ping, "GOAWAY 1 NO_ERROR")
			w.ask(5, "/x", 1000) // is not processed
			w.want(notice, ping, "GOAWAY 1 NO_ERROR")
			time.Sleep(2 * time.Minute)
			w.want(notice, ping, "GOAWAY 1 NO_ERROR", "1: 200")
			for _, e := range s.Journal() {
				if e.Key == "/x" {
					t.Errorf("%s was processed", e.Key)
				}
			}
		},
		"GOAWAY on the first stream": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, true)
			w.ask(1, "/away", 1000)
			w.want(notice, ping, "GOAWAY 0 NO_ERROR")
		},
		"GOAWAY too late": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, false)
			w.ask(1, "/away", 1000)
			w.want(notice, ping)
			w.ask(3, "/x", 1000)
			w.want(notice, ping, "3: 200")
			w.ack([8]byte([]byte("teapot\r\n")))
			w.want(notice, ping, "3: 200", "1: REFUSED_STREAM")
			w.ask(5, "/away1", 1000) // the client knows, and opens one all the same
			w.want(notice, ping, "3: 200", "1: REFUSED_STREAM", "GOAWAY 3 NO_ERROR")
		},
		"a client that acknowledges nothing": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, false)
			w.ask(1, "/away", 1000)
			w.want(notice, ping)
			time.Sleep(time.Millisecond)
			w.ask(3, "/away1", 1000)
			w.want(notice, ping)
			time.Sleep(2 * time.Second)
			w.want(notice, ping, "1: REFUSED_STREAM", "3: REFUSED_STREAM")
		},
		"a PING of another": func(t *testing.T, s *servers.Server) {
			w := wired(t, s, false)
			w.ack([8]byte([]byte("teapot\r\n"))) // before there was one
			w.ask(1, "/away", 1000)
			w.ack([8]byte([]byte("kettle\r\n")))
			w.want(notice, ping)
		},
	} {
		for _, config.TLS = range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %v", name, config.TLS), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := start(t, config)
					run(t, s)
					mustClose(t, s)
				})
			})
		}
	}
}

// TestFramesHTTP1 has the server of HTTP/2 speak HTTP/1.1: what refuses a
// request there closes its connection.
func TestFramesHTTP1(t *testing.T) {
	over(t, func(t *testing.T, c servers.Config) {
		if !c.HTTP2 {
			return
		}
		c.Plan.Faults = []servers.Fault{
			{Kind: fault.RefusedStream, Keys: []string{"BR"}}, {Kind: fault.ResetHead, Keys: []string{"CN"}},
		}
		c.Park = true
		c.Plan.Latency = latencyOf(t, 60*time.Millisecond)
		s := start(t, c)
		client := *s.Client()
		transport := client.Transport.(*http.Transport).Clone()
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetHTTP1(true)
		if c.TLS {
			transport.TLSClientConfig.NextProtos = nil
		}
		client.Transport = transport
		defer client.CloseIdleConnections()
		for i, code := range []string{"DE", "BR", "CN", "DE"} {
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+servers.FlagPath(code), nil)
			if i == 3 {
				req.Method = http.MethodGet
			}
			resp, err := client.Do(req)
			if failed := err != nil; failed != (code != "DE") {
				t.Fatalf("%s: got %v", code, err)
			}
			if err == nil {
				_, err := io.Copy(io.Discard, resp.Body)
				if resp.Body.Close(); err != nil || resp.ProtoMajor != 1 || c.TLS != (resp.TLS != nil) {
					t.Errorf("%s: got %+v, %v", code, resp, err)
				}
			}
		}
		mustClose(t, s)
		for _, e := range s.Journal() {
			if e.Key == "BR" && e.Met != fault.Empty || e.Key == "CN" && e.Met != fault.ResetHead {
				t.Errorf("%s: met %s", e.Key, e.Met)
			}
		}
	})
}

// TestStartUnprocessed has no server without HTTP/2 that should refuse streams.
func TestStartUnprocessed(t *testing.T) {
	for _, kind := range unprocessed {
		s, err := servers.Start(servers.Config{Plan: servers.Plan{Faults: []servers.Fault{{Kind: kind, Rate: 1}}}})
		if err == nil {
			s.Close()
		}
		if want := fmt.Sprintf("servers: fault 1: kind %s: want HTTP2", kind); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
