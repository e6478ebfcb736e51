package scenarios

import (
	"fmt"
	"slices"
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

func (Flags) accepts() string {
	return "top20, all, every, or a list of codes and initial letters such as [BR, CN, d]"
}
func (Keys) accepts() string { return "a list of texts or numbers, such as [0, 1, 2]" }
func (Counts) accepts() string {
	return Count(0).accepts() + ", or a list of such numbers"
}

func (Outcomes) accepts() string {
	return "planned, or the number of each outcome such as {ok: 73, not_found: 0, error: 27}"
}

func (f *Flags) decode(d *decoder, n ast.Node, path string) {
	if list, ok := n.(*ast.SequenceNode); ok {
		if len(list.Values) == 0 {
			d.mistake(n, path, "the list is empty: want %s", f.accepts())
		}
		var names []string
		for i, item := range list.Values {
			at := d.item(item, path, i)
			if code, ok := d.text(item, at, "a country code or an initial letter"); ok {
				if _, err := flags.Expand(code); err != nil {
					d.mistake(item, at, "%v", err)
				}
				names = append(names, code)
			}
		}
		*f, _ = flags.Expand(names...)
		return
	}
	switch name, ok := d.text(n, path, f.accepts()); name {
	case "top20":
		*f = flags.Top20()
	case "all":
		*f = flags.Codes()
	case "every":
		*f = flags.Every()
	default:
		if ok {
			d.mistake(n, path, "%s: want %s", cite(name), f.accepts())
		}
	}
}

func (k *Keys) decode(d *decoder, n ast.Node, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) == 0 {
		d.mistake(n, path, "want %s", k.accepts())
		return
	}
	for i, item := range list.Values {
		key, _ := d.text(item, d.item(item, path, i), "a text or a number")
		*k = append(*k, key)
	}
}

func (c *Counts) decode(d *decoder, n ast.Node, path string) {
	if _, nested := n.(*ast.MappingNode); nested {
		d.mistake(n, path, "want %s", c.accepts())
		return
	}
	list, many := n.(*ast.SequenceNode)
	if !many {
		c.add(d, n, path)
		return
	}
	if len(list.Values) == 0 {
		d.mistake(n, path, "the list is empty: want %s", c.accepts())
	}
	for i, item := range list.Values {
		c.add(d, item, d.item(item, path, i))
	}
}

func (c *Counts) add(d *decoder, n ast.Node, path string) {
	var count Count
	if d.scalar(n, &count, path) {
		*c = append(*c, int(count))
	}
}

// A tally is a count that may be 0.
type tally int

func (tally) accepts() string { return fmt.Sprintf("a whole number from 0 to %d", maxCount) }

func (t *tally) parse(text string) error {
	n, err := strconv.Atoi(text)
	*t = tally(n)
	return unless(err == nil && n >= 0 && n <= maxCount)
}

func (o *Outcomes) decode(d *decoder, n ast.Node, path string) {
	fields, ok := n.(*ast.MappingNode)
	if !ok {
		if name, ok := d.text(n, path, o.accepts()); ok && name != "planned" {
			d.mistake(n, path, "%s: want %s%s", cite(name), o.accepts(), didYouMean(resembling(name, []string{"planned"})))
		}
		return
	}
	*o = Outcomes{}
	accepted := []string{string(harness.OutcomeOK), string(harness.OutcomeNotFound), string(harness.OutcomeError)}
	for _, field := range fields.Values {
		name := field.Key.GetToken().Value
		_, twice := (*o)[harness.Outcome(name)]
		switch {
		case !d.present(field.Key, path, "an outcome"):
		case !slices.Contains(accepted, name):
			d.mistake(field.Key, path, "unknown outcome %s: want %s%s", cite(name), anyOf(accepted), didYouMean(resembling(name, accepted)))
		case twice:
			d.mistake(field.Key, join(path, name), "this key is there twice")
		default:
			var count tally
			d.scalar(field.Value, &count, join(path, name))
			(*o)[harness.Outcome(name)] = int(count)
		}
	}
}

func indexed(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
