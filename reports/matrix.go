package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness"
)

// A matrix is the table of truth of one run: a row for each thing that the server did, a column for each class that the client said. A
// client that is right leaves no cell that is wrong.
type matrix struct {
	Columns []harness.Class
	Rows    []deed
	Wrong   int // samples in all
	Notes   []string
}

// A deed is what the server did, and how often each class was said of it.
type deed struct {
	Did   string
	Cells []said
}

// Words is what the server did, for people.
func (d deed) Words() string { return clip(printable(harness.Deed(d.Did)), 40) }

// said is how often a class was said, and how often it was wrong.
type said struct{ N, Wrong int }

// confuse counts a run's samples; nil where there is no journal.
func confuse(r *harness.Recording) *matrix {
	counts := map[string]map[harness.Class]said{}
	var m matrix
	for _, s := range r.Samples {
		if s.Did == "" {
			continue
		}
		if counts[s.Did] == nil {
			counts[s.Did] = map[harness.Class]said{}
			m.Rows = append(m.Rows, deed{Did: s.Did})
		}
		c := counts[s.Did][s.Class]
		c.N++
		if s.Class != s.PlannedClass {
			c.Wrong++
			m.Wrong++
		}
		counts[s.Did][s.Class] = c
		if !slices.Contains(m.Columns, s.Class) {
			m.Columns = append(m.Columns, s.Class)
		}
	}
	if m.Rows == nil {
		return nil
	}
	order := harness.Classes()
	slices.SortFunc(m.Columns, func(a, b harness.Class) int {
		return cmp.Or(cmp.Compare(uint(slices.Index(order, a)), uint(slices.Index(order, b))), cmp.Compare(a, b)) // unknown ones last
	})
	slices.SortFunc(m.Rows, func(a, b deed) int { return cmp.Or(cmp.Compare(rank(a.Did), rank(b.Did)), cmp.Compare(a.Did, b.Did)) })
	for i := range m.Rows {
		if note := notes[m.Rows[i].Did]; note != "" {
			m.Notes = append(m.Notes, m.Rows[i].Words()+": "+note)
		}
		for _, c := range m.Columns {
			m.Rows[i].Cells = append(m.Rows[i].Cells, counts[m.Rows[i].Did][c])
		}
	}
	return &m
}

// notes explain the rows that are no fault of a plan.
var notes = map[string]string{
	harness.Nothing:    "the client went away before the server did anything, as it should when its timeout is over.",
	harness.Unasked:    "the server was not asked for this key, or not at the attempt that decides.",
	harness.TurnedAway: "the server had no room for the request, or it came too soon.",
}

// rank puts faithful answers first, and what was not done last.
func rank(did string) int {
	switch did {
	case "none":
		return 0
	case harness.Nothing, harness.Unasked:
		return 2
	}
	return 1
}

// writeMatrix writes the table of truth of a run in which a client was wrong. A number behind an exclamation mark is wrong, all of it or in
// part.
func writeMatrix(w io.Writer, r *harness.Recording) {
	m := confuse(r)
	if m == nil || m.Wrong == 0 {
		return
	}
	fmt.Fprintf(w, "%s: what the server did × what the client said\n", where(r))
	width := 0
	for _, row := range m.Rows {
		width = max(width, utf8.RuneCountInString(row.Words()))
	}
	fmt.Fprintf(w, "    %-*s", width, "")
	for _, c := range m.Columns {
		fmt.Fprintf(w, "  %9s", clip(printable(string(c)), 40))
	}
	fmt.Fprintln(w)
	for _, row := range m.Rows {
		fmt.Fprintf(w, "    %-*s", width, row.Words())
		for i, cell := range row.Cells {
			fmt.Fprintf(w, "  %*s", max(9, utf8.RuneCountInString(clip(printable(string(m.Columns[i])), 40))), cell)
		}
		fmt.Fprintln(w)
	}
	for _, note := range m.Notes {
		fmt.Fprintf(w, "    (%s)\n", strings.TrimSuffix(note, "."))
	}
	fmt.Fprintln(w)
}

// String is the cell in a table of text.
func (s said) String() string {
	switch {
	case s.N == 0:
		return "."
	case s.Wrong > 0:
		return fmt.Sprintf("!%d", s.N)
	}
	return fmt.Sprint(s.N)
}
