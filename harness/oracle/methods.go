package oracle

import (
	"net/http"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
)

// A task may send requests of several methods for one key: it looks, changes,
// looks whether that has worked, and removes what it has made if something
// fails. Those of another method are not attempts at the same thing.
//
//	the report | a request before the last, of another method, | verdict
//	-----------|-----------------------------------------------|--------
//	a failure  | has failed so, and the last is a DELETE        | right
//	a failure  | has failed so                                  | in doubt
//	a success  | has failed, and the last is a DELETE           | in doubt
//
// Where they differ in their query too, as the parts of an upload do, the key
// says that they are attempts at one thing, and they certainly are not. Then a
// failure that follows from one of them is in doubt, a success if the last of
// some thing has failed, and every retry.

// ofMethods returns the sample of a task that reports a failure which does not
// follow from its last request, but does from those of another method. judged
// is what it is otherwise.
func (o Oracle) ofMethods(s, judged record.Sample, own []*exchange, t *task) record.Sample {
	last := own[len(own)-1].first.Method
	for _, those := range byMethod(own) {
		method := those[0].first.Method
		if method == last {
			continue
		}
		those = slices.DeleteFunc(slices.Clone(own), func(x *exchange) bool {
			return x.first.Method != method && x.first.Method != "" // which may be of any
		})
		if other := o.outcome(s, those, t); other.Agrees() {
			other.PlannedService = judged.PlannedService
			if last != http.MethodDelete && other.Doubt == "" {
				other.Doubt = otherMethod
			}
			return other
		}
	}
	return judged
}

// byMethod splits exchanges by their methods. A request that was refused has
// none, and is left out.
func byMethod(own []*exchange) (groups [][]*exchange) {
	for _, x := range own {
		same := func(g []*exchange) bool { return g[0].first.Method == x.first.Method }
		i := slices.IndexFunc(groups, same)
		switch {
		case x.first.Method == "":
		case i < 0:
			groups = append(groups, []*exchange{x})
		default:
			groups[i] = append(groups[i], x)
		}
	}
	return groups
}

// undone reports whether a task has removed something at its end, after the
// last request of another method had failed.
func undone(own []*exchange) bool {
	if len(own) == 1 || own[len(own)-1].first.Method != http.MethodDelete {
		return false
	}
	return slices.ContainsFunc(byMethod(own), func(those []*exchange) bool {
		x := those[len(those)-1]
		return x.first.Method != http.MethodDelete && !x.abandoned() && failed(x.kind.PlannedClass) && !x.missed()
	})
}

// otherMethod is why a task is in doubt that reports the failure of a request
// of another method than its last one.
const otherMethod = "it reports the failure of a request after which another method has succeeded: give each request " +
	"a task of its own, or report the last"

// severalThings reports whether requests for one key are certainly no attempts
// at one thing: their queries differ, and so do their methods, or they change
// something.
func severalThings(own []*exchange) bool {
	for i, x := range own {
		a := x.first
		reads := a.Method == http.MethodGet || a.Method == http.MethodHead
		if a.Method != "" && slices.ContainsFunc(own[:i], func(y *exchange) bool {
			b := y.first
			return b.Method != "" && a.Target != b.Target && (a.Method != b.Method || !reads)
		}) {
			return true
		}
	}
	return false
}

// oneFailed reports whether the last request for some thing of several has
// failed.
func oneFailed(own []*exchange) bool {
	type thing struct {
		method string
		target uint64
	}
	last := map[thing]*exchange{}
	for _, x := range own {
		if !x.abandoned() && x.first.Method != "" {
			last[thing{x.first.Method, x.first.Target}] = x
		}
	}
	for _, x := range last {
		if failed(x.kind.PlannedClass) {
			return true
		}
	}
	return false
}

// otherQuery is why a task is in doubt whose requests are for several things.
const otherQuery = "its requests for one key differ in their query and in what they do, so that they are no attempts " +
	"at one thing: leave out server.key, so that each query has a key of its own"
