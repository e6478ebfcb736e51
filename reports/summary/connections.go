package summary

import (
	"fmt"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// mostConnections is how many runs a line about connections names.
const mostConnections = 8

// Connections describes the connections of runs to their servers in one line:
// how many were opened, how many requests went over a connection that had
// carried one before, and the most that were open at once. It returns "" if no
// run had any, and names at most 8 runs.
func Connections(runs ...*record.Recording) string {
	var words []string
	for _, r := range runs {
		if r.ConnectionsOpened == 0 {
			continue
		}
		word := fmt.Sprintf("%d opened, %d reused, peak %d", r.ConnectionsOpened, r.ConnectionsReused,
			r.ConnectionsPeak)
		if len(runs) > 1 {
			word = text.Clip(text.Printable(r.Name()), 40) + " " + word
		}
		words = append(words, word)
	}
	if words == nil {
		return ""
	}
	more := ""
	if n := len(words) - mostConnections; n > 0 {
		words, more = words[:mostConnections], fmt.Sprintf("; and %d more", n)
	}
	return "connections: " + strings.Join(words, "; ") + more
}
