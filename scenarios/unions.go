package scenarios

import (
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios/internal/workload"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/flags"
)

// The parts of the language that a file may write in more than one way.
type (
	// flagList is written as a word or as a list of codes. It holds the codes.
	flagList []string
	// keyRule is written as a list of strings or numbers, or as what the keys
	// are made from. Its fields have no keys of their own.
	keyRule struct {
		List   []string       `yaml:"(list)"`
		Source *workload.Keys `yaml:"(source)"`
	}
	// countList is written as a number or as a list of numbers.
	countList []int
	// leakRule is written as none, as any, or as what may be left.
	leakRule struct {
		Any    bool
		Ignore []leakPattern
		Grace  duration
	}
)

var _ = []strict.Union{new(flagList), new(keyRule), new(countList), new(leakRule)}

// Accepts implements [strict.Union].
func (flagList) Accepts() string {
	return "top20, all, every, or a list of codes and initial letters such as [BR, CN, d]"
}

// Decode implements [strict.Union].
func (f *flagList) Decode(v strict.Value) {
	if v.IsList() {
		f.decodeList(v)
		return
	}
	switch name, ok := v.Text(f.Accepts()); name {
	case "top20":
		*f = flags.Top20()
	case "all":
		*f = flags.Codes()
	case "every":
		*f = flags.Every()
	default:
		if ok {
			v.Errorf("%s: want %s", strict.Quote(name), f.Accepts())
		}
	}
}

func (f *flagList) decodeList(v strict.Value) {
	items := v.Items()
	if len(items) == 0 {
		v.Errorf("the list is empty: want %s", f.Accepts())
	}
	for _, item := range items {
		if code, ok := item.Text("a country code or an initial letter"); ok {
			codes, err := flags.Expand(code)
			if err != nil {
				item.Errorf("%v", err)
			}
			*f = append(*f, codes...)
		}
	}
	slices.Sort(*f)
}

// Accepts implements [strict.Union].
func (keyRule) Accepts() string {
	return "a list of strings or numbers such as [0, 1, 2], or what they are made from such as {count: 1000}"
}

// Decode implements [strict.Union].
func (k *keyRule) Decode(v strict.Value) {
	items := v.Items()
	switch {
	case v.IsMapping():
		k.Source = new(workload.Keys)
		v.Decode(k.Source)
		return
	case !v.IsList():
		v.Errorf("want %s", k.Accepts())
	case len(items) == 0:
		v.Errorf("the list is empty: want %s", k.Accepts())
	}
	for _, item := range items {
		key, _ := item.Text("a string or a number")
		k.List = append(k.List, key)
	}
}

// Accepts implements [strict.Union].
func (countList) Accepts() string { return count(0).Accepts() + ", or a list of such numbers" }

// Decode implements [strict.Union].
func (c *countList) Decode(v strict.Value) {
	numbers := []strict.Value{v}
	switch {
	case v.IsMapping():
		v.Errorf("want %s", c.Accepts())
		return
	case v.IsList():
		if numbers = v.Items(); len(numbers) == 0 {
			v.Errorf("the list is empty: want %s", c.Accepts())
		}
	}
	for _, number := range numbers {
		var count count
		if number.Parse(&count) {
			*c = append(*c, int(count))
		}
	}
}

// Accepts implements [strict.Union].
func (leakRule) Accepts() string {
	return "none, any, or what may be left such as {ignore: [mylib.clean*], grace: 10s}"
}

// Decode implements [strict.Union].
func (l *leakRule) Decode(v strict.Value) {
	if !v.IsMapping() {
		word, _ := v.OneOf(l.Accepts(), "none", "any")
		l.Any = word == "any"
		return
	}
	for name, value := range v.Fields("a key", "ignore", "grace") {
		switch {
		case name == "grace":
			value.Parse(&l.Grace)
		case !value.IsList() || len(value.Items()) == 0:
			value.Errorf("want a list of patterns such as [mylib.clean*]")
		default:
			for _, item := range value.Items() {
				var p leakPattern
				item.Parse(&p)
				l.Ignore = append(l.Ignore, p)
			}
		}
	}
}

// A leakPattern is a name in which * stands for any text.
type leakPattern string

// Accepts implements [strict.Scalar].
func (leakPattern) Accepts() string {
	return "a pattern of functions, files or processes such as mylib.clean*"
}

// Parse implements [strict.Scalar].
func (p *leakPattern) Parse(text string) error {
	*p = leakPattern(text)
	return acceptIf(strings.Trim(text, "*") != "")
}
