package command

import (
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/teapot-go/teapot/command/internal/cli"
)

// eachOption calls f for every option and argument of every command, help and
// version apart. Its id names the command and the option as messages do:
// "flags -m/--max_req".
func eachOption(t *testing.T, f func(id string, option *kong.Value)) {
	t.Helper()
	for _, command := range newParser(t.Context(), &cli.Console{Name: "teapot"}).Model.Leaves(true) {
		for _, flag := range command.Flags {
			f(command.Name+" "+optionName(flag), flag.Value)
		}
		for _, at := range command.Positional {
			f(command.Name+" "+at.Name, at)
		}
	}
}

// isNumber reports whether an option takes a number, or a list of them.
func isNumber(option *kong.Value) bool {
	kind := option.Target.Type()
	for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	return kind.Kind() >= reflect.Int && kind.Kind() <= reflect.Float64 || option.Tag.Get("want") != ""
}

// numberOptions has the range of every number option, a command line that the
// option is added to, and numbers out of the range.
var numberOptions = map[string]struct{ before, range_, out string }{
	"run --seed":     {"run good", "a whole number from 0, below 2^64", "-1 18446744073709551616 x"},
	"run --repeat":   {"run good", "1 or more", "-1 0 x"},
	"run --samples":  {"run good", "a whole number from 100 to 1000000", "-1 99 1000001 x"},
	"load --samples": {"load http://127.0.0.1:1", "a whole number from 100 to 1000000", "-1 99 1000001 x"},
	"worker --slots": {"worker --cluster nats://127.0.0.1:1", "1 or more", "-1 0 x"},
	"worker --runs":  {"worker --cluster nats://127.0.0.1:1", "1 or more", "-1 0 x"},
	"hunt --seeds":   {"hunt good", "1 or more", "-1 0 x"},
	"hunt --jobs":    {"hunt good", "1 or more", "-1 0 x"},
	"hunt --for":     {"hunt good", "a duration above 0, such as 1m", "-1s 0s x"},
	"hunt --seed":    {"hunt good", "a whole number from 0, below 2^64", "-1 18446744073709551616 x"},
	"load --rate":    {"load http://127.0.0.1:1 --yaml", "a rate above 0 such as 200/s, 30/m or 2/h", "-1/s 0/s x"},
	"load --for":     {"load http://127.0.0.1:1 --yaml", "a duration above 0, such as 30s or 1m", "-1s 0s x"},
	"load --timeout": {"load http://127.0.0.1:1 --yaml", "a duration above 0, such as 30s or 1m", "-1s 0s x"},
	"load --seed": {
		"load http://127.0.0.1:1 --yaml --poisson", "a whole number from 0, below 2^64", "-1 18446744073709551616 x",
	},
	"learn --routes":     {"learn good/little.yaml", "0 to 200", "-1 201 x"},
	"learn --points":     {"learn good/little.yaml", "1 to 10000", "-1 0 10001 x"},
	"learn --tasks":      {"learn good/little.yaml", "1 to 5000", "-1 0 5001 x"},
	"trace --speed":      {"trace good/little.yaml", "a number from 0.001 to 1000000, such as 2x", "-1 0 x NaN Inf"},
	"serve --port":       {"serve local", "0 to 65535", "-1 65536 x"},
	"serve --timeout":    {"serve local --admin 0", "a duration above 0, such as 3.1s", "-1s 0s x"},
	"proxy --timeout":    {"proxy http://127.0.0.1:1 --admin 0", "a duration above 0, such as 3.1s", "-1s 0s x"},
	"serve --admin":      {"serve local", "0 to 65535", "-1 65536 x"},
	"serve --latency":    {"serve local", "a duration such as 0s, 50ms or 2s", "-1s -500ms x"},
	"serve --error-rate": {"serve local", "a share from 0 to 1, such as 0.1 or 10%", "-1 -0.5 -10% 1.5 150% NaN x"},
	"serve --status":     {"serve error", "400 to 599", "-1 0 399 600 x"},
	"serve --seed":       {"serve error", "a whole number from 0, below 2^64", "-1 18446744073709551616 x"},
	"proxy --port":       {"proxy http://127.0.0.1:1", "0 to 65535", "-1 65536 x"},
	"proxy --admin":      {"proxy http://127.0.0.1:1", "0 to 65535", "-1 65536 x"},
	"proxy --latency":    {"proxy http://127.0.0.1:1", "a duration such as 0s, 50ms or 2s", "-1s -500ms x"},
	"proxy --error-rate": {
		"proxy http://127.0.0.1:1", "a share from 0 to 1, such as 0.1 or 10%", "-1 -0.5 -10% 1.5 150% NaN x",
	},
	"proxy --status": {"proxy http://127.0.0.1:1 --error-rate 1", "400 to 599", "-1 0 399 600 x"},
	"proxy --seed": {
		"proxy http://127.0.0.1:1 --error-rate 1", "a whole number from 0, below 2^64", "-1 18446744073709551616 x",
	},
	"flags -l/--limit":    {"flags", "a whole number, 1 or more", "-1 0 x"},
	"flags -m/--max_req":  {"flags", "a whole number, 1 or more", "-3 0 x 99999999999999999999"},
	"flags --port":        {"flags", "1 to 65535", "-1 0 65536 x"},
	"flags --timeout":     {"flags", "a duration above 0, such as 3.1s", "-1s 0s x"},
	"flags --seed":        {"flags", "a whole number from 0, below 2^64", "-1 18446744073709551616 x"},
	"primes workers":      {"primes", "1 to 1000", "-1 0 1001 x"},
	"primes number":       {"primes 2 7", "a whole number from 0, below 2^64", "-1 18446744073709551616 1.5"},
	"loiter seconds":      {"loiter 0", "a number of seconds from 0 to 86400", "-2 -0.5 86401 x"},
	"loiter -w/--workers": {"loiter 0", "1 or more", "-1 0 x"},
	"trend --last":        {"trend a", "1 or more", "-1 0 x"},
	"trend --tolerance":   {"trend a", "a share above 0% and below 100%, like 5% or 0.05", "-5% 0% 100% x"},
	"compare --tolerance": {"compare a b", "a share above 0% and below 100%, like 5% or 0.05", "-5% 0% 100% x"},
}

// TestNumberRanges wants of every number option of every command that it says
// what it takes, however the number comes.
func TestNumberRanges(t *testing.T) {
	inFolder(t, map[string]string{"good/little.yaml": scenario})
	numbers := map[string]bool{}
	eachOption(t, func(id string, option *kong.Value) {
		if numbers[id] = isNumber(option); !numbers[id] {
			return
		}
		row, known := numberOptions[id]
		if !known {
			t.Errorf("%s: not in the table", id)
		}
		if got := option.Tag.Get("want"); got != row.range_ {
			t.Errorf("%s: its tag wants %s, the table %s", id, got, row.range_)
		}
		_, name, _ := strings.Cut(id, " ")
		for number := range strings.FieldsSeq(row.out) {
			forms := [][]string{{number}}
			if short, long, both := strings.Cut(name, "/"); both {
				forms = [][]string{{short, number}, {short + number}, {long, number}, {long + "=" + number}}
				if id == "flags -l/--limit" || id == "flags -m/--max_req" {
					forms = append(forms, []string{"-q" + short[1:], number}, []string{"-q" + short[1:] + number})
				}
			} else if strings.HasPrefix(name, "-") {
				forms = [][]string{{name, number}, {name + "=" + number}}
			}
			for _, form := range forms {
				status, stdout, stderr := teapot(t, append(strings.Fields(row.before), form...)...)
				first, _, _ := strings.Cut(stderr, "\n")
				if status != cli.StatusBadInput || stdout != "" || !strings.Contains(first, name) ||
					!strings.Contains(first, number) || !strings.Contains(first, "want "+row.range_) {
					t.Errorf("teapot %s %s: status %d, %s%s", row.before, form, status, stdout, first)
				}
			}
		}
	})
	for id := range numberOptions {
		if !numbers[id] {
			t.Errorf("%s: no number option has this name", id)
		}
	}
}

// TestOptionWords wants of every option that is one of several words that it
// names them, and of every option without its value that it says what is
// wanted.
func TestOptionWords(t *testing.T) {
	inFolder(t, map[string]string{"good/little.yaml": scenario})
	refuses := func(id, want string, args ...string) {
		t.Helper()
		status, stdout, stderr := teapot(t, args...)
		first, _, _ := strings.Cut(stderr, "\n")
		if status != cli.StatusBadInput || stdout != "" || first != "teapot: "+want {
			t.Errorf("%s: status %d, %s%s\nwant %s", id, status, stdout, first, want)
		}
	}
	listed := 0
	eachOption(t, func(id string, option *kong.Value) {
		command, name, _ := strings.Cut(id, " ")
		words := strings.TrimPrefix(strings.Join(option.EnumSlice(), ", "), ", ")
		if i := strings.LastIndex(words, ", "); i >= 0 {
			words = words[:i] + " or " + words[i+2:]
		}
		_, long, _ := strings.Cut("/"+name, "/--")
		switch flag := strings.HasPrefix(name, "-"); {
		case words != "" && flag:
			refuses(id, name+" ??: want "+words, command, "--"+long+"=??")
			listed++
		case words != "":
			refuses(id, name+" ??: want "+words, command, "??")
			listed++
		case option.Tag.Get("want") != "":
			words = option.Tag.Get("want")
		default:
			words = option.Summary()
		}
		if strings.HasPrefix(name, "-") && !option.IsBool() {
			refuses(id, name+" has no value: want "+words, command, "--"+long)
			refuses(id, name+" has no value: want "+words, command, "--"+long, "--help")
		}
	})
	if listed < 8 {
		t.Errorf("%d options are one of several words: want all", listed)
	}
}
