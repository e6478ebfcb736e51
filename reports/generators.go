package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/text"
)

// mostGenerators is how many load generators a line names.
const mostGenerators = 8

// generators describes the load generators of a run in other processes in one
// line, which names at most eight of them: how long after the first each began,
// and how far off that may be. It is "" if there are none.
func generators(r *record.Recording) string {
	elsewhere, lost, widest := false, 0, time.Duration(0)
	var words []string
	for k, g := range r.Generators {
		elsewhere, widest = elsewhere || g.Host != "", max(widest, g.Offset+g.Error)
		began := "+" + text.Short(g.Offset) + " ± " + text.Short(g.Error)
		if g.Lost != "" {
			began = "lost"
			lost++
		}
		if k < mostGenerators {
			words = append(words, fmt.Sprint(k+1, " ", began))
		}
	}
	if !elsewhere {
		return ""
	}
	line := text.Plural(len(r.Generators), "load generator")
	if lost > 0 {
		line += fmt.Sprintf(", %d lost", lost)
	}
	line += ", begun within " + text.Short(widest) + ": " + strings.Join(words, "; ")
	if more := len(r.Generators) - mostGenerators; more > 0 {
		line += fmt.Sprintf("; and %d more", more)
	}
	return line
}
