package content

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// NewRecorded returns content that answers as the recording of a browser or a
// proxy has it, which is in the HTTP Archive format (HAR 1.2). A request gets
// the answer that was recorded for its method, path and query, or else the
// first for its method and path; HEAD gets that of GET. Where the recording has
// several, it is the first with a status below 400, whatever the order in which
// requests come. Every other request is answered with 404.
func NewRecorded(har []byte) (http.Handler, error) {
	var archive struct {
		Log *struct{ Entries []harEntry }
	}
	switch err := json.Unmarshal(har, &archive); {
	case err != nil:
		return nil, fmt.Errorf("content: not an HTTP archive: %w", err)
	case archive.Log == nil:
		return nil, errors.New("content: not an HTTP archive: want a JSON object with log.entries")
	}
	c := recorded{}
	for i, e := range archive.Log.Entries {
		if err := c.add(e); err != nil {
			return nil, fmt.Errorf("content: entry %d of the HTTP archive: %w", i+1, err)
		}
	}
	if len(c) == 0 {
		return nil, errors.New("content: the HTTP archive has no answers")
	}
	return c, nil
}

// A harEntry is an exchange of an archive.
type harEntry struct {
	Request  struct{ Method, URL string }
	Response struct {
		Status  int
		Headers []struct{ Name, Value string }
		Content struct{ MimeType, Text, Encoding string }
	}
}

// recorded has the answers by what was asked for.
type recorded map[asking]*answer

// An asking is what a request asks for; with the query, or for any.
type asking struct {
	method, path, query string
	any                 bool
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// hopByHop are fields of one connection, or of how a body was sent over it.
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "Te", "Trailer",
	"Content-Encoding", "Content-Length",
}

// add adds an exchange. One without an answer is left out.
func (c recorded) add(e harEntry) error {
	if e.Response.Status == 0 {
		return nil
	}
	if e.Response.Status < 200 || e.Response.Status > 599 {
		return fmt.Errorf("status %d: want 200 to 599", e.Response.Status)
	}
	at, err := url.Parse(e.Request.URL)
	if err != nil {
		return err
	}
	a := &answer{status: e.Response.Status, header: http.Header{}, body: []byte(e.Response.Content.Text)}
	if e.Response.Content.Encoding == "base64" {
		if a.body, err = base64.StdEncoding.DecodeString(e.Response.Content.Text); err != nil {
			return fmt.Errorf("the body: %w", err)
		}
	}
	for _, h := range e.Response.Headers {
		if strings.HasPrefix(h.Name, ":") {
			continue // such as :status of HTTP/2
		}
		if !httpguts.ValidHeaderFieldName(h.Name) {
			return fmt.Errorf("header %q: want the name of a field", h.Name)
		}
		if name := http.CanonicalHeaderKey(h.Name); !slices.Contains(hopByHop, name) {
			a.header.Add(name, h.Value)
		}
	}
	if a.header.Get("Content-Type") == "" && e.Response.Content.MimeType != "" {
		a.header.Set("Content-Type", e.Response.Content.MimeType)
	}
	path := at.EscapedPath()
	if path == "" {
		path = "/"
	}
	c.keep(asking{method: e.Request.Method, path: path, query: at.RawQuery}, a)
	c.keep(asking{method: e.Request.Method, path: path, any: true}, a)
	return nil
}

// keep keeps the first answer, unless it failed and another did not.
func (c recorded) keep(at asking, a *answer) {
	if old := c[at]; old == nil || old.status >= 400 && a.status < 400 {
		c[at] = a
	}
}

// ServeHTTP implements [http.Handler].
func (c recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	a := c.find(r)
	if a == nil {
		http.NotFound(w, r)
		return
	}
	maps.Copy(w.Header(), a.header)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client may have gone
}

func (c recorded) find(r *http.Request) *answer {
	methods := []string{r.Method}
	if r.Method == http.MethodHead {
		methods = append(methods, http.MethodGet)
	}
	for _, method := range methods {
		exact := c[asking{method: method, path: r.URL.EscapedPath(), query: r.URL.RawQuery}]
		if exact != nil {
			return exact
		}
		if first := c[asking{method: method, path: r.URL.EscapedPath(), any: true}]; first != nil {
			return first
		}
	}
	return nil
}
