package html

import (
	"reflect"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

func TestGenerators(t *testing.T) {
	here := &record.Recording{Generators: []share.Generator{{Tasks: 2, Sent: 2}, {Tasks: 2, Sent: 2}}}
	if rows := generators(here); rows != nil {
		t.Errorf("of generators of one process: %v", rows)
	}
	r := &record.Recording{Generators: []share.Generator{
		{Host: "one", Tasks: 500, Sent: 500, Ended: 499, Error: 110 * time.Microsecond},
		{Host: "two\x1b", Tasks: 500, Sent: 20, Ended: 10, Lost: "it is gone"},
		{Host: "three", Tasks: 499, Sent: 499, Ended: 499, Offset: 1820 * time.Microsecond, Error: time.Millisecond},
	}}
	rows := generators(r)
	want := [][]string{
		{"1", "one", "500 of 500", "499", "+0s ± 110µs"},
		{"2", `two\x1b`, "20 of 500", "10", "lost"},
		{"3", "three", "499 of 499", "499", "+1.82ms ± 1ms"},
	}
	if !reflect.DeepEqual(rows, want) {
		t.Errorf("got %q, want %q", rows, want)
	}
}
