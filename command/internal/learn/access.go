package learn

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	// stamp matches the time of an access log, in every format that is based on
	// the Common Log Format. The servers that are a part of Python, Werkzeug
	// (Flask) and Django write local time, after a blank.
	stamp = regexp.MustCompile(`\[\d{1,2}/[A-Z][a-z]{2}/\d{4}(:\d{2}:\d{2}:\d{2} [+-]\d{4}| \d{2}:\d{2}:\d{2})\]\s*`)
	// color matches what has a terminal change the color of text, which
	// Werkzeug and Django write.
	color = regexp.MustCompile("\x1b\\[[0-9;]*m")
	// aside matches a line that such a server writes about itself, or about an
	// error beside the line of the request.
	aside = regexp.MustCompile(`^(Serving HTTP on |Keyboard interrupt received)|\] code \d{3}, message `)
)

// IsAside reports whether a line of an access log is about no request.
func IsAside(line string) bool { return aside.MatchString(line) }

// formAccess is the form of a file.
const formAccess = "access log"

var errAccess = errors.New(`want a line of an access log, such as 192.0.2.1 - - [29/Nov/2026:01:02:03 +0000] ` +
	`"GET / HTTP/1.1" 200 612 "-" "curl/8.5.0" 0.003`)

// An Access is a line of an access log.
type Access struct {
	At                   time.Time // that the log has, in whole seconds
	Host, Method, Target string    // the host is "" if the log has none
	Status               int       // 0 for none
	more                 []field   // after the size of the answer
}

// ParseAccess parses a line of an access log. The error says what is accepted.
func ParseAccess(line string) (a Access, err error) {
	line = color.ReplaceAllString(line, "")
	at := stamp.FindStringIndex(line)
	if at == nil {
		return a, errAccess
	}
	asked, rest, ok := quoted(line[at[1]:])
	if !ok {
		return a, errAccess
	}
	fields := split(rest)
	if len(fields) < 2 || !isStatus(fields[0].text) || !isSize(fields[1].text) {
		return a, errAccess
	}
	a.Host, a.more = virtualHost(line[:at[0]]), fields[2:]
	a.At = timeOf(strings.TrimSpace(line[at[0]:at[1]]))
	a.Method, a.Target = requestLine(asked)
	a.Status, _ = strconv.Atoi(fields[0].text) // - is none
	return a, nil
}

// timeOf returns the time of a stamp, or the zero time if there is none such.
func timeOf(stamp string) (at time.Time) {
	var err error
	if at, err = time.Parse("[2/Jan/2006:15:04:05 -0700]", stamp); err != nil {
		at, _ = time.ParseInLocation("[2/Jan/2006 15:04:05]", stamp, time.Local) // or there is none
	}
	return at
}

// IsAccess reports whether a text has a line with the time of an access log.
func IsAccess(text []byte) bool { return stamp.Match(text) }

// accessLine reads a line of an access log.
func (l *log) accessLine(line string, n int) error {
	a, err := ParseAccess(line)
	if err != nil {
		return err
	}
	r := request{line: n, took: -1, host: a.Host, method: a.Method, target: a.Target, status: a.Status}
	more := a.more
	if len(more) > 1 && more[0].quoted && more[1].quoted && more[0].name == "" && more[1].name == "" {
		more = more[2:] // the referer and the user agent
	}
	if r.took, err = l.accessTime(more); err != nil {
		return err
	}
	return l.add(r)
}

// virtualHost returns the host that a line begins with in some formats, as in
// example.com:443 192.0.2.1 - - [.
func virtualHost(begin string) string {
	words := strings.Fields(begin)
	if len(words) < 4 {
		return ""
	}
	host, port, ok := strings.Cut(words[0], ":")
	if _, err := strconv.Atoi(port); ok && err == nil && !strings.Contains(port, ":") {
		return host
	}
	return ""
}

// requestLine takes a request line apart. A path may have blanks that a server
// has not escaped.
func requestLine(text string) (method, target string) {
	method, target, _ = strings.Cut(text, " ")
	if i := strings.LastIndex(target, " HTTP/"); i >= 0 {
		target = target[:i]
	}
	return method, strings.ReplaceAll(strings.TrimSpace(target), " ", "%20")
}

func isStatus(text string) bool {
	_, err := strconv.Atoi(text)
	return text == "-" || len(text) == 3 && err == nil
}

func isSize(text string) bool {
	_, err := strconv.ParseUint(text, 10, 64)
	return text == "-" || err == nil
}

// A field is one of a line, which may be written as name=text.
type field struct {
	name, text string
	quoted     bool
}

// named matches the name of a field before its value.
var named = regexp.MustCompile(`^([A-Za-z_][A-Za-z_0-9.-]*)=`)

// split splits the fields of a line at blanks that are not in quotes.
func split(rest string) (fields []field) {
	for rest = strings.TrimLeft(rest, " \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		var f field
		if m := named.FindString(rest); m != "" {
			f.name, rest = strings.TrimSuffix(m, "="), rest[len(m):]
		}
		if text, after, ok := quoted(rest); ok {
			f.text, f.quoted, rest = text, true, after
		} else {
			end := strings.IndexAny(rest, " \t")
			if end < 0 {
				end = len(rest)
			}
			f.text, rest = rest[:end], rest[end:]
		}
		fields = append(fields, f)
	}
	return fields
}

// quoted returns the text in quotes that a line begins with. A quote within it
// is escaped, or no blank and no end follows it: some servers do not escape
// what a client sends.
func quoted(line string) (text, rest string, ok bool) {
	if !strings.HasPrefix(line, `"`) {
		return "", line, false
	}
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case line[i] == '"' && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t'):
			return unescape(line[1:i]), line[i+1:], true
		}
	}
	return "", line, false
}

// escape matches what nginx and Apache write in place of a byte.
var escape = regexp.MustCompile(`\\(x[0-9A-Fa-f]{2}|.)`)

func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		if len(e) == 4 {
			b, _ := strconv.ParseUint(e[2:], 16, 8)
			return string([]byte{byte(b)})
		}
		switch e[1] {
		case 'n':
			return "\n"
		case 't':
			return "\t"
		case 'r':
			return "\r"
		}
		return e[1:]
	})
}

// timeNames are the names that fields with a time have in access logs.
var timeNames = []string{"rt", "request_time", "reqtime", "duration", "time", "took"}

// accessTime returns the time among the fields after the user agent, and a time
// below 0 if there is none.
func (l *log) accessTime(fields []field) (time.Duration, error) {
	if name := l.Fields["time"]; name != "" {
		for i, f := range fields {
			if f.name == name || name == strconv.Itoa(i+1) {
				return l.accessNumber(f, "field "+name)
			}
		}
		return -1, fmt.Errorf("no field %s after the user agent", name)
	}
	whole, at := 0, 0
	for i, f := range fields {
		for _, name := range timeNames {
			if f.name == name {
				return l.accessNumber(f, "field "+name)
			}
		}
		if f.name != "" || f.quoted {
			continue
		}
		switch {
		case isDecimal(f.text):
			return l.accessNumber(f, fmt.Sprintf("field %d after the user agent", i+1))
		case isSize(f.text) && f.text != "-":
			whole, at = whole+1, i
		}
	}
	switch whole {
	case 0:
		return -1, nil
	case 1:
		return l.accessNumber(fields[at], fmt.Sprintf("field %d after the user agent", at+1))
	}
	return -1, fmt.Errorf("%d whole numbers after the user agent: want --fields time=N, the number of the field "+
		"with the time, from 1", whole)
}

func isDecimal(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && strings.Contains(text, ".")
}

// accessNumber reads the time in a field. nginx writes seconds with a point,
// and Apache whole microseconds. Of several upstreams, nginx writes several
// times: the last one is that of the answer.
func (l *log) accessNumber(f field, what string) (time.Duration, error) {
	text := f.text[strings.LastIndexAny(f.text, ",: ")+1:]
	unit := l.Unit
	if unit == "" && isDecimal(text) {
		unit = "s"
	} else if unit == "" {
		unit = "us"
	}
	return l.number(text, unit, what)
}
