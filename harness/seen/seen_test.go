package seen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/seen"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, class, problem string }{
		{seen.Example, "ok", ""},
		{`{"status": 404}`, "not_found", ""},
		{`{"status": 503, "class": null}`, "status", ""},
		{`{"status": 200, "class": "truncated", "error": "IncompleteRead"}`, "truncated", ""},
		{`{"status": 200, "bytes": 0}`, "ok", ""},
		{`{}`, "", "want status or class"},
		{`{"status": 200, "stat": 1}`, "", `unknown field "stat": want attempt, bytes, class`},
		{`{"status": true}`, "", "status: true: want a status code from 100 to 599"},
		{`7`, "", "want one object such as"},
		{`null`, "", "want one object such as"},
		{`{"key":`, "", "want one object such as"},
		{`{"class": "OK"}`, "", "want one of ok, not_found, status"},
	} {
		r, problems := seen.Parse([]byte(tt.text), seen.Fields(), seen.Example)
		if got := fmt.Sprint(problems); tt.problem == "" != (problems == nil) || !strings.Contains(got, tt.problem) {
			t.Errorf("%s: got %s, want %s", tt.text, got, tt.problem)
		}
		if problems == nil && string(r.Class) != tt.class {
			t.Errorf("%s: got %s, want %s", tt.text, r.Class, tt.class)
		}
	}
	if _, problems := seen.Parse([]byte(seen.Example), []string{"status"}, seen.Example); len(problems) != 2 {
		t.Errorf("got %v, want a problem for each other field", problems)
	}
	r, _ := seen.Parse([]byte(`{"status": 200, "bytes": 0}`), seen.Fields(), seen.Example)
	if !strings.HasPrefix(r.Digest, "sha256:e3b0c442") {
		t.Errorf("0 bytes are not those that were not counted: got %+v", r)
	}
}

// FuzzParse wants no panic, and of what is accepted a class.
func FuzzParse(f *testing.F) {
	f.Add(seen.Example)
	f.Add(`{"class": "timeout", "error": "\ud800", "attempt": 3}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, problems := seen.Parse([]byte(text), seen.Fields(), seen.Example)
		if problems == nil && (r.Class == "" || r.Bytes < 0 || r.Attempt < 0 || len(r.Error) > 300) {
			t.Errorf("%q: got %+v", text, r)
		}
	})
}

func Example() {
	r, problems := seen.Parse([]byte(`{"key": "BR", "status": 404, "bytes": 3}`), seen.Fields(), seen.Example)
	fmt.Println(r.Key, r.Class == record.NotFound, problems)
	// Output: BR true []
}
