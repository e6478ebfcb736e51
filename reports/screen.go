package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/teapot-go/teapot/reports/text"
)

// A Screen is what text is written for. The zero Screen is a file: of any
// width, and without colours.
type Screen struct {
	Width  int  // in columns; 0 for any. Tables leave out what matters least, down to 60
	Colour bool // of verdicts, by the codes of ANSI (ECMA-48)
}

// Fold breaks lines between words where they are longer than the screen is
// wide. What is broken off is set in. A word is never broken.
func (s Screen) Fold(words string) string {
	if s.Width == 0 {
		return words
	}
	var b strings.Builder
	for i, line := range strings.Split(words, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		for utf8.RuneCountInString(line) > s.Width {
			at := s.space(line)
			if at < 0 {
				break
			}
			b.WriteString(line[:at] + "\n")
			line = strings.Repeat(" ", deeper) + strings.TrimLeft(line[at:], " ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// deeper is how far the rest of a line is set in.
const deeper = 10

// space returns where to break a line: at its last space that is on the screen,
// or else at its first beyond. It returns -1 if there is none after the first
// word.
func (s Screen) space(line string) int {
	found, n, word := -1, 0, false
	for i, c := range line {
		if c == ' ' && word {
			if found < 0 || n <= s.Width {
				found = i
			}
			if n > s.Width {
				return found
			}
		}
		word = word || c != ' '
		n++
	}
	return found
}

// paint colours a verdict.
func (s Screen) paint(verdict string) string {
	code := 31 // red
	switch plain := strings.TrimSpace(verdict); {
	case !s.Colour || plain == "":
		return verdict
	case plain == "ok":
		code = 32 // green
	case plain == "inconclusive", plain == "invalid", strings.HasPrefix(plain, "interrupted"):
		code = 33 // yellow
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, verdict)
}

// A table is written in columns. The first of them are words, which begin at
// the left, and so are as many of the last; the others are numbers.
type table struct {
	head   []string
	rows   [][]string
	wide   int // how many of the first columns are words
	words  int // and of the last
	indent string
	second bool // whether the second column is the verdict
	widths []int
}

// verdictSecond moves the last column, which is the verdict, to the second
// place, so that what matters most is read first.
func (t *table) verdictSecond() {
	for _, row := range append([][]string{t.head}, t.rows...) {
		last := len(row) - 1
		verdict := row[last]
		copy(row[2:], row[1:last])
		row[1] = verdict
	}
	t.second = true
}

// fit measures the columns, and leaves some out until a line is no longer than
// width, the first of the names first. 0 is any width.
func (t *table) fit(width int, names ...string) {
	t.widths = make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		row[0] = text.Clip(text.Printable(row[0]), 40)
		for c, cell := range row {
			t.widths[c] = max(t.widths[c], utf8.RuneCountInString(cell))
		}
	}
	for _, name := range names {
		total := len(t.indent)
		for _, w := range t.widths {
			total += 2 + w
		}
		c := slices.Index(t.head, name)
		if width == 0 || total <= width || c < 0 {
			continue
		}
		t.head, t.widths = slices.Delete(t.head, c, c+1), slices.Delete(t.widths, c, c+1)
		for i := range t.rows {
			t.rows[i] = slices.Delete(t.rows[i], c, c+1)
		}
	}
}

// write writes one row. fmt counts characters, not bytes.
func (t *table) write(w io.Writer, s Screen, row []string) {
	io.WriteString(w, t.indent)
	for c, cell := range row {
		switch {
		case c >= len(row)-t.words:
			fmt.Fprintf(w, "  %s", cell)
		case c >= t.wide:
			fmt.Fprintf(w, "  %*s", t.widths[c], cell)
		case c == 1 && t.second:
			fmt.Fprintf(w, "  %s", s.paint(fmt.Sprintf("%-*s", t.widths[c], cell)))
		default:
			fmt.Fprintf(w, "  %-*s", t.widths[c], cell)
		}
	}
	fmt.Fprintln(w)
}
