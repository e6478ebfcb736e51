package scenarios

import (
	"fmt"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"github.com/teapot-go/teapot/harness"
	"github.com/teapot-go/teapot/servers/flags"
)

// The parts of the language that may be written in more than one way.
type (
	// Flags is a word or a list of codes; it holds the codes.
	Flags []string
	// Keys is a list of texts or numbers.
	Keys []string
	// Counts is a number or a list of numbers.
	Counts []int
	// Outcomes is the word planned, which it holds as nil, or the number of each outcome.
	Outcomes map[harness.Outcome]int
)

func (f *Flags) decode(d *decoder, n ast.Node, path string) {
	if list, ok := n.(*ast.SequenceNode); ok {
		var names []string
		for i, item := range list.Values {
			if code, ok := d.text(item, indexed(path, i), "a country code or an initial letter"); ok {
				if _, err := flags.Expand(code); err != nil {
					d.mistake(item, "%v", err)
				} else {
					names = append(names, code)
				}
			}
		}
		if len(list.Values) == 0 {
			d.mistake(n, "%s is empty: want at least one code", path)
		}
		*f, _ = flags.Expand(names...)
		return
	}
	const accepted = "top20, all, every, or a list of codes and initial letters such as [BR, CN, d]"
	switch name, _ := d.text(n, path, accepted); name {
	case "top20":
		*f = flags.Top20()
	case "all":
		*f = flags.Codes()
	case "every":
		*f = flags.Every()
	case "":
	default:
		d.mistake(n, "%s: %q: want %s", path, name, accepted)
	}
}

func (k *Keys) decode(d *decoder, n ast.Node, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.mistake(n, "%s: want a list of at least one text or number, such as [0, 1, 2]", path)
		return
	}
	for i, item := range list.Values {
		at := indexed(path, i)
		d.places[at] = d.start(item)
		key, _ := d.text(item, at, "a text or a number")
		*k = append(*k, key)
	}
}

func (c *Counts) decode(d *decoder, n ast.Node, path string) {
	items := []ast.Node{n}
	list, many := n.(*ast.SequenceNode)
	if many {
		items = list.Values
	}
	if len(items) == 0 {
		d.mistake(n, "%s is empty: want %s", path, Count(0).accepts())
	}
	for i, item := range items {
		var count Count
		if many {
			d.scalar(item, &count, indexed(path, i))
		} else {
			d.scalar(item, &count, path)
		}
		*c = append(*c, int(count))
	}
}

func (o *Outcomes) decode(d *decoder, n ast.Node, path string) {
	const accepted = "planned, or the number of each outcome such as {ok: 73, not_found: 0, error: 27}"
	fields, ok := n.(*ast.MappingNode)
	if !ok {
		if name, ok := d.text(n, path, accepted); ok && name != "planned" {
			d.mistake(n, "%s: %q: want %s", path, name, accepted)
		}
		return
	}
	*o = Outcomes{}
	for _, field := range fields.Values {
		name := field.Key.GetToken().Value
		switch outcome := harness.Outcome(name); outcome {
		case harness.OutcomeOK, harness.OutcomeNotFound, harness.OutcomeError:
			text, _ := d.text(field.Value, path+"."+name, "a whole number")
			count, err := strconv.Atoi(text)
			if err != nil || count < 0 {
				d.mistake(field.Value, "%s.%s: %q: want a whole number, 0 or more", path, name, text)
			}
			if _, twice := (*o)[outcome]; twice {
				d.mistake(field.Key, "%s is there twice", path+"."+name)
			}
			(*o)[outcome] = count
		default:
			d.mistake(field.Key, "unknown outcome %q in %s: want %s", name, path, accepted)
		}
	}
}

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
