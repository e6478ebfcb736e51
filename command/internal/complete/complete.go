// Package complete completes command lines in bash, zsh and fish. The shells
// ask the program itself, so that what they offer is what it takes. (Of the
// libraries that do this for kong none has kept up with it.)
package complete

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells lists those that [Script] knows.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// scripts ask "PROGRAM complete WORD…" for what the last word, of those up to
// the cursor, may become. What it does not know is a file's name.
var scripts = map[string]string{
	"bash": `_%[1]s() {
  local IFS=$'\n'
  COMPREPLY=($(%[1]s complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _%[1]s %[1]s
`,
	"zsh": `#compdef %[1]s
_%[1]s() {
  local -a offered
  offered=("${(@f)$(%[1]s complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$offered" ]]; then compadd -a offered; else _files; fi
}
compdef _%[1]s %[1]s
`,
	"fish": `function __%[1]s_complete
  set -l offered (%[1]s complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)
  if test -n "$offered"
    printf '%%s\n' $offered
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c %[1]s -f -a '(__%[1]s_complete)'
`,
}

// Script is what a shell has to read so that it completes a program's command
// lines.
func Script(shell, program string) string { return fmt.Sprintf(scripts[shell], program) }

// Words are what the last of the words may become, each whole: commands, flags,
// and the values of flags and arguments that have a list of them, by an enum or
// a tag named complete.
func Words(app *kong.Application, words []string) []string {
	words = joined(words)
	if len(words) == 0 {
		words = []string{""}
	}
	last, before := words[len(words)-1], words[:len(words)-1]
	node, waiting := walk(app.Node, before)
	var offered []string
	flag, value, assigned := strings.Cut(last, "=")
	switch {
	case waiting != nil:
		offered = values(waiting.Value)
	case assigned && strings.HasPrefix(flag, "--"):
		if f := Flag(node, flag); f != nil {
			return beginning(values(f.Value), value) // bash has parted the word at the sign
		}
	case strings.HasPrefix(last, "-"):
		offered = flags(node)
	default:
		for _, child := range node.Children {
			if !child.Hidden {
				offered = append(offered, child.Name)
			}
		}
		for _, p := range node.Positional {
			offered = append(offered, values(p)...)
		}
	}
	return beginning(offered, last)
}

// joined puts together what bash takes apart at an equals sign.
func joined(words []string) []string {
	var all []string
	for i := 0; i < len(words); i++ {
		if words[i] == "=" && len(all) > 0 {
			word := all[len(all)-1] + "="
			if i+1 < len(words) {
				i++
				word += words[i]
			}
			all[len(all)-1] = word
			continue
		}
		all = append(all, words[i])
	}
	return all
}

// walk finds the command that the words lead to, and the flag that still waits
// for its value.
func walk(node *kong.Node, words []string) (at *kong.Node, waiting *kong.Flag) {
	for _, word := range words {
		if waiting != nil {
			waiting = nil
			continue
		}
		if strings.HasPrefix(word, "-") {
			if f := Flag(node, word); f != nil && !f.IsBool() && !strings.Contains(word, "=") {
				waiting = f
			}
			continue
		}
		if child := Child(node, word); child != nil {
			node = child
		}
	}
	return node, waiting
}

// Flag returns the flag of a command that a word such as --port, --port=80 or
// -m names. It returns nil if there is none.
func Flag(node *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(word, "=")
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			names := append([]string{f.Name}, f.Aliases...)
			if long, ok := strings.CutPrefix(name, "--"); ok && slices.Contains(names, long) || f.Short != 0 &&
				name == "-"+string(f.Short) {
				return f
			}
		}
	}
	return nil
}

// Child returns the command of a node that has this name, or nil.
func Child(node *kong.Node, name string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(c *kong.Node) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}

func flags(node *kong.Node) (names []string) {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			names = append(names, "--"+f.Name)
		}
	}
	return names
}

func values(v *kong.Value) []string {
	list := v.EnumSlice()
	if tag := v.Tag.Get("complete"); tag != "" {
		list = strings.Split(tag, ",")
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

func beginning(words []string, with string) []string {
	return slices.DeleteFunc(words, func(w string) bool {
		return len(w) < len(with) || !strings.EqualFold(w[:len(with)], with)
	})
}
