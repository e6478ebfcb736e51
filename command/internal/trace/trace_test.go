package trace_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/command/internal/trace"
)

const (
	combined = `192.0.2.7 - - [29/Nov/2026:01:02:03 +0000] "GET /a?b=1 HTTP/1.1" 200 612 "-" "curl/8.5.0"` + "\n"
	common   = `shop.example:443 192.0.2.7 - ann [29/Nov/2026:02:02:05 +0100] "POST /b HTTP/2.0" 503 -` + "\n"
	earlier  = `192.0.2.7 - - [29/Nov/2026:01:02:02 +0000] "GET http://h/c HTTP/1.1" 200 0 "-" "-" 0.5` + "\n"

	archive = `{"log": {"entries": [
  {"startedDateTime": "2026-11-29T01:02:03.250Z", "request": {"url": "https://shop.example/a?b=1"}},
  {"startedDateTime": "2026-11-29T01:02:03.5Z", "request": {"url": "https://cdn.example/x"}},
  {"startedDateTime": "2026-11-29T02:02:04.000+01:00", "request": {"url": "https://shop.example/"}}
]}}`
)

// written returns what becomes of a log, or the errors.
func written(t *testing.T, o trace.Options, logs ...string) (string, *trace.Trace, error) {
	t.Helper()
	if o.Speed == 0 {
		o.Speed = 1
	}
	tr := &trace.Trace{Options: o}
	for _, text := range logs {
		if err := tr.Read("log", strings.NewReader(text)); err != nil {
			return "", tr, err
		}
	}
	if tr.Broken() {
		return "", tr, errors.Join(tr.Bad...)
	}
	var out bytes.Buffer
	_, err := tr.Write(&out)
	return out.String(), tr, err
}

func bound(t *testing.T, text string) (b trace.Bound) {
	t.Helper()
	if err := b.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTrace converts each form of a log, with what options make of it.
func TestTrace(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    trace.Options
		logs []string
		want string // lines joined by blanks, after the names of the columns
		left string
	}{
		{"access", trace.Options{}, []string{combined + common + earlier}, "0,/c 1,/a?b=1 3,/b", ""},
		{"two files", trace.Options{}, []string{common + combined, earlier}, "0,/c 1,/a?b=1 3,/b", ""},
		{
			"from",
			trace.Options{From: bound(t, "500ms")},
			[]string{combined + common + earlier},
			"0.5,/a?b=1 2.5,/b",
			"1 are outside --from and --until",
		},
		{
			"from and until",
			trace.Options{From: bound(t, "2026-11-29T01:02:02Z"), Until: bound(t, "2026-11-29 01:02:03.5")},
			[]string{combined + common + earlier},
			"0,/c 1,/a?b=1", "1 are outside --from and --until",
		},
		{"speed", trace.Options{Speed: 2}, []string{combined + common + earlier}, "0,/c 0.5,/a?b=1 1.5,/b", ""},
		{
			"host",
			trace.Options{Host: "shop.example"},
			[]string{combined + common + earlier},
			"0,/b",
			"2 went to another host than shop.example",
		},
		{"HAR", trace.Options{}, []string{archive}, "0,/a?b=1 0.75,/", "1 went to another host than shop.example"},
		{
			"HAR of a host",
			trace.Options{Host: "cdn.example"},
			[]string{archive},
			"0,/x",
			"2 went to another host than cdn.example",
		},
		{
			"HAR in a line",
			trace.Options{},
			[]string{strings.ReplaceAll(archive, "\n", "")},
			"0,/a?b=1 0.75,/",
			"1 went to another host than shop.example",
		},
		{"CSV", trace.Options{}, []string{"0,x\n0.25,\"a,b\"\n1500ms,\n"}, `0,x 0.25,"a,b" 1.5,`, ""},
		{"CSV of offsets alone", trace.Options{}, []string{"5\n7\n"}, "5, 7,", ""},
		{
			"CSV with names",
			trace.Options{},
			[]string{"\ufeffid,path,ts\n1,/a,1764378123.5\n2,https://h/b?c,1764378124\n"},
			"0,/a 0.5,/b?c",
			"",
		},
		{
			"CSV with other names",
			trace.Options{Time: "when", Key: "what"},
			[]string{"what,when\nx,3\ny,1\n"},
			"1,y 3,x",
			"",
		},
		{"milliseconds", trace.Options{}, []string{"ts,key\n1764378123500,a\n1764378123750,b\n"}, "0,a 0.25,b", ""},
		{
			"JSON lines",
			trace.Options{},
			[]string{`{"at": 0.5, "key": 7}` + "\n\n" + `{"at": "2s", "path": "/b"}`},
			"0.5,7 2,/b",
			"",
		},
		{
			"JSON lines of times",
			trace.Options{Time: "t"},
			[]string{`{"t": "2026-11-29T01:02:03.250Z", "url": "http://h/a"}`},
			"0,/a",
			"",
		},
		{"gzip", trace.Options{}, []string{zipped(t, combined)}, "0,/a?b=1", ""},
		{"nanoseconds", trace.Options{}, []string{"0.000000001,a\n9.123456789,b\n"}, "0.000000001,a 9.123456789,b", ""},
		{
			"one bad line in many",
			trace.Options{},
			[]string{strings.Repeat(combined, 100) + "\x16\x03\x01\n"},
			strings.TrimSpace(strings.Repeat("0,/a?b=1 ", 100)), "1 cannot be read",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, tr, err := written(t, tt.o, tt.logs...)
			want := "at,key\n" + strings.ReplaceAll(tt.want, " ", "\n") + "\n"
			if err != nil || got != want || tr.Omitted() != tt.left {
				t.Errorf("got %q, %v, left out %q; want %q, %q", got, err, tr.Omitted(), want, tt.left)
			}
			tt.o.Lines = true
			got, _, err = written(t, tt.o, tt.logs...)
			if err != nil || strings.Count(got, `{"at":`) != strings.Count(want, "\n")-1 {
				t.Errorf("JSON lines: got %q, %v", got, err)
			}
		})
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWrong has what cannot be converted: each error names the line and what is
// accepted.
func TestWrong(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    trace.Options
		log  string
		want string
	}{
		{"nothing", trace.Options{}, " \n", "it has no requests: want an access log, a HAR file, JSON lines or CSV"},
		{"no access line", trace.Options{}, combined + "garbage\n", "log: line 2: want a line of an access log"},
		{
			"no request line",
			trace.Options{},
			strings.Replace(combined, "GET /a?b=1 HTTP/1.1", `\x16\x03`, 1),
			"line 1: its request is not HTTP: want one such as",
		},
		{
			"no such day",
			trace.Options{},
			strings.Replace(combined, "29/Nov", "31/Nov", 1),
			"line 1: its time does not exist",
		},
		{"every bad line", trace.Options{}, "0,a\nx,b\n1,c\n-1,d\n", "line 2: \"x\": want a time such as"},
		{"the second bad line", trace.Options{}, "0,a\nx,b\n1,c\n-1,d\n", "line 4: \"-1\": want a time"},
		{"no column", trace.Options{}, "a,b\n1,2\n", "line 1: no column with a time among a, b: want at, time"},
		{"no such column", trace.Options{Time: "t"}, "a,b\n1,2\n", "line 1: no column t: it has a, b"},
		{"no such key", trace.Options{Key: "k"}, "at,b\n1,2\n", "line 1: no column k: it has at, b"},
		{"an open quote", trace.Options{}, "0,a\n1,\"b\n", "line 2: not CSV"},
		{"no field", trace.Options{}, `{"key": "x"}`, "line 1: no field with a time: want at, time"},
		{"no such field", trace.Options{Key: "k"}, `{"at": 1}`, "line 1: no field k: want the key in it"},
		{"no object", trace.Options{}, `{"at": 1}` + "\n{", "line 2: not a JSON object"},
		{"an object as a time", trace.Options{}, `{"at": {}}`, `line 1: "{}": want a time`},
		{"no JSON", trace.Options{}, "{\n\"log\": {\n\"entries\": [x]}}", "line 3: not JSON"},
		{"no log", trace.Options{}, "{\n\"a\": 1}", "no log.entries: want a HAR file"},
		{
			"an entry without a time",
			trace.Options{},
			strings.Replace(archive, "2026-11-29T01:02:03.5Z", "soon", 1),
			`line 3: entry 2: startedDateTime "soon": want a time`,
		},
		{
			"an entry without a host",
			trace.Options{},
			strings.Replace(archive, "https://cdn.example", "", 1),
			`line 3: entry 2: request.url "/x": want a URL`,
		},
		{
			"times and offsets",
			trace.Options{},
			"at\n0\n2026-11-29T01:02:03Z\n",
			"log: line 3 has a time, and log: line 2 an offset",
		},
		{
			"a time for offsets",
			trace.Options{From: bound(t, "2026-11-29")},
			"0\n",
			"the files have offsets and no times",
		},
		{
			"nothing left",
			trace.Options{From: bound(t, "1h")},
			"0\n",
			"no request in the trace: 1 are outside --from and --until",
		},
		{"no gzip", trace.Options{}, "\x1f\x8bx", "not a gzip file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, _, err := written(t, tt.o, tt.log); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
	for _, text := range []string{"", "soon", "-1s", "25:00", "1960-01-01"} {
		if err := new(trace.Bound).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

// FuzzTrace: no log makes the readers panic, and what comes of one can be read
// again, and then comes out as it is.
func FuzzTrace(f *testing.F) {
	for _, text := range []string{
		combined + common, archive, "0,x\n0.25,\"a,b\"\n", `{"at": 0.5, "key": 7}`, "at,key\n1764378123500,a\n",
		"\x1f\x8b", "0,\"0\r\r\n0\"",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, _, err := written(t, trace.Options{}, text)
		if err != nil {
			return
		}
		if _, err := csv.NewReader(strings.NewReader(once)).ReadAll(); err != nil {
			t.Fatalf("not CSV: %v: %q", err, once)
		}
		twice, _, err := written(t, trace.Options{}, once)
		if err != nil || twice != once {
			t.Errorf("%q became %q, and that %q, %v", text, once, twice, err)
		}
	})
}
