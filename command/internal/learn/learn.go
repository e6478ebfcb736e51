// Package learn writes a scenario whose server is as late and fails as often as
// a service whose requests were logged: in an access log, in JSON lines, in a
// HAR file or in a journal of teapot.
package learn

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/teapot-go/teapot/servers/latency"
)

// The bounds of what is read.
const (
	maxBytes    = 1 << 30 // after decompression
	maxLine     = 1 << 20
	maxRequests = 2_000_000
	maxPath     = 2_000 // bytes
)

// Options say what to read and how much to write.
type Options struct {
	File   string            // as messages and the scenario name it
	Fields map[string]string // by what is in them: see [Fields]
	Unit   string            // of times that are numbers: s, ms, us or ns; "" to go by the log
	Host   string            // that the requests went to; "" for any, or the most frequent one of a HAR file
	Routes int               // how many the scenario tells apart
	Points int               // of a distribution of latencies
	Tasks  int               // of the workload
}

// A request is one that was logged.
type request struct {
	method, host string
	target       string        // as the request line has it
	key          string        // of a journal, in place of the target, if it is no path
	status       int           // 0 without an answer
	fault        string        // that the answer was struck by instead, "" for none
	took         time.Duration // below 0 if it is not known
	line         int
}

// A log is what was read of a file.
type log struct {
	Options
	form  string // what the file is
	times string // what its times are
	paths map[string]int32
	names []string // of paths
	seen  []seen
	hosts []string
	lines int // or entries
	// left counts what was left out, by the reason, and reasons has them in
	// order.
	left    map[string]*omission
	reasons []string
	timed   int // requests whose time is known
}

// seen is a request in little space.
type seen struct {
	took   time.Duration
	path   int32 // of names
	line   int32
	host   int16 // of hosts
	status int16
	fault  string
}

// An omission is something that was left out of the file.
type omission struct {
	n, first int
	why      error // of the first line that cannot be read
}

// broken is the reason for lines that cannot be read.
const broken = "cannot be read"

// Learn reads a file and returns a scenario, and what its user should know of
// it: that lines or entries of the file cannot be read and were left out, or
// that it has no times. It returns an error with the number of the line if more
// than one in a hundred cannot be read.
func Learn(in io.Reader, o Options) (scenario string, notes []string, err error) {
	l := &log{Options: o, paths: map[string]int32{}, left: map[string]*omission{}}
	if err := l.read(in); err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.File, err)
	}
	if scenario, err = l.scenario(); err != nil {
		return "", nil, fmt.Errorf("%s: %w", o.File, err)
	}
	if bad := l.left[broken]; bad != nil {
		notes = append(notes, fmt.Sprintf("%d of %s cannot be read and were left out: see the first lines of the "+
			"scenario", bad.n, o.File))
	}
	if l.timed == 0 {
		notes = append(notes, fmt.Sprintf("no request of %s has a time, so the server of the scenario answers at "+
			"once: %s", o.File, l.wantTime()))
	}
	return scenario, notes, nil
}

// read reads a file of any form.
func (l *log) read(in io.Reader) error {
	start := bufio.NewReaderSize(in, maxLine)
	if magic, _ := start.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(start)
		if err != nil {
			return fmt.Errorf("not a gzip file: %w", err)
		}
		start = bufio.NewReaderSize(unzipped, maxLine)
	}
	bound := &bounded{r: start, left: maxBytes}
	text := bufio.NewReaderSize(bound, maxLine)
	if err := l.any(text); err != nil {
		return err
	}
	l.keepHost()
	switch {
	case len(l.seen) > 0 && l.timed == 0 && (l.Unit != "" || l.Fields["time"] != ""):
		return errors.New("no request has a time: " + l.wantTime())
	case len(l.seen) > 0:
		return nil
	case l.lines == 0:
		return errors.New("the file is empty: want an access log, JSON lines, a HAR file or a journal of teapot")
	case l.Host != "":
		return fmt.Errorf("--host %s: no request of the %s went to it: %s", l.Host, l.form, l.omitted())
	}
	return fmt.Errorf("no request in the %s: %s", l.form, l.omitted())
}

// any reads a file by its form, which its first line shows.
func (l *log) any(text *bufio.Reader) error {
	if bom, _ := text.Peek(3); string(bom) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	begin, _ := text.Peek(maxLine)
	trimmed := bytes.TrimLeft(begin, " \t\r\n")
	if at := stamp.FindIndex(trimmed); len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' || at != nil &&
		at[0] == 0 {
		l.form = formAccess
		return l.eachLine(text, l.accessLine)
	}
	first, _, _ := bytes.Cut(trimmed, []byte("\n"))
	var fields map[string]json.RawMessage
	if json.Unmarshal(first, &fields) == nil && fields["entries"] == nil && fields["log"] == nil {
		l.form = "JSON lines"
		return l.eachLine(text, l.jsonLine)
	}
	return l.document(text)
}

// eachLine calls f for each line that is not blank.
func (l *log) eachLine(text *bufio.Reader, f func(line string, n int) error) error {
	for n := 1; ; n++ {
		line, err := text.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("line %d: longer than %d bytes: want an access log, JSON lines, a HAR file or a "+
				"journal of teapot", n, maxLine)
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if trimmed := strings.TrimSpace(string(line)); trimmed != "" && !(l.form == formAccess && IsAside(trimmed)) {
			l.lines++
			if err := l.unless(f(trimmed, n), n); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return l.checkBroken()
		}
	}
}

// unless notes a line or an entry that cannot be read. It returns an error for
// the first of the file: then the file has another form.
func (l *log) unless(err error, line int) error {
	switch bad := l.left[broken]; {
	case err == nil:
		return nil
	case l.lines == 1, errors.Is(err, errTooMany):
		return fmt.Errorf("line %d: %w", line, err)
	case bad == nil:
		l.leave(broken, line)
		l.left[broken].why = err
	default:
		bad.n++
	}
	return nil
}

// checkBroken returns an error if more than one line in a hundred cannot be
// read.
func (l *log) checkBroken() error {
	if bad := l.left[broken]; bad != nil && 100*bad.n > l.lines {
		return fmt.Errorf("line %d: %w (%d of %d cannot be read)", bad.first, bad.why, bad.n, l.lines)
	}
	return nil
}

// leave counts something that is left out.
func (l *log) leave(reason string, line int) {
	if l.left[reason] == nil {
		l.left[reason] = &omission{first: line}
		l.reasons = append(l.reasons, reason)
	}
	l.left[reason].n++
}

// omitted says what was left out.
func (l *log) omitted() string {
	var parts []string
	for _, reason := range l.reasons {
		o := l.left[reason]
		parts = append(parts, fmt.Sprintf("%s %s (the first in line %d)", grouped(o.n), reason, o.first))
	}
	return strings.Join(parts, ", ")
}

var errTooMany = fmt.Errorf("more than %s requests: want a part of the file", grouped(maxRequests))

// add adds a request, or counts it among those that are left out.
func (l *log) add(r request) error {
	switch {
	case l.Host == "", isHost(r.host, l.Host):
	case r.host == "":
		l.leave("name no host", r.line)
		return nil
	default:
		l.leave("went to another host", r.line)
		return nil
	}
	name, odd := r.name()
	switch {
	case odd != "":
	case r.status == 499 && l.form != "HAR file":
		odd = "were ended by their client" // nginx
	case r.status > 0 && r.status < 200:
		odd = "have no final answer"
	case r.status == 0 && r.fault == "":
		odd = "have no answer"
	case r.status > 599:
		odd = "have a status above 599"
	case r.took > latency.Max:
		odd = fmt.Sprintf("took more than %v", latency.Max)
	}
	if odd != "" {
		l.leave(odd, r.line)
		return nil
	}
	if len(l.seen) == maxRequests {
		return errTooMany
	}
	if r.took >= 0 {
		l.timed++
	}
	id, known := l.paths[name]
	if !known {
		name = strings.Clone(name)
		id = int32(len(l.names))
		l.paths[name], l.names = id, append(l.names, name)
	}
	s := seen{took: r.took, path: id, line: int32(r.line), status: int16(r.status), fault: r.fault}
	if l.form == "HAR file" {
		s.host = l.hostOf(r.host)
	}
	l.seen = append(l.seen, s)
	return nil
}

// isHost reports whether a host, which may have a port, is the wanted one, with
// its port or without.
func isHost(host, want string) bool {
	if strings.EqualFold(host, want) {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	return err == nil && strings.EqualFold(name, strings.Trim(want, "[]"))
}

// maxHosts is how many hosts of a HAR file are told apart.
const maxHosts = 1000

// hostOf returns the index of a host, new or not.
func (l *log) hostOf(host string) int16 {
	i := slices.Index(l.hosts, host)
	if i < 0 && len(l.hosts) < maxHosts {
		i = len(l.hosts)
		l.hosts = append(l.hosts, host)
	}
	return int16(i)
}

// keepHost keeps the requests to the host that has most, of which a page of a
// browser has many.
func (l *log) keepHost() {
	if len(l.hosts) == 0 {
		return
	}
	n := make([]int, len(l.hosts)+1)
	for _, s := range l.seen {
		n[s.host+1]++
	}
	most := 0
	for i := range l.hosts {
		if n[i+1] > n[most+1] {
			most = i
		}
	}
	l.Host = l.hosts[most]
	l.timed = 0
	l.seen = slices.DeleteFunc(l.seen, func(s seen) bool {
		other := int(s.host) != most
		if other {
			l.leave("went to other hosts than "+l.Host, int(s.line))
		} else if s.took >= 0 {
			l.timed++
		}
		return other
	})
}

// IsMethod reports whether a text is a method as a scenario may state it: words
// of capital letters, such as GET and M-SEARCH.
func IsMethod(text string) bool {
	return !slices.ContainsFunc(strings.Split(text, "-"), func(word string) bool {
		return word == "" || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
	})
}

// name returns the method and the escaped path of a request, and "?" at its end
// if it has a query. It returns what is odd about a request that has none.
func (r request) name() (name, odd string) {
	const none = "have no path"
	if r.key != "" {
		return r.key, ""
	}
	if !IsMethod(r.method) {
		return "", "are not HTTP"
	}
	target := r.target
	if !strings.HasPrefix(target, "/") {
		if !strings.HasPrefix(target, "http://") && !strings.HasPrefix(target, "https://") {
			return "", none // CONNECT, OPTIONS *, data: and chrome-extension:
		}
		_, rest, _ := strings.Cut(target, "://")
		if at := strings.IndexAny(rest, "/?#"); at >= 0 {
			target = rest[at:]
		} else {
			target = ""
		}
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
	}
	target, _, _ = strings.Cut(target, "#")
	path, _, query := strings.Cut(target, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil || !utf8.ValidString(decoded) || strings.ContainsFunc(decoded, func(c rune) bool {
		return c < ' ' || c == 0x7f
	}) || len(path) > maxPath {
		return "", "have a path that is not text"
	}
	path = (&url.URL{Path: decoded, RawPath: path}).EscapedPath()
	if query {
		path += "?"
	}
	return r.method + " " + path, ""
}

// bounded is a reader that fails where the file goes on beyond a bound.
type bounded struct {
	r    io.Reader
	left int
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, fmt.Errorf("the file is larger than %d MiB: want a part of it", maxBytes>>20)
	}
	return n, err
}
