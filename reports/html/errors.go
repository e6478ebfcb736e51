package html

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/reports/summary"
	"github.com/teapot-go/teapot/reports/text"
)

// mostErrors is how many kinds of errors a run lists.
const mostErrors = 8

// An alike are errors that say the same, but for keys and numbers.
type alike struct {
	Class   record.Class
	Message string // of the first
	Tasks   int
	Keys    string // of some
}

// numbers are what differs between messages of one cause: ports, addresses and
// counts.
var numbers = regexp.MustCompile(`[0-9a-fA-F]*\d[0-9a-fA-F]*`)

// withoutKey returns a message without the key of its task, in whichever case,
// where that is a word of its own.
func withoutKey(message, key string) string {
	letter := func(s string, at int) bool {
		return at >= 0 && at < len(s) && (s[at]|0x20 >= 'a' && s[at]|0x20 <= 'z' || s[at] >= '0' && s[at] <= '9')
	}
	lower := strings.ToLower(message)
	key = strings.ToLower(key)
	if key == "" || len(lower) != len(message) { // a letter whose lower case is longer
		return message
	}
	var b strings.Builder
	for {
		at := strings.Index(lower, key)
		if at < 0 {
			return b.String() + message
		}
		end := at + len(key)
		if letter(lower, at-1) || letter(lower, end) {
			b.WriteString(message[:end])
		} else {
			b.WriteString(message[:at] + "#")
		}
		message, lower = message[end:], lower[end:]
	}
}

// errorsOf groups the errors of a run by message, the most frequent first, and
// returns how many kinds it has no room for. Where no two are alike there is
// nothing to group.
func errorsOf(r *record.Recording) (kinds []alike, more int) {
	type said struct {
		class record.Class
		words string
	}
	at := map[said]int{}
	keys := [][]string{}
	failed := 0
	for i := range r.Samples {
		s := &r.Samples[i]
		if !summary.Failed(s) {
			continue
		}
		failed++
		kind := said{s.Class, numbers.ReplaceAllString(withoutKey(text.Clip(s.Error, 500), s.Key), "#")}
		k, known := at[kind]
		if !known {
			k, at[kind] = len(kinds), len(kinds)
			kinds, keys = append(kinds, alike{Class: s.Class, Message: s.Error}), append(keys, nil)
		}
		kinds[k].Tasks++
		if len(keys[k]) < 4 {
			keys[k] = append(keys[k], text.Clip(s.Key, 40))
		}
	}
	if len(kinds) == failed {
		return nil, 0
	}
	for k := range kinds {
		kinds[k].Keys = strings.Join(keys[k][:min(len(keys[k]), 3)], ", ")
		if len(keys[k]) > 3 {
			kinds[k].Keys += ", …"
		}
	}
	slices.SortStableFunc(kinds, func(a, b alike) int { return cmp.Compare(b.Tasks, a.Tasks) })
	more = max(0, len(kinds)-mostErrors)
	return kinds[:len(kinds)-more], more
}
