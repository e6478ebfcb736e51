package strict

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// A Document is a decoded file: the position of each of its parts, and the
// mistakes in it. A path names a part, such as "expect.p99" or
// "executors[0].workers".
//
// A part is valid until a mistake is reported at its path or at the path of
// anything inside it. Reports at a part that is no longer valid are dropped,
// except those of Reject. A nil Document has no parts.
type Document struct {
	file     string
	noun     string // what the file contains, such as "scenario"
	lines    []string
	runes    [][]rune            // the lines again, for columns
	keyAt    map[string]position // of the key at each path, or of the list item
	valueAt  map[string]position // of the value at each path
	invalid  map[string]bool     // the paths of invalid parts
	optional []string            // the paths of required keys that may be missing
	mistakes Mistakes
}

// A position is a line and a column, from 1.
type position struct{ line, column int }

// maxMistakes is how many mistakes of a file are reported one by one.
const maxMistakes = 100

// Mistakes returns the mistakes reported so far in order of position, or nil.
// It returns at most a hundred, and one more that counts the rest.
func (d *Document) Mistakes() Mistakes {
	return slices.Clone(d.mistakes).sorted().limit(maxMistakes)
}

// Has reports whether the file has a key or a list item at path.
func (d *Document) Has(path string) bool {
	if d == nil {
		return false
	}
	_, there := d.keyAt[path]
	return there
}

// Valid reports whether there is no mistake at path or inside it. Validation
// should skip whatever depends on a part that is not valid.
func (d *Document) Valid(path string) bool { return !d.invalid[path] }

// Position returns the line and the column, from 1, of the key or the list item
// at path. It returns 0, 0 if the file has none.
func (d *Document) Position(path string) (line, column int) {
	if !d.Has(path) {
		return 0, 0
	}
	return d.keyAt[path].line, d.keyAt[path].column
}

// Errorf reports a mistake at the value of path, if the file has the path and
// it is valid.
func (d *Document) Errorf(path, format string, args ...any) {
	if p, there := d.valueAt[path]; there && d.Valid(path) {
		d.report(p, path, format, args...)
	}
}

// RejectName reports that name, the value at path, is not one of the known
// names. The message suggests the known name that is closest. If none is close,
// it ends with note, which says where other names come from.
func (d *Document) RejectName(path, name string, known []string, note string) {
	p, there := d.valueAt[path]
	if !there || !d.Valid(path) {
		return
	}
	switch meant := closest(name, known); {
	case len(known) == 0:
		d.report(p, path, "%s: %s", Quote(name), note)
	case meant != "" || note == "":
		d.report(p, path, "%s: want %s%s", Quote(name), joinOr(known), didYouMean(meant))
	default:
		d.report(p, path, "%s: want %s; %s", Quote(name), joinOr(known), note)
	}
	d.propose(d.renamed(p, name, known))
}

// Require reports a mistake at the value of at if the file has no path. what is
// the subject of the message: what needs path.
func (d *Document) Require(at, what, path string) {
	if !d.Has(path) && d.Valid(path) {
		d.Errorf(at, "%s needs the key %s", what, path)
	}
}

// Reject reports a mistake at the key of path if the file has it, valid or not.
// It returns whether the file has it.
func (d *Document) Reject(path, why string) bool {
	if d.Has(path) {
		d.report(d.keyAt[path], path, "%s", why)
	}
	return d.Has(path)
}

// report adds a mistake and marks path as invalid. The path "" is the whole
// document.
func (d *Document) report(p position, path, format string, args ...any) {
	d.invalidate(path)
	if path != "" {
		format, args = "%s: "+format, append([]any{path}, args...)
	}
	d.reportAt(p, format, args...)
}

// reportAt adds a mistake that belongs to no path.
func (d *Document) reportAt(p position, format string, args ...any) {
	message := abridge(fmt.Sprintf(format, args...))
	d.mistakes = append(d.mistakes, Mistake{
		File: d.file, Line: p.line, Column: p.column, Message: message, Source: d.lines[p.line-1],
	})
}

// invalidate marks a path, and all paths that contain it, as invalid.
func (d *Document) invalidate(path string) {
	for ; path != "" && !d.invalid[path]; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		d.invalid[path] = true
	}
}

// checkText splits the lines into runes. It reports the first character that is
// invalid UTF-8 or a control character, and returns whether there is none.
func (d *Document) checkText() bool {
	for i, line := range d.lines {
		d.runes = append(d.runes, []rune(line))
		column := 1
		for j, r := range line {
			if invalid := r == utf8.RuneError && !strings.HasPrefix(line[j:], string(r)); invalid || isControl(r) {
				d.reportAt(position{i + 1, column}, "invalid character: want YAML in UTF-8 without control characters")
				return false
			}
			column++
		}
	}
	return true
}

// body returns the content of the only document in a file, or nil after a
// mistake.
func (d *Document) body(source, accepted string) ast.Node {
	file, at, err := parseYAML(source)
	if err != nil {
		d.reportAt(at, "%v", err)
		last := &d.mistakes[len(d.mistakes)-1]
		last.syntax = unmendable
		if why := new(explanation); errors.As(err, &why) {
			last.syntax = why.mend
		}
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		_, directive := doc.Body.(*ast.DirectiveNode)
		switch {
		case doc.Body == nil:
		case directive:
			d.reportAt(d.positionOf(doc.Body), "directives are not supported")
			return nil
		case body != nil:
			d.reportAt(d.positionOf(doc.Body), "a second document: want one %s per file", d.noun)
			return nil
		default:
			body = doc.Body
		}
	}
	if body == nil {
		d.reportAt(position{1, 1}, "the file contains no %s: want %s", d.noun, accepted)
	}
	return body
}

// positionOf returns the position of a node. The YAML library gives a mapping
// the position of its first colon. It places the last text of a line too far
// right, by the number of spaces that follow the text.
func (d *Document) positionOf(n ast.Node) position {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return d.positionOf(m.Values[0].Key)
	}
	if n == nil {
		return position{1, 1}
	}
	p, value := tokenPosition(n.GetToken(), len(d.lines)), []rune(n.GetToken().Value)
	line := d.runes[p.line-1]
	valueIsAt := func(from int) bool {
		return from >= 0 && from <= len(line) && len(value) <= len(line)-from &&
			slices.Equal(line[from:from+len(value)], value)
	}
	trailing := 0
	for trailing < len(line) && line[len(line)-1-trailing] == ' ' {
		trailing++
	}
	if trailing > 0 && !valueIsAt(p.column-1) && valueIsAt(p.column-1-trailing) {
		p.column -= trailing
	}
	return p
}

// join returns the path of a key inside path.
func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
