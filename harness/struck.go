package harness

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// maxStruck is how many requests a recording has that a fault struck.
const maxStruck = 10_000

// struck returns the requests of a journal that a fault struck, by key.
func struck(journal []servers.Entry) map[string][]record.Request {
	var all striking
	for i := range journal {
		all.add(&journal[i])
	}
	return all.close()
}

// A striking collects the requests that a fault struck. The redirects of one
// request, and what is sent again in one attempt, are one.
type striking struct {
	n   int
	all map[string][]record.Request
}

func (all *striking) add(e *servers.Entry) {
	if all.n == maxStruck || e.Planned.Rule == 0 || e.Met != e.Planned.Fault {
		return
	}
	if all.all == nil {
		all.all = map[string][]record.Request{}
	}
	met := record.Request{Attempt: e.Attempt, Did: string(e.Met), Rule: e.Planned.Rule}
	if !slices.Contains(all.all[e.Key], met) {
		all.all[e.Key] = append(all.all[e.Key], met)
		all.n++
	}
}

// close returns the requests by key, in order of attempt.
func (all *striking) close() map[string][]record.Request {
	for _, met := range all.all {
		slices.SortFunc(met, func(a, b record.Request) int {
			return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Rule, b.Rule))
		})
	}
	if all.all == nil {
		return map[string][]record.Request{}
	}
	return all.all
}
