package harness

import (
	"cmp"
	"slices"

	"github.com/teapot-go/teapot/harness/record"
	"github.com/teapot-go/teapot/servers"
)

// maxStruck is how many requests a recording has that a fault struck.
const maxStruck = 10_000

// struck returns the requests of a journal that a fault struck, by key. The
// redirects of one request, and what is sent again in one attempt, are one.
func struck(journal []servers.Entry) map[string][]record.Request {
	n, all := 0, map[string][]record.Request{}
	for _, e := range journal {
		if e.Planned.Rule == 0 || e.Met != e.Planned.Fault {
			continue
		}
		met := record.Request{Attempt: e.Attempt, Did: string(e.Met), Rule: e.Planned.Rule}
		if n < maxStruck && !slices.Contains(all[e.Key], met) {
			all[e.Key] = append(all[e.Key], met)
			n++
		}
	}
	for _, met := range all {
		slices.SortFunc(met, func(a, b record.Request) int {
			return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Rule, b.Rule))
		})
	}
	return all
}
