package trace

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/command/internal/learn"
)

// The names that columns and fields usually have.
var (
	timeNames = []string{"at", "time", "timestamp", "ts", "@timestamp", "datetime", "date", "start", "startedDateTime"}
	keyNames  = []string{"key", "path", "uri", "url", "request_uri", "target"}
)

// any reads a log by its form.
func (t *Trace) any(name string, text []byte) error {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return nil
	}
	if !bytes.HasPrefix(trimmed, []byte("{")) {
		if learn.IsAccess(text) {
			t.access(name, text)
			return nil
		}
		return t.table(name, text)
	}
	first, _, _ := bytes.Cut(trimmed, []byte("\n"))
	var fields map[string]json.RawMessage
	if json.Unmarshal(first, &fields) == nil && fields["log"] == nil {
		t.jsonLines(name, text)
		return nil
	}
	return t.har(name, text)
}

// eachLine calls f for each line that is not blank and not to be skipped.
func (t *Trace) eachLine(name string, text []byte, skip func(line string) bool, f func(line string) (request, error)) {
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if trimmed := strings.TrimSpace(string(line)); trimmed != "" && !skip(trimmed) {
			place := fmt.Sprintf("line %d", n)
			if r, err := f(trimmed); err != nil {
				t.bad(name, place, err)
			} else {
				t.add(name, place, r)
			}
		}
	}
}

// access reads an access log.
func (t *Trace) access(name string, text []byte) {
	t.whole = true
	t.eachLine(name, text, learn.IsAside, func(line string) (request, error) {
		a, err := learn.ParseAccess(line)
		switch {
		case err != nil:
			return request{}, err
		case a.At.Year() < 1970 || a.At.Year() >= 2262:
			return request{}, errors.New("its time does not exist: want one such as [29/Nov/2026:01:02:03 +0000]")
		case a.Target == "" || !learn.IsMethod(a.Method):
			return request{}, errors.New(`its request is not HTTP: want one such as "GET / HTTP/1.1"`)
		}
		return request{at: since1970(a.At), real: true, host: a.Host, key: keyOf(a.Target)}, nil
	})
}

func since1970(at time.Time) time.Duration { return time.Duration(at.UnixNano()) }

// keyOf returns the path and the query of a URL, or else the text.
func keyOf(text string) string {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return text
	}
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return strings.TrimSpace(u.RequestURI())
}

// jsonLines reads a file with an object on each line.
func (t *Trace) jsonLines(name string, text []byte) {
	t.named = true
	t.eachLine(name, text, func(string) bool { return false }, func(line string) (request, error) {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			return request{}, fmt.Errorf("not a JSON object: %w", err)
		}
		at, has := field(fields, t.Time, timeNames)
		if !has {
			return request{}, fmt.Errorf("no field with a time: want %s, or --time NAME", wanted(t.Time, timeNames))
		}
		key, has := field(fields, t.Key, keyNames)
		if !has && t.Key != "" {
			return request{}, fmt.Errorf("no field %s: want the key in it", t.Key)
		}
		return timed(at, key)
	})
}

// field returns the text of a field, and reports whether there is one.
func field(fields map[string]json.RawMessage, given string, usual []string) (text string, has bool) {
	for _, name := range names(given, usual) {
		raw, there := fields[name]
		switch {
		case !there || string(raw) == "null":
			continue
		case raw[0] == '"':
			return text, json.Unmarshal(raw, &text) == nil
		default:
			return string(raw), true
		}
	}
	return "", false
}

func names(given string, usual []string) []string {
	if given != "" {
		return []string{given}
	}
	return usual
}

func wanted(given string, usual []string) string { return strings.Join(names(given, usual), ", ") }

// table reads CSV. Without a line that names the columns, the first has times
// and the second keys.
func (t *Trace) table(name string, text []byte) error {
	t.named = true
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	at, key, width, first := 0, 1, 0, true
	for {
		record, err := in.Read()
		switch parsing := new(csv.ParseError); {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &parsing):
			t.bad(name, fmt.Sprintf("line %d", parsing.StartLine), fmt.Errorf("not CSV: %w", parsing.Err))
			continue
		case err != nil:
			return err
		}
		line, _ := in.FieldPos(0)
		if first {
			first, width = false, len(record)
			if named, err := t.columns(record, &at, &key); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			} else if named {
				continue
			}
		}
		cell := func(i int) string {
			if i >= 0 && i < len(record) {
				return record[i]
			}
			return ""
		}
		place := fmt.Sprintf("line %d", line)
		r, err := timed(cell(at), cell(key))
		switch {
		case len(record) > width:
			t.bad(name, place, fmt.Errorf("%d fields: want %d, as in the first line; a field that has a comma is to "+
				"be in quotes", len(record), width))
		case err != nil:
			t.bad(name, place, err)
		default:
			t.add(name, place, r)
		}
	}
}

// columns sets where the time and the key are, if a record names the columns.
func (t *Trace) columns(record []string, at, key *int) (named bool, err error) {
	index := func(given string, usual []string) int {
		for _, name := range names(given, usual) {
			if i := slices.Index(record, name); i >= 0 {
				return i
			}
		}
		return -1
	}
	time, path := index(t.Time, timeNames), index(t.Key, keyNames)
	if time < 0 && t.Time == "" {
		if _, err := timed(record[0], ""); err == nil && t.Key == "" {
			return false, nil
		}
		return false, fmt.Errorf("no column with a time among %s: want %s, or --time NAME",
			strings.Join(record, ", "), strings.Join(timeNames, ", "))
	}
	for name, i := range map[string]int{t.Time: time, t.Key: path} {
		if name != "" && i < 0 {
			return false, fmt.Errorf("no column %s: it has %s", name, strings.Join(record, ", "))
		}
	}
	*at, *key = time, path
	return true, nil
}

// har reads a HAR file.
func (t *Trace) har(name string, text []byte) error {
	var file struct {
		Log *struct {
			Entries []json.RawMessage `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		at := len(text)
		if syntax, is := errors.AsType[*json.SyntaxError](err); is {
			at = min(at, int(syntax.Offset))
		}
		return fmt.Errorf("line %d: not JSON: %w", 1+bytes.Count(text[:at], []byte("\n")), err)
	}
	if file.Log == nil {
		return errors.New("no log.entries: want a HAR file, or JSON lines, an object each")
	}
	before, end := len(t.requests), 0
	for i, entry := range file.Log.Entries {
		begin := end + max(0, bytes.Index(text[end:], entry))
		end = begin + len(entry)
		place := fmt.Sprintf("line %d: entry %d", 1+bytes.Count(text[:begin], []byte("\n")), i+1)
		if r, err := harEntry(entry); err != nil {
			t.bad(name, place, err)
		} else {
			t.add(name, place, r)
		}
	}
	t.keepHost(before)
	return nil
}

func harEntry(entry json.RawMessage) (request, error) {
	var e struct {
		Started string `json:"startedDateTime"`
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
	}
	if err := json.Unmarshal(entry, &e); err != nil {
		return request{}, err
	}
	at, ok := parseTime(e.Started)
	if !ok {
		return request{}, fmt.Errorf("startedDateTime %.40q: want a time such as 2026-11-29T01:02:03.250Z", e.Started)
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Host == "" {
		return request{}, fmt.Errorf("request.url %.80q: want a URL such as https://shop.example/items", e.Request.URL)
	}
	return request{at: since1970(at), real: true, host: u.Host, key: strings.TrimSpace(u.RequestURI())}, nil
}

// keepHost keeps of the requests of a HAR file those to the host with the most,
// unless a host is given: a page of a browser asks many.
func (t *Trace) keepHost(before int) {
	if t.Host != "" {
		return
	}
	count, most := map[string]int{}, ""
	for _, r := range t.requests[before:] {
		if count[r.host]++; count[r.host] > count[most] {
			most = r.host
		}
	}
	kept := t.requests[:before]
	for _, r := range t.requests[before:] {
		if r.host == most {
			kept = append(kept, r)
		} else {
			t.leave(elsewhere + most)
		}
	}
	t.requests = kept
}
