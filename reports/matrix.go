package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/findings"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// writeMatrices writes the tables of truth of the runs in which a client was
// wrong, each once for the runs of a scenario that have it alike.
func (s Screen) writeMatrices(w io.Writer, recs []*record.Recording) {
	for _, group := range summary.ByScenario(recs) {
		var tables []string
		with := map[string][]*record.Recording{}
		for _, r := range group {
			table := s.matrix(r)
			if table != "" && with[table] == nil {
				tables = append(tables, table)
			}
			with[table] = append(with[table], r)
		}
		for _, table := range tables {
			name, alike := text.Clip(text.Printable(group[0].Scenario), 60), findings.Case{Runs: with[table]}
			head := fmt.Sprintf("%s on %s: what the server did × what the client reported", name, alike.On(len(group)))
			fmt.Fprintf(w, "%s\n%s\n", s.Fold(head), table)
		}
	}
}

// matrix is the table of truth of a run in which a client was wrong, or "". A
// number behind an exclamation mark is wrong, all of it or in part.
func (s Screen) matrix(r *record.Recording) string {
	m := summary.NewMatrix(r)
	if m == nil || m.Wrong == 0 {
		return ""
	}
	w := new(strings.Builder)
	width := 0
	for _, row := range m.Rows {
		width = max(width, utf8.RuneCountInString(row.Words()))
	}
	fmt.Fprintf(w, "    %-*s", width, "")
	for _, c := range m.Columns {
		fmt.Fprintf(w, "  %9s", text.Clip(text.Printable(string(c)), 40))
	}
	fmt.Fprintln(w)
	for _, row := range m.Rows {
		fmt.Fprintf(w, "    %-*s", width, row.Words())
		for i, cell := range row.Cells {
			fmt.Fprintf(
				w,
				"  %*s",
				max(9, utf8.RuneCountInString(text.Clip(text.Printable(string(m.Columns[i])), 40))),
				cell,
			)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, s.Fold("    (!: tasks of which a correct client reports another class are among these)"))
	for _, note := range m.Notes {
		fmt.Fprintln(w, s.Fold("    ("+strings.TrimSuffix(note, ".")+")"))
	}
	return w.String()
}
