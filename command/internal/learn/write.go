package learn

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/teapot-go/teapot/scenarios"
	"github.com/teapot-go/teapot/scenarios/strict"
	"github.com/teapot-go/teapot/servers/content"
	"github.com/teapot-go/teapot/servers/flags"
)

// A writer writes a scenario.
type writer struct {
	strings.Builder
	*log
	kept []*route // the specific ones first
	rest *route   // what the others come to, nil if there are none
	all  *route
}

// scenario returns the scenario, which it checks as a run would.
func (l *log) scenario() (string, error) {
	w := &writer{log: l}
	w.choose()
	w.head()
	w.content()
	w.latencies()
	w.faults()
	w.workload()
	text := w.String()
	if len(text) > strict.MaxBytes {
		return "", fmt.Errorf("the scenario would have %d bytes, and a scenario file may have %d: want less of "+
			"--routes, --points or --tasks", len(text), strict.MaxBytes)
	}
	if _, mistakes := (scenarios.Vocabulary{}).Parse("the scenario", []byte(text)); mistakes != nil {
		return "", fmt.Errorf("no scenario can state this: %w", mistakes)
	}
	return text, nil
}

// choose chooses the routes that are told apart, and merges the others.
func (w *writer) choose() {
	routes := w.routes()
	empty := func() *route { return &route{ends: map[end]int{}, created: map[int]int{}} }
	routes = w.oneKind(routes)
	w.all = empty()
	for _, r := range routes {
		w.all.merge(r)
	}
	opaque := slices.ContainsFunc(routes, func(r *route) bool { return r.opaque })
	most := w.Routes
	if opaque {
		most = 0 // without a path there is nothing to tell routes apart by
	}
	if len(routes) > most {
		w.rest = empty()
		for _, r := range routes[most:] {
			w.rest.merge(r)
			w.rest.opaque = w.rest.opaque || r.opaque
		}
		slices.Sort(w.rest.took)
		routes = routes[:most]
	}
	slices.Sort(w.all.took)
	w.kept = routes
	slices.SortFunc(w.kept, specificFirst)
}

// oneKind keeps of a journal the routes, or the keys that are no paths:
// whichever had more requests. A scenario has one kind of key.
func (w *writer) oneKind(routes []*route) []*route {
	opaque := 0
	for _, s := range w.seen {
		if isOpaque(w.names[s.path]) {
			opaque++
		}
	}
	most := 2*opaque >= len(w.seen)
	reason := "have a path, where most keys are no paths"
	if !most {
		reason = "have a key that is no path"
	}
	w.seen = slices.DeleteFunc(w.seen, func(s seen) bool {
		other := isOpaque(w.names[s.path]) != most
		if other {
			w.leave(reason, int(s.line))
		}
		return other
	})
	return slices.DeleteFunc(routes, func(r *route) bool { return r.opaque != most })
}

// printf writes a line.
func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// head says where the figures come from.
func (w *writer) head() {
	by := ""
	if w.times != "" {
		by = ", by " + comment(w.times)
	}
	w.printf("# Learned from %s: %s of the %s%s.", comment(w.File), plural(len(w.seen), "request"), w.form, by)
	if w.form == "HAR file" {
		w.printf("# They went to %s.", comment(w.Host))
	}
	for _, reason := range w.reasons {
		o := w.left[reason]
		w.printf("# Left out: %s that %s; the first is in line %d.", grouped(o.n), comment(reason), o.first)
	}
	if w.timed > 0 {
		w.printf("# A latency is that of all requests of its route, also of those that failed.")
	}
	w.printf("name: learned")
	w.printf("about: %s", yaml("the routes of "+comment(path.Base(strings.ReplaceAll(w.File, `\`, "/")))))
	w.printf("clock: virtual")
	w.printf("server:")
}

// content writes a stand-in for the service: an answer for each route.
func (w *writer) content() {
	if w.opaque() {
		return
	}
	w.printf("  # Short answers stand in for those of your service: see content in the scenario language.")
	w.printf("  content:")
	w.printf("    routes:")
	var routes []content.Route
	for _, r := range w.kept {
		answer := content.Route{Method: r.method, Path: r.muxPath(), Status: r.success(), Body: "ok"}
		if answer.Method == http.MethodHead {
			answer.Method = http.MethodGet
		}
		if answer.Status == http.StatusNoContent {
			answer.Body = ""
		}
		if _, err := content.NewRoutes(append(slices.Clone(routes), answer)); err != nil {
			continue // the same is there, or what answers every path must do
		}
		routes = append(routes, answer)
	}
	methods := map[string]bool{http.MethodGet: true}
	for _, name := range w.names {
		method, _, _ := strings.Cut(name, " ")
		methods[method] = methods[method] || method != http.MethodHead
	}
	for _, method := range slices.Sorted(maps.Keys(methods)) {
		if methods[method] {
			routes = append(routes, content.Route{Method: method, Path: "/{path...}", Body: "ok"})
		}
	}
	for _, r := range routes {
		line := fmt.Sprintf("path: %s, method: %s", yaml(r.Path), r.Method)
		if r.Status != 0 && r.Status != http.StatusOK {
			line += fmt.Sprintf(", status: %d", r.Status)
		}
		if r.Body != "" {
			line += ", body: " + yaml(r.Body)
		}
		w.printf("      - {%s}", line)
	}
	w.printf("  key: method_uri")
}

func (w *writer) opaque() bool { return w.rest != nil && w.rest.opaque }

// success returns the most frequent status of success.
func (r *route) success() int {
	most := 0
	for _, status := range slices.Sorted(maps.Keys(r.created)) {
		if ok := status >= 200 && status < 300 && status != http.StatusPartialContent; ok &&
			(most == 0 || r.created[status] > r.created[most]) {
			most = status
		}
	}
	return most
}

// muxPath returns the path of a route as content.routes has it.
func (r *route) muxPath() string {
	parts := slices.Clone(r.parts)
	n := 0
	for i, part := range parts {
		switch {
		case part == "*":
			n++
			parts[i] = "{id}"
			if n > 1 {
				parts[i] = fmt.Sprintf("{id%d}", n)
			}
		case part == "" && i == len(parts)-1:
			parts[i] = "{$}"
		}
	}
	return "/" + strings.Join(parts, "/")
}

// latencies writes the latency of each route, and that of all others.
func (w *writer) latencies() {
	other := w.rest
	if w.timed == 0 {
		w.printf("  # The %s has no times, so there is no latency here.", w.form)
		return
	}
	switch {
	case other == nil || len(other.took) == 0:
		other = w.all
		w.printf("  # Of any other request, as all together: %s.", w.figures(other.took))
	case w.opaque():
		w.printf("  # %s.", w.figures(other.took))
	default:
		w.printf("  # Of any other request, as the routes with the fewest requests: %s.", w.figures(other.took))
	}
	w.printf("  latency: %s", w.distribution(other.took, "    "))
	listed := false
	for _, r := range w.kept {
		if len(r.took) == 0 {
			continue
		}
		if !listed {
			w.printf("  latencies:")
		}
		listed = true
		w.printf("    # %s: %s.", comment(r.name()), w.figures(r.took))
		w.printf("    - keys: %s", list(r.patterns()))
		w.printf("      latency: %s", w.distribution(r.took, "        "))
	}
}

// faults writes what went wrong on each route.
func (w *writer) faults() {
	before := w.Len()
	w.printf("  # A request meets the first fault of the list that strikes it, so each rate is a share of what the")
	w.printf("  # faults before it on its route have left.")
	w.printf("  faults:")
	begun := w.Len()
	for i, r := range w.kept {
		var except []string
		for _, earlier := range w.kept[:i] {
			if overlap(r, earlier) {
				except = append(except, earlier.patterns()...)
			}
		}
		w.faultsOf(r, comment(r.name()), r.patterns(), except)
	}
	if w.rest != nil {
		var except []string
		for _, r := range w.kept {
			except = append(except, r.patterns()...)
		}
		name := "any other request"
		if w.opaque() {
			name = "all keys"
		}
		w.faultsOf(w.rest, name, nil, except)
	}
	if w.Len() == begun {
		text := w.String()[:before]
		w.Reset()
		w.WriteString(text + "  # No request failed.\n")
	}
}

// faultsOf writes a fault for each way in which requests of a route failed.
func (w *writer) faultsOf(r *route, name string, keys, except []string) {
	ends := slices.SortedFunc(maps.Keys(r.ends), func(a, b end) int {
		return cmp.Or(cmp.Compare(r.ends[b], r.ends[a]), cmp.Compare(a.status, b.status),
			strings.Compare(a.fault, b.fault))
	})
	left := r.n
	for _, e := range ends {
		n := r.ends[e]
		low, high := interval(n, r.n)
		what, kind := fmt.Sprintf("answered %d", e.status), fmt.Sprintf("status, status: %d", e.status)
		if e.fault != "" {
			what, kind = "met "+e.fault, e.fault
		}
		w.printf("    # %s: %s of %s %s: %s, with 95 %% confidence from %s to %s.", name, grouped(n),
			plural(r.n, "request"), what, percent(float64(n)/float64(r.n)), percent(low), percent(high))
		line := fmt.Sprintf("kind: %s, rate: %.6g", kind, float64(n)/float64(left))
		if keys != nil {
			line += ", keys: " + list(keys)
		}
		if except != nil {
			line += ", except: " + list(except)
		}
		w.printf("    - {%s}", line)
		left -= n
	}
}

// interval returns the bounds of a share of which k of n were seen, with 95 %
// confidence (E. B. Wilson, 1927).
func interval(k, n int) (low, high float64) {
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (middle-half)/(1+z*z/m)), min(1, (middle+half)/(1+z*z/m))
}

func percent(share float64) string { return fmt.Sprintf("%.3g %%", 100*share) }

// workload writes tasks that ask for what was asked for.
func (w *writer) workload() {
	w.printf("workload:")
	switch keys := w.sample(); {
	case w.opaque() && len(keys) > 0:
		w.printf("  {task: download, flags: %s}", list(keys))
	case w.opaque():
		w.printf("  {task: download, flags: all}")
	case len(keys) == 0:
		w.printf("  # The log has no GET: let your own task send what the service expects.")
		w.printf("  {task: download, keys: [/]}")
	default:
		w.printf("  # What was asked for with GET, in equal distances of the log, without queries. For other methods")
		w.printf("  # have a task of your own.")
		w.printf("  task: download")
		quotedKeys := make([]string, len(keys))
		for i, key := range keys {
			quotedKeys[i] = yaml(key)
		}
		w.printf("  keys: [%s]", strings.TrimPrefix(folded(quotedKeys, "    "), " "))
	}
	w.printf("executors:")
	w.printf("  - {kind: pool, workers: 10}")
}

// sample returns the keys of the workload.
func (w *writer) sample() []string {
	var all []string
	for _, s := range w.seen {
		name := w.names[s.path]
		if w.opaque() {
			if flags.Has(name) {
				all = append(all, name)
			}
			continue
		}
		if path, ok := strings.CutPrefix(name, "GET "); ok {
			all = append(all, strings.TrimSuffix(path, "?"))
		}
	}
	n := min(w.Tasks, len(all))
	keys := make([]string, n)
	for i := range keys {
		keys[i] = all[i*len(all)/n]
	}
	return keys
}
