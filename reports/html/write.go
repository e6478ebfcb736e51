package html

import (
	"bufio"
	"bytes"
	"io"
	"unicode"
)

// write writes one of the templates.
func write(w io.Writer, name string, data any) error {
	g := &guard{w: bufio.NewWriterSize(w, 1<<16), begin: true}
	if err := pageTemplate.ExecuteTemplate(g, name, data); err != nil {
		return err
	}
	return g.Flush()
}

// A guard writes markup so that no line is a command to a CI server that prints
// it, as a name or a message of several lines could make one: GitHub Actions
// obeys a line that begins, after spaces, with ::error, and Azure Pipelines and
// TeamCity one that begins with ##. The first of the two characters becomes a
// reference, which a browser shows as the character. Styles and scripts, where
// it would not be one, have no such lines.
type guard struct {
	w     *bufio.Writer // keeps its error
	begin bool          // the line has nothing but spaces
	held  byte          // the first character of a line, if it may be one of two
}

// Write implements io.Writer.
func (g *guard) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if !g.begin && g.held == 0 {
			end := bytes.IndexAny(p, "\n\r")
			if end < 0 {
				_, err := g.w.Write(p)
				return n, err
			}
			g.w.Write(p[:end])
			p, g.begin = p[end:], true
		}
		c := p[0]
		switch p = p[1:]; {
		case g.held == c && c == ':':
			g.w.WriteString("&#58;:")
			g.held = 0
		case g.held == c && c == '#':
			g.w.WriteString("&#35;#")
			g.held = 0
		case g.held != 0:
			g.w.WriteByte(g.held)
			g.w.WriteByte(c)
			g.held, g.begin = 0, c == '\n' || c == '\r'
		case c == ':' || c == '#':
			g.held, g.begin = c, false
		default:
			g.w.WriteByte(c)
			g.begin = unicode.IsSpace(rune(c))
		}
	}
	return n, nil
}

// Flush writes what is left.
func (g *guard) Flush() error {
	if g.held != 0 {
		g.w.WriteByte(g.held)
	}
	return g.w.Flush()
}
