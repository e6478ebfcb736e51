package oracle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/teapot-go/teapot/harness/record"
)

// How many tasks list their requests: the first with each difference, for so
// many differences. Others would tell the same, and a million would fill the
// memory.
const (
	mostAlike       = 3
	mostDifferences = 100
)

// list gives the requests to the first samples that do not agree with them, or
// with the policy of retries. The
// tasks are those of the samples, in their order.
func (o Oracle) list(tasks []*task, start time.Time) {
	if o.Epoch.IsZero() {
		return // the journal's times say nothing of when the requests came
	}
	alike := map[[3]string]int{}
	for _, t := range tasks {
		met, said, want := t.sample.Differs()
		d := [3]string{met, said, want}
		if met == "" {
			d = [3]string{without(t.sample.Misstep, "0123456789.")}
		}
		if d[0] == "" || alike[d] == mostAlike || alike[d] == 0 && len(alike) == mostDifferences {
			continue
		}
		alike[d]++
		for _, r := range requests(t.own, start.Sub(o.Epoch)) {
			t.sample.AddRequest(r)
		}
	}
}

// without returns a text without some characters, so that two which differ in
// figures only are equal.
func without(s, characters string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(characters, c) {
			return -1
		}
		return c
	}, s)
}

// requests lists exchanges for a recording. Two that came at one instant are in
// an order that does not differ from run to run.
func requests(own []*exchange, start time.Duration) []record.Request {
	var all []record.Request
	for _, x := range own {
		all = append(all, record.Request{
			Attempt: x.last.Attempt, Arrived: x.first.Arrived - start, Took: x.ended() - x.first.Arrived,
			Did: x.did(), Status: x.last.Status, Left: x.last.Gone > 0,
		})
	}
	slices.SortFunc(all, func(a, b record.Request) int {
		return cmp.Or(cmp.Compare(a.Arrived, b.Arrived), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Took, b.Took),
			cmp.Compare(a.Did, b.Did))
	})
	return all
}
