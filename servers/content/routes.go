package content

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// A Route is one answer of a small API.
type Route struct {
	Method string // "" means GET and HEAD
	// Path is a pattern of [http.ServeMux] without a method or a host, such as
	// /items/{id}.
	Path   string
	Status int // 0 means 200
	Header http.Header
	// Body is the body of the answer. In place of each "{id}" it has the part
	// of the path that {id} stands for in Path, escaped for JSON if JSON is
	// true.
	Body string
	// JSON reports whether Body is JSON. The answer then says so, unless Header
	// has another Content-Type.
	JSON bool
}

// A routeError is what is wrong with one of several routes.
type routeError struct {
	index int    // of the route, from 0
	field string // path, method, status or body
	err   error
}

// Error returns the number of the route, from 1, and what is wrong with it.
func (e *routeError) Error() string {
	return fmt.Sprintf("content: route %d: %s: %v", e.index+1, e.field, e.err)
}

// Unwrap returns what is wrong, without its place.
func (e *routeError) Unwrap() error { return e.err }

// Place returns the index of the route, from 0, and its field: path, method,
// status or body.
func (e *routeError) Place() (route int, field string) { return e.index, e.field }

// NewRoutes returns content that answers by routes, and every other path with
// 404. Its error joins one for everything that is wrong: a path that
// is not a pattern, or one that matches the same requests as that of another
// route and neither is more specific, and a body where the status has none.
// Each has a method Place() (route int, field string), which says where.
func NewRoutes(routes []Route) (http.Handler, error) {
	mux := http.NewServeMux()
	var errs []error
	for i, r := range routes {
		wrong := r.check()
		if wrong == nil {
			wrong = register(mux, r)
		}
		for _, e := range wrong {
			e.index = i
			errs = append(errs, e)
		}
	}
	if errs != nil {
		return nil, errors.Join(errs...)
	}
	return mux, nil
}

// check returns what is wrong with a route by itself.
func (r Route) check() (wrong []*routeError) {
	complain := func(field, format string, args ...any) {
		wrong = append(wrong, &routeError{field: field, err: fmt.Errorf(format, args...)})
	}
	switch {
	case !strings.HasPrefix(r.Path, "/"):
		complain("path", "%q: want a path that begins with a slash, such as /items/{id}", r.Path)
	case strings.ContainsAny(r.Path, "?#"):
		complain("path", "%q: want a path without a query or a fragment: a route answers every query", r.Path)
	case strings.ContainsFunc(r.Path, func(c rune) bool { return c <= ' ' || c == 0x7f }):
		complain("path", "%q: want a path without blanks: write %%20 for one", r.Path)
	}
	if strings.ContainsAny(r.Method, " \t/") {
		complain("method", "%q: want one such as POST", r.Method)
	}
	switch none := r.Status == http.StatusNoContent || r.Status == http.StatusNotModified; {
	case r.Status != 0 && (r.Status < 200 || r.Status > 599):
		complain("status", "%d: want 200 to 599", r.Status)
	case none && r.Body != "":
		complain("body", "an answer of status %d has no body: remove it, or choose another status", r.Status)
	}
	return wrong
}

// register adds a route. ServeMux panics if it cannot.
func register(mux *http.ServeMux, r Route) (wrong []*routeError) {
	defer func() {
		text := fmt.Sprint(recover())
		err := fmt.Errorf("%q: another route matches the same requests, and neither is more specific", r.Path)
		if text == "<nil>" {
			return
		}
		switch {
		case strings.Contains(text, "conflicts with"):
		case strings.Contains(text, "unclean path"):
			err = fmt.Errorf("%q: want a path without //, /./ and /../, which no request has", r.Path)
		default:
			text = text[strings.Index(text, ": ")+2:]
			err = fmt.Errorf("%q: %s", r.Path, offset.ReplaceAllString(text, "")) // which counts the method
		}
		wrong = []*routeError{{field: "path", err: err}}
	}()
	mux.Handle(cmp.Or(r.Method, http.MethodGet)+" "+r.Path, r)
	return nil
}

var offset = regexp.MustCompile(`^at offset \d+: `)

// variable matches a variable in a body.
var variable = regexp.MustCompile(`\{[A-Za-z_][A-Za-z_0-9]*\}`)

// ServeHTTP answers a request that the route matches.
func (r Route) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	for name, values := range r.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	if r.JSON && w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_, _ = io.Copy(io.Discard, req.Body) // as an API does that reads what it is sent
	w.WriteHeader(cmp.Or(r.Status, http.StatusOK))
	_, _ = io.WriteString(w, r.body(req)) // a client may have gone
}

func (r Route) body(req *http.Request) string {
	return variable.ReplaceAllStringFunc(r.Body, func(name string) string {
		value := req.PathValue(strings.Trim(name, "{}"))
		switch {
		case !strings.Contains(r.Path, name) && !strings.Contains(r.Path, strings.TrimSuffix(name, "}")+"...}"):
			return name // is no variable of the path
		case !r.JSON:
			return value
		}
		text, _ := json.Marshal(value) // a string
		return string(text[1 : len(text)-1])
	})
}
