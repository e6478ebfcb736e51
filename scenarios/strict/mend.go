package strict

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// syntax says what can be done about a mistake of syntax.
type syntax int

const (
	parsed     syntax = iota // the mistake is none of syntax
	unmendable               // there is not one right answer
	quoteMarked
	quoteText
	separate
	expandTabs
)

// mends has, for each mistake of syntax that has one right answer, a function
// that returns what this may be, of which at most one leaves a better file.
var mends = map[syntax]func(lines []string, at position) []fix{
	quoteMarked: markedInQuotes,
	quoteText:   textInQuotes,
	separate:    separated,
	expandTabs:  withoutTabs,
}

// inQuotes returns a text in quotes that need no escapes, or "" if it cannot.
func inQuotes(text string) string {
	switch {
	case !strings.ContainsAny(text, `"\`):
		return `"` + text + `"`
	case !strings.Contains(text, "'"):
		return "'" + text + "'"
	}
	return ""
}

// quoteAt has a text of a line put into quotes; from is its place in bytes.
func quoteAt(number int, line string, from int, text string) fix {
	quoted := inQuotes(text)
	if text == "" || quoted == "" {
		return nil
	}
	column := utf8.RuneCountInString(line[:from]) + 1
	return fix{{
		position: position{number, column}, length: utf8.RuneCountInString(text), text: quoted,
	}}
}

// marked finds a value that begins with a character that has a meaning in YAML.
var marked = regexp.MustCompile("[:,\\[{-][ \\t]*([>|%@`])")

// markedInQuotes has a value that begins with such a character put into quotes.
func markedInQuotes(lines []string, at position) []fix {
	line := lines[at.line-1]
	var all []fix
	for _, m := range marked.FindAllStringSubmatchIndex(line, -1) {
		from := m[2]
		before, value := line[:from], line[from:]
		if end := strings.Index(value, " #"); end >= 0 {
			value = value[:end]
		}
		if strings.ContainsAny(before, "{[") { // it ends with the item, if not with the line
			if end := strings.IndexAny(value, ",]}"); end >= 0 {
				value = value[:end]
			}
		}
		all = append(all, quoteAt(at.line, line, from, strings.TrimRight(value, " \t")))
	}
	return all
}

// keyed finds a key, its value and a comment.
var keyed = regexp.MustCompile(`^([ ]*(?:- +)*\w+:[ ]+)([^"'\[{#].*?)([ ]+#.*)?$`)

// textInQuotes has the value of a line put into quotes.
func textInQuotes(lines []string, at position) []fix {
	line := lines[at.line-1]
	m := keyed.FindStringSubmatchIndex(line)
	if m == nil {
		return nil
	}
	return []fix{quoteAt(at.line, line, m[4], line[m[4]:m[5]])}
}

// joined finds a key whose colon, or whose blank behind it, is missing.
var joined = regexp.MustCompile(`^[ ]*(?:- +)*(\w+)(:[^ ]| +[^ :#])`)

// separated has a key and its value separated, in the line of the mistake or
// one that is next to it.
func separated(lines []string, at position) []fix {
	var all []fix
	for number := at.line; number >= max(1, at.line-1); number-- {
		line := lines[number-1]
		m := joined.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		column, missing := utf8.RuneCountInString(line[:m[3]])+1, ":"
		if line[m[3]] == ':' {
			column, missing = column+1, " "
		}
		all = append(all, fix{{position: position{number, column}, text: missing}})
	}
	return all
}

// withoutTabs has the tabs in the indentation of all lines replaced by spaces,
// the same number for each.
func withoutTabs(lines []string, _ position) []fix {
	var all []fix
	for _, width := range []int{2, 4, 8} {
		var f fix
		for i, line := range lines {
			indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
			if strings.TrimSpace(line) != "" && strings.Contains(indent, "\t") {
				spaces := strings.ReplaceAll(indent, "\t", strings.Repeat(" ", width))
				f = append(f, edit{position: position{i + 1, 1}, length: len(indent), text: spaces})
			}
		}
		all = append(all, f)
	}
	return all
}
