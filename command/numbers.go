package command

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/complete"
)

// refusedNumber returns what to say of the first argument that its option
// cannot take as a number, "" if there is none. What the option takes stands in
// its tag want. Kong knows only the type of the option, and takes a negative
// number for a flag.
func refusedNumber(app *kong.Application, args []string) string {
	node, positional := app.Node, 0
	for i := 0; i < len(args); i++ {
		if flag, value := flagOf(node, args[i]); flag != nil {
			if value == "" && !flag.IsBool() && i+1 < len(args) {
				i++
				value = args[i]
			}
			if refused(flag.Value, value) {
				return fmt.Sprintf("%s %s: want %s", optionName(flag), value, flag.Tag.Get("want"))
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
				return fmt.Sprintf("%s %s: want %s", at.Name, args[i], at.Tag.Get("want"))
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

// refused reports whether a text is a negative number, or no number of the
// option's type. Only an option with a tag want is asked.
func refused(option *kong.Value, text string) bool {
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
	case reflect.Float64:
		_, err = strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	}
	return err != nil
}
