// Package seen reads what a client in another language reports that it saw: a
// JSON object such as {"key": "BR", "status": 200, "bytes": 3208}.
package seen

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
)

// Example is a report that is right.
const Example = `{"key": "BR", "status": 200, "bytes": 3208}`

// A Report is what a client says that it saw of a task, or of one attempt of
// it. What it does not say is "" or 0.
type Report struct {
	Key     string
	URL     string // of the request
	Method  string // of the request at URL
	Task    int    // from 1
	Attempt int    // from 1; 0 for the task as a whole
	record.Seen
}

// fields reads the fields of a report by their names.
var fields = map[string]struct {
	want string
	read func(r *Report, text json.RawMessage) bool
}{
	"key": {"a text that is not empty, of at most 8192 bytes", func(r *Report, text json.RawMessage) bool {
		return readText(text, &r.Key, longestKey)
	}},
	"url": {"the URL of a request, as a text", func(r *Report, text json.RawMessage) bool {
		return readText(text, &r.URL, longestKey)
	}},
	"method": {"a method in capital letters, such as POST", func(r *Report, text json.RawMessage) bool {
		return readText(text, &r.Method, 20) && methods.MatchString(r.Method)
	}},
	"task": {"a whole number from 1", func(r *Report, text json.RawMessage) bool {
		return json.Unmarshal(text, &r.Task) == nil && r.Task >= 1 && r.Task < 1<<31
	}},
	"attempt": {"a whole number from 1", func(r *Report, text json.RawMessage) bool {
		return json.Unmarshal(text, &r.Attempt) == nil && r.Attempt >= 1 && r.Attempt < 1<<31
	}},
	"class": {"one of " + classes(), func(r *Report, text json.RawMessage) bool {
		return json.Unmarshal(text, &r.Class) == nil && slices.Contains(record.Classes(), r.Class)
	}},
	"status": {"a status code from 100 to 599", func(r *Report, text json.RawMessage) bool {
		return json.Unmarshal(text, &r.Status) == nil && r.Status >= 100 && r.Status <= 599
	}},
	"bytes": {"a whole number from 0", func(r *Report, text json.RawMessage) bool {
		err := json.Unmarshal(text, &r.Bytes)
		return err == nil && r.Bytes >= 0 && r.Bytes < 1<<62
	}},
	"digest": {`"sha256:" and 64 hexadecimal digits`, func(r *Report, text json.RawMessage) bool {
		return json.Unmarshal(text, &r.Digest) == nil && digests.MatchString(r.Digest)
	}},
	"error": {"a text", func(r *Report, text json.RawMessage) bool {
		err := json.Unmarshal(text, &r.Error)
		r.Error = strings.ToValidUTF8(r.Error[:min(len(r.Error), longestError)], "")
		return err == nil
	}},
}

const (
	longestKey   = 8192
	longestError = 300
)

var (
	methods = regexp.MustCompile(`^[A-Z]{1,20}$`)
	digests = regexp.MustCompile(`^sha256:[0-9a-fA-F]{64}$`)
)

// readText reads a text that is neither empty nor too long.
func readText(text json.RawMessage, to *string, most int) bool {
	return json.Unmarshal(text, to) == nil && *to != "" && len(*to) <= most
}

func classes() string {
	var words []string
	for _, c := range record.Classes() {
		words = append(words, string(c))
	}
	return strings.Join(words, ", ")
}

// Fields are the names of all fields, in alphabetical order.
func Fields() []string { return slices.Sorted(maps.Keys(fields)) }

// Parse reads a report that may have the named fields, and looks like an
// example. Without a class its class is that of the status. The errors are all
// that is wrong.
func Parse(text []byte, names []string, example string) (r Report, problems []error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil || values == nil {
		why := ""
		if syntax := new(json.SyntaxError); errors.As(err, &syntax) && len(text) > 0 {
			why = ": " + syntax.Error()
		}
		return r, []error{fmt.Errorf("%.100s%s: want one object such as %s", text, why, example)}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch field := fields[name]; {
		case !slices.Contains(names, name):
			problems = append(problems, fmt.Errorf("unknown field %.40q: want %s", name, strings.Join(names, ", ")))
		case string(values[name]) == "null": // as if it were left out
		case !field.read(&r, values[name]):
			problems = append(problems, fmt.Errorf("%s: %.60s: want %s", name, values[name], field.want))
		}
	}
	switch {
	case problems != nil:
		return r, problems
	case r.Class == "" && r.Status == 0:
		return r, []error{errors.New("it does not say what the client saw: want status or class")}
	case r.Class == "":
		r.Class = record.ClassOf(r.Status)
	}
	if values["bytes"] != nil && r.Bytes == 0 && r.Digest == "" && r.Class == record.OK {
		sum := sha256.Sum256(nil) // 0 bytes would mean that they were not counted
		r.SetSHA256(sum[:])
	}
	return r, nil
}
