package served

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/teapot-go/teapot/reports/text"
	"github.com/teapot-go/teapot/servers"
)

// A tally counts what a server has done. The zero value has counted nothing.
type tally struct {
	mu       sync.Mutex
	requests int
	bytes    int64
	actions  map[string]int
}

func (t *tally) add(e servers.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.actions == nil {
		t.actions = map[string]int{}
	}
	t.requests++
	t.bytes += e.Bytes
	t.actions[action(e)]++
}

// action returns what became of a request, in a few words.
func action(e servers.Entry) string {
	switch {
	case e.TurnedAway != "":
		return "turned away: " + string(e.TurnedAway)
	case e.Gone > 0:
		return "client gone"
	case e.Status == 0 && (e.Met == "" || e.Met == servers.None):
		return "ended by the server"
	case e.Met != "" && e.Met != servers.None && e.Met != servers.StatusFault:
		return string(e.Met)
	}
	return fmt.Sprint(e.Status)
}

// Summary returns a table of what the servers have done in the given time.
func Summary(all []*Server, took time.Duration) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	total := 0
	for _, s := range all {
		s.tally.mu.Lock()
		total += s.tally.requests
		fmt.Fprintf(table, "%s\t%s\t%d bytes\t%s\n", s.Name, text.Plural(s.tally.requests, "request"), s.tally.bytes,
			s.tally.list())
		s.tally.mu.Unlock()
	}
	_ = table.Flush() // a Builder does not fail
	fmt.Fprintf(&b, "%s in %s\n", text.Plural(total, "request"), text.Short(took))
	return trimmed(b.String())
}

// list returns the actions, the most frequent first.
func (t *tally) list() string {
	names := slices.SortedFunc(maps.Keys(t.actions), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.actions[b], t.actions[a]), cmp.Compare(a, b))
	})
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("%d × %s", t.actions[name], name)
	}
	return strings.Join(parts, ", ")
}

// trimmed returns text without spaces at the ends of lines.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Line returns a line about one request: what it asked for, what became of it,
// and how long that took.
func Line(s *Server, e servers.Entry) string {
	about := action(e)
	if e.Met != "" && e.Met != servers.None && e.Status != 0 && about != fmt.Sprint(e.Status) {
		about += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.Hop > 0 {
		about += fmt.Sprintf(", hop %d", e.Hop)
	}
	if e.Resent {
		about += ", sent again"
	}
	return fmt.Sprintf("%s %s attempt %d: %s, %d bytes in %s",
		s.Name, text.Clip(text.Printable(e.Key), 80), e.Attempt, about, e.Bytes, text.Short(e.Took))
}
