// Package keys says by what a server knows one thing that clients ask for from
// another: the key of a request, which its plan draws a fate for.
//
// A server of files goes by the path. Of an API, page 3 of a list differs from
// page 2 in the query alone, and one order from the next in a header or in the
// body.
package keys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/teapot-go/teapot/servers/taskid"
)

// A Func returns the key of a request. It may read the body, which it then
// leaves as if it had not been read. Any number of goroutines may call it.
type Func func(r *http.Request) string

// Forms lists what [Parse] accepts.
const Forms = "path, uri, method_uri, header(NAME) or json(/POINTER)"

// maxBody is how much of a body is read for its key. A key of a larger body is
// that of the URI.
const maxBody = 1 << 20

var errForm = errors.New("want " + Forms)

var form = regexp.MustCompile(`^([a-z_]+)(?:\((.*)\))?$`)

// fieldName matches the name of a header field (RFC 9110, 5.6.2).
var fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// Parse reads the form of a key: path, which leaves out the query; uri, the
// path and the query; method_uri, such as "GET /items?page=3"; header(NAME),
// the value of a header field; or json(/POINTER), a string, number or truth
// value in a JSON body, by a JSON Pointer (RFC 6901). The key of a request that
// has no such field or value is its uri. The query is without the parameters by
// which a client names its task, and a server counts redirects.
func Parse(text string) (Func, error) {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return nil, errForm
	}
	argument := strings.Contains(text, "(")
	switch name := m[1]; {
	case name == "path" && !argument:
		return func(r *http.Request) string { return r.URL.Path }, nil
	case name == "uri" && !argument:
		return uri, nil
	case name == "method_uri" && !argument:
		return func(r *http.Request) string { return r.Method + " " + uri(r) }, nil
	case name == "header" && argument:
		if !fieldName.MatchString(m[2]) {
			return nil, fmt.Errorf("%q is not the name of a header field: want one such as Idempotency-Key", m[2])
		}
		return header(m[2]), nil
	case name == "json" && argument:
		if !strings.HasPrefix(m[2], "/") {
			return nil, fmt.Errorf("%q is not a JSON Pointer: want a slash first, such as /order/id", m[2])
		}
		return body(m[2]), nil
	}
	return nil, errForm
}

// uri returns the path and the query of a request.
func uri(r *http.Request) string {
	query := taskid.Without(taskid.Without(r.URL.RawQuery, taskid.Query), taskid.Hop)
	if query == "" {
		return r.URL.Path
	}
	return r.URL.Path + "?" + query
}

func header(name string) Func {
	return func(r *http.Request) string {
		if value := r.Header.Get(name); value != "" {
			return value
		}
		return uri(r)
	}
}

func body(pointer string) Func {
	return func(r *http.Request) string {
		if value := find(read(r), pointer); value != "" {
			return value
		}
		return uri(r)
	}
}

// read returns the body of a request, and nil if it is larger than maxBody or
// cannot be read. The request then has its body still.
func read(r *http.Request) []byte {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	begin, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	rest := io.Reader(r.Body)
	if err != nil {
		rest = failing{err}
	}
	r.Body = &replayed{io.MultiReader(bytes.NewReader(begin), rest), r.Body}
	if err != nil || len(begin) > maxBody {
		return nil
	}
	return begin
}

// replayed is a body of which a part was read before.
type replayed struct {
	io.Reader
	io.Closer
}

// failing is a reader that always fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// find returns the string, number or truth value at a JSON Pointer, and "" if
// there is none.
func find(text []byte, pointer string) string {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if text == nil || decoder.Decode(&value) != nil {
		return ""
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		switch at := value.(type) {
		case map[string]any:
			value = at[unescape.Replace(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return ""
			}
			value = at[i]
		default:
			return ""
		}
	}
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}
