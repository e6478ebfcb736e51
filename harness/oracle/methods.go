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

// ofMethods returns the sample of a task that reports a failure which does not
// follow from its last request, but does from those of another method. judged
// is what it is otherwise.
func (o Oracle) ofMethods(s, judged record.Sample, own []*exchange, t *task) record.Sample {
	last := own[len(own)-1].first.Method
	for _, those := range byMethod(own) {
		if those[0].first.Method == last {
			continue
		}
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
