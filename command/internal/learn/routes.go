package learn

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A route is the requests of one method whose paths differ only in what is
// likely to be a name or a number of a thing.
type route struct {
	method string
	parts  []string // of the path, escaped; "*" stands for any
	query  bool     // some of the requests have one
	opaque bool     // the keys of a journal that are no paths

	n       int // requests
	took    []time.Duration
	ends    map[end]int // how many ended otherwise than with success
	created map[int]int // the statuses of those that succeeded
}

// An end is how a request ended: a status, or the fault that it met.
type end struct {
	status int
	fault  string
}

// add adds a request.
func (r *route) add(s seen) {
	r.n++
	if s.took >= 0 {
		r.took = append(r.took, s.took)
	}
	switch {
	case s.fault != "":
		r.ends[end{fault: s.fault}]++
	case s.status >= 400:
		r.ends[end{status: int(s.status)}]++
	default:
		r.created[int(s.status)]++
	}
}

// merge adds the requests of another route.
func (r *route) merge(other *route) {
	r.n += other.n
	r.took = append(r.took, other.took...)
	for e, n := range other.ends {
		r.ends[e] += n
	}
}

// name returns how people call the route.
func (r *route) name() string {
	if r.opaque {
		return "all keys"
	}
	return r.method + " /" + strings.Join(r.parts, "/")
}

// Names and numbers of things in a path.
var thing = regexp.MustCompile(`^(` + strings.Join([]string{
	`[0-9]+`, `[0-9]+[.,:_-][0-9.,:_-]*[0-9]`, // numbers, versions aside, and dates
	`(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})`, // a UUID
	`.*(@|%40).*`, // an address
}, "|") + `)$`)

var (
	hexadecimal = regexp.MustCompile(`^(?i:[0-9a-f]{8,})$`)
	token       = regexp.MustCompile(`^[0-9A-Za-z_~=-]{16,}$`)
	digit       = regexp.MustCompile(`[0-9]`)
	letter      = regexp.MustCompile(`[A-Za-z]`)
)

// isThing reports whether a part of a path is likely to name one of many
// things.
func isThing(part string) bool {
	mixed := digit.MatchString(part) && letter.MatchString(part)
	return thing.MatchString(part) || mixed && (hexadecimal.MatchString(part) || token.MatchString(part))
}

// A part of which there are more than manySiblings in one place, and which has
// less than a rareShare of the requests there, names one of many things.
const (
	manySiblings = 20
	rareShare    = 0.05
	maxDepth     = 20
)

// routes sorts the requests into routes: those with most requests first.
func (l *log) routes() []*route {
	of := l.templates()
	byName := map[string]*route{}
	var all []*route
	for _, s := range l.seen {
		t := of[s.path]
		r := byName[t.name()]
		if r == nil {
			r = &route{
				method: t.method, parts: t.parts, opaque: t.opaque, ends: map[end]int{}, created: map[int]int{},
			}
			byName[t.name()] = r
			all = append(all, r)
		}
		r.query = r.query || t.query
		r.add(s)
	}
	slices.SortStableFunc(all, func(a, b *route) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.name(), b.name()))
	})
	for _, r := range all {
		slices.Sort(r.took)
	}
	return all
}

// isOpaque reports whether a name is a key that is no path.
func isOpaque(name string) bool {
	method, _, ok := strings.Cut(name, " /")
	return !ok || !IsMethod(method)
}

// templates returns the route of each path.
func (l *log) templates() []route {
	counts := make([]int, len(l.names))
	for _, s := range l.seen {
		counts[s.path]++
	}
	all := make([]route, len(l.names))
	deepest := 0
	for i, name := range l.names {
		if isOpaque(name) {
			all[i] = route{opaque: true}
			continue
		}
		method, path, _ := strings.Cut(name, " /")
		path, query := strings.CutSuffix(path, "?")
		t := route{method: method, parts: strings.Split(path, "/"), query: query}
		if len(t.parts) > maxDepth {
			t.parts = append(t.parts[:maxDepth:maxDepth], "*")
		}
		for j, part := range t.parts {
			if isThing(part) {
				t.parts[j] = "*"
			}
		}
		all[i], deepest = t, max(deepest, len(t.parts))
	}
	for depth := range deepest {
		mergeSiblings(all, counts, depth)
	}
	return all
}

// mergeSiblings replaces the parts at a depth that are a few of many.
func mergeSiblings(all []route, counts []int, depth int) {
	type place struct {
		n        int
		siblings map[string]int
	}
	places := map[string]*place{}
	where := func(t *route) string { return t.method + " " + strings.Join(t.parts[:depth], "/") }
	for i := range all {
		t := &all[i]
		if len(t.parts) <= depth {
			continue
		}
		p := places[where(t)]
		if p == nil {
			p = &place{siblings: map[string]int{}}
			places[where(t)] = p
		}
		p.n += counts[i]
		p.siblings[t.parts[depth]] += counts[i]
	}
	for i := range all {
		t := &all[i]
		if len(t.parts) <= depth || t.parts[depth] == "" { // a slash at the end
			continue
		}
		p := places[where(t)]
		if len(p.siblings) > manySiblings && float64(p.siblings[t.parts[depth]]) < rareShare*float64(p.n) {
			t.parts[depth] = "*"
		}
	}
}

// matchEscaper escapes what has a meaning in a pattern of keys.
var matchEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// patterns returns the patterns of the keys of a route's requests, which are
// the method and the URI.
func (r *route) patterns() []string {
	var b strings.Builder
	b.WriteString(r.method + " ")
	for _, part := range r.parts {
		b.WriteString("/")
		if part == "*" {
			b.WriteString("*")
			continue
		}
		decoded, _ := url.PathUnescape(part) // was decoded before
		b.WriteString(matchEscaper.Replace(decoded))
	}
	if strings.HasSuffix(b.String(), "*") || !r.query {
		return []string{b.String()}
	}
	return []string{b.String(), b.String() + "[?]*"}
}

// specificFirst orders routes so that the first whose patterns match a key is
// its own: one with more parts comes before one with less, and one whose first
// * stands later before one whose stands earlier.
func specificFirst(a, b *route) int {
	wild := func(r *route) int {
		if i := slices.Index(r.parts, "*"); i >= 0 {
			return i
		}
		return len(r.parts)
	}
	stars := func(r *route) (n int) {
		for _, part := range r.parts {
			if part == "*" {
				n++
			}
		}
		return n
	}
	return cmp.Or(cmp.Compare(len(b.parts), len(a.parts)), cmp.Compare(wild(b), wild(a)),
		cmp.Compare(stars(a), stars(b)), strings.Compare(a.name(), b.name()))
}

// overlap reports whether any key is matched by patterns of both routes.
func overlap(a, b *route) bool {
	for _, p := range a.patterns() {
		for _, q := range b.patterns() {
			if meet(glob(p), glob(q)) {
				return true
			}
		}
	}
	return false
}

// star is what * is in a glob.
const star = -1

// glob returns the characters of a pattern that [route.patterns] made.
func glob(pattern string) (all []rune) {
	escaped := false
	for _, c := range strings.ReplaceAll(pattern, "[?]", `\?`) {
		switch {
		case escaped:
			all, escaped = append(all, c), false
		case c == '\\':
			escaped = true
		case c == '*':
			all = append(all, star)
		default:
			all = append(all, c)
		}
	}
	return all
}

// meet reports whether any text is matched by both globs. may[j] is whether the
// rest of a, from where the loop is, and b[j:] have one in common.
func meet(a, b []rune) bool {
	may := make([]bool, len(b)+1)
	for i := len(a); i >= 0; i-- {
		now := make([]bool, len(b)+1)
		for j := len(b); j >= 0; j-- {
			switch {
			case i == len(a) && j == len(b):
				now[j] = true
			case i < len(a) && a[i] == star:
				now[j] = may[j] || j < len(b) && now[j+1]
			case j < len(b) && b[j] == star:
				now[j] = now[j+1] || i < len(a) && may[j]
			default:
				now[j] = i < len(a) && j < len(b) && a[i] == b[j] && may[j+1]
			}
		}
		may = now
	}
	return may[0]
}
