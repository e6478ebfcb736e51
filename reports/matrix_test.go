package reports

import (
	"strings"
	"testing"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/internal/fixture"
)

func TestTextShowsTheTableOfTruth(t *testing.T) {
	r := fixture.Mistaken()
	text := render(t, Text([]*record.Recording{r}))
	for _, line := range []string{
		"s on pool/2: what the server did × what the client reported",
		"                              ok  not_found    timeout      reset  truncated       lost       sulk",
		"    no fault                   2          1          .          .          .          .          .",
		"    truncate                  !1          .          .         !1          1          .          .",
		"    no request came            .          .          .          .          .         !1          .",
		"    (!: tasks of which a correct client reports another class are among these)",
		"    (no request came: the server got no request for this key)",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %q in\n%s", line, text)
		}
	}
	for _, jargon := range []string{"nothing ", "unasked", "none "} {
		if strings.Contains(text, "    "+jargon) {
			t.Errorf("a row says %q", jargon)
		}
	}
}
