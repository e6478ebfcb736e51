package strict

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// A Change is a part of a line that [Fix] has replaced, at a line and a column
// from 1 of the original file.
type Change struct {
	Line, Column int
	Old, New     string
}

// String returns the place and both texts.
func (c Change) String() string {
	return fmt.Sprintf("%d:%d: %q is now %q", c.Line, c.Column, c.Old, c.New)
}

// A fix is what may be right in place of a mistake: edits that belong together.
type fix []edit

// An edit replaces length characters of a line.
type edit struct {
	position
	length int
	text   string
	value  position // where the value of a key begins that is replaced
}

// covers reports whether a place is in the text that the edit has written, or
// where the value of the key is then.
func (e edit) covers(line, column int) bool {
	written := utf8.RuneCountInString(e.text)
	return line == e.line && column >= e.column && column < e.column+max(1, written) || e.isValue(line, column)
}

// isValue reports whether the value of the key is at a place then.
func (e edit) isValue(line, column int) bool {
	value := e.value
	if value.line == e.line {
		value.column += utf8.RuneCountInString(e.text) - e.length
	}
	return e.value != position{} && position{line, column} == value
}

// Fix mends the mistakes in a file that have one right answer, and changes no
// other byte. check returns the mistakes in a source, as [Document.Mistakes]
// has them. A change is kept only if the mistake is gone and no other comes
// instead.
func Fix(source []byte, check func(source []byte) Mistakes) (fixed []byte, changes []Change) {
	const most = 1000 // attempts
	failed := map[string]bool{}
	mistakes := check(source)
	for range most {
		next, after, made := mendOne(source, mistakes, check, failed)
		if made == nil {
			break
		}
		for _, c := range made {
			changes = append(changes, original(c, changes))
		}
		source, mistakes = next, after
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return source, changes
}

// mendOne mends the first mistake that can be mended. It remembers those that
// cannot.
func mendOne(source []byte, mistakes Mistakes, check func([]byte) Mistakes, failed map[string]bool) (next []byte,
	left Mistakes, made []Change,
) {
	lines := strings.Split(lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff")), "\n")
	for _, m := range mistakes {
		key := fmt.Sprint(m.Line, m.Message)
		if failed[key] {
			continue
		}
		for _, f := range m.fixes(lines) {
			candidate, changes := f.apply(source)
			if changes == nil {
				continue
			}
			after := check(candidate)
			if !f.mends(m, after) {
				candidate, after, changes = f.mendsWithValue(candidate, m, after, changes, check)
			}
			if changes != nil && (made == nil || len(after) < len(left)) {
				next, left, made = candidate, after, changes
			}
		}
		if made != nil {
			return next, left, made
		}
		failed[key] = true
	}
	return nil, nil, nil
}

// mends reports whether a fix of m has left a better file. Further mistakes may
// come to light behind a mistake of syntax, and inside what a misspelled key
// has, but not in the text that was written.
func (f fix) mends(m Mistake, after Mistakes) bool {
	return !slices.ContainsFunc(after, func(a Mistake) bool {
		switch {
		case slices.ContainsFunc(f, func(e edit) bool { return e.covers(a.Line, a.Column) }):
			return true
		case a.syntax == parsed:
			return false
		}
		return m.syntax == parsed || a.Line < m.Line || a.Line == m.Line && a.Message == m.Message
	})
}

// mendsWithValue mends what is wrong with the value of a key that a fix has
// replaced, where that has one right answer too. It returns no changes if the
// two together do not mend the mistake.
func (f fix) mendsWithValue(source []byte, m Mistake, after Mistakes, made []Change, check func([]byte) Mistakes,
) (fixed []byte, left Mistakes, changes []Change) {
	lines := strings.Split(lineEnds.Replace(strings.TrimPrefix(string(source), "\ufeff")), "\n")
	for _, a := range after {
		if len(f) != 1 || !f[0].isValue(a.Line, a.Column) {
			continue
		}
		for _, g := range a.fixes(lines) {
			candidate, more := g.apply(source)
			if more == nil {
				continue
			}
			if left := check(candidate); f.mends(m, left) && g.mends(a, left) {
				return candidate, left, append(slices.Clip(made), more[0])
			}
		}
	}
	return nil, nil, nil
}

// apply returns the source with all edits made, and what has changed; nil if an
// edit is of no part of the source.
func (f fix) apply(source []byte) (fixed []byte, changes []Change) {
	starts := lineStarts(source)
	edits := slices.SortedFunc(slices.Values(f), func(a, b edit) int {
		return cmp.Or(cmp.Compare(b.line, a.line), cmp.Compare(b.column, a.column)) // from the end
	})
	fixed = bytes.Clone(source)
	for _, e := range edits {
		if e.line > len(starts) {
			return nil, nil
		}
		from := starts[e.line-1]
		at := offset(fixed[from:], e.column-1)
		length := offset(fixed[from+max(at, 0):], e.length)
		if at < 0 || length < 0 {
			return nil, nil
		}
		old := string(fixed[from+at : from+at+length])
		fixed = slices.Concat(fixed[:from+at], []byte(e.text), fixed[from+at+length:])
		changes = append(changes, Change{e.line, e.column, old, e.text})
	}
	slices.Reverse(changes)
	return fixed, changes
}

// offset returns how many bytes n characters take, or -1 if a line ends before.
func offset(line []byte, n int) int {
	at := 0
	for range n {
		r, size := utf8.DecodeRune(line[at:])
		if size == 0 || r == '\n' || r == '\r' {
			return -1
		}
		at += size
	}
	return at
}

// lineStarts returns where each line of a source begins, as [Decode] counts
// them.
func lineStarts(source []byte) []int {
	start := len(source) - len(bytes.TrimPrefix(source, []byte("\ufeff")))
	starts := []int{start}
	for i := start; i < len(source); i++ {
		switch {
		case source[i] == '\n', source[i] == '\r' && !bytes.HasPrefix(source[i:], []byte("\r\n")):
			starts = append(starts, i+1)
		}
	}
	return starts
}

// original returns a change with the column that it has in the file before
// earlier changes of its line.
func original(c Change, earlier []Change) Change {
	for _, e := range earlier {
		if e.Line == c.Line && e.Column < c.Column {
			c.Column -= utf8.RuneCountInString(e.New) - utf8.RuneCountInString(e.Old)
		}
	}
	return c
}

// fixes returns what may be right in place of a mistake.
func (m Mistake) fixes(lines []string) []fix {
	if mend := mends[m.syntax]; mend != nil && m.Line <= len(lines) {
		return mend(lines, position{m.Line, m.Column})
	}
	if m.edit == (edit{}) {
		return nil
	}
	return []fix{{m.edit}}
}

// propose adds an edit to the last mistake, unless it is none.
func (d *Document) propose(e edit) {
	if e != (edit{}) {
		d.mistakes[len(d.mistakes)-1].edit = e
	}
}

// textAt reports whether a text stands at a place.
func (d *Document) textAt(p position, text string) bool {
	line, runes := d.runes[p.line-1], []rune(text)
	from := p.column - 1
	return from >= 0 && from+len(runes) <= len(line) && slices.Equal(line[from:from+len(runes)], runes)
}

// renamed has a word at p replaced by the only one that it may be meant for. It
// proposes nothing for mistakes beyond those that are shown.
func (d *Document) renamed(p position, word string, among []string) edit {
	if len(d.mistakes) > maxMistakes {
		return edit{}
	}
	meant := onlyClose(word, among)
	if d.textAt(p, `"`+word+`"`) || d.textAt(p, `'`+word+`'`) {
		p.column++
	}
	if meant == "" || !d.textAt(p, word) {
		return edit{}
	}
	return edit{position: p, length: utf8.RuneCountInString(word), text: meant}
}

// renamedKey has the key of an entry replaced by the only one that it may be
// meant for, unless the mapping has that too.
func (v Value) renamedKey(mapping *ast.MappingNode, n *ast.MappingValueNode, accepted []string) edit {
	e := v.doc.renamed(v.doc.positionOf(n.Key), n.Key.GetToken().Value, accepted)
	if e == (edit{}) || slices.ContainsFunc(mapping.Values, func(n *ast.MappingValueNode) bool {
		return n.Key.GetToken().Value == e.text
	}) {
		return edit{}
	}
	switch n.Value.(type) {
	case *ast.MappingNode, *ast.SequenceNode: // what is wrong inside is another mistake
	default:
		e.value = v.doc.positionOf(n.Value)
	}
	return e
}

var bracketed = regexp.MustCompile(`^(\[.*\]|\{.*\})$`)

// unquoted has the quotes around the value left out.
func (v Value) unquoted() edit {
	p, text := v.doc.positionOf(v.node), v.node.GetToken().Value
	for _, quote := range []string{`"`, `'`} {
		if raw := quote + text + quote; v.doc.textAt(p, raw) {
			return edit{position: p, length: utf8.RuneCountInString(raw), text: text}
		}
	}
	return edit{}
}

// quotedToParenthesis has the value put into quotes, up to its parenthesis: the
// comma within ends it in braces.
func (v Value) quotedToParenthesis(text string) edit {
	p := v.doc.positionOf(v.node)
	if !strings.Contains(text, "(") || strings.Contains(text, ")") || !v.doc.textAt(p, text) {
		return edit{}
	}
	rest := string(v.doc.runes[p.line-1][p.column-1:])
	raw, _, closed := strings.Cut(rest, ")")
	if !closed || strings.ContainsAny(raw, `"'{}[]#\`) {
		return edit{}
	}
	raw += ")"
	return edit{position: p, length: utf8.RuneCountInString(raw), text: `"` + raw + `"`}
}

// truths are the words that other dialects of YAML have for true and false.
var truths = map[string]string{
	"true": "true", "yes": "true", "on": "true", "y": "true", "1": "true",
	"false": "false", "no": "false", "off": "false", "n": "false", "0": "false",
}

// truth has another word for true or false replaced, with its quotes.
func (v Value) truth(text string) edit {
	p, word := v.doc.positionOf(v.node), text
	for _, quote := range []string{`"`, `'`} {
		if v.doc.textAt(p, quote+text+quote) {
			word = quote + text + quote
		}
	}
	meant := truths[strings.ToLower(text)]
	if meant == "" || !v.doc.textAt(p, word) {
		return edit{}
	}
	return edit{position: p, length: utf8.RuneCountInString(word), text: meant}
}
