package strict

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// A Document is a file that has been decoded: where everything stands in it,
// and what is wrong with it. Paths name its parts: "expect.p99",
// "executors[0].workers". A part that has a mistake at it or within is spoilt;
// all but Refuses are silent about it from then on. A nil Document has nothing.
type Document struct {
	file     string
	noun     string // what the file holds
	lines    []string
	runes    [][]rune         // the lines, to find columns in
	keys     map[string]place // where the key of each path stands, or the item
	values   map[string]place // where its value begins
	spoilt   map[string]bool
	mistakes Mistakes
}

// A place is a line and a column, from 1.
type place struct{ line, column int }

// maxMistakes is how many mistakes of a file are told one by one.
const maxMistakes = 100

// Mistakes are all that is wrong so far, in order of place, nil for nothing.
// After a hundred, the rest is counted.
func (d *Document) Mistakes() Mistakes {
	return slices.Clone(d.mistakes).sorted().first(maxMistakes)
}

// Has says whether the file has something at a path.
func (d *Document) Has(path string) bool {
	if d == nil {
		return false
	}
	_, there := d.keys[path]
	return there
}

// Sound says whether nothing is wrong at a path or within. What depends on
// something that is not sound cannot be judged.
func (d *Document) Sound(path string) bool { return !d.spoilt[path] }

// Place is where the key of a path stands, or an item of a list: a line and a
// column from 1, or 0 and 0 if the file has none.
func (d *Document) Place(path string) (line, column int) {
	if !d.Has(path) {
		return 0, 0
	}
	return d.keys[path].line, d.keys[path].column
}

// Wrong complains of the value of a path, if the file has one that is sound.
func (d *Document) Wrong(path, format string, args ...any) {
	if p, there := d.values[path]; there && d.Sound(path) {
		d.mistake(p, path, format, args...)
	}
}

// Unknown complains of a value that is none of the names that are known.
func (d *Document) Unknown(path, name string, known []string) {
	d.Wrong(path, "%s: want %s%s", Cite(name), anyOf(known), didYouMean(resembling(name, known)))
}

// Needs complains at a path of another one that is not there. what is the thing
// that needs it.
func (d *Document) Needs(at, what, path string) {
	if !d.Has(path) && d.Sound(path) {
		d.Wrong(at, "%s needs the key %s", what, path)
	}
}

// Refuses complains of a key that is there, spoilt or not, and says whether it
// is.
func (d *Document) Refuses(path, why string) bool {
	if d.Has(path) {
		d.mistake(d.keys[path], path, "%s", why)
	}
	return d.Has(path)
}

// mistake complains of a path, "" for the whole document.
func (d *Document) mistake(p place, path, format string, args ...any) {
	d.spoil(path)
	if path != "" {
		format, args = "%s: "+format, append([]any{path}, args...)
	}
	d.at(p, format, args...)
}

func (d *Document) at(p place, format string, args ...any) {
	message := cut(fmt.Sprintf(format, args...), maxMessage)
	d.mistakes = append(d.mistakes, Mistake{d.file, p.line, p.column, message, d.lines[p.line-1]})
}

// spoil notes that there is a mistake at a path, and so in all that it is
// within.
func (d *Document) spoil(path string) {
	for ; path != "" && !d.spoilt[path]; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		d.spoilt[path] = true
	}
}

// isText complains of the first character that is none, and takes the lines
// apart.
func (d *Document) isText() bool {
	for i, line := range d.lines {
		d.runes = append(d.runes, []rune(line))
		column := 1
		for j, r := range line {
			if invalid := r == utf8.RuneError && !strings.HasPrefix(line[j:], string(r)); invalid || unprintable(r) {
				d.at(place{i + 1, column}, "the file is not text here: want YAML in UTF-8, without control characters")
				return false
			}
			column++
		}
	}
	return true
}

// body returns what the one document of a file holds, or nil after a mistake.
func (d *Document) body(source, accepted string) ast.Node {
	file, at, err := syntax(source, d.noun)
	if err != nil {
		d.at(at, "%v", err)
		return nil
	}
	var body ast.Node
	for _, doc := range file.Docs {
		_, directive := doc.Body.(*ast.DirectiveNode)
		switch {
		case doc.Body == nil:
		case directive:
			d.at(d.start(doc.Body), "directives are not part of the language")
			return nil
		case body != nil:
			d.at(d.start(doc.Body), "a second document: want one %s in a file", d.noun)
			return nil
		default:
			body = doc.Body
		}
	}
	if body == nil {
		d.at(place{1, 1}, "the file holds no %s: want %s", d.noun, accepted)
	}
	return body
}

// start is where a node begins. The YAML library places a mapping at its first
// colon, and the last text of a line too far to the right by the spaces behind
// it.
func (d *Document) start(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return d.start(m.Values[0].Key)
	}
	if n == nil {
		return place{1, 1}
	}
	p, value := placeOf(n.GetToken(), len(d.lines)), []rune(n.GetToken().Value)
	line := d.runes[p.line-1]
	reads := func(from int) bool {
		return from >= 0 && from <= len(line) && len(value) <= len(line)-from && slices.Equal(line[from:from+len(value)], value)
	}
	behind := 0
	for behind < len(line) && line[len(line)-1-behind] == ' ' {
		behind++
	}
	if behind > 0 && !reads(p.column-1) && reads(p.column-1-behind) {
		p.column -= behind
	}
	return p
}

// join is the path of a key within another.
func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
