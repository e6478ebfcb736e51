package trend

import (
	"fmt"
	"strings"
	"time"

	"github.com/teapot-go/teapot/reports/text"
)

// Headline returns the verdict on all histories in one line.
func (t Trend) Headline() string {
	var worse []string
	for _, h := range t.Histories {
		if h.Verdict == Worse {
			worse = append(worse, text.Clip(text.Printable(h.Name()), 60))
		}
	}
	switch n := len(t.Histories); {
	case n == 0:
		return "There is no history"
	case len(worse) == 1 && n == 1:
		return worse[0] + " has become worse"
	case len(worse) == 1:
		return fmt.Sprintf("%s has become worse, of %d histories", worse[0], n)
	case len(worse) > 1:
		return fmt.Sprintf("%d of %d histories have become worse: %s", len(worse), n, text.List(worse, 3))
	case t.Unknown():
		return "There are too few recordings to tell a change"
	}
	words := "Nothing has become worse"
	if n := t.Count(Better); n > 0 {
		words += fmt.Sprintf(", and %d of %s better", n, plural(len(t.Histories)))
	}
	return words
}

func plural(n int) string {
	if n == 1 {
		return "1 history"
	}
	return fmt.Sprintf("%d histories", n)
}

// Span describes the recordings: how many there are, and from when to when.
func (t Trend) Span() string {
	s := text.Plural(len(t.Entries), "recording")
	if len(t.Entries) == 0 {
		return s
	}
	first, last := t.Entries[0].Host.Started, t.Entries[len(t.Entries)-1].Host.Started
	if first.IsZero() || last.IsZero() {
		return s
	}
	if a, b := day(first), day(last); a != b {
		return fmt.Sprintf("%s, %s to %s", s, a, b)
	}
	return s + ", " + day(first)
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

// Claim says how rare false alarms are, and what is told.
func (t Trend) Claim() string {
	return fmt.Sprintf("A change under the real clock is told if chance alone would show one in fewer than %.3g of "+
		"100 trends like this, and is worse or better if its whole 95%% interval lies beyond %.3g %%. Each "+
		"measurement is taken to be independent of those before it. Under the virtual clock every change is told.",
		100*t.Level, 100*t.Tolerance)
}

// What returns what has changed, and by how much: "is slower: makespan +18 %
// (15 to 21), p99 +9 % (7 to 12)".
func (e Event) What() string {
	first := e.Changes[0]
	is := kindOf(first.Figure).rises
	if first.To < first.From {
		is = kindOf(first.Figure).falls
	}
	var parts []string
	for _, c := range e.Changes {
		parts = append(parts, c.Figure+" "+c.Size())
	}
	return is + ": " + strings.Join(parts, ", ")
}

// Size returns the change with its interval.
func (c Told) Size() string {
	unit := kindOf(c.Figure).unit
	fromTo := fmt.Sprintf("%s to %s", format(unit, c.From), format(unit, c.To))
	switch {
	case unit == unitCount:
		return fmt.Sprintf("%s (%+.3g)", fromTo, c.By)
	case c.From == 0 || c.To == 0:
		return fromTo
	}
	return text.Change(c.By, c.Lo, c.Hi)
}

// Place returns the change by which an event has its place: that of the first
// figure, or of another one whose place is known better.
func (e Event) Place() Told {
	c := e.Changes[0]
	for _, other := range e.Changes[1:] {
		if !c.Drift && !other.Drift && other.Last-other.First < c.Last-c.First {
			c = other
		}
	}
	return c
}

// Where returns where an event is: since which commit, and after which.
func (t Trend) Where(e Event) string {
	c := e.Place()
	if c.Drift {
		return fmt.Sprintf("gradually from %s to %s", t.name(c.Before), t.name(c.At))
	}
	return fmt.Sprintf("since %s, after %s", t.name(c.At), t.name(c.Before))
}

// name is a recording in words: its commit, or else its file, and its day.
func (t Trend) name(entry int) string {
	e := t.Entries[entry]
	name := "commit " + t.Commit(entry)
	if e.Host.Commit == "" {
		name = text.Clip(text.Printable(e.File), 60)
	}
	if !e.Host.Started.IsZero() {
		name += " of " + day(e.Host.Started)
	}
	return fmt.Sprintf("%s (recording %d)", name, entry+1)
}

// Commit returns the commit of a recording, as short as people write it.
func (t Trend) Commit(entry int) string {
	commit := text.Printable(t.Entries[entry].Host.Commit)
	if len(commit) == 40 && strings.Trim(commit, "0123456789abcdef") == "" {
		return commit[:10]
	}
	return text.Clip(commit, 40)
}

// Notes says what else is known of where an event came from.
func (t Trend) Notes(e Event) (notes []string) {
	c := e.Place()
	first, last := c.First, c.Last
	for _, other := range e.Changes { // of one fact the places of all figures hold
		first, last = max(first, min(other.First, last)), min(last, max(other.Last, first))
	}
	if !c.Drift && first < last {
		notes = append(notes, fmt.Sprintf("It came between recording %d and %d with 95 %% confidence.", first, last+1))
	}
	at, before := t.Host(c.At), t.Host(c.Before)
	if at.Commit != "" && at.Commit == before.Commit && first == last {
		notes = append(notes, "Both recordings are of the same commit, so it is no change of the code.")
	}
	if at.Go != before.Go {
		was, is := text.Clip(text.Printable(before.Go), 40), text.Clip(text.Printable(at.Go), 40)
		notes = append(notes, fmt.Sprintf("Go changed too: %s before, %s since.", was, is))
	}
	if e.Verdict == Worse && !e.Open {
		notes = append(notes, "It was made good since.")
	}
	return notes
}

// Unused returns how many recordings of the history were not used, and why: "2
// not used: invalid, interrupted"; "" for none.
func (h History) Unused() string {
	n := 0
	var whys []string
	seen := map[string]bool{}
	for _, p := range h.Points {
		if p.Mark == "" {
			continue
		}
		if p.Runs == 0 {
			n++
		}
		if !seen[p.Mark] {
			seen[p.Mark] = true
			whys = append(whys, p.Mark)
		}
	}
	if len(whys) == 0 {
		return ""
	}
	return fmt.Sprintf("%d not used: %s", n, text.List(whys, 3))
}
