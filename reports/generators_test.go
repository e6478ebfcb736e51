package reports

import (
	"strings"
	"testing"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/harness/share"
)

func TestGenerators(t *testing.T) {
	here := &record.Recording{Generators: []share.Generator{{Tasks: 2, Sent: 2}, {Tasks: 2, Sent: 2}}}
	if got := generators(here); got != "" {
		t.Errorf("of generators of one process: %q", got)
	}
	r := &record.Recording{Generators: []share.Generator{
		{Host: "one", Tasks: 500, Sent: 500, Ended: 499, Error: 110 * time.Microsecond},
		{Host: "two\x1b", Tasks: 500, Sent: 20, Ended: 10, Lost: "it is gone"},
		{Host: "three", Tasks: 499, Sent: 499, Ended: 499, Offset: 1820 * time.Microsecond, Error: time.Millisecond},
	}}
	const line = "3 load generators, 1 lost, begun within 2.82ms: 1 +0s ± 110µs; 2 lost; 3 +1.82ms ± 1ms"
	if got := generators(r); got != line {
		t.Errorf("got %q, want %q", got, line)
	}
	many := &record.Recording{Generators: make([]share.Generator, 1000)}
	many.Generators[0].Host = "one"
	if got := generators(many); !strings.HasSuffix(got, "; and 992 more") || len(got) > 500 {
		t.Errorf("of 1000 generators: %q", got)
	}
}
