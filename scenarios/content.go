package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/keys"
)

const (
	contentPath = "server.content"
	keyPath     = "server.key"
)

// reachWithin is how long another server may take to accept a connection.
const reachWithin = 5 * time.Second

// flagsContent is the name of the content that a server has by default.
const flagsContent = "flags"

type (
	// contentRule is written as a name, or as what the content is made from.
	// Its fields have no keys of their own.
	contentRule struct {
		Name   string  `yaml:"(name)"`
		Source *Source `yaml:"(source)"`
	}
	// requestKey is what requests are told apart by.
	requestKey string
	// methodName is a method of HTTP.
	methodName string
	// answerStatus is a status from 200 to 599.
	answerStatus int
	// jsonBody is any YAML value, as JSON.
	jsonBody string
)

var (
	_ = []strict.Union{new(contentRule), new(jsonBody)}
	_ = []strict.Scalar{new(requestKey), new(methodName), new(answerStatus)}
)

// Accepts implements [strict.Union].
func (contentRule) Accepts() string {
	return "flags, the name of a content, or a source such as {directory: testdata}"
}

// Decode implements [strict.Union].
func (c *contentRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		c.Name, _ = v.Text(c.Accepts())
		return
	}
	c.Source = new(Source)
	v.Decode(c.Source)
}

// foreign reports whether the content is not the flags.
func (c contentRule) foreign() bool { return c.Source != nil || c.Name != "" && c.Name != flagsContent }

// Accepts implements [strict.Scalar].
func (requestKey) Accepts() string { return keys.Forms }

// Parse implements [strict.Scalar].
func (k *requestKey) Parse(text string) error {
	_, err := keys.Parse(text)
	*k = requestKey(text)
	return acceptIf(err == nil)
}

// Accepts implements [strict.Scalar].
func (methodName) Accepts() string { return "a method in capital letters such as POST" }

var validMethod = regexp.MustCompile(`^[A-Z]+(-[A-Z]+)*$`)

// Parse implements [strict.Scalar].
func (m *methodName) Parse(text string) error {
	*m = methodName(text)
	return acceptIf(validMethod.MatchString(text))
}

// Accepts implements [strict.Scalar].
func (answerStatus) Accepts() string { return "a status code from 200 to 599" }

// Parse implements [strict.Scalar].
func (s *answerStatus) Parse(text string) error {
	n, err := strconv.Atoi(text)
	*s = answerStatus(n)
	return acceptIf(err == nil && n >= 200 && n <= 599)
}

// Accepts implements [strict.Union].
func (jsonBody) Accepts() string { return "any value" }

// Decode implements [strict.Union].
func (j *jsonBody) Decode(v strict.Value) { *j = jsonBody(v.JSON()) }

// contents returns the names of the contents that a file may give.
func (v Vocabulary) contents() []string {
	return append([]string{flagsContent}, slices.Sorted(maps.Keys(v.Contents))...)
}

// validateContent reports an unknown content, sources that cannot be opened,
// and keys of the server that do not go with a content.
func (v Vocabulary) validateContent(d *strict.Document, s *Scenario) {
	c := s.Server.Content
	if !c.foreign() && d.Has(workloadPath) {
		d.Reject(keyPath, "flags are told apart by their codes: want content")
	}
	if !c.foreign() {
		return // without a workload the server may stand before another
	}
	const excluded = "the content decides what is sent: remove %s or content"
	for _, key := range []string{"body", "bandwidth"} {
		d.Reject("server."+key, fmt.Sprintf(excluded, key))
	}
	if c.Source == nil {
		if d.Valid(contentPath) && v.Contents[c.Name] == nil {
			d.RejectName(contentPath, c.Name, v.contents(), others(len(v.Contents), "content"))
		}
		return
	}
	c.Source.validate(d, s)
}

// validate reports what is wrong with a source.
func (c *Source) validate(d *strict.Document, s *Scenario) {
	var given []string
	for _, key := range []string{"directory", "routes", "har", "upstream"} {
		if d.Has(contentPath + "." + key) {
			given = append(given, key)
		}
	}
	if len(given) != 1 {
		d.Errorf(contentPath, "%d sources: want one of directory, routes, har or upstream", len(given))
		return
	}
	at := contentPath + "." + given[0]
	c.validateRemote(d)
	if c.Routes != nil {
		c.validateRoutes(d, at)
		return
	}
	if !d.Valid(at) {
		return
	}
	opened, err := c.open(s)
	if err != nil {
		d.Errorf(at, "%s", strings.TrimPrefix(err.Error(), "content: "))
		return
	}
	if closer, ok := opened.(io.Closer); ok {
		_ = closer.Close() // it was only tried
	}
}

// validateRemote reports a leave that allows nothing, or another host than that
// of the URL.
func (c *Source) validateRemote(d *strict.Document) {
	const path = contentPath + ".allow_remote"
	if !d.Has(path) {
		return
	}
	at, err := url.Parse(c.Upstream)
	switch {
	case c.Upstream == "":
		d.Errorf(path, "nothing is asked for on another machine: want upstream")
	case err == nil && at.Hostname() != c.AllowRemote:
		d.Errorf(path, "the upstream is on %s: want its host", at.Hostname())
	}
}

// validateRoutes reports an empty list of routes, and everything that is wrong
// with each.
func (c *Source) validateRoutes(d *strict.Document, at string) {
	if len(c.Routes) == 0 {
		d.Errorf(at, "the list is empty: want at least one route")
		return
	}
	for i := range c.Routes {
		if r := itemPath(at, i); d.Has(r+".json") && d.Has(r+".body") {
			d.Errorf(r+".body", "both json and body are present: want one of them")
		}
	}
	_, err := content.NewRoutes(c.routes())
	joined, _ := err.(interface{ Unwrap() []error })
	if joined == nil {
		return
	}
	for _, err := range joined.Unwrap() {
		placed, ok := err.(interface {
			Place() (route int, field string)
		})
		if !ok {
			continue
		}
		route, name := placed.Place()
		field := itemPath(at, route) + "." + name
		if name == "body" && !d.Has(field) {
			field = itemPath(at, route) + ".json"
		}
		d.Errorf(field, "%v", errors.Unwrap(err))
	}
}

// open opens the content that the source makes.
func (c *Source) open(s *Scenario) (http.Handler, error) {
	beside := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(s.folder, name)
	}
	switch {
	case c.Routes != nil:
		return content.NewRoutes(c.routes())
	case c.HAR != "":
		har, err := os.ReadFile(beside(c.HAR))
		if err != nil {
			return nil, err
		}
		return content.NewRecorded(har)
	case c.Upstream != "":
		return content.NewUpstream(c.Upstream, c.AllowRemote != "")
	}
	return content.OpenDir(beside(c.Directory))
}

func (c *Source) routes() (routes []content.Route) {
	for _, r := range c.Routes {
		routes = append(routes, r.route())
	}
	return routes
}

func (r Route) route() content.Route {
	route := content.Route{
		Method: string(r.Method), Path: r.Path, Status: int(r.Status), Body: r.Body,
		Header: http.Header{},
	}
	for _, h := range r.Headers {
		name, value, _ := strings.Cut(string(h), ":")
		route.Header.Add(name, strings.TrimSpace(value))
	}
	if r.JSON != "" {
		route.Body, route.JSON = string(r.JSON), true
	}
	return route
}

// openContent opens the content of the scenario's server, and returns nil if
// that is the flags.
func (v Vocabulary) openContent(s *Scenario) (http.Handler, error) {
	c := s.Server.Content
	switch {
	case !c.foreign():
		return nil, nil
	case c.Source != nil:
		h, err := c.Source.open(s)
		if u, ok := h.(*content.Upstream); ok && err == nil {
			ctx, cancel := context.WithTimeout(context.Background(), reachWithin)
			defer cancel()
			remote := interface{ Remote() bool }(nil)
			if err = u.Reach(ctx); errors.As(err, &remote) && remote.Remote() {
				err = fmt.Errorf("%w: want server.content.allow_remote, or --allow-remote, with its host", err)
			}
		}
		return h, err
	case v.Contents[c.Name] == nil:
		return nil, fmt.Errorf("the vocabulary of the runner has no content %q", c.Name)
	}
	h, err := v.Contents[c.Name](s)
	if err == nil && h == nil {
		err = fmt.Errorf("the content %s is nil", c.Name)
	}
	return h, err
}
