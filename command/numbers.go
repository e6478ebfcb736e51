package command

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/complete"
	"github.com/teapot-go/teapot/harness/bounds"
)

// refusedValue returns what to say of the first argument that its option cannot
// take, "" if there is none. What the option takes stands in its tag want, or
// in its list of words. Kong knows only the type of an option, and takes a
// negative number for a flag.
func refusedValue(app *kong.Application, args []string) string {
	node, positional := app.Node, 0
	for i := 0; i < len(args); i++ {
		if flag, value := flagOf(node, args[i]); flag != nil {
			if value == "" && !flag.IsBool() && !strings.HasSuffix(args[i], "=") {
				if i++; i >= len(args) || isFlag(node, args[i]) {
					return fmt.Sprintf("%s has no value: want %s", optionName(flag), accepted(flag.Value))
				}
				value = args[i]
			}
			if refused(flag.Value, value) {
				return fmt.Sprintf("%s %s: want %s", optionName(flag), value, accepted(flag.Value))
			}
			continue
		}
		if child := complete.Child(node, args[i]); child != nil {
			node = child
			continue
		}
		if n := len(node.Positional); n > 0 {
			at := node.Positional[min(positional, n-1)]
			if refused(at, args[i]) {
				return fmt.Sprintf("%s %s: want %s", at.Name, args[i], accepted(at))
			}
			positional++
		}
	}
	return ""
}

// flagOf returns the flag that an argument gives and the value that it has
// there, as in --port=80, -m30 and -al30: the first flag that takes a value, or
// else the last. It returns nil if there is none.
func flagOf(node *kong.Node, arg string) (flag *kong.Flag, value string) {
	if !strings.HasPrefix(arg, "-") || strings.HasPrefix(arg, "--") {
		_, value, _ = strings.Cut(arg, "=")
		return complete.Flag(node, arg), value
	}
	for i, letter := range arg[1:] {
		if flag = complete.Flag(node, "-"+string(letter)); flag == nil || !flag.IsBool() {
			return flag, arg[1+i+utf8.RuneLen(letter):]
		}
	}
	return flag, ""
}

// optionName returns an option's name as messages have it: "-m/--max_req".
func optionName(flag *kong.Flag) string {
	if flag.Short == 0 {
		return "--" + flag.Name
	}
	return fmt.Sprintf("-%c/--%s", flag.Short, flag.Name)
}

// isFlag reports whether an argument is an option, and not the value of the one
// before: the name of one, or what could be one and is no number.
func isFlag(node *kong.Node, arg string) bool {
	if flag, _ := flagOf(node, arg); flag != nil {
		return true
	}
	return len(arg) > 1 && arg[0] == '-' && !strings.ContainsRune(".0123456789", rune(arg[1]))
}

// accepted returns what an option takes, for messages.
func accepted(option *kong.Value) string {
	words := slices.DeleteFunc(option.EnumSlice(), func(word string) bool { return word == "" })
	switch last := len(words) - 1; {
	case option.Tag.Get("want") != "":
		return option.Tag.Get("want")
	case option.Enum == "":
		return option.Summary() // such as --json=FILE
	default:
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
}

// refused reports whether a text is none of an option's words, a negative
// number, or no number of the option's type. Of numbers only an option with a
// tag want is asked.
func refused(option *kong.Value, text string) bool {
	if option.Enum != "" && text != "" && option.Target.Kind() != reflect.Slice {
		return !option.EnumMap()[text]
	}
	if option.Tag.Get("want") == "" || text == "" {
		return false
	}
	if rest, negative := strings.CutPrefix(text, "-"); negative && strings.IndexAny(rest, "0123456789.") == 0 {
		return true
	}
	kind := option.Target.Type()
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	var err error
	switch kind.Kind() {
	case reflect.Int64:
		_, err = time.ParseDuration(text)
	case reflect.Int:
		_, err = strconv.ParseInt(text, 0, strconv.IntSize)
	case reflect.Uint64:
		_, err = strconv.ParseUint(text, 0, 64)
	case reflect.Float64, reflect.TypeFor[share]().Kind(): // all that are not whole are shares
		_, is := bounds.ParseShare(text)
		return !is
	}
	return err != nil
}
