package reports

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// writeMatrix writes the table of truth of a run in which a client was wrong. A
// number behind an exclamation mark is wrong, all of it or in part.
func writeMatrix(w io.Writer, r *record.Recording) {
	m := summary.NewMatrix(r)
	if m == nil || m.Wrong == 0 {
		return
	}
	fmt.Fprintf(w, "%s: what the server did × what the client reported\n", where(r))
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
	fmt.Fprintln(w, "    (!: tasks of which a correct client reports another class are among these)")
	for _, note := range m.Notes {
		fmt.Fprintf(w, "    (%s)\n", strings.TrimSuffix(note, "."))
	}
	fmt.Fprintln(w)
}
