// Package trace converts logs of requests into traces of arrivals, which
// scenarios repeat: access logs, HAR files, JSON lines and CSV.
package trace

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/arrivals"
	"github.com/teapot-go/teapot/reports/text"
)

// maxBytes is how large all files may be, after decompression.
const maxBytes = 256 << 20

// Options say what is read, and what becomes of it.
type Options struct {
	Time, Key   string // the columns of CSV, or the fields of JSON lines; "" for those that are usual
	Host        string // that requests went to, "" for any, or the most frequent one of a HAR file
	From, Until Bound
	Speed       float64 // how many times faster the trace is than the log
	Lines       bool    // write JSON lines, not CSV
}

// A Trace is the arrivals of logs.
type Trace struct {
	Options
	requests []request
	whole    bool     // access logs were read, whose times are whole seconds
	named    bool     // CSV or JSON lines were read, whose columns or fields have names
	Bad      []error  // what cannot be read, each with its line and what is accepted
	left     []string // why requests are left out, in the order in which that was seen
	leftOut  map[string]int
	read     int
}

// A request is one of a log.
type request struct {
	at   time.Duration // since 1970, or the start of the log
	real bool          // since 1970
	host string
	key  string
	name string // of the file, and the line
}

// Read adds a log, which messages name so. The error is of the file as a whole;
// lines that cannot be read are in Bad.
func (t *Trace) Read(name string, in io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(in, maxBytes+1))
	if err == nil && bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		text, err = unzipped(text)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case len(text) > maxBytes:
		return fmt.Errorf("%s: larger than %d MiB: want a part of it", name, maxBytes>>20)
	}
	before := t.read
	if err := t.any(name, bytes.TrimPrefix(text, []byte("\ufeff"))); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if t.read == before {
		return fmt.Errorf("%s: it has no requests: want %s", name, forms)
	}
	if n := len(t.requests); n > arrivals.Limit && t.From.text == "" && t.Until.text == "" {
		return fmt.Errorf("%s: more than %d requests: want --from and --until", name, arrivals.Limit)
	}
	return nil
}

const forms = "an access log, a HAR file, JSON lines or CSV"

func unzipped(text []byte) ([]byte, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("not a gzip file: %w", err)
	}
	return io.ReadAll(io.LimitReader(unzip, maxBytes+1))
}

// bad notes what cannot be read.
func (t *Trace) bad(name, place string, err error) {
	t.read++
	t.Bad = append(t.Bad, fmt.Errorf("%s: %s: %w", name, place, err))
}

// add keeps the request that stands at a place, if its key can be written: a
// reader of CSV takes a carriage return before a line break for a part of that.
func (t *Trace) add(name, place string, r request) {
	if strings.Contains(r.key, "\r") {
		t.bad(name, place, fmt.Errorf("the key %.40q: want one without a carriage return", r.key))
		return
	}
	r.name = name + ": " + place
	t.read++
	t.requests = append(t.requests, r)
}

// leave counts a request that is left out.
func (t *Trace) leave(why string) {
	if t.leftOut == nil {
		t.leftOut = map[string]int{}
	}
	if t.leftOut[why] == 0 {
		t.left = append(t.left, why)
	}
	t.leftOut[why]++
}

// Broken reports whether more than one in a hundred lines cannot be read, so
// that the log has another form than it seems to have.
func (t *Trace) Broken() bool { return 100*len(t.Bad) > t.read }

// TooMany is the error of a log that is [Trace.Broken].
func (t *Trace) TooMany() error {
	return fmt.Errorf("%d of %s cannot be read, which is more than one in a hundred: no trace is made",
		len(t.Bad), text.Plural(t.read, "line"))
}

// Write writes the trace in the order of time, and returns how many arrivals it
// has. It writes nothing if it has none.
func (t *Trace) Write(to io.Writer) (n int, err error) {
	kept, err := t.kept()
	if err != nil {
		return 0, err
	}
	var text bytes.Buffer
	table, lines := csv.NewWriter(&text), json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	if !t.Lines {
		_ = table.Write([]string{"at", "key"}) // to memory, as all that follows
	}
	for _, r := range kept {
		if at := seconds(r.at); t.Lines {
			_ = lines.Encode(struct {
				At  json.Number `json:"at"`
				Key string      `json:"key,omitempty"`
			}{json.Number(at), r.key})
		} else {
			_ = table.Write([]string{at, r.key})
		}
	}
	table.Flush()
	_, err = text.WriteTo(to)
	return len(kept), err
}

// longest is from where on an offset in seconds would be read as a time since
// 1970: see [unitOf].
const longest = 1e8 * time.Second

// kept returns the requests of the trace with their offsets from its start.
func (t *Trace) kept() ([]request, error) {
	if len(t.requests) == 0 {
		return nil, fmt.Errorf("no request in the trace: %s", cmp.Or(t.Omitted(), "none was read"))
	}
	t.requests = slices.DeleteFunc(t.requests, func(r request) bool {
		other := t.Host != "" && !strings.EqualFold(r.host, t.Host)
		if other {
			t.leave(elsewhere + t.Host)
		}
		return other
	})
	if len(t.requests) == 0 {
		return nil, fmt.Errorf("--host %s: no request went to it: %s", t.Host, t.Omitted())
	}
	slices.SortStableFunc(t.requests, func(a, b request) int { return cmp.Compare(a.at, b.at) })
	first := t.requests[0]
	for _, r := range t.requests {
		if r.real != first.real {
			timed, offset := r, first
			if first.real {
				timed, offset = first, r
			}
			return nil, fmt.Errorf("%s has a time, and %s an offset: want one of them in all files", timed.name,
				offset.name)
		}
	}
	start := first.at
	if !first.real {
		start = 0
	}
	from, err := t.From.of(start, first.real)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	until, err := t.Until.of(start, first.real)
	if err != nil {
		return nil, fmt.Errorf("--until: %w", err)
	}
	if t.From.text == "" {
		from = start
	}
	var kept []request
	for _, r := range t.requests {
		switch {
		case r.at < from, t.Until.text != "" && r.at >= until:
			t.leave("are outside --from and --until")
		default:
			r.at = time.Duration(float64(r.at-from) / t.Speed)
			kept = append(kept, r)
		}
	}
	return kept, t.fits(kept)
}

// fits returns an error unless a scenario can take the requests as arrivals.
func (t *Trace) fits(kept []request) error {
	switch {
	case len(kept) == 0:
		return fmt.Errorf("no request in the trace: %s", t.Omitted())
	case len(kept) > arrivals.Limit:
		return fmt.Errorf("arrivals: %d, want at most %d, between --from and --until", len(kept), arrivals.Limit)
	case kept[len(kept)-1].at >= longest:
		return fmt.Errorf("the trace goes on for %v: want less than three years, between --from and --until",
			kept[len(kept)-1].at)
	}
	return nil
}

// Omitted says how many requests are left out, and why.
func (t *Trace) Omitted() string {
	var parts []string
	for _, why := range t.left {
		parts = append(parts, fmt.Sprintf("%d %s", t.leftOut[why], why))
	}
	if n := len(t.Bad); n > 0 {
		parts = append(parts, fmt.Sprintf("%d cannot be read", n))
	}
	return strings.Join(parts, ", ")
}

// WholeSeconds reports whether the times of a log are whole seconds, so that
// requests of one second arrive at once.
func (t *Trace) WholeSeconds() bool { return t.whole }

// Named reports whether a log is CSV or JSON lines, whose columns or fields may
// be named by options.
func (t *Trace) Named() bool { return t.named }

// elsewhere is why a request is left out, before the host that is wanted.
const elsewhere = "went to another host than "

// seconds writes an offset exactly.
func seconds(at time.Duration) string {
	text := fmt.Sprintf("%d.%09d", at/time.Second, at%time.Second)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
