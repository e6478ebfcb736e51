package learn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fields are what is read of each line of JSON, and the names that it has in
// the logs of well-known servers. A dot leads into an object. request is the
// request line, which has method and path.
var Fields = []string{"method", "path", "request", "status", "time", "host"}

var candidates = map[string][]string{
	"method": {
		"method", "request_method", "request.method", "httpRequest.requestMethod", "RequestMethod", "req.method",
		"http_method", "requestMethod", "verb", "http.request.method",
	},
	"path": {
		"path", "request_uri", "uri", "url", "request.uri", "request.url", "request.path", "httpRequest.requestUrl",
		"RequestPath", "req.url", "http_path", "requestUrl", "url.path", "url.original", "target",
	},
	"request": {"request", "request_line", "req"},
	"status": {
		"status", "status_code", "statusCode", "response.status", "response_code", "httpRequest.status",
		"DownstreamStatus", "OriginStatus", "res.statusCode", "http_status", "http.response.status_code", "code",
	},
	"time": {
		"request_time", "duration", "duration_ms", "duration_us", "duration_ns", "duration_seconds", "durationMs",
		"latency", "latency_ms", "latency_us", "latency_ns", "latencyMs", "responseTime", "response_time",
		"response_time_ms", "elapsed", "elapsed_ms", "Duration", "httpRequest.latency", "took", "took_ms", "time_taken",
		"event.duration", "upstream_response_time",
	},
	"host": {"host", "http_host", "request.host", "RequestHost", "authority", "server_name"},
}

// jsonLine reads a line of JSON. One that has neither a method, nor a path, nor
// a status is of something else than a request.
func (l *log) jsonLine(line string, n int) error {
	var object map[string]any
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if d.More() {
		return errors.New("not JSON: something follows the object")
	}
	r := request{line: n, took: -1}
	r.method, _ = l.text(object, "method")
	target, where := l.text(object, "path")
	if r.target = target; r.method == "" || target == "" {
		if asked, _ := l.text(object, "request"); asked != "" {
			r.method, r.target = requestLine(asked)
		}
	}
	status, _ := l.text(object, "status")
	if r.method == "" && r.target == "" && status == "" {
		l.leave("are not of a request", n)
		return nil
	}
	for _, want := range []struct{ name, text string }{{"method", r.method}, {"path", r.target}, {"status", status}} {
		if want.text == "" {
			return fmt.Errorf("no %s: want --fields %s=NAME, the field that has it", want.name, want.name)
		}
	}
	var err error
	if r.status, err = strconv.Atoi(status); err != nil {
		return fmt.Errorf("status %.40q: want a whole number", status)
	}
	if r.target = strings.ReplaceAll(r.target, " ", "%20"); !strings.HasPrefix(r.target, "/") &&
		!strings.Contains(r.target, ":") {
		r.target = "/" + r.target
	}
	r.host, _ = l.text(object, "host")
	if text, name := l.text(object, "time"); name != "" {
		if r.took, err = l.jsonTime(text, name, where == "request.uri"); err != nil {
			return err
		}
	}
	return l.add(r)
}

// jsonTime reads the time in a field of a line of JSON.
func (l *log) jsonTime(text, name string, caddy bool) (time.Duration, error) {
	unit := l.unitOf(name, caddy)
	if _, err := strconv.ParseFloat(text, 64); err == nil && unit == "" {
		return -1, fmt.Errorf("the unit of %s is not known: want --unit s, ms, us or ns", name)
	}
	return l.number(text, unit, name)
}

// text returns a field of an object as text, and its name.
func (l *log) text(object map[string]any, of string) (text, name string) {
	names := candidates[of]
	if given := l.Fields[of]; given != "" {
		names = []string{given}
	}
	for _, name := range names {
		if text, ok := textOf(at(object, name)); ok {
			return text, name
		}
	}
	return "", ""
}

// at returns what is at a name, which may be that of a field, or lead into
// objects.
func at(object map[string]any, name string) any {
	if value, ok := object[name]; ok {
		return value
	}
	for i := range len(name) {
		if inner, ok := object[name[:i]].(map[string]any); ok && name[i] == '.' {
			return at(inner, name[i+1:])
		}
	}
	return nil
}

func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, value != ""
	case json.Number:
		return value.String(), true
	}
	return "", false
}

// document reads a HAR file or a journal of teapot.
func (l *log) document(in interface{ Read([]byte) (int, error) }) error {
	newlines := &lineCounter{in: in}
	d := json.NewDecoder(newlines)
	l.form = "JSON document"
	err := l.entries(d, newlines)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		return fmt.Errorf("line %d: not JSON: %w", newlines.at(d.InputOffset()+wrongAt(d)), err)
	}
	if placed := new(placedError); err != nil && !errors.As(err, &placed) {
		return fmt.Errorf("line %d: %w", newlines.at(d.InputOffset()), unexpected(err))
	}
	if err != nil {
		return err
	}
	return l.checkBroken()
}

// wrongAt returns how far after its last token a decoder met a syntax error.
// The offset of the error is not that of the file.
func wrongAt(d *json.Decoder) int64 {
	ahead, _ := io.ReadAll(d.Buffered()) // is in memory
	value := bytes.TrimLeft(ahead, " \t\r\n,:")
	skipped := int64(len(ahead) - len(value))
	if syntax := new(json.SyntaxError); errors.As(json.Unmarshal(value, new(json.RawMessage)), &syntax) {
		return skipped + syntax.Offset - 1
	}
	return skipped
}

// unexpected says of the end of a file what it means.
func unexpected(err error) error {
	if text := err.Error(); text == "EOF" || text == "unexpected EOF" {
		return errors.New("the file ends in the middle of its JSON")
	}
	return err
}

// A placedError has the number of its line.
type placedError struct{ error }

// entries reads the entries of a document, which are in log.entries of a HAR
// file and in entries of a journal.
func (l *log) entries(d *json.Decoder, newlines *lineCounter) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(err, unlessObject(t, err))
	}
	var format string
	inLog, found := false, false
	for depth := 1; depth > 0; {
		if !d.More() {
			if _, err := d.Token(); err != nil {
				return err
			}
			depth--
			continue
		}
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch {
		case key == "log" && depth == 1:
			if t, err := d.Token(); err != nil || t != json.Delim('{') {
				return errors.Join(err, errors.New("log: want an object"))
			}
			inLog, depth = true, 2
		case key == "entries":
			found = true
			if err := l.eachEntry(d, newlines, inLog); err != nil {
				return err
			}
		case key == "format" && depth == 1:
			if err := d.Decode(&format); err != nil {
				return err
			}
		default:
			if err := d.Decode(new(json.RawMessage)); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("no log.entries of a HAR file and no entries of a journal%s", of(format))
	}
	return nil
}

// unlessObject returns an error if a document begins with another token.
func unlessObject(t json.Token, err error) error {
	if err != nil {
		return nil
	}
	return fmt.Errorf("it begins with %v: want the object of a HAR file or a journal, or JSON lines, an object each", t)
}

func of(format string) string {
	if format == "" {
		return ""
	}
	return fmt.Sprintf(": its format is %.40q", format)
}

// eachEntry reads the entries of a list.
func (l *log) eachEntry(d *json.Decoder, newlines *lineCounter, har bool) error {
	add := l.journalEntry
	if l.form = "journal"; har {
		l.form, add = "HAR file", l.harEntry
	}
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(err, errors.New("entries: want a list"))
	}
	for d.More() {
		var entry json.RawMessage
		if err := d.Decode(&entry); err != nil {
			return err
		}
		line := newlines.at(d.InputOffset() - int64(len(entry)))
		l.lines++
		if err := l.unless(add(entry, line), line); err != nil {
			return &placedError{err}
		}
	}
	_, err := d.Token()
	return err
}

// A lineCounter tells the line of each offset of a file.
type lineCounter struct {
	in       interface{ Read([]byte) (int, error) }
	read     int64
	newlines []int64 // their offsets
}

// Read implements [io.Reader].
func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	for i := 0; i < n; {
		j := bytes.IndexByte(p[i:n], '\n')
		if j < 0 {
			break
		}
		c.newlines = append(c.newlines, c.read+int64(i+j))
		i += j + 1
	}
	c.read += int64(n)
	return n, err
}

// at returns the number of the line that an offset is in.
func (c *lineCounter) at(offset int64) int {
	n, _ := slices.BinarySearch(c.newlines, offset)
	return n + 1
}
